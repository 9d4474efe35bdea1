#!/usr/bin/perl
# Calls every function of the extension with valid and invalid arguments, and checks each answer. test/fuzz starts a server for
# it.
#
# The calls come in worlds: a few sources, models of them, and some hundred calls. A world's random numbers depend on the seed
# and the world's number alone, and the server's answers do not change the next calls: so any world can be run again by itself,
# with the same statements, on a machine of any speed.

use strict;
use utf8;
use warnings;

use DBD::Pg qw(PG_ASYNC);
use DBI;
use Getopt::Long;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

binmode STDOUT, ':encoding(UTF-8)';
$| = 1;

my $usage = <<'USAGE';
usage: test/fuzz.pl [OPTION...]

Calls every function of rec in the server that PGHOST, PGPORT and PGUSER (a superuser) name, in a database of its own.

  --seed N      what is called; as the clock says
  --calls N     how many calls are made
  --seconds N   for how long; without either 10,000 calls
  --world N     only this world of the seed, as a failure names it
  --slack X     seconds that a call may go on after its statement_timeout; 1
  --log FILE    the server's log, to be searched for crashes
  --stop        stop at the first failure
  --keep        keep the database; with --world, what the failing call would meet
  --verbose     print all statements, with what came of them
USAGE

my %option = (slack => 1);
GetOptions(\%option, 'seed=i', 'calls=i', 'seconds=f', 'world=i', 'slack=f', 'log=s', 'stop', 'keep', 'verbose', 'help')
  && !@ARGV or do { print STDERR $usage; exit 2 };
if ($option{help}) { print $usage; exit 0 }
$option{seed} //= time % 1_000_000;
$option{calls} //= 10_000 if !defined $option{seconds} && !defined $option{world};

my $database = 'rec_fuzz';
my $role = 'rec_fuzz_reader';
my $calls_per_world = 120;

# Milliseconds after which a call without a timeout of its own is cancelled.
my $guard = 5000;

# ---- random numbers

# A number from 0 to n - 1.
sub below { return int rand $_[0] }

sub between { my ($low, $high) = @_; return $low + below($high - $low + 1) }

sub chance { return rand() < $_[0] }

sub pick { return $_[below(scalar @_)] }

# One of the values of pairs of a weight and a value.
sub weighted
{
	my $total = 0;
	for (my $i = 0; $i < @_; $i += 2) { $total += $_[$i] }
	my $at = rand $total;
	while (@_ > 2)
	{
		my ($weight, $value) = splice @_, 0, 2;
		return $value if $at < $weight;
		$at -= $weight;
	}
	return $_[1];
}

sub some
{
	my ($low, $high, @from) = @_;
	return map { pick(@from) } 1 .. between($low, $high);
}

# ---- text

