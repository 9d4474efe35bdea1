#!/usr/bin/perl
# How close the default options come to the best ones, on generated sets (generated.sql), MovieLens, and the sets of a directory; and the effect of warm starts.
#
#   perl test/bench/defaults.pl sets | defaults | warm [SET...]
#
# Run it from the top of the tree; psql's environment names the server and a database that has the extension. All objects are in the schemas generated and
# study, which are created if they are missing. Results are kept in files of the directory RESULTS, from which a later run continues.
#
#   sets      figures of the sets: rows, users, items, density, ...
#   defaults  for each set and algorithm: compares the defaults with the best of GRID combinations of options. The best is chosen on a validation part, then
#             trained with that part too, and both are tested on a test part. Prints a table, and writes it to RESULTS/TABLE.tsv; trials go to
#             RESULTS/trials.tsv, and figures of each user with the best combination to RESULTS/users/.
#   warm      thirty trainings of the same rows, each starting from the last model, compared with the first one: RESULTS/warm.tsv.
#
# Environment variables:
#
#   DATASETS    a directory of NAME.csv: user,item,rating,time with a header, times in seconds since 1970. The third word of the header names the meaning of
#               the number: rating, count (how often; events weighted by it), or nothing (events); empty columns are unknown. NAME_log is the set with
#               ln(1 + count) instead of counts; NAME_times_20 is the set with ratings multiplied by 20.
#   RESULTS     the directory of the results; by default the current one
#   GRID        the number of combinations, by default 30; 0: no new ones, the best is that of an earlier run, so that only the defaults are measured, in minutes
#   ALGORITHMS  names, separated by spaces; by default all that suit the set
#   TABLE       the table's name, by default table; its lines of other sets and tasks are kept
#   OPTIONS     replace the defaults, by algorithm, or by algorithm and feedback: {"als": {"alpha": 3}, "als explicit": {"factors": 16}}
#   PATIENCE    seconds after which a combination is given up, by default 300
#
# The parts of rows: the items of a user are ordered by the time of their first row, or without times by a hash. If the median user has twenty or more items, the
# last fifth is the test part and the last fifth of the rest the validation part; otherwise the last item is the test part and the one before the validation
# part, but only one of them, chosen by a hash, for users with fewer than five. All rows of a pair of user and item are in one part. Metrics: ndcg@10 over all
# items except those in the known part; rmse of predicted ratings.

use strict;
use warnings;
use DBI;
use Digest::MD5 qw(md5_hex);
use JSON::PP;

