# Kills processes at random moments of a training, of making the lists of all users, and of loading shared models: the old
# version answers, nothing is left behind, and trainings work again. Then terminates and cancels them: the same, without a
# crash.
use strict;
use warnings FATAL => 'all';

use Faults;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RecTest qw(parallel_switch wait_for_recovery);
use Test::More;
use Time::HiRes qw(time sleep);

use constant ROUNDS => 44;

# Little work memory, so that there are temporary files.
my $node = faulty_server('main', "shared_preload_libraries = 'rec'\nwork_mem = '64kB'\n");
my $always = parallel_switch($node);

# The same random numbers in each run.
my $random = 1;

sub random
{
	$random = ($random * 1664525 + 1013904223) % 4294967296;
	return $random / 4294967296;
}

# ---- the statements to interrupt, which take long enough that a moment can be chosen

sure($node, $_) foreach (
	q(CREATE TABLE many AS SELECT u AS user_id, (u * 7 + i * i) % 4000 AS item_id, (1 + (u + i) % 5)::real AS rating, now()::timestamp AS at
	    FROM generate_series(1, 600) u, generate_series(1, 60) i),
	q(SELECT rec.create_model('small', 'ratings', options => '{"factors": 4, "iterations": 2, "warm_start": false}')),
	q(SELECT rec.create_model('als', 'many', options => '{"factors": 32, "iterations": 6, "tolerance": 0, "warm_start": false}')),
	q(SELECT rec.create_model('slim', 'many', 'slim', options => '{"feedback": "implicit", "iterations": 3}')),
	q(SELECT rec.create_model('knn', 'many', 'user_knn')),
	q(SELECT rec.create_model('wide', 'many', options => '{"factors": 256, "iterations": 1, "warm_start": false}')),
	map { "CALL rec.train('$_')" } qw(small als slim knn wide));

my @models = qw(small als slim knn wide);
my %statements = (
	'training of als' => q(CALL rec.train('als')),
	'training of slim' => q(CALL rec.train('slim')),
	'training of user_knn' => q(CALL rec.train('knn')),
	'lists for everybody' => q(CALL rec.recommend_all('als', 'faults.lists')),
	'loading' => q(SELECT count(*) FROM rec.similar_users('wide', 1), rec.recommend('knn', 1)));
my @interrupted = sort keys %statements;

sub new_session
{
	my ($workers) = @_;

	return session($node, $workers ? ("$always=on", 'max_parallel_maintenance_workers=2') : 'max_parallel_maintenance_workers=0');
}

# Gives the statement something to load.
sub forget_copies
{
	sure($node, q(UPDATE rec.model SET loss = loss));
	return;
}

sub all_answers
{
	return join ' ', map { sure($node, answers($_)) } @models;
}

sub versions
{
	return { map { split /\|/ } split /\n/, sure($node, 'SELECT model, version FROM rec.models') };
}

my $expected = all_answers();
my %seconds;

foreach my $what (@interrupted)
{
	foreach my $workers (0, 1)
	{
		my $session = new_session($workers);

		forget_copies();
		my $began = time;
		my ($state, $said) = ask($session, $statements{$what});
		$state eq '00000' or give_up("$what: $said");
		$seconds{"$what $workers"} = time - $began;
		finish($session);
	}
}
note(join ', ', map { sprintf '%s %.3f s', $_, $seconds{$_} } sort keys %seconds);

# ---- what must not be left behind

sub postmaster
{
	my ($server) = @_;

	return slurp_file($server->data_dir . '/postmaster.pid') =~ s/\n.*//sr;
}

my $postmaster = postmaster($node);