sub literal { my ($text) = @_; return 'NULL' if !defined $text; $text =~ s/'/''/g; return $text =~ /\\/ ? ' E' . "'" . $text =~ s/\\/\\\\/gr . "'" : "'$text'" }

sub identifier { my ($name) = @_; $name =~ s/"/""/g; return qq("$name") }

sub json_text { my ($text) = @_; $text =~ s/(["\\])/\\$1/g; return qq("$text") }

# ---- the server: sessions, statements, and their outcome

my %session;
my (%failures, %shown, $calls, $checks, %states, %called, %succeeded);
my ($world, $call_number, $tampered, $meddling, @history, @warnings);

$SIG{__WARN__} = sub {
	my ($text) = @_;
	if ($text =~ /^(?:WARNING|NOTICE|INFO|DEBUG|LOG):/) { push @warnings, $text }
	else { print STDERR $text }
};

sub connect_as
{
	my ($user, $name) = @_;
	my $dbh;
	# after a crash, the server is ready again after a moment
	for (1 .. 120)
	{
		$dbh = DBI->connect("dbi:Pg:dbname=$name", $user, '', { RaiseError => 0, PrintError => 0, PrintWarn => 1, AutoCommit => 1, pg_enable_utf8 => 1 });
		return $dbh if $dbh;
		Time::HiRes::sleep(0.5);
	}
	die "can't connect: $DBI::errstr\n";
}

sub open_sessions
{
	for my $who (qw(owner second reader))
	{
		$session{$who}{dbh}->disconnect if $session{$who}{dbh};
		$session{$who} = { who => $who, dbh => connect_as($who eq 'reader' ? $role : $ENV{PGUSER} // 'postgres', $database) };
	}
}

# Sends a statement and waits: {state, message, rows, columns, seconds, lost}. The call is asynchronous, so that a server that
# does not stop in time is detected.
sub send_statement
{
	my ($s, $sql, $limit) = @_;
	my $dbh = $s->{dbh};
	my %result = (state => '', rows => [], columns => [], message => '');
	my $began = clock_gettime(CLOCK_MONOTONIC);

	@warnings = ();
	my $sth = $dbh->prepare($sql, { pg_async => PG_ASYNC, pg_direct => 1, pg_server_prepare => 0 });
	if ($sth && $sth->execute)
	{
		my $bits = '';
		vec($bits, $dbh->{pg_socket}, 1) = 1 if ($dbh->{pg_socket} // -1) >= 0;
		while (($dbh->pg_ready // -1) == 0)
		{
			my $left = $limit - (clock_gettime(CLOCK_MONOTONIC) - $began);
			if ($left <= 0) { $result{hangs} = 1; last }
			select(my $ready = $bits, undef, undef, $left);
		}
		if ($result{hangs})
		{
			# A backend that ignores a cancel may ignore this too; then the program cannot go on.
			my $pid = $dbh->{pg_pid};
			connect_as($ENV{PGUSER} // 'postgres', 'postgres')->do("SELECT pg_terminate_backend($pid, 20000)");
			$result{lost} = 1;
		}
		else
		{
			my $done = $dbh->pg_result;
			if (defined $done && $sth->{NUM_OF_FIELDS})
			{
				$result{columns} = [ @{ $sth->{NAME} } ];
				$result{rows} = $sth->fetchall_arrayref;
			}
		}
	}
	$result{seconds} = clock_gettime(CLOCK_MONOTONIC) - $began;
	my $failed = $sth && $sth->err ? $sth : $dbh->err ? $dbh : undef;
	if ($failed)
	{
		$result{state} = $failed->state || 'XX???';
		$result{message} = $failed->errstr // '';
		$result{lost} = 1 if $result{message} =~ /server closed the connection|terminating connection|connection to server was lost|no connection to the server|could not (?:send|receive) data/ || !$dbh->ping;
	}
	$result{warnings} = [@warnings];
	if ($option{verbose})
	{
		print "$s->{who}: $sql\n";
		printf "  -> %s %.1f ms, %d rows\n", $result{state} || 'ok', 1000 * $result{seconds}, scalar @{ $result{rows} };
		print "  $result{message}\n" if $result{message} ne '';
	}
	return \%result;
}

# Runs a statement under a timeout in milliseconds, and reports a wrong outcome.
sub run
{
	my ($s, $sql, $timeout, $function) = @_;
	return { state => '08003', rows => [], columns => [], message => 'the connection is lost', lost => 1, seconds => 0, warnings => [] } if $s->{lost};

	$timeout ||= $guard;
	if (($s->{timeout} // -1) != $timeout)
	{
		my $set = send_statement($s, "SET statement_timeout = $timeout", 60);
		# settings of a transaction may be rolled back with it
		$s->{timeout} = $set->{state} eq '' && !$s->{transaction} ? $timeout : undef;
	}
	my $result = send_statement($s, $sql, $timeout / 1000 + $option{slack} + 30);
	if ($result->{hangs})
	{
		failure('hang', $function, sprintf('still running %.1f s after its timeout of %d ms', $result->{seconds} - $timeout / 1000, $timeout), $s, $sql);
	}
	elsif ($result->{lost})
	{
		failure('crash', $function, $result->{message}, $s, $sql);
	}
	else
	{
		# a model table that was changed by hand may be refused as damaged;
		# a source may call a function that does not suit a parallel query, for which PostgreSQL has an internal error
		failure('internal error', $function, "$result->{state} $result->{message}", $s, $sql)
		  if $result->{state} =~ /^XX/ && !($result->{state} eq 'XX001' && $tampered) && $result->{message} !~ /cannot start commands during a parallel operation/;
		failure('late', $function, sprintf('%.2f s with a timeout of %d ms', $result->{seconds}, $timeout), $s, $sql)
		  if $result->{seconds} > $timeout / 1000 + $option{slack};
	}
	for my $warning (@{ $result->{warnings} })
	{
		failure('leak', $function, $warning, $s, $sql) if $warning =~ /leak|problem in|detected write|still referenced|transaction left|not closed|not released/;
	}
	$s->{lost} = 1 if $result->{lost};
	return $result;
}

# ---- failures

# The earlier statements about this source and its models; all statements if the call concerns none.
sub failure
{
	my ($kind, $function, $what, $s, $sql) = @_;
	my $fingerprint = "$kind: $function: " . $what =~ s/"[^"]*"|\d+(\.\d+)?(e[-+]\d+)?|\bLINE \d.*//gsr;

	$failures{$kind}++;
	if (++$shown{$fingerprint} > 2)
	{
		print "FAILED again: $kind in $function, world $world, call $call_number\n" if $shown{$fingerprint} < 20;
	}
	else
	{
		print "\nFAILED: $kind in $function\n  $what\n";
		print "  call $call_number of world $world; to see it again: test/fuzz --seed $option{seed} --world $world\n";
		my $tag = $s->{about};
		for my $before (@history)
		{
			my ($who, $about, $statement) = @$before;
			print "  $who> $statement;\n" if !defined $tag || !defined $about || $about eq $tag;
		}
		print "  $s->{who}> $sql;   -- this one\n\n";
	}
	die "stopped\n" if $option{stop};
}

# A crash of another process than the one that answered, and a failed assertion, are only in the log.
sub search_log
{
	return if !defined $option{log};
	open my $log, '<', $option{log} or die "can't read $option{log}: $!\n";
	seek $log, $option{log_begins} // 0, 0;
	my @lines = grep { /terminated by signal|TRAP:|PANIC:/ } <$log>;
	close $log;
	for my $line (@lines)
	{
		$failures{'in the log'}++;
		print "FAILED: in the log: $line";
	}
}

# ---- ids

# For each type its name in SQL, the declaration of a column of it if that has more, and texts of ids: usual ones first. The
# types without an order or a hash are there for their errors.
my @letters = ('a', 'b', 'ä', 'Ä', '日本語', '😀', '', ' ', "o'clock", 'with "quotes"', 'back\\slash', '{x,y}', 'NULL', "two\nlines", 'x' x 300, 'null', '1', '2', 'Z', 'a ');
my @types = map { { name => $_->[0], declared => $_->[1] // $_->[0], ids => $_->[2], weight => $_->[3] } } (
	[ 'int', undef, [ 1 .. 20, -1, 0, 2147483647, '-2147483648' ], 12 ],
	[ 'bigint', undef, [ (map { 1099511627776 + $_ } 1 .. 16), 1, -1, '9223372036854775807', '-9223372036854775808' ], 4 ],
	[ 'smallint', undef, [ 1 .. 16, 0, -1, 32767, -32768 ], 3 ],
	[ 'numeric', undef, [ (map { $_ / 8 } 1 .. 14), '1.0', '1.00', '-1e-20', '1e400', 'NaN', 'Infinity' ], 3 ],
	[ 'numeric(5,2)', undef, [ map { $_ / 4 } 1 .. 20 ], 1 ],
	[ 'text', undef, \@letters, 8 ],
	[ 'varchar(12)', undef, [ grep { length $_ <= 12 } @letters ], 3 ],
	[ 'char(6)', undef, [ grep { length $_ <= 6 } @letters ], 3 ],
	[ 'name', undef, [ grep { length $_ < 60 } @letters ], 1 ],
	[ 'uuid', undef, [ map { sprintf '%08x-0000-4000-8000-%012x', $_ * 77, $_ } 1 .. 18 ], 4 ],
	[ 'date', undef, [ (map { sprintf '2026-02-%02d', $_ } 1 .. 16), 'infinity', '-infinity', '0044-03-15 BC', '5874897-12-31' ], 3 ],
	[ 'timestamptz', undef, [ (map { sprintf '2026-03-29 %02d:30:00+00', $_ } 0 .. 16), 'infinity', '4713-01-01 00:00:00+00 BC', '294276-12-31 00:00:00+00' ], 3 ],
	[ 'timestamp', undef, [ (map { sprintf '2026-03-29 00:%02d:00.000001', $_ } 0 .. 16), '-infinity' ], 2 ],
	[ 'interval', undef, [ '1 day', '24 hours', '1 mon', '30 days', '-1 year', '00:00:00', (map { "$_ min" } 1 .. 12) ], 1 ],
	[ 'rec_fuzz.whole', undef, [ 0 .. 19 ], 3 ],
	[ 'rec_fuzz.word', undef, [ grep { length $_ < 100 } @letters ], 2 ],
	[ 'rec_fuzz.colour', undef, [qw(red green blue cyan pink grey black white gold lime)], 3 ],
	[ 'rec_fuzz.pair', undef, [ map { "($_,x$_)" } 1 .. 12 ], 1 ],
	[ 'text', 'text COLLATE rec_fuzz.careless', [ qw(a A b B c C d e E f g h i), 'ä', 'Ä' ], 2 ],
	[ 'text', 'text COLLATE "C"', \@letters, 1 ],
	[ 'inet', undef, [ (map { "10.0.0.$_" } 1 .. 14), '10.0.0.1/8', '::1', '2001:db8::/32' ], 3 ],
	[ 'bytea', undef, [ '\\x', (map { sprintf '\\x%02x00ff', $_ } 0 .. 16) ], 3 ],
	[ 'bool', undef, [ 't', 'f' ], 1 ],
	[ 'float8', undef, [ (map { $_ / 3 } 1 .. 12), 'NaN', '0', '-0', 'Infinity', '1e-320' ], 1 ],
	[ 'real', undef, [ (map { $_ / 2 } 1 .. 12), 'NaN', '0', '-0' ], 1 ],
	[ '"char"', undef, [ 'a' .. 'n' ], 1 ],
	[ 'oid', undef, [ 1 .. 12, 4294967295 ], 1 ],
	[ 'int[]', undef, [ '{}', '{1}', '{1,2}', '{NULL}', '{{1,2},{3,4}}', '{3}', '{4}', '{5}' ], 1 ],
	[ 'jsonb', undef, [ '1', '"a"', '{"a": 1}', '[]', 'null', '2', '3', '4', 'true' ], 1 ],
	[ 'int4range', undef, [ 'empty', '[1,3)', '[1,2]', '(,)', '[5,6)', '[6,7)' ], 1 ],
	[ 'json', undef, [ '1', '2', '3' ], 0.3 ],
	[ 'point', undef, [ '(1,2)', '(3,4)' ], 0.3 ],
	[ 'bit(4)', undef, [ '0001', '0010', '0011' ], 0.3 ],
);

sub id_type { return weighted(map { ($_->{weight}, $_) } @types) }

# An id of this type as an expression, mostly one of those in the source.
sub id_of
{
	my ($type, $n) = @_;
	my @ids = @{ $type->{ids} };
	my $last = defined $n && $n < @ids && chance(0.9) ? $n - 1 : $#ids;
	return literal($ids[ below($last + 1) ]);
}

my @strange = (
	'NULL', "''", "'x'", '-1', '0', '1', '1.5', "'NaN'::float8", "'Infinity'::numeric", '99999999999999999999', 'true', 'NULL::int', 'NULL::text', 'NULL::unknown',
	"ARRAY[1,2]", "'{}'::int[]", 'ROW(1, 2)', "'1'::json", "'(1,2)'::point", "'2026-01-01'::date", "'\\x00'::bytea", "repeat('x', 100000)", "'1'::name", '1::smallint',
	'now()', "'{\"a\": 1}'::jsonb", "'a'::\"char\"", 'NULL::void', "'pg_class'::regclass", "'empty'::int4range", "ARRAY[ARRAY['a']]", "(SELECT 1 WHERE false)", "'∞'", "'0x10'", "' 1 '",
);

# The id of a user or an item, in the type of the column or in another type that may convert to it.
sub id_argument
{
	my ($type, $n) = @_;
	return pick(@strange) if chance(0.06);
	my $id = id_of($type, $n);
	return "$id\::smallint" if $type->{name} =~ /^(?:smallint|int|bigint)$/ && chance(0.1);
	return weighted(6, "$id\::$type->{name}", 2, $id, 2, "$id\::text", 0.3, "$id\::varchar", 0.2, "$id\::$type->{name}\::text::$type->{name}");
}

# An array of ids; the second result says whether every element converts to ids of the type.
sub array_of_ids
{
	my ($type, $n) = @_;
	if (chance(0.12))
	{
		my $id = id_of($type, $n);
		return (pick("'{1,2}'", "'{}'", "'{1,2'", "ARRAY[[$id],[$id]]::$type->{name}\[]", "'[5:6]={1,2}'::int[]", 'NULL', "NULL::$type->{name}\[]", "NULL::text[]",
				"$id\::$type->{name}", "'[1,2]'::jsonb", 'ARRAY[1.5, NULL]', "ARRAY['x']", 'ARRAY[true]', "array_fill(NULL::text, '{3}')", "'{}'::point[]", "ARRAY['(1,1)'::point]",
				"ARRAY[NULL]::int[]", "(SELECT array_agg(i) FROM generate_series(1, 200000) i)", "'1 2'::int2vector", "'{}'::json[]", "ARRAY[ROW(1, 2)]"), 0);
	}
	my @ids = map { id_of($type, $n) } 1 .. weighted(1, 0, 8, between(1, 6), 1, between(20, 200));
	push @ids, 'NULL' if chance(0.1);
	return ("array_fill($ids[0]\::$type->{name}, '{3000}')", 1) if @ids && chance(0.02) && $type->{name} !~ /\[/;
	return ('ARRAY[' . join(', ', @ids) . ']::' . weighted(7, $type->{name}, 2, 'text', 1, 'varchar') . '[]', 1);
}

# ---- arguments of other types

sub n_argument
{
	return weighted(10, between(1, 25), 1, 2147483647, 1, 1, 1,
		pick(0, -1, '(-2147483648)', 'NULL', "'3'", '1.5', "'x'", 3000000000, '2::smallint', '4::bigint', 'NULL::int', 1000000));
}

sub bool_argument { return weighted(5, 'true', 5, 'false', 0.5, pick('NULL', "'yes'", '1', "'x'")) }

sub small_argument { return weighted(10, between(1, 5), 2, pick(0, -1, 2147483647, '(-2147483648)', 'NULL', 1000, 1001, '1.5', "'x'")) }

my @numbers = ('0', '1', '-1', '0.5', '3', '1e-45', '3e38', '-3e38', '1e300', '-1e300', "'NaN'", "'Infinity'", "'-Infinity'", 'NULL', '1e-320', '4', '0.1', '2.5', '1e154', '-0.0');

sub number_argument { return chance(0.8) ? pick('1', '2', '3', '3.5', '0.5') : pick(@numbers) }

sub fraction_argument { return weighted(6, pick('0.2', '0.5', '0.1'), 1, pick('0.01', '0.99', '0', '1', '-1', "'NaN'", "'Infinity'", 'NULL', '2', '1e-30')) }

my @splits = ('time', 'leave_one_out', 'global_time', 'random', 'user', 'column:is_test', 'session', 'session:is_test');

sub split_argument
{
	return weighted(12, literal(pick(@splits)), 1, literal(pick('column:', 'column:nosuch', 'column:user_id', 'Time', '', 'column:"is_test"', 'column:ctid', 'column:' . 'x' x 100, 'fold', 'session:', 'session:item_id')), 0.3, 'NULL');
}

sub session_arguments
{
	return (exclude_seen => chance(0.3) ? bool_argument() : undef,
		session_gap => chance(0.3) ? pick("'1 hour'", "'1 day'", "'1 mon'", "'0'", "'-1 day'", "'100000000 years'", "'1 microsecond'", 'NULL', "'x'") : undef);
}

sub array_of_numbers
{
	my ($length, $type) = @_;
	my @of = chance(0.8) ? (map { $_ / 2 } -4 .. 10) : @numbers;
	my $array = $type =~ /int/ ? join(', ', map { between(-3, 5) } 1 .. $length) : join(', ', map { pick(@of) } 1 .. $length);
	return "ARRAY[$array]::$type\[]" if chance(0.95);
	return pick("'{}'::$type\[]", "NULL::$type\[]", "'{NULL,1}'::$type\[]", "ARRAY[[$array]]::$type\[]", "'{1,2}'", 'NULL', "'[0:1]={1,2}'::$type\[]", "array_fill(1::$type, '{10000}')", "'x'", '1');
}

# ---- options, as rec.algorithms has them

my (@algorithms, %options_of, @metrics, @functions, $parallel);

sub option_value
{
	my ($o, $bold, $sound) = @_;
	my ($type, $low, $high) = @$o{qw(type minimum maximum)};

	return pick('null', '""', '[]', '{}', '-1', '1e400', '1.5', '"x"', 'true', '99999999999', '"1 fortnight"', '"-1 day"', '["cg"]', '-0.0', '1e-400') if !$sound && chance(0.04);
	return pick('true', 'false') if $type eq 'boolean';
	return json_text(pick(@{ $o->{choices} })) if $type eq 'text';
	return json_text(pick('0', '30 days', '1 second', '12 hours', '1 mon', '1000000 days', '1 microsecond')) if $type eq 'interval';
	return chance(0.5) ? $low : chance(0.8) ? $high : $high + 1 if $bold;
	return between($low, $high < 12 ? $high : 12) if $type eq 'integer';
	return pick($low, 0.01, 0.1, 0.5, 1, 1, 2, 10) if $high > 10;
	return pick($low, $high, $low + ($high - $low) * rand);
}

# Some options of an algorithm as JSON; the second result says whether training may take long.
sub options_for
{
	my ($algorithm, $feedback, $sound) = @_;
	my (@given, $long);

	return (pick("'[]'", "'1'", "'null'", 'NULL', "'{\"nosuch\": 1}'", "'{'", "'\"x\"'", "'[{\"factors\": 3}]'", "'{\"\": 1}'"), 0) if !$sound && chance(0.03);
	for my $o (@{ $options_of{$algorithm} })
	{
		if ($o->{option} eq 'feedback')
		{
			push @given, '"feedback": ' . json_text($feedback) if defined $feedback;
			next;
		}
		# the defaults of these options are for larger sources
		next if !chance($o->{option} =~ /^(?:factors|iterations|min_count)$/ ? 0.7 : 0.2);
		my $bold = chance(0.06);
		$long ||= $bold && $o->{type} eq 'integer';
		push @given, json_text($o->{option}) . ': ' . option_value($o, $bold, $sound);
	}
	return (literal('{' . join(', ', @given) . '}'), $long);
}

# ---- attributes and contexts

# Types of their columns, and texts of values; the last values of some are refused.
my @attribute_types = map { { declared => $_->[0], values => [ @$_[ 1 .. $#$_ - 1 ] ], refused => $_->[-1] } } (
	[ 'bool', 't', 'f', undef ],
	[ 'int', 1 .. 5, -5, 2147483647, undef ],
	[ 'bigint', 1 .. 3, '9223372036854775807', undef ],
	[ 'real', '0.5', '1', '2.5', '-1e30', '3e38', '1e-45', 'NaN' ],
	[ 'float8', '0.5', '1', '1e300', '-1e-300', 'Infinity' ],
	[ 'numeric', '1', '2.25', '-1e-20', '1e400', 'NaN' ],
	[ 'date', '2026-01-01', '2026-05-05', '0044-03-15 BC', '5874897-12-31', 'infinity' ],
	[ 'timestamptz', '2026-03-29 01:00+00', '2026-03-29 02:00+00', '294276-12-31 00:00:00+00', '-infinity' ],
	[ 'interval', '1 day', '1 mon', '24 hours', '178000000 years', undef ],
	[ 'text', 'a', 'b', 'c', 'ä', '', 'with "quotes"', 'x' x 300, undef ],
	[ 'char(3)', 'a', 'b ', 'c', undef ],
	[ 'rec_fuzz.colour', 'red', 'green', 'blue', undef ],
	[ 'rec_fuzz.whole', 0 .. 3, undef ],
	[ 'uuid', (map { sprintf '%08x-0000-4000-8000-000000000000', $_ } 1 .. 3), undef ],
	[ 'text[]', '{}', '{a}', '{a,b}', '{b,c,NULL}', '{a,a}', '{{a,b},{c,d}}', undef ],
	[ 'int[]', '{1,2}', '{2,3}', '{NULL}', '{2}', undef ],
	[ 'tsvector', "'story':2 'toy':1", "'toy':1,3,4", "'war':1A 'story':2", '', undef ],
	[ 'real[]', '{1,0,0.5}', '{0,1,0}', '{0,0,0}', '{3e38,1,-3e38}', '{1,2}' ],
	[ 'float8[]', '{1,2}', '{-1,0.5}', '{1e-300,1e300}', '{NaN,1}' ],
	[ 'jsonb', '{}', '1', undef ],
	[ 'rec_fuzz.pair', '(1,x)', '(2,y)', undef ],
	[ 'point', '(1,2)', undef ],
);

# Some columns; those of contexts mostly have few values.
sub some_columns
{
	my ($prefix, $low, $high) = @_;
	my $n = 0;
	return map { { %{ pick(@attribute_types) }, name => pick($prefix, $prefix, "$prefix ä\"") . ++$n } } 1 .. between($low, $high);
}

sub attribute_value
{
	my ($column) = @_;
	return 'NULL' if chance(0.08);
	return literal($column->{refused}) if defined $column->{refused} && chance(0.003);
	return literal(chance(0.9) ? pick(@{ $column->{values} }) : $column->{values}[0]);
}

# Rows of a relation of attributes, of ids that the source has, and of others.
sub attribute_rows
{
	my ($s, $side, @ids) = @_;
	return join ', ', map { my $id = $_; '(' . join(', ', $id, map { attribute_value($_) } @{ $s->{attributes}{$side}{columns} }) . ')' } @ids;
}

sub insert_attributes
{
	my ($s, $side, $ids) = @_;
	my $a = $s->{attributes}{$side};
	return "INSERT INTO $a->{base} (" . join(', ', map { identifier($_) } $a->{key}, map { $_->{name} } @{ $a->{columns} }) . ') VALUES '
	  . attribute_rows($s, $side, @$ids) . ($a->{is_unique} ? ' ON CONFLICT DO NOTHING' : '');
}

# The statements that create the relation of attributes of items or users.
sub make_attributes
{
	my ($s, $side) = @_;
	my $a = $s->{attributes}{$side};
	my $type = $s->{ $side =~ s/s$//r };
	my $derived = $a->{kind} eq 'view';
	my %had;
	my @ids = grep { !$had{$_}++ } map { literal($_) } @{ $type->{ids} };
	@ids = grep { chance(0.85) } @ids;
	push @ids, 'NULL' if !$a->{is_unique} && chance(0.05);
	push @ids, $ids[0] if !$a->{is_unique} && @ids && chance(0.02);
	my @columns = (identifier($a->{key}) . " $type->{declared}" . ($a->{is_unique} ? ' PRIMARY KEY' : ''), map { identifier($_->{name}) . " $_->{declared}" } @{ $a->{columns} });
	my @make = ("CREATE TABLE $a->{base} (" . join(', ', @columns) . ')' . ($a->{kind} eq 'partitioned' ? ' PARTITION BY HASH (' . identifier($a->{key}) . ')' : ''));
	push @make, map { "CREATE TABLE $a->{base}_$_ PARTITION OF $a->{base} FOR VALUES WITH (MODULUS 2, REMAINDER $_)" } 0, 1 if $a->{kind} eq 'partitioned';
	push @make, insert_attributes($s, $side, \@ids) if @ids;
	push @make, "CREATE VIEW $a->{name} AS SELECT * FROM $a->{base}" if $derived;
	push @make, "GRANT SELECT ON $a->{name} TO $role" if chance(0.7);
	push @make, "ALTER TABLE $a->{base} ENABLE ROW LEVEL SECURITY", "CREATE POLICY seen ON $a->{base} TO $role USING (" . identifier($a->{key}) . "::text <> '1')" if !$derived && chance(0.1);
	return @make;
}

# The columns of contexts as an argument, and the context of a question.
sub context_columns { my ($s) = @_; return literal('{' . join(',', map { json_text($_->{name}) } @{ $s->{context} }) . '}') }

sub context_argument
{
	my ($m) = @_;
	my $columns = $m->{asks_with};
	return undef if !chance($columns ? 0.6 : 0.02);
	return pick('NULL', "'{}'", "'[]'", "'1'", "'null'", "'{\"nosuch\": 1}'", "'{\"\": {}}'", "'x'") if chance(0.15) || !$columns;
	my @members;
	for my $column (@$columns)
	{
		next if !chance(0.7);
		my $value = pick(@{ $column->{values} }, $column->{refused} // ());
		push @members, json_text($column->{name}) . ': ' . (
			chance(0.06) ? pick('null', '[]', '{}', '[1]', '"x"', '1e400', 'true', '"\\u0000"', '""')
			: $column->{declared} eq 'bool' ? ($value eq 't' ? 'true' : 'false')
			: $value =~ /^-?\d+(?:\.\d+)?$/ && chance(0.7) ? $value
			: json_text($value));
	}
	return literal('{' . join(', ', @members) . '}') . pick('', '::jsonb');
}

# ---- sources

# A source is described by its name, the names and types of its columns, and the number of ids in use.
sub new_source
{
	my ($number) = @_;
	my ($user, $item) = (id_type());
	$item = chance(0.6) ? $user : id_type();
	my @odd = ('User Id', 'q"uote', 'üser', 'select', 'x' x 63, 'user_id ', 'Größe');
	my %source = (
		name => 'fuzz.' . pick("s$number", "s$number", "\"S $number\"", "\"größe$number\""),
		tag => "s$number",
		user => $user, item => $item,
		user_column => chance(0.8) ? 'user_id' : pick(@odd),
		item_column => chance(0.8) ? 'item_id' : pick(map { "i$_" } map { substr $_, 0, 62 } @odd),
		rating => weighted(6, 'real', 2, 'float8', 1, 'int', 1, 'numeric', 0.5, 'smallint', 0.2, 'text', 0.2, 'bool', 0.3, 'rec_fuzz.whole', 4, undef),
		rating_column => chance(0.8) ? 'rating' : pick('stars', 'Rating', 'wie gut?'),
		time => weighted(3, 'timestamptz', 2, 'timestamp', 1, 'date', 1, 'int', 1, 'bigint', 0.7, 'float8', 0.5, 'numeric', 0.2, 'text', 0.2, 'time', 0.2, 'interval', 4, undef),
		time_column => chance(0.8) ? 'at' : 'When ever',
		rows => weighted(0.5, 0, 0.7, between(1, 3), 6, between(20, 120), 3, 200),
		users => between(1, 18), items => between(1, 20),
	);
	$source{quality} = weighted(9, 'stars', 1, 'constant', 1, 'signed', 1, 'huge', 0.7, 'tiny', 1, 'bad', 1, 'counts', 0.5, 'zero');
	$source{$_} = $source{$_} =~ s/^i(i+)/i$1/r for ('item_column');
	for my $side ('items', 'users')
	{
		next if !chance($side eq 'items' ? 0.6 : 0.4);
		my $kind = weighted(4, 'table', 2, 'view', 1, 'partitioned');
		my $name = "fuzz.$side$number";
		$source{attributes}{$side} = {
			name => $name, base => $kind eq 'view' ? "fuzz.base_$side$number" : $name, kind => $kind, is_unique => $kind eq 'view' ? 0 : chance(0.8),
			key => $source{ $side eq 'items' ? 'item_column' : 'user_column' }, columns => [ some_columns('attribute', 1, 4) ],
		};
		$source{attributes}{$side}{key} = 'key' if $source{attributes}{$side}{is_unique} && chance(0.2);
	}
	$source{context} = [ some_columns('context', 1, 3) ] if chance(0.35);
	return \%source;
}

sub rating_value
{
	my ($s) = @_;
	my $whole = $s->{rating} =~ /int|whole/;
	return pick('t', 'f') if $s->{rating} eq 'bool';
	my $quality = $s->{quality};
	return undef if $quality eq 'bad' && chance(0.02);
	if ($quality eq 'bad' && chance(0.03))
	{
		return $whole ? pick(0, 1, $s->{rating} =~ /whole/ ? 0 : -1) : pick('NaN', 'NaN', $s->{rating} eq 'numeric' ? '-2' : 'Infinity', '-1', '0');
	}
	return 0 if $quality eq 'zero';
	return 3 if $quality eq 'constant';
	return between(0, 9) if $quality eq 'counts' || $s->{rating} =~ /whole/;
	return between(-5, 5) if $quality eq 'signed';
	return $s->{rating} eq 'smallint' ? between(30000, 32767) : $whole ? between(2000000000, 2147483647) : pick('3e38', '1e38', '2e37', $s->{rating} =~ /float8|numeric/ ? '1e39' : '1e30') if $quality eq 'huge';
	return $whole ? 1 : pick('1e-45', '1e-38', '3e-40', '1e-30') if $quality eq 'tiny';
	return $whole ? between(1, 5) : between(1, 10) / 2;
}

sub time_value
{
	my ($s, $mode, $k) = @_;
	my $type = $s->{time};
	return $type =~ /^(?:time|interval)$/ ? '12:00' : $type =~ /int|float|numeric/ ? 1700000000 : $type eq 'text' ? 'x' : '2026-01-01' if $mode eq 'tied';
	return undef if $mode eq 'special' && chance(0.1);
	if ($mode eq 'special' && chance(0.3))
	{
		return pick('-1', 0, 2147483647) if $type eq 'int';
		return pick('9223372036854775807', '-9223372036854775808', '9223372036854') if $type eq 'bigint';
		return pick('NaN', '1e300', '-1e300', '1e-300', '9223372036854.775', $type eq 'numeric' ? '1e500' : 'Infinity') if $type =~ /float|numeric/;
		return pick('infinity', '-infinity', '0044-03-15 BC', '2026-01-01') if $type =~ /^(?:date|timestamp)/;
	}
	return sprintf('%02d:%02d', between(0, 23), between(0, 59)) if $type =~ /^(?:time|interval)$/;
	return 1700000000 + between(0, 10_000_000) if $type =~ /int|float|numeric/;
	return sprintf '2026-%02d-%02d', between(1, 12), between(1, 28);
}

# This many rows as values, in the order of the columns.
sub rows_of
{
	my ($s, $n) = @_;
	my $times = pick('spread', 'spread', 'tied', 'special');
	my $once = chance(0.6);
	my (%had, @rows);

	for my $k (1 .. $n)
	{
		my ($u, $i) = (id_of($s->{user}, $s->{users}), id_of($s->{item}, $s->{items}));
		next if $once && $had{"$u $i"}++;
		($u, $i) = (chance(0.5) ? 'NULL' : $u, 'NULL') if chance(0.003);
		push @rows, '(' . join(', ', $u, $i, (defined $s->{rating} ? literal(rating_value($s)) : ()), (defined $s->{time} ? literal(time_value($s, $times, $k)) : ()), pick('true', 'false', 'false', 'false', 'false', chance(0.05) ? 'NULL' : 'false'),
			map { attribute_value($_) } @{ $s->{context} // [] }) . ')';
	}
	return @rows;
}

sub insert_into
{
	my ($s, $n) = @_;
	my @rows = rows_of($s, $n);
	my @columns = (@$s{qw(user_column item_column)}, (defined $s->{rating} ? $s->{rating_column} : ()), (defined $s->{time} ? $s->{time_column} : ()), 'is_test', map { $_->{name} } @{ $s->{context} // [] });
	return if !@rows;
	return "INSERT INTO $s->{base} (" . join(', ', map { identifier($_) } @columns) . ') VALUES ' . join(', ', @rows);
}

# The statements that create a source.
sub make_source
{
	my ($s) = @_;
	my $kind = $s->{kind} = weighted(6, 'table', 2, 'view', 1, 'materialized', 1.5, 'partitioned', 1, 'union', 0.7, 'inherited', 0.5, 'unlogged', 0.5, 'function', 0.4, 'slow', 0.4, 'generated', 0.3, 'failing', 0.8, 'meddling');
	my $derived = $kind =~ /view|materialized|union|function|slow|failing|meddling/;
	$s->{base} = $derived ? "fuzz.base_$s->{tag}" : $s->{name};
	my @columns = (
		identifier($s->{user_column}) . " $s->{user}{declared}",
		identifier($s->{item_column}) . " $s->{item}{declared}",
		(defined $s->{rating} ? identifier($s->{rating_column}) . " $s->{rating}" : ()),
		(defined $s->{time} ? identifier($s->{time_column}) . " $s->{time}" : ()),
		'is_test bool',
		map { identifier($_->{name}) . " $_->{declared}" } @{ $s->{context} // [] });
	@columns = reverse @columns if chance(0.2);
	my $dropped = chance(0.2);
	unshift @columns, 'gone text' if $dropped;
	push @columns, 'more int GENERATED ALWAYS AS (1) STORED' if $kind eq 'generated';
	my @make = ('CREATE ' . ($kind eq 'unlogged' ? 'UNLOGGED ' : '') . "TABLE $s->{base} (" . join(', ', @columns) . ')' . ($kind eq 'partitioned' ? ' PARTITION BY HASH (' . identifier($s->{user_column}) . ')' : ''));
	if ($kind eq 'partitioned')
	{
		push @make, "CREATE TABLE fuzz.part_$s->{tag}_$_ PARTITION OF $s->{base} FOR VALUES WITH (MODULUS 2, REMAINDER $_)" for 0, 1;
	}
	push @make, "CREATE TABLE fuzz.child_$s->{tag} (extra text) INHERITS ($s->{base})" if $kind eq 'inherited';
	push @make, "ALTER TABLE $s->{base} DROP COLUMN gone" if $dropped;
	my $insert = insert_into($s, $s->{rows});
	push @make, $insert if defined $insert;
	push @make, "CREATE INDEX ON $s->{base} (" . identifier($s->{user_column}) . ')' if chance(0.4);
	push @make, "CREATE VIEW $s->{name} AS SELECT * FROM $s->{base}" if $kind eq 'view';
	push @make, "CREATE MATERIALIZED VIEW $s->{name} AS SELECT * FROM $s->{base}" if $kind eq 'materialized';
	push @make, "CREATE VIEW $s->{name} AS SELECT * FROM $s->{base} WHERE is_test UNION ALL SELECT * FROM $s->{base} WHERE is_test IS NOT TRUE" if $kind eq 'union';
	push @make, "CREATE VIEW $s->{name} AS SELECT * FROM $s->{base} WHERE rec_fuzz.noisy(is_test) IS NOT NULL" if $kind eq 'function';
	push @make, "CREATE VIEW $s->{name} AS SELECT * FROM $s->{base} WHERE rec_fuzz.slow()" if $kind eq 'slow';
	push @make, "CREATE VIEW $s->{name} AS SELECT * FROM $s->{base} WHERE rec_fuzz.failing(is_test)" if $kind eq 'failing';
	my $read = sprintf 'SELECT pg_catalog.rec_read_row(0, %s, %s, %s, %s) FROM %s', identifier($s->{user_column}), identifier($s->{item_column}), ($s->{rating} // '') =~ /^(?:real|numeric)$/ ? identifier($s->{rating_column}) : pick('1::real', '1::float8'),
	  defined $s->{time} && chance(0.7) ? identifier($s->{time_column}) : '0::bigint', $s->{base};
	push @make, "CREATE VIEW $s->{name} AS SELECT * FROM $s->{base} WHERE rec_fuzz.meddling(is_test, " . literal(pick(
		($read) x 3, 'DROP TABLE fuzz.m1', ('DROP TABLE IF EXISTS fuzz.m1, fuzz.m2, fuzz.m3, fuzz.m4') x 5, 'SELECT pg_catalog.rec_read_row(1, 1, 1, 1, 1)', 'SELECT pg_catalog.rec_read_row_accumulate(0, 1, 1, 1, 1, 1)', 'DROP TABLE fuzz.m1', "CALL rec.train('fuzz.m1')", "SELECT count(*) FROM rec.recommend('fuzz.m1', '1')",
		"SELECT count(*) FROM rec.evaluate('fuzz.m2', split => 'random')", "SELECT rec.create_model('fuzz.meddled', 'rec.model', user_column => 'source', item_column => 'model')", "ALTER TABLE fuzz.m1 ADD COLUMN meddled int",
		"SELECT rec.predict('fuzz.m2', '1', '1')", "CALL rec.recommend_all('fuzz.m1', 'fuzz.lists')")) . ')' if $kind eq 'meddling';
	push @make, "GRANT SELECT ON $s->{name} TO $role" if chance(0.7);
	push @make, "ALTER TABLE $s->{base} ENABLE ROW LEVEL SECURITY", "CREATE POLICY seen ON $s->{base} TO $role USING (is_test IS NOT TRUE)" if !$derived && chance(0.1);
	push @make, "ANALYZE $s->{base}" if chance(0.2);
	push @make, make_attributes($s, $_) for sort keys %{ $s->{attributes} // {} };
	return @make;
}

# A change of a relation of attributes.
sub change_attributes
{
	my ($s, $side) = @_;
	my $a = $s->{attributes}{$side};
	my $type = $s->{ $side =~ s/s$//r };
	my $column = pick(@{ $a->{columns} });
	my ($key, $changed) = map { identifier($_) } $a->{key}, $column->{name};
	return weighted(
		5, insert_attributes($s, $side, [ map { id_of($type) } 1 .. between(1, 4) ]),
		4, "UPDATE $a->{base} SET $changed = " . attribute_value($column) . " WHERE $key = " . id_of($type),
		2, "DELETE FROM $a->{base} WHERE $key = " . id_of($type),
		1, "UPDATE $a->{base} SET $key = " . id_of($type) . " WHERE $key = " . id_of($type),
		0.5, "TRUNCATE $a->{base}",
		0.4, "ALTER TABLE $a->{base} DROP COLUMN $changed CASCADE",
		0.4, "ALTER TABLE $a->{base} ALTER COLUMN $changed TYPE text",
		0.3, "ALTER TABLE $a->{base} RENAME COLUMN $key TO renamed",
		0.4, "ALTER TABLE $a->{base} ADD COLUMN more int DEFAULT 1",
		0.3, 'DROP ' . pick('TABLE', 'VIEW') . " IF EXISTS $a->{name} CASCADE",
		0.3, pick("GRANT SELECT ON $a->{name} TO $role", "REVOKE SELECT ON $a->{name} FROM $role"),
		0.3, "ALTER TABLE $a->{base} DETACH PARTITION $a->{base}_0",
	);
}

# A change of a source between calls.
sub change_source
{
	my ($s) = @_;
	my @sides = sort keys %{ $s->{attributes} // {} };
	return change_attributes($s, pick(@sides)) if @sides && chance(0.4);
	my ($user, $item) = map { identifier($s->{$_}) } qw(user_column item_column);
	my $rating = identifier($s->{rating_column});
	return weighted(
		8, insert_into($s, between(1, 10)) // "ANALYZE $s->{base}",
		4, "DELETE FROM $s->{base} WHERE $user = " . id_of($s->{user}, $s->{users}),
		2, "UPDATE $s->{base} SET $item = " . id_of($s->{item}) . " WHERE $item = " . id_of($s->{item}, $s->{items}),
		1, "TRUNCATE $s->{base}",
		1, "REFRESH MATERIALIZED VIEW $s->{name}",
		1, 'CREATE INDEX ON ' . "$s->{base} ($user, $item)",
		0.4, "ALTER TABLE $s->{base} RENAME COLUMN $user TO renamed",
		0.4, "ALTER TABLE $s->{base} ALTER COLUMN $item TYPE text",
		0.4, "ALTER TABLE $s->{base} ALTER COLUMN $rating TYPE " . pick('float8', 'text', 'int', 'numeric'),
		0.4, "ALTER TABLE $s->{base} DROP COLUMN " . pick($user, $item, $rating, 'is_test', identifier($s->{time_column})) . pick('', ' CASCADE'),
		0.4, "ALTER TABLE $s->{base} ADD COLUMN " . pick('rating real', 'another int DEFAULT 1', 'at timestamptz DEFAULT now()'),
		0.3, 'DROP ' . pick('TABLE', 'TABLE', 'VIEW') . " IF EXISTS $s->{name} CASCADE",
		0.5, pick('GRANT', 'REVOKE') . " SELECT ON $s->{name} " . 'PUBLIC',
		0.3, "ALTER TABLE $s->{base} OWNER TO $role",
		0.3, "CREATE OR REPLACE VIEW $s->{name} AS SELECT 1 AS one",
		0.3, "ALTER TABLE $s->{base} DETACH PARTITION fuzz.part_$s->{tag}_0",
		0.2, "ALTER TABLE $s->{base} ATTACH PARTITION fuzz.part_$s->{tag}_0 FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
	) =~ s/^(GRANT.*) PUBLIC$/$1 TO PUBLIC/r =~ s/^(REVOKE.*) PUBLIC$/$1 FROM PUBLIC, $role/r;
}

# ---- models

my @model_names = ('m%d', 'm%d', 'm%d', '"M %d"', '"modèle%d"', 'm%d' . 'm' x 58, '"m""%d"');

# How often models of an algorithm have what their source has beside its rows.
my %learns_from = (items => { content => 0.97, als => 0.6, fm => 0.6 }, users => { als => 0.5, fm => 0.5 }, context => { fm => 0.7 });

sub new_model
{
	my ($number, @sources) = @_;
	my $source = pick(@sources);
	my @learning = map { sort keys %{ $learns_from{$_} } } (sort keys %{ $source->{attributes} // {} }), ($source->{context} ? ('context') x 4 : ());
	return { name => 'fuzz.' . sprintf(pick(@model_names), $number), source => $source, algorithm => @learning && chance(0.5) ? pick(@learning) : pick(@algorithms) };
}

sub create_model
{
	my ($m, $wild) = @_;
	my $s = $m->{source};
	my $feedback = weighted(2, undef, 2, 'explicit', 3, 'implicit');
	$feedback = undef if defined $feedback && $feedback eq 'explicit' && !defined $s->{rating} && (!$wild || chance(0.9));
	my ($options, $long) = options_for($m->{algorithm}, $feedback, !$wild);
	my @arguments = (literal($m->{name}), literal($s->{name}), literal($m->{algorithm}), $options);
	push @arguments, 'user_column => ' . literal($s->{user_column}) if $s->{user_column} ne 'user_id';
	push @arguments, 'item_column => ' . literal($s->{item_column}) if $s->{item_column} ne 'item_id';
	push @arguments, 'rating_column => ' . literal($s->{rating_column}) if defined $s->{rating} && ($s->{rating_column} ne 'rating' || chance(0.2)) && chance(0.95);
	push @arguments, 'time_column => ' . literal($s->{time_column}) if defined $s->{time} && chance(0.8);
	for my $side (sort keys %{ $s->{attributes} // {} })
	{
		push @arguments, "$side => " . literal($s->{attributes}{$side}{name}) if chance($learns_from{$side}{ $m->{algorithm} } // 0.01);
	}
	if ($s->{context} && chance($learns_from{context}{ $m->{algorithm} } // 0.01))
	{
		push @arguments, 'context_columns => ' . context_columns($s);
		$m->{asks_with} = $s->{context} if !$wild;
	}
	if ($wild)
	{
		my $at = below(scalar @arguments);
		my $bad = pick('NULL', "''", "'nosuch'", "'pg_class'", literal($m->{name}), '1', "'fuzz.nosuch'", "'nosuch.m'", "'a.b.c.d'", "'{\"a\": 1}'", "'fuzz.m_index'", literal('x' x 70), "'\"'", "'als'", "'Als'", "'ctid'", "'is_test'", "'xmin'");
		$arguments[$at] = $arguments[$at] =~ /^(\w+ => )/ ? "$1$bad" : $bad;
		push @arguments, pick('rating_column', 'time_column', 'user_column', 'item_column', 'items', 'users', 'context_columns', 'inputs') . " => $bad" if chance(0.2);
	}
	return ('SELECT rec.create_model(' . join(', ', @arguments) . ')', $long);
}

sub model_argument
{
	my ($m) = @_;
	return literal($m->{name}) . pick('', '', '::regclass') if !chance(0.03);
	return pick('NULL', "'rec.model'", "'pg_class'", '0', '4294967295', "'fuzz.nosuch'", literal($m->{source}{name}), "'rec.models'", "'x'", "'pg_class_oid_index'", '1.5', "NULL::regclass",
		literal(($m->{name} =~ s/"$//r) . '_users' . ($m->{name} =~ /"$/ ? '"' : '')), literal(($m->{name} =~ s/"$//r) . '_pkey' . ($m->{name} =~ /"$/ ? '"' : '')));
}

# A change of a model between calls.
sub change_model
{
	my ($m) = @_;
	my $column = pick('item_id', 'n_ratings', 'bias', 'factors', 'score', 'neighbors', 'weights');
	return weighted(
		2, "DELETE FROM $m->{name} WHERE item_id IN (SELECT item_id FROM $m->{name} LIMIT 2)",
		1, "UPDATE $m->{name} SET $column = NULL WHERE item_id IN (SELECT item_id FROM $m->{name} LIMIT 1)",
		1, "UPDATE $m->{name} SET factors = factors[1:1]",
		1, "UPDATE $m->{name} SET n_ratings = -1",
		1, "UPDATE $m->{name} SET $column = " . pick("'NaN'", "'{NaN,1}'", "'{}'", '3e38', "'{{1,2},{3,4}}'", "'{NULL}'"),
		1, "TRUNCATE $m->{name}",
		1, "ALTER TABLE $m->{name} DROP COLUMN $column",
		1, "ALTER TABLE $m->{name} ADD COLUMN note text " . pick('', "DEFAULT 'x'", 'NOT NULL', 'CHECK (note IS NOT NULL)'),
		0.5, "ALTER TABLE $m->{name} ALTER COLUMN item_id TYPE text",
		1, 'CREATE INDEX ON ' . "$m->{name} (n_ratings)",
		1, "GRANT SELECT ON $m->{name} TO $role",
		1, "REVOKE ALL ON $m->{name} FROM $role",
		0.5, "ALTER TABLE $m->{name} ENABLE ROW LEVEL SECURITY",
		0.5, "ALTER TABLE $m->{name} OWNER TO $role",
		0.5, "ALTER TABLE $m->{name} SET SCHEMA " . pick('fuzz', 'rec_fuzz'),
		0.5, "INSERT INTO $m->{name} SELECT * FROM $m->{name}",
		0.5, "ALTER TABLE $m->{name} DROP CONSTRAINT " . identifier(($m->{name} =~ s/^fuzz\.|"//gr) . '_pkey'),
		0.5, "VACUUM FULL $m->{name}",
		1, "DROP TABLE IF EXISTS $m->{name}" . pick('', ' CASCADE'),
	);
}

# ---- calls: each has {function, sql}, and the data for its checks

sub arguments
{
	my ($required, @optional) = @_;
	my @given = @$required;
	my $named = 0;
	while (@optional)
	{
		my ($name, $value) = splice @optional, 0, 2;
		push @given, "$name => $value" if defined $value;
	}
	return join ', ', @given;
}

# A function that returns rows, called in each way that queries call one.
sub query_of
{
	my ($call, $from, $asked, $type) = @_;
	# ids come back in the type of the id that was passed, which may have fewer values
	$call->{exact} = $asked =~ /::text$|^\s*E?'(?:[^']|'')*'$|::\Q$type->{name}\E(?:\[\])?$/;
	$call->{from} = $from;
	$call->{plain} = chance(0.6);
	return "SELECT * FROM $from" if $call->{plain};
	return pick("SELECT $from", "SELECT ($from).*", "SELECT count(*) FROM $from", "SELECT * FROM $from LIMIT 2", "SELECT r FROM $from WITH ORDINALITY AS r", "SELECT EXISTS (SELECT FROM $from)",
		"WITH r AS MATERIALIZED (SELECT * FROM $from) SELECT * FROM r, r AS other", "SELECT * FROM generate_series(1, 3) g, LATERAL (SELECT * FROM $from) r", "SELECT * FROM $from a FULL JOIN $from b USING (rank)",
		"DO \$do\$ DECLARE r record; BEGIN FOR r IN SELECT * FROM $from LOOP EXIT; END LOOP; EXCEPTION WHEN division_by_zero THEN NULL; END \$do\$",
		"DO \$do\$ BEGIN PERFORM * FROM $from; RAISE division_by_zero; EXCEPTION WHEN OTHERS THEN PERFORM * FROM $from; END \$do\$",
		"CREATE TABLE fuzz.kept AS SELECT * FROM $from", "EXPLAIN (ANALYZE, TIMING off) SELECT * FROM $from", "PREPARE asking AS SELECT * FROM $from", 'EXECUTE asking', 'DEALLOCATE ALL',
		"SELECT * FROM $from WHERE false", "SELECT * FROM $from ORDER BY 1 DESC OFFSET 1");
}

sub filters
{
	my ($call, $s, $m) = @_;
	my %given;
	for my $name (qw(candidates exclude))
	{
		next if !chance(0.25);
		($given{$name}, $call->{sound}{$name}) = array_of_ids($s->{item}, $s->{items});
		$call->{$name} = $given{$name};
	}
	$call->{exclude_seen} = chance(0.3) ? bool_argument() : undef;
	$call->{n} = chance(0.7) ? n_argument() : undef;
	$call->{context} = context_argument($m);
	$call->{filters} = [ n => $call->{n}, exclude_seen => $call->{exclude_seen}, candidates => $given{candidates}, exclude => $given{exclude}, context => $call->{context} ];
	return @{ $call->{filters} };
}

my %calls = (
	recommend => [ 14, sub {
		my ($m, $s) = @_;
		my %call = (function => 'recommend', user => id_argument($s->{user}, $s->{users}), model => model_argument($m));
		$call{sql} = query_of(\%call, 'rec.recommend(' . arguments([ $call{model}, $call{user} ], filters(\%call, $s, $m)) . ')', $call{user}, $s->{item});
		return \%call;
	} ],
	recommend_for => [ 8, sub {
		my ($m, $s) = @_;
		my ($items) = array_of_ids($s->{item}, $s->{items});
		my %call = (function => 'recommend_for', model => model_argument($m), items => $items);
		my $length = $items =~ /^ARRAY\[(.*)\]::/s ? () = $1 =~ /'(?:[^']|'')*'|NULL/g : between(0, 3);
		my $ratings = chance(0.6) ? undef : array_of_numbers(chance(0.9) ? $length : between(0, 5), pick('real', 'float8'));
		$call{sql} = query_of(\%call, 'rec.recommend_for(' . arguments([ $call{model}, $items ], ratings => $ratings, filters(\%call, $s, $m)) . ')', $items, $s->{item});
		return \%call;
	} ],
	predict => [ 8, sub {
		my ($m, $s) = @_;
		my ($model, $user, $item) = (model_argument($m), id_argument($s->{user}, $s->{users}), id_argument($s->{item}, $s->{items}));
		my ($u, $i) = map { identifier($s->{$_}) } qw(user_column item_column);
		my $context = context_argument($m);
		$item .= ", $context" if defined $context;
		return { function => 'predict', model => $model, sql => weighted(5, "SELECT rec.predict($model, $user, $item)",
				2, "SELECT rec.predict($model, $u, $i) FROM $s->{name} LIMIT 50",
				1, "SELECT count(*) FROM $s->{name} WHERE rec.predict($model, $u\::text, $item) > 2",
				1, "SELECT rec.predict($model, x, $item) FROM unnest(ARRAY[$user, $user, NULL]) x",
				1, "SELECT avg(rec.predict($model, $user, i.item_id)) FROM $m->{name} i",
				1, "DO \$do\$ BEGIN PERFORM rec.predict($model, $user, $item); DELETE FROM $s->{base} WHERE is_test; PERFORM rec.predict($model, $user, $item); RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN PERFORM rec.predict($model, $user, $item); END \$do\$",
				0.5, "SELECT rec.predict(model, $user, $item) FROM rec.models") };
	} ],
	explain => [ 7, sub {
		my ($m, $s) = @_;
		my %call = (function => 'explain', model => model_argument($m), user => id_argument($s->{user}, $s->{users}), item => id_argument($s->{item}, $s->{items}), n => chance(0.5) ? n_argument() : undef, context => context_argument($m));
		$call{n} //= n_argument() if defined $call{context};
		$call{sql} = query_of(\%call, 'rec.explain(' . arguments([ @call{qw(model user item)}, $call{n} // (), $call{context} // () ]) . ')', $call{item}, $s->{item});
		return \%call;
	} ],
	explain_for => [ 3, sub {
		my ($m, $s) = @_;
		my ($items) = array_of_ids($s->{item}, $s->{items});
		my %call = (function => 'explain_for', item => id_argument($s->{item}, $s->{items}));
		$call{sql} = query_of(\%call, 'rec.explain_for(' . arguments([ model_argument($m), $items, $call{item} ], n => chance(0.5) ? n_argument() : undef) . ')', $call{item}, $s->{item});
		return \%call;
	} ],
	track => [ 2, sub { my ($m) = @_; return { function => 'track', changes => 1, sql => 'SELECT rec.track(' . model_argument($m) . ')' } } ],
	untrack => [ 0.5, sub { my ($m) = @_; return { function => 'untrack', changes => 1, sql => 'SELECT rec.untrack(' . model_argument($m) . ')' } } ],
	refresh => [ 4, sub {
		my ($m, $s) = @_;
		my $call = 'CALL rec.refresh(' . arguments([ model_argument($m) ], item_share => chance(0.5) ? pick('0', '0.5', '1', fraction_argument()) : undef) . ')';
		return { function => 'refresh', changes => 1, sql => weighted(12, $call, 1, "DO \$do\$ BEGIN $call; $call; END \$do\$", 1, "DO \$do\$ BEGIN $call; ROLLBACK; $call; COMMIT; END \$do\$",
				1, "DO \$do\$ BEGIN $call; RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END \$do\$") };
	} ],
	alter_model => [ 1, sub {
		my ($m, $s) = @_;
		my $algorithm = pick($m->{algorithm}, @algorithms);
		my ($options) = options_for($algorithm, undef);
		my @sides = sort keys %{ $s->{attributes} // {} };
		return { function => 'alter_model', changes => 1, sql => 'SELECT rec.alter_model(' . arguments([ model_argument($m) ],
				source => chance(0.2) ? literal($s->{name}) : undef, algorithm => chance(0.2) ? literal($algorithm) : undef, options => chance(0.4) ? $options : undef,
				rating_column => chance(0.1) ? pick("''", literal($s->{rating_column})) : undef, time_column => chance(0.1) ? pick("''", literal($s->{time_column})) : undef,
				items => chance(0.3) ? pick("'-'", map { literal($s->{attributes}{$_}{name}) } @sides) : undef, users => chance(0.3) ? pick("'-'", map { literal($s->{attributes}{$_}{name}) } @sides) : undef,
				context_columns => chance(0.2) ? pick("'{}'", $s->{context} ? context_columns($s) : ()) : undef) . ')' };
	} ],
	similar_items => [ 7, sub {
		my ($m, $s) = @_;
		my %call = (function => 'similar_items', model => model_argument($m), id => id_argument($s->{item}, $s->{items}), n => chance(0.7) ? n_argument() : undef);
		my %given = map { $_ => chance(0.15) ? (array_of_ids($s->{item}, $s->{items}))[0] : undef } qw(candidates exclude);
		$call{sql} = query_of(\%call, 'rec.similar_items(' . arguments([ @call{qw(model id)} ], n => $call{n}, map { $_ => $given{$_} } qw(candidates exclude)) . ')', $call{id}, $s->{item});
		return \%call;
	} ],
	similar_users => [ 6, sub {
		my ($m, $s) = @_;
		my %call = (function => 'similar_users', model => model_argument($m), id => id_argument($s->{user}, $s->{users}), n => chance(0.7) ? n_argument() : undef);
		$call{sql} = query_of(\%call, 'rec.similar_users(' . arguments([ @call{qw(model id)} ], n => $call{n}) . ')', $call{id}, $s->{user});
		return \%call;
	} ],
	recommend_users => [ 6, sub {
		my ($m, $s) = @_;
		my %call = (function => 'recommend_users', model => model_argument($m), id => id_argument($s->{item}, $s->{items}), n => chance(0.7) ? n_argument() : undef,
			exclude_seen => chance(0.3) ? bool_argument() : undef);
		$call{sql} = query_of(\%call, 'rec.recommend_users(' . arguments([ @call{qw(model id)} ], n => $call{n}, exclude_seen => $call{exclude_seen}) . ')', $call{id}, $s->{user});
		return \%call;
	} ],
	recommend_all => [ 3, sub {
		my ($m, $s) = @_;
		my %call = (function => 'recommend_all', changes => 1, model => model_argument($m), target => 'fuzz.' . pick('lists', 'lists', '"Lists 2"', 'lists3'), n => chance(0.7) ? n_argument() : undef, exclude_seen => chance(0.3) ? bool_argument() : undef);
		$call{$_} = chance(0.15) ? (array_of_ids($s->{item}, $s->{items}))[0] : undef for qw(candidates exclude);
		$call{users} = chance(0.15) ? (array_of_ids($s->{user}, $s->{users}))[0] : undef;
		my @filters = map { $_ => $call{$_} } qw(n exclude_seen candidates exclude);
		my $target = chance(0.9) ? literal($call{target}) : pick('NULL', "''", "'pg_class'", literal($s->{name}), literal($m->{name}), "'nosuch.t'", "'a.b.c'", "'\"'", "'rec.model'", literal('x' x 80), "'fuzz.kept'");
		$call{filters} = \@filters;
		$call{sql} = 'CALL rec.recommend_all(' . arguments([ $call{model}, $target ], @filters, users => $call{users}) . ')';
		$call{sql} = "DO \$do\$ BEGIN $call{sql}; " . pick('', 'COMMIT;', 'ROLLBACK;') . " END \$do\$" if chance(0.1);
		return \%call;
	} ],
	train => [ 4, sub {
		my ($m, $s) = @_;
		my $call = 'CALL rec.train(' . model_argument($m) . ')';
		return { function => 'train', changes => 1, sql => weighted(12, $call, 1, "DO \$do\$ BEGIN $call; $call; END \$do\$", 1, "DO \$do\$ BEGIN $call; ROLLBACK; $call; COMMIT; END \$do\$",
				1, "DO \$do\$ BEGIN $call; RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END \$do\$") };
	} ],
	create_model => [ 3, sub {
		my ($m, $s) = @_;
		my ($sql, $long) = create_model($m, chance(0.6));
		return { function => 'create_model', changes => 1, sql => $sql };
	} ],
	evaluate => [ 4, sub {
		my ($m, $s) = @_;
		my ($options, $long) = options_for($m->{algorithm}, chance(0.2) ? pick('explicit', 'implicit') : undef);
		my %call = (function => 'evaluate', model => model_argument($m), long => $long);
		$call{sql} = query_of(\%call, 'rec.evaluate(' . arguments([ $call{model} ], split => chance(0.8) ? split_argument() : undef, test_fraction => chance(0.3) ? fraction_argument() : undef,
				k => chance(0.3) ? n_argument() : undef, folds => chance(0.2) ? small_argument() : undef, seed => chance(0.3) ? small_argument() : undef, min_ratings => chance(0.3) ? small_argument() : undef,
				relevant_from => chance(0.2) ? number_argument() : undef, options => chance(0.3) ? $options : undef, session_arguments()) . ')', '', $s->{item});
		return \%call;
	} ],
	compare => [ 3, sub {
		my ($m, $s) = @_;
		my $feedback = chance(0.8) ? pick('explicit', 'implicit', 'implicit') : undef;
		my (@elements, $any_long);
		for (1 .. between(1, 3))
		{
			my $algorithm = pick(@algorithms);
			my ($options, $long) = options_for($algorithm, $feedback);
			$any_long ||= $long;
			my ($inner) = $options =~ /^'\{(.*)\}'$/;
			push @elements, !defined $inner ? pick('null', '1', '[]', '{}', '{"algorithm": 1}', '"nosuch"', '{"factors": 2}') : $inner eq '' ? json_text($algorithm) : '{"algorithm": ' . json_text($algorithm) . ", $inner}";
		}
		my $list = literal('[' . join(', ', @elements) . ']');
		$list = pick("'{}'", "'[]'", 'NULL', "'\"als\"'", "'1'", "'[[]]'") if chance(0.04);
		my %call = (function => 'compare', long => $any_long);
		$call{sql} = query_of(\%call, 'rec.compare(' . arguments([ chance(0.95) ? literal($s->{name}) : model_argument($m), $list ], metric => chance(0.5) ? metric_argument() : undef, split => chance(0.6) ? split_argument() : undef,
				test_fraction => chance(0.3) ? fraction_argument() : undef, k => chance(0.3) ? n_argument() : undef, seed => chance(0.2) ? small_argument() : undef, min_ratings => chance(0.2) ? small_argument() : undef,
				relevant_from => chance(0.2) ? number_argument() : undef, user_column => $s->{user_column} ne 'user_id' || chance(0.05) ? literal($s->{user_column}) : undef,
				item_column => $s->{item_column} ne 'item_id' || chance(0.05) ? literal($s->{item_column}) : undef, rating_column => defined $s->{rating} && chance(0.7) ? literal($s->{rating_column}) : undef,
				time_column => defined $s->{time} && chance(0.7) ? literal($s->{time_column}) : chance(0.02) ? "'nosuch'" : undef, session_arguments()) . ')', '', $s->{item});
		return \%call;
	} ],
	tune => [ 2, sub {
		my ($m, $s) = @_;
		my (@axes, $any_long);
		for my $o (@{ $options_of{ $m->{algorithm} } })
		{
			next if !chance(0.25);
			my $bold = chance(0.03);
			$any_long ||= $bold && $o->{type} eq 'integer';
			my @values = map { option_value($o, $bold) } 1 .. between(1, 2);
			push @axes, json_text($o->{option}) . ': ' . weighted(6, '[' . join(', ', @values) . ']', 2, '{"min": ' . $values[0] . ', "max": ' . $values[-1] . '}', 0.3, $values[0], 0.2, '[]', 0.2, '{"min": 1}');
		}
		my $grid = chance(0.95) ? literal('{' . join(', ', @axes) . '}') : pick('NULL', "'[]'", "'{}'", "'1'", "'{\"nosuch\": [1]}'", "'null'");
		my %call = (function => 'tune', changes => 1, long => $any_long, model => model_argument($m));
		$call{sql} = query_of(\%call, 'rec.tune(' . arguments([ $call{model}, $grid ], metric => chance(0.3) ? metric_argument() : undef,
				method => chance(0.5) ? literal(pick('grid', 'random', 'halving', 'halving', 'random', 'Grid')) : undef,
				budget => chance(0.15) ? pick("'1 second'", "'0'", "'-1 day'", "'1 millisecond'", 'NULL', "'100000000 years'", "'1 mon'", "'x'") : undef, apply => chance(0.15) ? bool_argument() : undef,
				split => chance(0.7) ? split_argument() : undef, test_fraction => chance(0.3) ? fraction_argument() : undef, k => chance(0.2) ? n_argument() : undef, seed => chance(0.3) ? small_argument() : undef,
				trials => chance(0.9) ? small_argument() : undef, min_ratings => chance(0.2) ? small_argument() : undef, relevant_from => chance(0.2) ? number_argument() : undef, session_arguments()) . ')', '', $s->{item});
		return \%call;
	} ],
	report => [ 1, sub { my ($m) = @_; my $model = model_argument($m); return { function => 'report', sql => "SELECT length(rec.report($model))" } } ],
	similarity => [ 8, sub {
		my $name = pick('cosine', 'pearson');
		my $type = pick('real', 'float8', 'numeric', 'smallint', 'int', 'bigint');
		my $length = between(0, 8);
		my ($x, $y) = (array_of_numbers($length, $type), array_of_numbers(chance(0.95) ? $length : between(0, 8), chance(0.9) ? $type : pick('real', 'float8', 'numeric')));
		return { function => $name, sql => "SELECT rec.$name($x, $y)", range => [ -1, 1 ] } if chance(0.5);
		return aggregate_call($name, [ -1, 1 ]);
	} ],
	ranking_metric => [ 8, sub {
		my $name = pick(qw(precision recall ndcg average_precision reciprocal_rank hit_rate));
		my $type = id_type();
		my ($x) = array_of_ids($type);
		my ($y) = array_of_ids(chance(0.9) ? $type : id_type());
		return { function => $name, sql => "SELECT rec.$name(" . arguments([ $x, $y ], k => chance(0.6) ? n_argument() : undef) . ')', range => [ 0, 1 ] };
	} ],
	loss => [ 6, sub { return aggregate_call(pick(qw(rmse mse mae cross_entropy categorical_cross_entropy)), [ 0, 'Infinity' ]) } ],
	view => [ 3, sub {
		my $view = pick(qw(models training_log training_progress shared_models algorithms metrics model iteration));
		return { function => $view, sql => weighted(4, "SELECT * FROM rec.$view", 1, "SELECT count(*) FROM rec.$view", 0.3, "DELETE FROM rec.models WHERE false", 0.3, "SELECT * FROM rec.$view a, rec.$view b LIMIT 5") };
	} ],
	any_function => [ 5, sub { return any_function(@_) } ],
	change_source => [ 3, sub { my ($m, $s) = @_; return { function => 'the source', changes => 1, sql => change_source($s) } } ],
	change_model => [ 2, sub { my ($m, $s) = @_; return { function => 'the model', changes => 1, sql => change_model($m) } } ],
);

sub metric_argument { return chance(0.93) ? literal(pick(@metrics)) : pick('NULL', "''", "'NDCG'", "'nosuch'") }

# An aggregate of pairs, in each way that SQL calls one.
sub aggregate_call
{
	my ($name, $range) = @_;
	my @of = chance(0.5) ? ('0', '1', '0.5', '0.25', '0.9') : chance(0.5) ? (1 .. 5, '2.5') : @numbers;
	my $rows = join ', ', map { '(' . join(', ', pick(@of), pick(@of)) . '::float8, ' . below(3) . ')' } 1 .. between(1, 12);
	my $from = "(VALUES $rows) AS t (x, y, g)";
	$from =~ s/\(([^(,]+), (?=[^(]*\d\))/($1\::float8, /g;
	return { function => $name, range => $range, sql => weighted(5, "SELECT rec.$name(x, y) FROM $from", 1, "SELECT rec.$name(x, y) FROM $from GROUP BY g", 1, "SELECT rec.$name(x, y) FILTER (WHERE g > 0) FROM $from",
			1, "SELECT rec.$name(x, y) OVER (ORDER BY g ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM $from", 1, "SELECT rec.$name(DISTINCT x, y) FROM $from", 1, "SELECT rec.$name(x, y) FROM $from WHERE false",
			1, "SELECT rec.$name(x, y ORDER BY y) FROM $from GROUP BY ROLLUP (g)") };
}

# Any function of the schema, including support functions, by the types of its arguments alone: functions that are added to the
# extension are called without a change here.
sub any_function
{
	my ($m, $s) = @_;
	my $f = pick(@functions);
	my @given = map {
		my $type = $_;
		chance(0.05) ? 'NULL'
		: $type eq 'regclass' ? model_argument($m)
		: $type =~ /^(?:real|double precision|numeric|smallint|integer|bigint)\[\]$/ ? pick(array_of_numbers(between(0, 5), $type =~ s/\[\]//r), "'{0,0}'", "'{1,2}'", "'{2,-1}'", "'{NaN,NaN}'", "'{}'", "'{1,2,3}'")
		: $type eq 'integer' ? n_argument()
		: $type =~ /^(?:real|double precision|bigint)$/ ? pick(@numbers)
		: $type eq 'boolean' ? bool_argument()
		: $type =~ /^(?:text|name)$/ ? pick("'user_id'", "'fuzz.m1'", "''", "'x'", "'time'")
		: $type eq 'jsonb' ? pick("'{}'", "'[]'", "'[\"popular\"]'", "'null'")
		: $type eq 'interval' ? "'1 second'"
		: $type eq 'internal' ? pick('NULL', '1', "'x'")
		: $type eq 'bytea' ? pick("'\\x'", "'\\x00'", "'\\x0102030405060708'")
		: $type =~ /anyarray|anycompatiblearray|text\[\]|character varying\[\]/ ? (array_of_ids($s->{item}, $s->{items}))[0]
		: chance(0.7) ? id_argument($s->{item}, $s->{items})
		: pick(@strange)
	} @{ $f->{types} };
	# defaults are omitted
	splice @given, between($f->{required}, scalar @given) if chance(0.3) && $f->{required} < @given;
	push @given, 'NULL' if chance(0.01);
	my $call = "rec.$f->{name}(" . join(', ', @given) . ')';
	return { function => $f->{name}, changes => 1, long => scalar($f->{name} =~ /evaluate|compare|tune|report/), sql => $f->{kind} eq 'p' ? "CALL $call" : chance(0.5) ? "SELECT $call" : "SELECT * FROM $call" };
}

# ---- checks of answers

# A statement of a check. Its errors, such as a missing privilege, must not end the transaction of the calls.
sub run_check
{
	my ($s, $sql, $function) = @_;
	send_statement($s, 'SAVEPOINT checking', 60) if $s->{transaction};
	my $result = run($s, $sql, 0, $function);
	send_statement($s, ($result->{state} eq '' ? 'RELEASE' : 'ROLLBACK TO') . ' checking', 60) if $s->{transaction};
	return $result;
}

sub is_finite { return defined $_[0] && $_[0] !~ /nan|inf/i }

# Lists: ranks from 1, at most n, no item twice, no NaN score, scores descending.
sub check_list
{
	my ($s, $call, $result) = @_;
	my ($last_score, $personal_over, %had);
	my $rank = 0;
	my $fault = sub { failure('malformed list', $call->{function}, $_[0], $s, $call->{sql}) };

	my $n = $call->{n} // 10;
	$n = $1 if $n =~ /^'?(\d+)'?/;
	return $fault->('more rows than asked for: ' . @{ $result->{rows} }) if $n =~ /^\d+$/ && @{ $result->{rows} } > $n;
	for my $row (@{ $result->{rows} })
	{
		my ($place, $id, $score, $personal) = @$row;
		$rank++;
		return $fault->("row $rank has rank $place") if $place != $rank;
		return $fault->("rank $rank has no id") if !defined $id;
		my $key = ref $id ? join('|', map { $_ // 'NULL' } map { ref $_ ? @$_ : $_ } @$id) : $id;
		return $fault->("twice: $key") if $had{$key}++ && $call->{exact};
		return $fault->('a score of ' . ($score // 'NULL')) if !is_finite($score);
		next if $call->{function} =~ /^recommend(?:_for)?$/ && !$personal && ($personal_over = 1);
		return $fault->("a personal row after others, rank $rank") if $personal_over;
		return $fault->("scores rise at rank $rank: $last_score, $score") if defined $last_score && $score > $last_score;
		$last_score = $score;
	}
}

# The catalog's row of a model, or nothing.
sub facts
{
	my ($model) = @_;
	my $result = run_check($session{owner}{transaction} ? $session{owner} : $session{second}, <<SQL, 'the catalog');
SELECT m.source::regclass::text, format_type(u.atttypid, u.atttypmod), format_type(i.atttypid, i.atttypmod), quote_ident(m.user_column), quote_ident(m.item_column),
	m.minimum, m.maximum, coalesce(m.options->>'clip', 'false'), (SELECT 'COLLATE ' || i.attcollation::regcollation WHERE i.attcollation <> 0)
FROM rec.model m JOIN pg_attribute u ON u.attrelid = m.source AND u.attname = m.user_column JOIN pg_attribute i ON i.attrelid = m.source AND i.attname = m.item_column
WHERE m.model = to_regclass(trim(${model}::text)) AND m.version > 0
SQL
	return undef if $result->{state} ne '' || @{ $result->{rows} } != 1;
	my %facts;
	@facts{qw(source user_type item_type user item minimum maximum clip collation)} = @{ $result->{rows}[0] };
	return \%facts;
}

# Each row of a list with rec.predict's score, the user's items, and the filters, in one statement and so one snapshot. As text
# if the types differ: an item converted to the type of a user, such as bytea, may not convert back to the same item.
sub check_recommended
{
	my ($s, $call) = @_;
	my $f = facts($call->{model} =~ s/::regclass$//r) or return;
	my $asker = $f->{user_type} eq $f->{item_type} && $call->{user} =~ /::\Q$f->{user_type}\E$/ ? $call->{user} : "($call->{user})::text";
	my $user = "(SELECT ($call->{user})::text::$f->{user_type})";
	my $item = "r.item_id::text::$f->{item_type}";
	my $source = $f->{source};
	my $predicted = "rec.predict($call->{model}, $asker, r.item_id" . (defined $call->{context} ? ", $call->{context})" : ')');
	my $member = sub { my ($name) = @_; return defined $call->{$name} && $call->{sound}{$name} ? "EXISTS (SELECT FROM unnest(($call->{$name})::text[]) c WHERE c::$f->{item_type} = $item ${\($f->{collation} // '')})" : 'NULL' };
	my $result = run_check($s, <<SQL, $call->{function});
SELECT r.rank, r.item_id, r.score, $predicted AS predicted, r.score = $predicted AS same,
	EXISTS (SELECT FROM $source s WHERE s.$f->{user} = $user AND s.$f->{item} = $item) AS seen, ${\$member->('candidates')} AS candidate, ${\$member->('exclude')} AS excluded
FROM rec.recommend(${\arguments([ $call->{model}, $asker ], @{ $call->{filters} })}) r
SQL
	return if $result->{state} ne '';
	for my $row (@{ $result->{rows} })
	{
		my ($rank, $id, $score, $predicted, $same, $seen, $candidate, $excluded) = @$row;
		my $fault = sub { failure($_[0], $call->{function}, "rank $rank, item $id: $_[1]", $s, $call->{sql}); };
		$id = join(',', map { $_ // 'NULL' } @$id) if ref $id;
		return $fault->('not what predict says', "score $score, predicted " . ($predicted // 'NULL')) if !$same;
		return $fault->('seen before', 'is in the source') if $seen && ($call->{exclude_seen} // 'true') =~ /^(?:true|'yes')$/;
		return $fault->('not a candidate', 'is no candidate') if defined $candidate && !$candidate;
		return $fault->('excluded', 'is to be left out') if $excluded;
	}
}

# Nobody on the list has the item. The scores are those of the model's table of users, which may be older than the source.
sub check_recommended_users
{
	my ($s, $call) = @_;
	my $f = facts($call->{model} =~ s/::regclass$//r) or return;
	return if ($call->{exclude_seen} // 'true') !~ /^(?:true|'yes')$/;
	my $result = run_check($s, <<SQL, $call->{function});
SELECT r.user_id FROM rec.recommend_users(${\arguments([ $call->{model}, "($call->{id})::text" ], n => $call->{n})}) r
WHERE EXISTS (SELECT FROM $f->{source} s WHERE s.$f->{user} = r.user_id::$f->{user_type} AND s.$f->{item} = ($call->{id})::text::$f->{item_type})
SQL
	return if $result->{state} ne '' || !@{ $result->{rows} };
	failure('seen before', $call->{function}, "user $result->{rows}[0][0] has the item", $s, $call->{sql});
}

# The contributions and the baseline add up to the prediction before clipping: those of the user's items, and those of features
# of the item, or of the context.
sub check_explained
{
	my ($s, $call) = @_;
	my $f = facts($call->{model} =~ s/::regclass$//r) or return;
	my $context = defined $call->{context} ? ", $call->{context}" : '';
	my $result = run_check($s, <<SQL, 'explain');
SELECT sum(contribution::float8) + min(baseline) AS whole, sum(abs(contribution::float8)) + min(abs(baseline)) AS size, rec.predict($call->{model}, $call->{user}, $call->{item}$context) AS predicted
FROM rec.explain($call->{model}, $call->{user}, $call->{item}, 1000000$context) GROUP BY feature IS NULL, CASE WHEN feature IS NOT NULL THEN baseline END
SQL
	return if $result->{state} ne '';
	for my $row (@{ $result->{rows} })
	{
		my ($whole, $size, $predicted) = @$row;
		my $fault = sub { failure('explanation', 'explain', "$_[0]: contributions and baseline are $whole, the prediction is " . ($predicted // 'NULL'), $s, $call->{sql}) };
		return $fault->('not finite') if !is_finite($whole) || !is_finite($predicted);
		my $tolerance = 1e-3 * $size + 1e-6;
		next if abs($whole - $predicted) <= $tolerance;
		if ($f->{clip} eq 'true')
		{
			next if abs($predicted - $f->{maximum}) <= 1e-6 * abs $predicted and $whole >= $f->{maximum} - $tolerance;
			next if abs($predicted - $f->{minimum}) <= 1e-6 * abs $predicted and $whole <= $f->{minimum} + $tolerance;
		}
		return $fault->('they do not add up');
	}
}

# The lists of all users are the lists of each user.
sub check_everybody
{
	my ($s, $call) = @_;
	my $f = facts($call->{model} =~ s/::regclass$//r) or return;
	return if defined $call->{users};
	my $asked = arguments([ $call->{model}, 'u.id::text' ], @{ $call->{filters} });
	my $result = run_check($s, <<SQL, 'recommend_all');
SELECT u.id::text, l.rank, r.rank, l.item_id::text, r.item_id::text, l.score, r.score
FROM (SELECT DISTINCT $f->{user} AS id FROM $f->{source} WHERE $f->{user} IS NOT NULL) u CROSS JOIN LATERAL rec.recommend($asked) r
	FULL JOIN $call->{target} l ON l.user_id = u.id AND l.rank = r.rank
WHERE (l.item_id, l.score, l.personal) IS DISTINCT FROM (r.item_id::$f->{item_type}, r.score, r.personal)
SQL
	return if $result->{state} ne '' || !@{ $result->{rows} };
	failure('everybody', 'recommend_all', join(' ', 'user, ranks, items, scores:', map { $_ // 'NULL' } @{ $result->{rows}[0] }), $s, $call->{sql});
}

# The figures of a training are numbers.
sub check_catalog
{
	my ($s, $call) = @_;
	my $result = run_check($s->{who} eq 'reader' ? $session{second} : $s, "SELECT model, mean, minimum, maximum, loss FROM rec.model WHERE 'NaN' IN (mean, minimum, maximum, loss) OR 'Infinity' IN (mean, minimum, maximum)", 'train');
	for my $row (@{ $result->{rows} })
	{
		failure('not a number', 'train', 'model, mean, minimum, maximum, loss: ' . join(' ', map { $_ // 'NULL' } @$row), $s, $call->{sql});
	}
}

# Metrics are within the range in rec.metrics.
my %metric_range;

sub check_metrics
{
	my ($s, $call, $result) = @_;
	my $fault = sub { failure('metric', $call->{function}, $_[0], $s, $call->{sql}) };
	for my $row (@{ $result->{rows} })
	{
		my %row;
		@row{ @{ $result->{columns} } } = @$row;
		if ($call->{function} eq 'evaluate')
		{
			my $range = $metric_range{ $row{metric} };
			for my $column (qw(value low high baseline))
			{
				my $value = $row{$column};
				return $fault->("$row{metric}: $column is NaN") if defined $value && $value =~ /nan/i;
				next if !is_finite($value) || !$range;
				return $fault->("$row{metric}: $column is $value") if (defined $range->[0] && $value < $range->[0] - 1e-9) || (defined $range->[1] && is_finite($range->[1]) && $value > $range->[1] + 1e-9);
			}
			return $fault->("$row{metric}: $row{value} is not from $row{low} to $row{high}") if is_finite($row{low}) && is_finite($row{high}) && is_finite($row{value}) && ($row{low} > $row{high} + 1e-9);
		}
		elsif ($call->{function} eq 'compare')
		{
			return $fault->("p_value is $row{p_value}") if defined $row{p_value} && !($row{p_value} >= 0 && $row{p_value} <= 1);
		}
	}
}

sub check_range
{
	my ($s, $call, $result) = @_;
	my ($low, $high) = @{ $call->{range} };
	for my $row (@{ $result->{rows} })
	{
		my ($value) = @$row;
		next if !defined $value || $value =~ /nan/i;
		failure('metric', $call->{function}, "the value is $value", $s, $call->{sql}) if $value =~ /^-inf/i || $value < $low || ($high ne 'Infinity' && ($value =~ /inf/i || $value > $high));
	}
}

# A result as text, without times.
sub digest
{
	my ($result) = @_;
	my @kept = grep { $result->{columns}[$_] !~ /seconds/ } 0 .. $#{ $result->{columns} };
	return join "\n", map { my $row = $_; join '|', map { my $v = $row->[$_]; ref $v ? join(',', map { ref $_ ? "[@{[map { $_ // 'NULL' } @$_]}]" : $_ // 'NULL' } @$v) : $v // 'NULL' } @kept } @{ $result->{rows} };
}

# ---- a world

sub note { my ($s, $about, $sql) = @_; push @history, [ $s->{who}, $about, $sql ] }

# A statement of preparation. It may fail, as it may be nonsense.
sub prepare_world
{
	my ($s, $about, $sql, $function) = @_;
	note($s, $about, $sql);
	return run($s, $sql, 0, $function);
}

my @settings = ("DateStyle = 'German, DMY'", "DateStyle = 'SQL, MDY'", "IntervalStyle = 'iso_8601'", "IntervalStyle = 'sql_standard'", "TimeZone = 'Asia/Kathmandu'", 'extra_float_digits = 0', 'rec.max_workers = 0', 'rec.max_workers = 1',
	'rec.max_memory = 1', "work_mem = '64kB'", 'enable_indexscan = off', "plan_cache_mode = 'force_generic_plan'", 'quote_all_identifiers = on', 'array_nulls = off', "bytea_output = 'escape'", "search_path = ''",
	"search_path = 'fuzz', 'rec'", "default_transaction_isolation = 'repeatable read'", "default_transaction_isolation = 'serializable'", "xmloption = 'document'", 'default_transaction_read_only = on', 'enable_hashagg = off',
	'enable_sort = off', "backslash_quote = 'off'", "default_table_access_method = 'heap'", "default_tablespace = ''", 'lock_timeout = 10', 'check_function_bodies = off', "max_parallel_maintenance_workers = 0", "jit = off");

sub clean_up
{
	for my $who (qw(owner second reader))
	{
		my $s = $session{$who};
		send_statement($s, 'ROLLBACK', 60) if $s->{transaction};
		$s->{transaction} = 0;
		send_statement($s, 'DISCARD ALL', 60);
		$s->{timeout} = undef;
	}
	my $result = run($session{owner}, "DROP SCHEMA IF EXISTS fuzz CASCADE", 60000, 'dropping everything');
	run($session{owner}, $_, 60000, 'dropping everything') for (
		q(DO $$ DECLARE r record; BEGIN FOR r IN SELECT format('%I.%I', relnamespace::regnamespace, relname) AS name FROM pg_class WHERE relnamespace IN ('rec_fuzz'::regnamespace, 'public'::regnamespace) AND relkind = 'r' LOOP EXECUTE 'DROP TABLE IF EXISTS ' || r.name || ' CASCADE'; END LOOP; END $$),
		'CREATE SCHEMA fuzz', "GRANT USAGE, CREATE ON SCHEMA fuzz TO $role");
	# sources without a model are forgotten
	my $left = send_statement($session{owner}, "SELECT concat_ws(' ', model::oid, source, source_name, algorithm, version) FROM rec.model UNION ALL SELECT concat_ws(' ', model::oid, side, relation) FROM rec.model_table", 60);
	if (@{ $left->{rows} })
	{
		failure('left behind', 'dropping everything', "rec.model has: $left->{rows}[0][0]", $session{owner}, 'DROP SCHEMA fuzz CASCADE');
		run($session{owner}, $_, 60000, 'dropping everything') for ('DELETE FROM rec.model', 'DELETE FROM rec.model_table');
	}
}

# Makes a call in a session, and checks the result.
sub make_call
{
	my ($s, $call, $timeout, $check, $repeat) = @_;
	my $result = run($s, $call->{sql}, $timeout, $call->{function});

	$calls++;
	$called{ $call->{function} }++;
	$states{ $result->{state} }++;
	$succeeded{ $call->{function} }++ if $result->{state} eq '';
	return $result if $result->{state} ne '' || $result->{lost};
	check_list($s, $call, $result) if $call->{plain} && $call->{function} =~ /^(?:recommend|recommend_for|recommend_users|similar_items|similar_users)$/;
	check_metrics($s, $call, $result) if $call->{plain} && $call->{function} =~ /^(?:evaluate|compare)$/;
	check_range($s, $call, $result) if $call->{range};
	check_catalog($s, $call) if $check && $call->{function} eq 'train';
	if ($check && defined $call->{model})
	{
		$checks++;
		check_recommended($s, $call) if $call->{plain} && $call->{function} eq 'recommend';
		check_recommended_users($s, $call) if $call->{plain} && $call->{function} eq 'recommend_users';
		check_explained($s, $call) if $call->{plain} && $call->{function} eq 'explain' && ($call->{n} // 1) ne 'NULL';
		check_everybody($s, $call) if $call->{function} eq 'recommend_all' && $call->{sql} =~ /^CALL/ && $call->{sql} =~ /\Q$call->{target}\E/;
	}
	# a model table that was changed by hand may have been read before the change by one session and after it by another
	if ($repeat && !$call->{changes} && $call->{plain} && !$tampered && !$meddling)
	{
		$checks++;
		my $other = $s->{who} eq 'owner' && !$s->{transaction} ? $session{second} : $s;
		my $again = run_check($other, $call->{sql}, $call->{function});
		failure('not the same again', $call->{function}, $again->{state} eq '' ? "first\n" . digest($result) . "\nthen\n" . digest($again) : "first rows, then $again->{state} $again->{message}", $s, $call->{sql})
		  if $again->{state} !~ /^(?:57014|25P02)$/ && !$again->{lost} && ($again->{state} ne '' || digest($again) ne digest($result));
	}
	return $result;
}

# Draws a call, and everything that decides how it is made.
sub draw_call
{
	my (@models) = @_;
	my $m = pick(@models);
	my $name = weighted(map { ($calls{$_}[0], $_) } sort keys %calls);
	my $call = $calls{$name}[1]->($m, $m->{source});
	my $timeout = $call->{long} || chance(0.35) ? pick(1, between(2, 20), between(20, 200), between(50, 3000)) : 0;
	$timeout = between(50, 600) if $call->{long} && $timeout > 600;
	$call->{about} = $call->{sql} =~ /fuzz\./ ? $m->{source}{tag} : undef;
	return ($call, $timeout, chance(0.4), chance(0.2));
}

sub one_world
{
	srand($option{seed} * 1_000_003 + $world);
	open_sessions() if !%session || $world % 20 == 1 || grep { $_->{lost} } values %session;
	clean_up();
	@history = ();
	$call_number = 0;
	$tampered = $meddling = 0;
	my ($owner, $second, $reader) = @session{qw(owner second reader)};
	$_->{about} = undef for values %session;

	for my $setting (chance(0.5) ? some(1, 2, @settings) : ())
	{
		prepare_world($_, undef, "SET $setting", 'a setting') for ($setting =~ /max_memory/ ? ($owner, $second) : ($owner, $second, $reader));
	}
	if (defined $parallel && chance(0.04))
	{
		prepare_world($owner, undef, "SET $parallel = on", 'a setting');
	}

	my @sources = map { new_source($_) } 1 .. between(1, 2);
	my @models = map { new_model($_, @sources) } 1 .. between(2, 4);
	for my $s (@sources)
	{
		my @make = make_source($s);
		for my $sql (@make) { prepare_world($owner, $s->{tag}, $sql, 'making a source') }
	}
	my $meddle = sub {
		return if !grep { $_->{kind} eq 'meddling' } @sources;
		$meddling = 1;
		prepare_world($_, undef, 'SET rec_fuzz.meddle = on', 'a setting') for $owner, $second, $reader;
	};
	my $early = chance(0.2);
	$meddle->() if $early;
	for my $m (@models)
	{
		my $who = chance(0.1) ? $reader : $owner;
		my ($sql, $long) = create_model($m, 0);
		my $grant = chance(0.7);
		$_->{about} = $m->{source}{tag} for $owner, $reader;
		prepare_world($who, $m->{source}{tag}, $sql, 'create_model');
		prepare_world($who, $m->{source}{tag}, 'CALL rec.train(' . literal($m->{name}) . ')', 'train');
		if (chance(0.3))
		{
			prepare_world($who, $m->{source}{tag}, $_, 'track') for 'SELECT rec.track(' . literal($m->{name}) . ')', 'CALL rec.train(' . literal($m->{name}) . ')';
		}
		prepare_world($who, $m->{source}{tag}, "DO \$do\$ DECLARE r record; BEGIN FOR r IN SELECT model AS t FROM rec.model UNION SELECT relation FROM rec.model_table LOOP EXECUTE format('GRANT SELECT ON %s TO $role', r.t); END LOOP; END \$do\$", 'a grant') if $grant && $who eq $owner;
	}

	$meddle->() if !$early;
	if ($meddling && chance(0.5))
	{
		prepare_world($owner, $_->{source}{tag}, 'CALL rec.train(' . literal($_->{name}) . ')', 'train') for @models;
	}

	my $left = $calls_per_world;
	while ($left > 0)
	{
		my $s = weighted(7, $owner, 2, $reader, 1, $second);
		my $together = chance(0.12) ? between(2, 6) : 1;
		my $transaction = $together > 1 ? 'BEGIN' . pick('', '', ' ISOLATION LEVEL REPEATABLE READ', ' ISOLATION LEVEL SERIALIZABLE', ' READ ONLY', ' ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE') : undef;
		my $savepoints = chance(0.7);
		my $undo = chance(0.3);
		my $end = pick('COMMIT', 'ROLLBACK');

		if (defined $transaction)
		{
			note($s, undef, $transaction);
			run($s, $transaction, 0, 'a transaction');
			$s->{transaction} = 1;
		}
		for (1 .. $together)
		{
			my ($call, $timeout, $check, $repeat) = draw_call(@models);
			$call_number++;
			$left--;
			$s->{about} = $call->{about};
			if (defined $transaction && $savepoints)
			{
				note($s, undef, 'SAVEPOINT here');
				run($s, 'SAVEPOINT here', 0, 'a savepoint');
			}
			$tampered ||= $call->{function} eq 'the model';
			my $result = make_call($s, $call, $timeout, $check, $repeat);
			note($s, $call->{about}, $call->{sql} . ($timeout ? "   /* within $timeout ms */" : '')) if $call->{changes} || defined $transaction || !$call->{plain};
			if (defined $transaction && $savepoints && ($undo || $result->{state} ne ''))
			{
				note($s, undef, 'ROLLBACK TO here');
				run($s, 'ROLLBACK TO here', 0, 'a savepoint');
			}
			return if $result->{lost};
		}
		if (defined $transaction)
		{
			note($s, undef, $end);
			run($s, $end, 0, 'a transaction');
			$s->{transaction} = 0;
			$s->{timeout} = undef;
		}
		return if grep { $_->{lost} } values %session;
		return if finished();
	}
}

# ---- main

my $began = clock_gettime(CLOCK_MONOTONIC);

sub finished
{
	return (defined $option{calls} && $calls >= $option{calls}) || (defined $option{seconds} && clock_gettime(CLOCK_MONOTONIC) - $began >= $option{seconds});
}

sub set_up
{
	my $dbh = connect_as($ENV{PGUSER} // 'postgres', 'postgres');
	$dbh->do("SET client_min_messages = error");
	$dbh->do("DROP DATABASE IF EXISTS $database WITH (FORCE)") or die $dbh->errstr;
	$dbh->do("DROP ROLE IF EXISTS $role") or die $dbh->errstr;
	$dbh->do("CREATE DATABASE $database") or die $dbh->errstr;
	$dbh->do("CREATE ROLE $role LOGIN") or die $dbh->errstr;
	$dbh->do("ALTER DATABASE $database SET $_") for ('log_min_error_statement = panic', 'log_statement = none', 'synchronous_commit = off', 'client_min_messages = warning', 'log_min_messages = fatal');
	$dbh->disconnect;

	$dbh = connect_as($ENV{PGUSER} // 'postgres', $database);
	for my $sql ('CREATE EXTENSION rec', 'CREATE SCHEMA rec_fuzz', "GRANT USAGE ON SCHEMA rec_fuzz TO $role", 'CREATE DOMAIN rec_fuzz.whole AS int CHECK (VALUE >= 0)', "CREATE DOMAIN rec_fuzz.word AS varchar(99) CHECK (VALUE <> 'forbidden')",
		"CREATE TYPE rec_fuzz.colour AS ENUM ('red', 'green', 'blue', 'cyan', 'pink', 'grey', 'black', 'white', 'gold', 'lime')", 'CREATE TYPE rec_fuzz.pair AS (a int, b text)',
		'CREATE FUNCTION rec_fuzz.slow() RETURNS bool LANGUAGE sql VOLATILE AS $$SELECT pg_sleep(0.0005) IS NOT NULL$$',
		'CREATE FUNCTION rec_fuzz.failing(x bool) RETURNS bool LANGUAGE plpgsql AS $$BEGIN IF x THEN RAISE division_by_zero; END IF; RETURN true; END$$',
		'CREATE FUNCTION rec_fuzz.noisy(x bool) RETURNS bool LANGUAGE plpgsql AS $$BEGIN PERFORM count(*) FROM rec.models; RETURN coalesce(x, false); EXCEPTION WHEN OTHERS THEN RETURN true; END$$',
		# functions of a source may do anything while it is read; mostly after the first trainings, which would fail
		q(CREATE FUNCTION rec_fuzz.meddling(x bool, what text) RETURNS bool LANGUAGE plpgsql AS $$BEGIN IF x AND current_setting('rec_fuzz.meddle', true) = 'on' THEN EXECUTE what; END IF; RETURN true; END$$),
		"DO \$\$ BEGIN CREATE COLLATION rec_fuzz.careless (provider = icu, locale = 'und-u-ks-level2', deterministic = false); EXCEPTION WHEN OTHERS THEN CREATE COLLATION rec_fuzz.careless FROM \"C\"; END \$\$")
	{
		$dbh->do($sql) or die "$sql: " . $dbh->errstr;
	}

	my $functions = $dbh->selectall_arrayref(<<SQL);
SELECT p.proname, p.prokind, p.pronargs - p.pronargdefaults, coalesce((SELECT string_agg(format_type(t, NULL), ';' ORDER BY o) FROM unnest(p.proargtypes) WITH ORDINALITY AS a (t, o)), '')
FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'rec' ORDER BY p.oid::regprocedure::text
SQL
	@functions = map { { name => $_->[0], kind => $_->[1], required => $_->[2], types => [ split /;/, $_->[3] ] } } @$functions;
	for my $row (@{ $dbh->selectall_arrayref('SELECT algorithm, option, type, minimum, maximum FROM rec.algorithms', { Slice => {} }) })
	{
		push @algorithms, $row->{algorithm} if !$options_of{ $row->{algorithm} };
		push @{ $options_of{ $row->{algorithm} } }, $row;
		next if $row->{type} ne 'text';
		# The error of a wrong choice lists the choices.
		$dbh->do('SELECT rec.create_model(?, ?, ?, ?)', undef, 'm', 'rec.model', $row->{algorithm}, '{"' . $row->{option} . '": "?"}');
		my ($choices) = ($dbh->errstr // '') =~ /DETAIL: .* takes (.*)/;
		$row->{choices} = [ ($choices // '"?"') =~ /"([^"]*)"/g ];
	}
	@metrics = map { $_->[0] } @{ $dbh->selectall_arrayref('SELECT metric, minimum, maximum FROM rec.metrics ORDER BY 1') };
	$metric_range{ $_->[0] } = [ @$_[ 1, 2 ] ] for @{ $dbh->selectall_arrayref('SELECT metric, minimum, maximum FROM rec.metrics') };
	($parallel) = map { $_->[0] } @{ $dbh->selectall_arrayref("SELECT name FROM pg_settings WHERE name IN ('debug_parallel_query', 'force_parallel_mode')") };
	$dbh->disconnect;
	$option{log_begins} = -s $option{log} if defined $option{log};
}

sub take_down
{
	$_->{dbh}->disconnect for grep { $_->{dbh} } values %session;
	return if $option{keep};
	my $dbh = connect_as($ENV{PGUSER} // 'postgres', 'postgres');
	$dbh->do("DROP DATABASE IF EXISTS $database WITH (FORCE)");
	$dbh->do("DROP ROLE IF EXISTS $role");
	$dbh->disconnect;
}

($calls, $checks) = (0, 0);
set_up();
print "seed $option{seed}, algorithms: @algorithms\n";
my $reported = $began = clock_gettime(CLOCK_MONOTONIC);
eval {
	for ($world = $option{world} // 1; !finished(); $world++)
	{
		one_world();
		last if defined $option{world};
		if (clock_gettime(CLOCK_MONOTONIC) - $reported > 60)
		{
			$reported = clock_gettime(CLOCK_MONOTONIC);
			printf "%d calls in %.0f s, world %d\n", $calls, $reported - $began, $world;
		}
	}
	1;
} or do { print "$@"; die $@ if $@ ne "stopped\n" };
my $seconds = clock_gettime(CLOCK_MONOTONIC) - $began;
search_log();
take_down() if !$option{stop} || !%failures;

my $good = $states{''} // 0;
printf "%d calls in %.1f s, %.0f a minute, %d %% answered; %d answers were checked further\n", $calls, $seconds, 60 * $calls / $seconds, 100 * $good / ($calls || 1), $checks;
if ($option{verbose})
{
	printf "  %-24s %6d calls, %6d answered\n", $_, $called{$_}, $succeeded{$_} // 0 for sort keys %called;
	printf "  %-6s %6d\n", $_ || 'ok', $states{$_} for sort { $states{$b} <=> $states{$a} || $a cmp $b } keys %states;
}
my @kinds = sort keys %failures;
print %failures ? 'failures: ' . join(', ', map { "$_ $failures{$_}" } @kinds) . "\n" : "no failures\n";
exit(%failures ? 1 : 0);