my $json = JSON::PP->new->canonical->allow_nonref;
my $results = $ENV{RESULTS} // '.';
my $most = $ENV{GRID} // 30;
my $patience = $ENV{PATIENCE} // 300;
my $instead = $json->decode($ENV{OPTIONS} // '{}');
my @generated = qw(two_tastes tiny shop drift skewed dense_events plays planted sparse_shop);
my $dbh;

# ---- the grids: for each algorithm and feedback, the values from which its options are drawn, and a function that completes a
# draw

# A random draw from the lists by a hash, the same on any machine.
sub drawn
{
	my ($seed, %lists) = @_;
	my %draw;

	for my $option (sort keys %lists)
	{
		my $list = $lists{$option};

		$draw{$option} = $list->[hex(substr(md5_hex("$seed $option"), 0, 7)) % @$list];
	}
	return %draw;
}

sub rounded
{
	return 0 + sprintf('%.3g', $_[0]);
}

# Factors of regularization with which different scalings have about the same effect, for users and items of some dozens of
# events.
my %by_scaling = (0 => 5, 0.25 => 2.5, 0.5 => 1, 1 => 0.2);

my %similarities = (
	similarity => [qw(cosine cosine cosine jaccard conditional)],
	weighting => [qw(none tfidf bm25)],
	shrinkage => [0, 3, 10, 30, 100],
	normalize => [0, 0, 1]);

sub finish_similarity
{
	my ($set, %o) = @_;

	$o{normalize} = $o{normalize} ? JSON::PP::true : JSON::PP::false;
	delete $o{weighting} if $o{similarity} ne 'cosine';
	return %o;
}

# How counts become weights, if the algorithm has that option.
my @weight = (weight => [qw(linear log)]);

# set->{mean}: the mean weight; set->{mean_log}: the mean of ln(1 + weight); set->{deviation}: that of the ratings.
my %grids = (
	'als implicit' => [
		{ factors => [16, 32, 64, 128], alpha => [0.5, 1, 3, 10, 30], regularization => [0.1, 0.3, 1, 3, 10], regularization_scaling => [0, 0.25, 0.5, 1], @weight },
		sub {
			my ($set, %o) = @_;

			$o{regularization} = rounded($o{regularization} * (1 + $o{alpha}) * $by_scaling{ $o{regularization_scaling} });
			$o{alpha} = rounded($o{alpha} / (($o{weight} // '') eq 'log' ? $set->{mean_log} : $set->{mean}));
			return %o;
		} ],
	'als explicit' => [
		{ factors => [4, 8, 16, 32, 64], regularization => [0.1, 0.3, 1, 3, 10], regularization_scaling => [0, 0.25, 0.5, 1] },
		sub {
			my ($set, %o) = @_;

			$o{regularization} = rounded($o{regularization} * $set->{deviation} * $by_scaling{ $o{regularization_scaling} });
			return %o;
		} ],
	'svd implicit' => [{ factors => [2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512], @weight }],
	'svd explicit' => [{ factors => [1, 2, 4, 8, 12, 16, 24, 32, 48], damping => [1, 3, 5, 10, 20], centering => [qw(double double item user)] }],
	'bpr implicit' => [
		{ factors => [32, 64, 128], negatives => [1, 3, 5, 10, 20], regularization => [0.003, 0.01, 0.025, 0.06, 0.15],
			learning_rate => [0.03, 0.1, 0.2], @weight }],
	'ease implicit' => [{ regularization => [0.3, 1, 3, 10, 30, 100, 200, 300, 500, 1000, 3000], @weight }],
	'slim implicit' => [
		{ l1 => [0.02, 0.1, 0.3, 0.5, 1, 2, 5], l2 => [0.3, 1, 3, 10, 30, 100, 300], neighbors => [50, 100, 200],
			candidates => [100, 200, 400], @weight }],
	'item_knn implicit' => [{ %similarities, neighbors => [10, 20, 50, 100, 200, 400], @weight }, \&finish_similarity],
	'user_knn implicit' => [{ %similarities, neighbors => [10, 20, 40, 80, 160, 320], @weight }, \&finish_similarity],
);

# quick ones first
my @tasks = ('svd implicit', 'item_knn implicit', 'ease implicit', 'slim implicit', 'als implicit',
	'svd explicit', 'als explicit', 'user_knn implicit', 'bpr implicit');

# Different combinations of options, as JSON, in the order in which they were drawn.
sub combinations
{
	my ($set, $task) = @_;
	my ($algorithm) = split / /, $task;
	my ($lists, $finish) = @{ $grids{$task} // return () };
	my %lists = %$lists;
	my @combinations;
	my %seen;

	delete $lists{weight}
	  if $set->{kind} ne 'count' || !$dbh->selectrow_array('SELECT count(*) FROM rec.algorithms WHERE algorithm = ? AND option = ?', undef, $algorithm, 'weight');
	for (my $draw = 0; @combinations < $most && $draw < 20 * $most; $draw++)
	{
		my %options = drawn("$task $draw", %lists);

		%options = $finish->($set, %options) if $finish;
		my $text = $json->encode(\%options);
		push @combinations, $text if !$seen{$text}++;
	}
	return @combinations;
}

# ---- the sets

sub value
{
	my ($statement, @arguments) = @_;

	return scalar $dbh->selectrow_array($statement, undef, @arguments);
}

sub identifier
{
	return $dbh->quote_identifier('study', @_);
}

# The CSV files of the directory, by name, and MovieLens in this tree.
sub files
{
	my %files = (ml_small => 'test/data/ml-latest-small/ratings.csv');

	for my $path (defined $ENV{DATASETS} ? glob("$ENV{DATASETS}/*.csv") : ())
	{
		$files{$1} = $path if $path =~ m{([^/]+)\.csv$};
	}
	return %files;
}

# Reads the rows of a set into the table study.rows (user_id, item_id, number, at); returns the meaning of the number.
sub read_rows
{
	my ($name) = @_;
	my %files = files();
	my $factor = 1;
	my $log = 0;

	# ratings in other units, and logarithms of counts
	$factor = 20 if !exists $files{$name} && $name =~ s/_times_20$//;
	$log = 1 if !exists $files{$name} && $name =~ s/_log$//;
	$dbh->do('DROP TABLE IF EXISTS study.rows');
	$dbh->do('CREATE UNLOGGED TABLE study.rows (user_id int, item_id int, number real, at timestamptz)');
	my $kind = '';
	if (exists $files{$name})
	{
		open(my $file, '<', $files{$name}) or die "$files{$name}: $!";
		chomp(my $header = <$file>);
		$kind = (split /,/, $header)[2];
		$dbh->do('CREATE TEMP TABLE csv (user_id int, item_id int, number real, seconds float8)');
		$dbh->do('COPY csv FROM STDIN (FORMAT csv)');
		while (<$file>)
		{
			$dbh->pg_putcopydata($_);
		}
		$dbh->pg_putcopyend;
		$dbh->do('INSERT INTO study.rows SELECT user_id, item_id, number, to_timestamp(seconds) FROM csv');
		$dbh->do('DROP TABLE csv');
	}
	else
	{
		my %has = map { $_ => 1 } @{ $dbh->selectcol_arrayref('SELECT attname FROM pg_attribute WHERE attrelid = ?::regclass', undef, "generated.$name") };
		my $at = $has{at} ? 'at' : 'NULL';

		$kind = $has{rating} ? 'rating' : $has{count} ? 'count' : '';
		$dbh->do("INSERT INTO study.rows SELECT user_id, item_id, " . ($kind || 'NULL') . ", $at FROM generated.$name");
	}
	$dbh->do("UPDATE study.rows SET number = number * $factor") if $factor != 1;
	$dbh->do('UPDATE study.rows SET number = ln(1 + number)') if $log;
	die "set $name has no ratings\n" if $factor != 1 && $kind ne 'rating';
	die "set $name has no counts\n" if $log && $kind ne 'count';
	return $kind;
}

# Creates the table study.NAME of a set, with the part of each row (0: train, 1: validation, 2: test), and views on it that
# models are trained on.
sub load
{
	my ($name) = @_;
	my $set = { name => $name, other_units => scalar($name =~ /_times_20$/) };
	my $table = identifier($name);

	if (!value('SELECT to_regclass(?)::text', $table))
	{
		$set->{kind} = read_rows($name);
		my $median = value('SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY n) FROM (SELECT count(DISTINCT item_id) AS n FROM study.rows GROUP BY user_id) AS u');
		# a hash, not arithmetic, which a model could learn
		my $tested = 'greatest(1, n / 5)';
		my $part = $median >= 20
		  ? "CASE WHEN n < 3 THEN 0 WHEN place > n - $tested THEN 2 WHEN place > n - $tested - greatest(1, (n - $tested) / 5) THEN 1 ELSE 0 END"
		  : 'CASE WHEN n < 2 THEN 0 WHEN place = n THEN CASE WHEN n >= 5 OR lot THEN 2 ELSE 1 END WHEN place = n - 1 AND n >= 5 THEN 1 ELSE 0 END';

		$dbh->do(<<"SQL");
			CREATE TABLE $table AS
			SELECT user_id, item_id, number, at, part::int2
			  FROM study.rows
			  JOIN (SELECT user_id, item_id, $part AS part
					  FROM (SELECT user_id, item_id, count(*) OVER (PARTITION BY user_id) AS n, hashint8extended(user_id, 1) % 2 = 0 AS lot,
								   row_number() OVER (PARTITION BY user_id ORDER BY min(at), hashint8extended(user_id * 1000003::int8 + item_id, 2)) AS place
							  FROM study.rows GROUP BY 1, 2) AS ordered) AS parts USING (user_id, item_id)
SQL
		$dbh->do("CREATE INDEX ON $table (user_id)");
		$dbh->do("VACUUM ANALYZE $table");
		$dbh->do("COMMENT ON TABLE $table IS " . $dbh->quote($set->{kind}));
		$dbh->do('DROP TABLE study.rows');
		my $at = value("SELECT count(at) FROM $table") > 0 ? ', at' : '';
		my %number = (rating => ', number AS rating', count => ', number AS weight', '' => '');
		for my $feedback ($set->{kind} eq 'rating' ? qw(implicit explicit) : 'implicit')
		{
			my $columns = 'user_id, item_id' . ($set->{kind} eq 'rating' && $feedback eq 'implicit' ? '' : $number{ $set->{kind} }) . $at;

			$dbh->do('CREATE VIEW ' . identifier("$name $feedback choosing") . " AS SELECT $columns, part = 1 AS held FROM $table WHERE part < 2");
			$dbh->do('CREATE VIEW ' . identifier("$name $feedback known") . " AS SELECT $columns FROM $table WHERE part < 2");
		}
	}
	$set->{kind} = value("SELECT obj_description(?::regclass)", $table) // '';
	@$set{qw(rows users items times distinct_numbers mean mean_log deviation)} = $dbh->selectrow_array(
		"SELECT count(*), count(DISTINCT user_id), count(DISTINCT item_id), count(at) > 0, count(DISTINCT number),
				avg(coalesce(number, 1)), avg(ln(1 + greatest(number, 0))), coalesce(stddev(number), 1) FROM $table");
	@$set{qw(pairs median tested)} = $dbh->selectrow_array(
		"SELECT sum(n), percentile_disc(0.5) WITHIN GROUP (ORDER BY n), count(*) FILTER (WHERE tested)
		   FROM (SELECT count(DISTINCT item_id) AS n, bool_or(part = 2) AS tested FROM $table GROUP BY user_id) AS u");
	$set->{density} = $set->{pairs} / $set->{users} / $set->{items};
	@$set{qw(mean mean_log)} = (1, log(2)) if $set->{kind} ne 'count';
	return $set;
}

# The arguments of rec.create_model and rec.compare for the columns.
sub columns
{
	my ($set) = @_;
	my $columns = '';

	$columns .= ", rating_column => 'weight'" if $set->{kind} eq 'count';
	$columns .= ", time_column => 'at'" if $set->{times};
	return $columns;
}

# Options with the feedback, which the columns do not determine.
sub with_feedback
{
	my ($options, $feedback) = @_;

	return $json->encode({ %{ $json->decode($options) }, feedback => $feedback });
}

# ---- trials, on the validation part

my %trials;

sub read_trials
{
	open(my $file, '<', "$results/trials.tsv") or return;
	while (<$file>)
	{
		chomp;
		my ($set, $task, $options, $ndcg, $rmse, $seconds, $error) = split /\t/, $_, -1;
		next if $set eq 'set';
		$trials{"$set\t$task"}{$options} = { ndcg => $ndcg, rmse => $rmse, error => $error };
	}
	return;
}

sub try_options
{
	my ($set, $task, $options) = @_;
	my ($algorithm, $feedback) = split / /, $task;
	my $candidate = $json->encode([{ %{ $json->decode(with_feedback($options, $feedback)) }, algorithm => $algorithm }]);
	my $trial;

	$dbh->do("SET statement_timeout = '${patience}s'");
	my $row = eval {
		$dbh->selectrow_hashref("SELECT value AS ndcg, metrics->>'rmse' AS rmse, train_seconds, error
								   FROM rec.compare(?::regclass, ?, split => 'column:held'" . columns($set) . ')',
			undef, identifier("$set->{name} $feedback choosing"), $candidate);
	} // { error => $dbh->errstr // $@ };
	$dbh->do('RESET statement_timeout');
	$trial = { ndcg => $row->{ndcg} // '', rmse => $row->{rmse} // '', error => $row->{error} // '' };
	$trial->{error} =~ s/\s+/ /g;
	$trials{"$set->{name}\t$task"}{$options} = $trial;
	my $new = !-e "$results/trials.tsv";
	open(my $file, '>>', "$results/trials.tsv") or die "$results/trials.tsv: $!";
	print $file "set\ttask\toptions\tndcg\trmse\tseconds\terror\n" if $new;
	print $file join("\t", $set->{name}, $task, $options, $trial->{ndcg}, $trial->{rmse}, $row->{train_seconds} // '', $trial->{error}), "\n";
	close($file) or die "$results/trials.tsv: $!";
	return;
}

# The best options for a task by a metric, if any were tried.
sub best_options
{
	my ($set, $task, $metric) = @_;
	my $trials = $trials{"$set->{name}\t$task"} // {};
	my $sign = $metric eq 'rmse' ? -1 : 1;
	my ($best) = sort { $sign * ($trials->{$b}{$metric} <=> $trials->{$a}{$metric}) || $a cmp $b } grep { $trials->{$_}{$metric} ne '' } keys %$trials;

	return $best;
}

# ---- models, on the test part

# Trains a model on the train and validation parts.
sub train
{
	my ($set, $task, $options) = @_;
	my ($algorithm, $feedback) = split / /, $task;

	$dbh->do('DROP TABLE IF EXISTS study.model');
	$dbh->do("SELECT rec.create_model('study.model', ?::regclass, ?, ?" . columns($set) . ')', undef,
		identifier("$set->{name} $feedback known"), $algorithm, with_feedback($options, $feedback));
	$dbh->do("CALL rec.train('study.model')");
	return;
}

# For each user: the metric of the model's list, and for ratings the sum of squared errors and their number.
sub by_user
{
	my ($set, $explicit) = @_;
	my $table = identifier($set->{name});

	$dbh->do('DROP TABLE IF EXISTS study.lists');
	$dbh->do("CALL rec.recommend_all('study.model', 'study.lists')");
	return {
		ndcg => { map { $_->[0] => [$_->[1]] } @{ $dbh->selectall_arrayref(<<"SQL") } },
			SELECT user_id, rec.ndcg(coalesce(list, '{}'), relevant, 10)
			  FROM (SELECT user_id, array_agg(DISTINCT item_id) AS relevant FROM $table WHERE part = 2 GROUP BY 1) AS held
			  LEFT JOIN (SELECT user_id, array_agg(item_id ORDER BY rank) AS list FROM study.lists GROUP BY 1) AS listed USING (user_id)
SQL
		!$explicit ? () : (rmse => { map { $_->[0] => [$_->[1], $_->[2]] } @{ $dbh->selectall_arrayref(<<"SQL") } }),
			SELECT user_id, sum((rec.predict('study.model', user_id, item_id)::float8 - number)^2), count(*) FROM $table WHERE part = 2 GROUP BY user_id
SQL
	};
}

# Trains, and tests: { ndcg, rmse, seconds, options }; or { error }.
sub measured
{
	my ($set, $task, $options) = @_;
	my $answer = eval {
		$dbh->do("SET statement_timeout = '" . 3 * $patience . "s'");
		train($set, $task, $options);
		my $answer = by_user($set, $task =~ /explicit/);
		@$answer{qw(seconds options loss)} = $dbh->selectrow_array("SELECT seconds, options, loss FROM rec.models WHERE model = 'study.model'::regclass");
		$answer;
	} // { error => $dbh->errstr // $@ };

	$dbh->do('RESET statement_timeout');
	$answer->{error} =~ s/\s+/ /g if $answer->{error};
	return $answer;
}

# The same for the best options, which is kept: { METRIC, seconds, options } or { error }, or nothing if none were tried.
sub measured_best
{
	my ($set, $task, $metric) = @_;
	my $options = best_options($set, $task, $metric) // return;
	my $path = "$results/users/$set->{name}.$task.$metric.tsv";
	$path =~ s/ /./g;

	if (open(my $file, '<', $path))
	{
		chomp(my $head = <$file>);
		my ($known, $seconds) = split /\t/, $head;
		if ($known eq $options)
		{
			my %by_user;
			while (<$file>)
			{
				chomp;
				my ($user, @values) = split /\t/;
				$by_user{$user} = \@values;
			}
			return { $metric => \%by_user, seconds => $seconds, options => $options };
		}
	}
	my $answer = measured($set, $task, $options);
	return $answer if $answer->{error};
	$answer->{options} = $options;
	mkdir "$results/users";
	open(my $file, '>', "$path.$$") or die "$path.$$: $!";
	print $file "$options\t$answer->{seconds}\n", map { join("\t", $_, @{ $answer->{$metric}{$_} }) . "\n" } sort { $a <=> $b } keys %{ $answer->{$metric} };
	close($file) or die "$path.$$: $!";
	rename("$path.$$", $path) or die "$path: $!";
	return $answer;
}

sub mean
{
	my ($by_user, $metric) = @_;
	my ($sum, $n) = (0, 0);

	for my $values (values %$by_user)
	{
		$sum += $values->[0];
		$n += $metric eq 'rmse' ? $values->[1] : 1;
	}
	return $n == 0 ? 0 : $metric eq 'rmse' ? sqrt($sum / $n) : $sum / $n;
}

# The difference of two results for the same users, and half of its 95 % interval, over pairs of results of a user.
sub difference
{
	my ($x, $y, $metric) = @_;
	my ($sum, $n, $squares) = (0, 0, 0);

	for my $user (keys %$y)
	{
		$sum += ($x->{$user}[0] // 0) - $y->{$user}[0];
		$n += $metric eq 'rmse' ? $y->{$user}[1] : 1;
	}
	return (0, 0) if $n == 0;
	my $difference = $sum / $n;
	for my $user (keys %$y)
	{
		my $rest = ($x->{$user}[0] // 0) - $y->{$user}[0] - $difference * ($metric eq 'rmse' ? $y->{$user}[1] : 1);
		$squares += $rest * $rest;
	}
	# converts a difference of mean squares to one of their roots, by the slope of the root
	my $slope = $metric eq 'rmse' ? 1 / ((mean($x, $metric) + mean($y, $metric)) || 1) : 1;
	return ($difference * $slope, 1.96 * sqrt($squares) / $n * $slope);
}

# ---- the commands

my @header = qw(set rows users items density task metric default low high best share popular verdict default_seconds best_seconds
	tried options default_options);

# A line of the table: the defaults for a task beside the best of the grid. good: within five percent, or the interval includes
# zero, and not below popularity.
sub line
{
	my ($set, $task, $metric, $default, $best, $popular) = @_;
	my %line = (
		set => $set->{name}, rows => $set->{rows}, users => $set->{users}, items => $set->{items}, density => sprintf('%.3f %%', 100 * $set->{density}),
		task => $task, metric => $metric, tried => scalar keys %{ $trials{"$set->{name}\t$task"} // {} });

	$popular = $popular->{$metric};
	$line{popular} = sprintf('%.4f', mean($popular, $metric)) if $popular;
	if ($default->{error})
	{
		$line{verdict} = "failed: $default->{error}";
		return \%line;
	}
	my $own = mean($default->{$metric}, $metric);
	$line{default} = sprintf('%.4f', $own);
	$line{default_seconds} = sprintf('%.2f', $default->{seconds});
	$line{default_options} = $default->{options};
	return \%line if !$best || $best->{error};
	my $other = mean($best->{$metric}, $metric);
	my ($difference, $half) = difference($default->{$metric}, $best->{$metric}, $metric);
	my $share = $metric eq 'rmse' ? ($own > 0 ? $other / $own : 1) : $other > 0 ? $own / $other : 1;
	my @faults;
	$line{low} = sprintf('%+.4f', $difference - $half);
	$line{high} = sprintf('%+.4f', $difference + $half);
	$line{best} = sprintf('%.4f', $other);
	$line{share} = sprintf('%.3f', $share);
	$line{best_seconds} = sprintf('%.2f', $best->{seconds});
	$line{options} = $best->{options};
	push @faults, 'far' if $share < 0.95 && ($metric eq 'rmse' ? $difference - $half > 0 : $difference + $half < 0);
	if ($popular && ($metric eq 'rmse' || $task =~ /implicit/))
	{
		my ($above, $half_above) = difference($default->{$metric}, $popular, $metric);

		$above = -$above if $metric eq 'rmse';
		push @faults, $above + $half_above < 0 ? 'below popular' : 'a little below popular' if $above < 0;
	}
	$line{verdict} = @faults ? join(', ', @faults) : 'good';
	return \%line;
}

# Writes lines into a table, in which the lines of other sets, tasks and metrics are kept.
sub write_table
{
	my ($name, $header, @lines) = @_;
	my $path = "$results/$name.tsv";
	my $key = sub { join("\t", map { $_ // '' } @{ $_[0] }{qw(set task metric)}) };
	my %new = map { $key->($_) => 1 } @lines;
	my @kept;

	if (open(my $file, '<', $path))
	{
		chomp(my $head = <$file> // '');
		while ($head eq join("\t", @$header) && defined(my $line = <$file>))
		{
			my %line;

			chomp $line;
			@line{@$header} = split /\t/, $line, -1;
			push @kept, \%line if !$new{ $key->(\%line) };
		}
	}
	open(my $file, '>', "$path.$$") or die "$path.$$: $!";
	print $file join("\t", @$header), "\n";
	print $file join("\t", map { $_ // '' } @$_{@$header}), "\n" for @kept, @lines;
	close($file) or die "$path.$$: $!";
	rename("$path.$$", $path) or die "$path: $!";
	return;
}

# The main columns, in Markdown.
sub show
{
	my ($lines, @shown) = @_;

	print '| ', join(' | ', @shown), " |\n| ", join(' | ', map { '---' } @shown), " |\n";
	print '| ', join(' | ', map { $_ // '' } @$_{@shown}), " |\n" for @$lines;
	return;
}

sub compare_defaults
{
	my (@names) = @_;
	my %wanted = map { $_ => 1 } split ' ', $ENV{ALGORITHMS} // '';
	my @lines;
	my %shares;

	for my $name (@names)
	{
		my $set = load($name);
		my $popular = measured($set, 'popular implicit', '{}');
		$popular->{rmse} = measured($set, 'popular explicit', '{}')->{rmse} if $set->{kind} eq 'rating';

		for my $task (@tasks)
		{
			my ($algorithm, $feedback) = split / /, $task;

			next if %wanted && !$wanted{$algorithm} || $feedback eq 'explicit' && $set->{kind} ne 'rating' || $feedback eq 'implicit' && $set->{other_units};
			for my $options (combinations($set, $task))
			{
				try_options($set, $task, $options) if !$trials{"$set->{name}\t$task"}{$options};
			}
			my $default = measured($set, $task, $json->encode($instead->{$task} // $instead->{$algorithm} // {}));
			for my $metric ($feedback eq 'explicit' ? qw(rmse ndcg) : 'ndcg')
			{
				my $line = line($set, $task, $metric, $default, measured_best($set, $task, $metric), $popular);

				push @lines, $line;
				push @{ $shares{"$task $metric"} }, $line if defined $line->{share};
				print STDERR join("\t", map { $_ // '' } @$line{qw(set task metric default best share popular verdict default_seconds)}), "\n";
				write_table($ENV{TABLE} // 'table', \@header, @lines);
			}
		}
	}
	show(\@lines, qw(set density task metric default best share low high popular verdict default_seconds best_seconds options));
	print "\n";
	my @summary;
	for my $task (sort keys %shares)
	{
		my @sorted = sort { $a <=> $b } map { $_->{share} } @{ $shares{$task} };
		my $good = grep { $_->{verdict} eq 'good' } @{ $shares{$task} };

		push @summary, { task => $task, sets => scalar @sorted, good => $good, 'least share' => $sorted[0], 'median share' => $sorted[$#sorted / 2] };
	}
	show(\@summary, 'task', 'sets', 'good', 'least share', 'median share');
	return;
}

# Compares the thirtieth training of the same rows with the first one. The loss is that in rec.models.
sub compare_warm
{
	my (@names) = @_;
	my @algorithms = @{ $dbh->selectcol_arrayref("SELECT DISTINCT algorithm FROM rec.algorithms WHERE option = 'warm_start' ORDER BY 1") };
	my %wanted = map { $_ => 1 } split ' ', $ENV{ALGORITHMS} // '';
	my @warm_header = qw(set task metric cold warm share loss_share same_items first_seconds later_seconds);
	my @lines;

	for my $name (@names)
	{
		my $set = load($name);
		for my $task (map { ("$_ implicit", "$_ explicit") } @algorithms)
		{
			my ($algorithm, $feedback) = split / /, $task;

			next if %wanted && !$wanted{$algorithm} || $feedback eq 'explicit' && ($set->{kind} ne 'rating' || $algorithm eq 'bpr');
			my $cold = measured($set, $task, $json->encode($instead->{$task} // $instead->{$algorithm} // {}));
			if ($cold->{error})
			{
				push @lines, { set => $set->{name}, task => $task, metric => "failed: $cold->{error}" };
				next;
			}
			$dbh->do('CREATE TABLE study.lists_before AS TABLE study.lists');
			$dbh->do("CALL rec.train('study.model')") for 1 .. 29;
			my $warm = by_user($set, $feedback eq 'explicit');
			my ($loss, $seconds) = $dbh->selectrow_array("SELECT loss, seconds FROM rec.models WHERE model = 'study.model'::regclass");
			my $same = value('SELECT (SELECT count(*) FROM study.lists JOIN study.lists_before USING (user_id, item_id))::float8
									 / (SELECT count(*) FROM study.lists_before)');
			$dbh->do('DROP TABLE study.lists_before');
			for my $metric ($feedback eq 'explicit' ? qw(rmse ndcg) : 'ndcg')
			{
				my ($before, $after) = (mean($cold->{$metric}, $metric), mean($warm->{$metric}, $metric));
				my $line = {
					set => $set->{name}, task => $task, metric => $metric, cold => sprintf('%.4f', $before), warm => sprintf('%.4f', $after),
					share => sprintf('%.3f', $metric eq 'rmse' ? $before / ($after || 1) : $after / ($before || 1)),
					loss_share => $cold->{loss} ? sprintf('%.4f', $loss / $cold->{loss}) : '', same_items => sprintf('%.3f', $same),
					first_seconds => sprintf('%.2f', $cold->{seconds}), later_seconds => sprintf('%.2f', $seconds) };

				push @lines, $line;
				print STDERR join("\t", map { $_ // '' } @$line{@warm_header}), "\n";
			}
			write_table('warm', \@warm_header, @lines);
		}
	}
	show(\@lines, @warm_header);
	return;
}

sub describe_sets
{
	my (@names) = @_;
	my @lines;

	for my $set (map { load($_) } @names)
	{
		push @lines, {
			%$set, set => $set->{name}, kind => $set->{kind} || 'events', density => sprintf('%.3f %%', 100 * $set->{density}),
			mean => sprintf('%.1f', $set->{pairs} / $set->{users}), numbers => $set->{distinct_numbers}, times => $set->{times} ? 'yes' : 'no' };
	}
	my @columns = qw(set kind rows users items density median mean numbers times tested);

	write_table('sets', \@columns, @lines);
	show(\@lines, @columns);
	return;
}

my ($mode, @names) = @ARGV;
my %modes = (sets => \&describe_sets, defaults => \&compare_defaults, warm => \&compare_warm);

die "usage: perl test/bench/defaults.pl sets | defaults | warm [SET...]\n" if !defined $mode || !$modes{$mode};
$dbh = DBI->connect('dbi:Pg:', '', '', { RaiseError => 1, PrintError => 0, PrintWarn => 0, AutoCommit => 1 });
$dbh->do('SET client_min_messages = error');
$dbh->do('CREATE SCHEMA IF NOT EXISTS study');
if (!value("SELECT to_regnamespace('generated')::text"))
{
	system('psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-f', 'test/bench/generated.sql') == 0 or die "generated.sql failed\n";
}
mkdir $results;
if (!@names)
{
	my %files = files();

	@names = $mode eq 'warm' ? qw(shop two_tastes ml_small sparse_shop) : (@generated, sort { -s $files{$a} <=> -s $files{$b} } keys %files);
	push @names, 'plays_log', 'planted_times_20' if $mode ne 'warm';
}
read_trials();
$| = 1;
$modes{$mode}->(@names);