# Segments without an owner: neither shared models nor the server's own, which belong to the postmaster or have statistics, with
# a power of two as their size. Segments of a session are removed a moment after its end, and segments for its workers only
# then.
sub orphans
{
	my $deadline = time + 5;
	my @orphans;

	finish(control($node));
	do
	{
		my %shared;

		sleep 0.02;
		$shared{$_}++ foreach split /\n/, sure($node, 'SELECT bytes FROM rec.shared_models');
		@orphans = ();
		foreach my $segment (live_segments($node))
		{
			my $bytes = -s "/dev/shm/$segment->{name}" // next;

			next if $segment->{pid} == $postmaster || ($bytes >= 1048576 && !($bytes & ($bytes - 1)));
			push @orphans, "$segment->{name} of $bytes bytes, made by $segment->{pid}" if --($shared{$bytes} //= 0) < 0;
		}
	} while (@orphans && time < $deadline);
	return join "\n", @orphans;
}

# Segments from before the crash: complete ones, and those that were being made. The server removes all that it has registered,
# and a segment is registered only when it is complete: leftovers of the second kind are PostgreSQL's own.
sub left_by_a_crash
{
	my ($server) = @_;
	my $pid = postmaster($server);
	my @live = live_segments($server);
	my ($start) = sort { $b <=> $a } map { $_->{seconds} } grep { $_->{pid} == $pid } @live;
	my @left = grep { $_->{seconds} < $start } @live;
	my @whole = grep { $_->{mapped} } @left;

	foreach my $segment (@left)
	{
		diag(sprintf 'left: %s of %d bytes, made by %d, %s', $segment->{name}, -s "/dev/shm/$segment->{name}", $segment->{pid}, $segment->{mapped} ? 'whole' : 'being made');
		unlink "/dev/shm/$segment->{name}";
	}
	return (scalar @whole, scalar @left - @whole);
}

sub temporary_files
{
	my @files = glob($node->data_dir . '/base/pgsql_tmp/* ' . $node->data_dir . '/base/*/t[0-9]*_*');

	return join ' ', @files;
}

# A worker of the session, for which it waits as long as a statement may take.
sub worker_of
{
	my ($pid) = @_;
	my $deadline = time + 1;

	while (time < $deadline)
	{
		my ($worker) = split /\n/, sure($node, "SELECT pid FROM pg_stat_activity WHERE leader_pid = $pid AND pid <> $pid");

		return $worker if defined $worker;
		sleep 0.001;
	}
	return;
}

my %count = (crashes => 0, workers => 0, late => 0, windows => 0);

sub check
{
	my ($title, $before, $what) = @_;
	my $after = versions();
	my ($trained) = ($what =~ /training of (?:user_)?(\w+)/, '');
	my @problems;

	foreach my $model (@models)
	{
		my $new = $after->{$model} - $before->{$model};

		push @problems, "$model is of version $after->{$model} after $before->{$model}" if $new < 0 || $new > ($model eq $trained ? 1 : 0);
	}
	push @problems, 'other answers' if all_answers() ne $expected;
	push @problems, 'locks: ' . sure($node, 'SELECT string_agg(l::text, E\'\n\') FROM pg_locks l WHERE pid <> pg_backend_pid()')
	  if sure($node, 'SELECT count(*) FROM pg_locks WHERE pid <> pg_backend_pid()') ne '0';
	push @problems, 'a training in progress' if sure($node, 'SELECT count(*) FROM rec.training_progress') ne '0';
	push @problems, 'temporary files: ' . temporary_files() if temporary_files() ne '';
	is(join("\n", @problems), '', "$title: nothing is left, and the old version serves");
	# the model that was being trained, and another one
	is(join(' ', map { (ask(control($node), "CALL rec.train('$_')"))[0] } 'small', $trained || ()), $trained ? '00000 00000' : '00000', "$title: trainings work");
	return;
}

# Starts a statement, waits for a moment of it, and returns the session and the pid of the victim.
sub begin
{
	my ($what, $of_worker) = @_;
	my $session = new_session($of_worker);
	my ($state, $pid) = ask($session, 'SELECT pg_backend_pid()');

	forget_copies();
	my $delay = random() * 0.9 * $seconds{"$what " . ($of_worker ? 1 : 0)};
	begin_to_ask($session, $statements{$what});
	sleep $delay;
	my $victim = $of_worker ? worker_of($pid) : $pid;
	$count{workers}++ if $of_worker && defined $victim;
	return ($session, $victim // $pid, sprintf '%s after %.0f ms', $what, $delay * 1000);
}

# ---- kill -9

for my $round (1 .. ROUNDS)
{
	my $what = $interrupted[ $round % @interrupted ];
	my $of_worker = $round % 2 && $what ne 'loading';
	my $before = versions();
	my ($session, $victim, $title) = begin($what, $of_worker);

	$title = "$round: kill -9 of " . ($of_worker ? 'a worker' : 'the leader') . " in $title";
	my $log_end = -s $node->logfile;
	kill 'KILL', $victim;
	my ($state) = hear($session);
	$count{late}++ if $state eq '00000';
	finish($session);
	# a worker may have ended before
	if ($state eq '08006')
	{
		$count{crashes}++;
		wait_for_recovery($node, $log_end);
	}
	finish(control($node));
	check($title, $before, $what);
	my ($whole, $being_made) = left_by_a_crash($node);
	is($whole, 0, "$title: no segment is left");
	$count{windows} += $being_made;
}

# ---- terminated and canceled

for my $round (1 .. ROUNDS)
{
	my $what = $interrupted[ $round % @interrupted ];
	my $of_worker = $round % 2 && $what ne 'loading';
	my $how = $round % 3 ? 'pg_cancel_backend' : 'pg_terminate_backend';

	# a worker that is cancelled cancels the leader with it
	my $before = versions();
	my ($session, $victim, $title) = begin($what, $of_worker);

	$title = "$round: $how of " . ($of_worker ? 'a worker' : 'the leader') . " in $title";
	sure($node, "SELECT $how($victim)");
	my ($state, $said) = hear($session);
	$count{late}++ if $state eq '00000';
	like($state, qr/^(00000|57014|57P01|08006)$/, "$title: says so") or diag($said);
	finish($session);
	check($title, $before, $what);
	is(orphans(), '', "$title: no segment is left");
}

# ---- dropped tables: no process dies here, but copies could be left behind as well

sure($node, answers('wide'));
sure($node, 'DROP TABLE wide');
is(orphans(), '', 'a model is dropped: no segment is left');
sure($node, 'CREATE DATABASE other');
$node->safe_psql('other', 'CREATE EXTENSION rec');
load_data($node, 40, 24, 'other');
$node->safe_psql('other', $_) foreach (model_sql({ algorithm => 'als', options => '{"factors": 5}' }, 'm'), answers('m'));
sure($node, 'DROP DATABASE other');
is(orphans(), '', 'a database is dropped: no segment is left');

finish(control($node));
$node->stop;

# ---- killed while making a segment
#
# PostgreSQL creates a file of the whole size, and registers it only afterwards. If the process is killed in between, the file
# stays for good, with any parallel query. Here the creation is delayed, so that this is certain to happen. If the server has
# reserved shared memory at its start, segments are parts of that memory, and no file can be left.

foreach my $reserved (0, 64)
{
	my $slow = faulty_server("slow$reserved", "shared_preload_libraries = 'rec'\nmin_dynamic_shared_memory = ${reserved}MB\n", FAULTS_DELAY => 300000);

	$slow->safe_psql('postgres', $_) foreach model_sql({ algorithm => 'als', options => '{"factors": 4}' }, 'm');
	foreach my $try (
		[ 'a parallel query of the server alone', q(SELECT count(*) FROM generate_series(1, 10) g, pg_class), "$always=on" ],
		[ 'loading', q(SELECT count(*) FROM rec.recommend('m', 1)) ],
		[ 'a training', q(CALL rec.train('m')) ])
	{
		my ($what, $statement, @settings) = @$try;
		my $session = session($slow, @settings);
		my ($state, $pid) = ask($session, 'SELECT pg_backend_pid()');
		my $log_end = -s $slow->logfile;
		my $deadline = time + 3;
		my $making = 0;

		begin_to_ask($session, $statement);
		while (!$making && time < $deadline)
		{
			$making = grep { $_->{pid} == $pid && !$_->{mapped} } live_segments($slow);
			sleep 0.001;
		}
		if ($reserved)
		{
			is($making, 0, "$what makes no file where shared memory is reserved");
			hear($session);
			finish($session);
			next;
		}
		kill 'KILL', $pid;
		hear($session);
		finish($session);
		wait_for_recovery($slow, $log_end);
		my ($whole, $being_made) = left_by_a_crash($slow);
		is($whole, 0, "$what, killed while making a segment: no other is left");
		$count{windows} += $being_made;
	}
	$slow->stop;
}

diag("kill: " . 2 * ROUNDS . " rounds, $count{crashes} crashes, $count{workers} workers hit, $count{late} came too late, "
	  . "$count{windows} segments left by PostgreSQL, which did not keep account of them yet");
done_testing();
