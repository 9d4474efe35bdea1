# Common parts of the programs in this directory: servers with faults.so, sessions that survive errors, questions with checks of
# their answers, and segments of shared memory.
package Faults;

use strict;
use warnings FATAL => 'all';

use Exporter 'import';
use IO::Handle;
use IO::Select;
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use List::Util qw(max min);
use Test::More;
use Time::HiRes qw(time sleep);

our @EXPORT = qw(faulty_server load_data kinds model_sql session ask begin_to_ask hear finish control sure give_up crashed wait_for_server answers questions
  crash_places named_frames live_segments directory remaining);

# Seconds after which a statement counts as hanging.
our $patience = 60;

my $began = time;

# The remaining seconds of a part; samples are cut to fit.
sub remaining
{
	return ($ENV{FAULTS_SECONDS} // 600) - (time - $began);
}

# ---- servers

sub directory
{
	my ($node) = @_;

	return $node->basedir . '/faults';
}

# A server with faults.so in all of its processes, and the data of load_data. Settings are lines of postgresql.conf.
sub faulty_server
{
	my ($name, $settings, %environment) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init;
	$node->append_conf('postgresql.conf', "autovacuum = off\nrestart_after_crash = on\nlog_statement = none\nfsync = off\n" . ($settings // ''));
	mkdir directory($node);
	{
		local %ENV = (%ENV, LD_PRELOAD => $ENV{FAULTS_LIBRARY}, FAULTS_DIRECTORY => directory($node), %environment);
		$node->start;
	}
	$node->safe_psql('postgres', <<SQL);
		CREATE EXTENSION rec;
		CREATE SCHEMA faults;
		CREATE FUNCTION faults.arm(n int, count int = 1) RETURNS void LANGUAGE c AS '$ENV{FAULTS_LIBRARY}', 'faults_arm';
		CREATE FUNCTION faults.calls() RETURNS int LANGUAGE c AS '$ENV{FAULTS_LIBRARY}', 'faults_calls';
SQL
	load_data($node);
	return $node;
}

# Each of the users has rated about a third of the items, so that models of every kind are trained quickly.
sub load_data
{
	my ($node, $users, $items, $database) = @_;

	$users //= 40;
	$items //= 24;
	$node->safe_psql($database // 'postgres', <<SQL);
		CREATE TABLE ratings (user_id int, item_id int, rating real, at timestamp, PRIMARY KEY (user_id, item_id));
		INSERT INTO ratings SELECT u, i, 1 + (u * u + 3 * i * u + i) % 5, timestamp '2026-01-01' + (u + i) * interval '1 day'
		  FROM generate_series(1, $users) u, generate_series(1, $items) i WHERE (7 * u + 11 * i) % 13 % 3 = 0;
		ANALYZE ratings;
SQL
	return;
}

# Every algorithm with every kind of feedback: the name of a model, and options with which it is trained quickly.
sub kinds
{
	my ($node) = @_;
	my @kinds;

	foreach my $line (split /\n/, $node->safe_psql('postgres', <<'SQL'))
		SELECT algorithm, feedback, jsonb_object_agg(option, value) || jsonb_build_object('feedback', feedback)
		  FROM (SELECT algorithm, option, CASE option WHEN 'factors' THEN '4' WHEN 'iterations' THEN '3' WHEN 'warm_start' THEN 'false' END::jsonb AS value
		    FROM rec.algorithms) o, unnest('{explicit, implicit}'::text[]) feedback
		 WHERE value IS NOT NULL OR option = 'feedback' GROUP BY 1, 2 ORDER BY 1, 2
SQL
	{
		my ($algorithm, $feedback, $options) = split /\|/, $line;
		# an algorithm without the other options has the row of feedback only
		push @kinds, { name => "${algorithm}_$feedback", algorithm => $algorithm, feedback => $feedback, options => $options };
	}
	return @kinds;
}

# The statements that create and train a model of a kind.
sub model_sql
{
	my ($kind, $name, %other) = @_;
	my $source = $other{source} // 'ratings';
	my $options = $other{options} // $kind->{options};

	return (
		"SELECT rec.create_model('$name', '$source', '$kind->{algorithm}', '$options', time_column => 'at')",
		"CALL rec.train('$name')");
}

# ---- sessions: a psql each, connected by pipes, as most statements take less time than starting one

sub session
{
	my ($node, @settings) = @_;
	my %session = (node => $node, ended => 0);

	local $ENV{PGOPTIONS} = join ' ', '-c client_min_messages=error', map { "-c $_" } @settings;
	pipe(my $statements, $session{in}) && pipe($session{out}, my $answers) or die "pipe: $!";
	$session{process} = fork // die "fork: $!";
	if ($session{process} == 0)
	{
		POSIX::dup2(fileno $statements, 0);
		POSIX::dup2(fileno $answers, $_) foreach 1, 2;
		exec('psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-d', $node->connstr('postgres')) or POSIX::_exit(1);
	}
	$session{select} = IO::Select->new($session{out});
	$session{buffer} = '';
	return \%session;
}

# The SQLSTATE of a statement, and its output or message.
sub ask
{
	my ($session, $statement) = @_;

	begin_to_ask($session, $statement);
	return hear($session);
}

# The same in two steps.
sub begin_to_ask
{
	my ($session, $statement) = @_;

	local $SIG{PIPE} = 'IGNORE';
	return if $session->{ended};
	print { $session->{in} } "$statement;\n\\echo '\@\@' :SQLSTATE\n";
	$session->{in}->flush;
	return;
}

sub hear
{
	my ($session) = @_;
	my $deadline = time + $patience;

	return ('08006', 'no connection') if $session->{ended};
	for (;;)
	{
		if ($session->{buffer} =~ s/\A(.*?)^\@\@ (\w+)\n//ms)
		{
			my ($said, $state) = ($1, $2);

			chomp $said;
			return ($state, $said);
		}
		if (!$session->{select}->can_read($deadline - time))
		{
			$session->{hangs} = 1;
			# the process that holds the lock is left for inspection
			finish($session);
			return ('HANGS', "no answer within $patience seconds");
		}
		if (!sysread($session->{out}, $session->{buffer}, 65536, length $session->{buffer}))
		{
			my $said = $session->{buffer};

			finish($session);
			return ('08006', $said);
		}
	}
}

sub finish
{
	my ($session) = @_;

	return if $session->{ended};
	$session->{ended} = 1;
	kill 'TERM', $session->{process} if $session->{hangs};
	close $session->{in};
	close $session->{out};
	waitpid $session->{process}, 0;
	return;
}

# The session of a server for preparations and checks; a new one if the last has ended.
sub control
{
	my ($node) = @_;

	$node->{faults_control} = session($node) if !defined $node->{faults_control} || $node->{faults_control}{ended};
	return $node->{faults_control};
}

# The output there of a statement that must not fail.
sub sure
{
	my ($node, $statement) = @_;
	my ($state, $said);

	for (1 .. 10)
	{
		($state, $said) = ask(control($node), $statement);
		return $said if $state eq '00000';
		# a crash ends all sessions
		last if $state ne '08006';
		wait_for_server($node);
	}
	give_up("$statement: $state $said");
	return;
}

# Ends the program if it cannot go on. PostgreSQL's modules hide the message of a die.
sub give_up
{
	my ($why) = @_;

	diag($why);
	BAIL_OUT($why);
	return;
}

# Whether the connection was lost, which means that the server has crashed; if so, waits until it is ready again.
sub crashed
{
	my ($session) = @_;

	return 0 if !$session->{ended} || $session->{hangs};
	# the server may not have noticed the crash yet
	sleep 0.2;
	wait_for_server($session->{node});
	return 1;
}

sub wait_for_server
{
	my ($node) = @_;
	my $deadline = time + $patience;

	while (time < $deadline)
	{
		my $session = session($node);
		my ($state) = ask($session, 'SELECT 1');

		finish($session);
		return if $state eq '00000';
		sleep 0.05;
	}
	give_up('the server does not come back');
	return;
}

# The stacks in the server's log from this position on, and the present end of the log. Addresses of rec become source lines.
sub crash_places
{
	my ($node, $offset) = @_;
	my $text = slurp_file($node->logfile, $offset);
	my @places;

	while ($text =~ /FAULTS: a signal, from\n(.*?)FAULTS: end/gs)
	{
		push @places, named_frames($1);
	}
	# the last messages of the processes that died
	push @places, $1 if $text =~ /.*^(.*DETAIL:  Failed on request of[^\n]*)$/ms;
	push @places, $1 while $text =~ /^(.*(?:PANIC:|FATAL:  (?!terminating|the database system)|terminated by signal (?!9)|TRAP:).*)$/gm;
	return (join("\n", @places), -s $node->logfile);
}

# A stack as backtrace_symbols writes it, one frame a line: frames of rec with files and lines, and the frames around them.
sub named_frames
{
	my ($frames) = @_;
	my @named;

	foreach my $frame (split /\n/, $frames)
	{
		if ($frame =~ m{^(\S*/rec\.so)\((\S*?)\+(0x[0-9a-f]+)\)} && $2 eq '')
		{
			my $line = qx(addr2line -fsp -e $1 $3);

			chomp $line;
			push @named, "rec: $line";
		}
		elsif ($frame =~ m{^(?:.*/)?([^/(]+?)(?:: [^(]*)?\(([^)]*)\)} && $1 !~ /^faults/)
		{
			push @named, "$1: $2";
		}
	}
	my ($outermost) = grep { $named[$_] =~ /^rec: / } reverse 0 .. $#named;

	$#named = min($#named, max(12, ($outermost // 0) + 2));
	return join "\n", @named;
}

# ---- segments of shared memory, as faults.so has logged them

# The existing segments that this server has made and not removed; segments of other servers are left out. Each is a hash with
# the name, pid (of its maker), seconds (the time of its making), and mapped (the time when it was complete, if it was). They
# are in the order of their making.
sub live_segments
{
	my ($node) = @_;
	my $file = directory($node) . '/segments';
	my $known = $node->{faults_segments} //= { read => 0, made => {} };
	my $lines = slurp_file($file, $known->{read});

	$lines =~ s/[^\n]*\z//;
	$known->{read} += length $lines;
	foreach my $line (split /\n/, $lines)
	{
		my ($what, $name, $pid, $seconds) = split / /, $line;

		if ($what eq 'mapped') { $known->{made}{$name}{mapped} = $seconds if $known->{made}{$name}; }
		elsif ($what eq 'made') { $known->{made}{$name} = { name => $name, pid => $pid, seconds => $seconds }; }
		else { delete $known->{made}{$name}; }
	}
	my @live = sort { $a->{seconds} <=> $b->{seconds} } grep { -e "/dev/shm/$_->{name}" } values %{ $known->{made} };

	return @live;
}

# ---- questions

# A statement that returns all answers of a model as one digest.
sub answers
{
	my ($model) = @_;

	return <<SQL;
		SELECT md5((SELECT string_agg(concat_ws(' ', u, rank, item_id, score), ',' ORDER BY u, rank) FROM generate_series(0, 40, 5) u, LATERAL rec.recommend('$model', u, n => 5))
		  || (SELECT string_agg(concat_ws(' ', u, i, rec.predict('$model', u, i)), ',' ORDER BY u, i) FROM generate_series(0, 40, 7) u, generate_series(1, 25, 4) i)
		  || coalesce((SELECT string_agg(concat_ws(' ', i, rank, item_id, similarity), ',' ORDER BY i, rank) FROM generate_series(1, 24, 4) i, LATERAL rec.similar_items('$model', i, n => 3)), '')
		  || coalesce((SELECT string_agg(concat_ws(' ', u, rank, user_id, similarity), ',' ORDER BY u, rank) FROM generate_series(1, 40, 9) u, LATERAL rec.similar_users('$model', u, n => 3)), '')
		  || (SELECT string_agg(concat_ws(' ', rank, item_id, score), ',' ORDER BY rank) FROM rec.recommend_for('$model', ARRAY[1, 2, 3])))
SQL
}

# Every function that asks, [name, statements]; the last statement returns what is wrong with the answer, and nothing if it is
# right.
sub questions
{
	my ($model) = @_;
	my $finite = q(NOT IN ('NaN', 'infinity', '-infinity'));
	# ranks 1 to n, no item twice, no NaN, the highest score first among the personal items and among the others
	my $list = sub {
		my ($from, $by, $id, $number) = @_;

		return <<SQL;
			SELECT format('%s: %s rows, ranks %s, %s', $by, count(*), array_agg(rank ORDER BY rank), array_agg($number ORDER BY rank)) FROM $from
			 GROUP BY $by HAVING NOT (min(rank) = 1 AND max(rank) = count(*) AND count(DISTINCT rank) = count(*) AND count(DISTINCT $id) = count(*)
			  AND bool_and(($number $finite) IS TRUE)) LIMIT 1
SQL
	};

	return (
		[ recommend => $list->("unnest('{1, 2, 17, 9999}'::int[]) u, LATERAL rec.recommend('$model', u, n => 100)", 'u', 'item_id', 'score') ],
		[ recommend_seen => $list->("unnest('{3, NULL}'::int[]) u, LATERAL rec.recommend('$model', u, n => 100, exclude_seen => false, candidates => '{1, 2, 3, 4, 99, -1, 1001}')", 'u', 'item_id', 'score') ],
		[ recommend_for => $list->("unnest('{1, 2}'::int[]) u, LATERAL rec.recommend_for('$model', ARRAY[1, u + 1, 30])", 'u', 'item_id', 'score') ],
		[ predict => "SELECT format('user %s, item %s: %s', u, i, p) FROM (SELECT u, i, rec.predict('$model', u, i) AS p FROM unnest('{0, 1, 2, 17, 9999}'::int[]) u, generate_series(0, 25) i) x WHERE (p $finite) IS NOT TRUE LIMIT 1" ],
		[ explain => "SELECT format('user %s, item %s: %s', u, i, e) FROM unnest('{1, 2, 9999}'::int[]) u, generate_series(0, 25, 3) i, LATERAL rec.explain('$model', u, i) e WHERE (e.rating $finite AND e.contribution $finite AND e.baseline $finite AND e.known_item_id IS NOT NULL) IS NOT TRUE LIMIT 1" ],
		[ similar_items => $list->("generate_series(0, 25) i, LATERAL rec.similar_items('$model', i, n => 100)", 'i', 'item_id', 'similarity') ],
		[ similar_users => $list->("unnest('{1, 2, 17, 9999}'::int[]) u, LATERAL rec.similar_users('$model', u, n => 100)", 'u', 'user_id', 'similarity') ],
		[ recommend_all => "CALL rec.recommend_all('$model', 'faults.lists')", $list->('faults.lists', 'user_id', 'item_id', 'score') ],
		[ report => "SELECT left(substring(r FROM '(?n).*[^a-zA-Z](?:[nN]a[nN]|-?[iI]nf(?:inity)?)(?![a-zA-Z]).*'), 200) FROM rec.report('$model') r" ],
		[ evaluate => "SELECT format('%s: %s', metric, value) FROM rec.evaluate('$model', 'random') WHERE value IN ('NaN', 'infinity', '-infinity') LIMIT 1" ]);
}

1;
