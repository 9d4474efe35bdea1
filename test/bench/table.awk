# Prints the lines that `test/benchmark` collects as a table in Markdown. Fields, separated by tabs:
#
#	figure, its value, unit; beside what, that one's value; how they compare; goal
#
# "times": the value beside, divided by this one; more is better. "share": this value divided by the other; more is better.
# "cost": this value divided by the other; less is better. The goal is for that ratio; empty: there is none. A line with one
# field is a heading.

BEGIN {
	FS = "\t"
	print "| | value | beside | | ratio | goal | |"
	print "| --- | ---: | --- | ---: | ---: | ---: | --- |"
}

function number(x)
{
	if (x == "")
		return ""
	return sprintf(x == 0 || x >= 1000 ? "%.0f" : x >= 100 ? "%.0f" : x >= 10 ? "%.1f" : x >= 0.1 ? "%.2f" : "%.4f", x)
}

NF == 1 {
	print "| **" $1 "** | | | | | | |"
	next
}

{
	ratio = met = goal = ""
	if ($6 != "" && $2 > 0 && $5 > 0)
		ratio = $6 == "times" ? $5 / $2 : $2 / $5
	if (ratio != "" && $7 != "") {
		good = $6 == "cost" ? ratio <= $7 : ratio >= $7
		met = good ? "met" : "**not met**"
		goals++
		reached += good
	}
	if ($7 != "")
		goal = ($6 == "cost" ? "at most " : "at least ") $7
	printf "| %s | %s | %s | %s | %s | %s | %s |\n", $1, number($2) ($3 == "" ? "" : " " $3), $4, \
		$5 == "" ? "" : number($5) ($3 == "" ? "" : " " $3), ratio == "" ? "" : sprintf(ratio < 10 ? "%.3f" : "%.0f", ratio), goal, met
}

END {
	printf "\n%d of %d goals met.\n", reached, goals
}
