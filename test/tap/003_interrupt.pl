# Cancelling, timeouts and termination of the backend at every point of a training, and what other sessions see of the training.
# An interrupt is served within 100 ms of CPU time, which other load on the machine does not affect, and whatever the process
# does.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);
use RecTest;

# The promised number of milliseconds, and one of the steps in which the system counts them.
my $promised = 100 + 10;
my $node = new_server('main');

load_ratings($node, 'postgres', users => 300, items => 300);

# With one user the slow model is trained at once; with all users training would take many minutes.
$node->safe_psql('postgres', 'UPDATE shown SET users = 1');
new_model($node, 'postgres', 'slow', '{"factors": 256, "iterations": 10000, "tolerance": 0}');
new_model($node, 'postgres', 'm');
my $answers = $node->safe_psql('postgres', q(SELECT * FROM rec.recommend('m', 1, exclude_seen => false)));
$node->safe_psql('postgres', 'UPDATE shown SET users = 300');

my %hold = (
	reading => [ 'm', sub { return close_gate($node, 'postgres') } ],
	training => [ 'slow', sub { return; } ],
	writing => [ 'm', sub { return hold_writing($node, 'postgres', 'm') } ],
	waiting => [ 'm', sub {
		my $session = $node->background_psql('postgres');

		$session->query_safe('BEGIN');
		$session->query_safe('LOCK TABLE m IN SHARE UPDATE EXCLUSIVE MODE');
		return $session;
	} ]);

# The version and the answers are those of before, and there is no progress and no lock.
sub check_left_alone
{
	my ($what) = @_;

	is(versions($node, 'postgres'), 'm:1 slow:1', "$what: no version was added");
	$node->safe_psql('postgres', 'UPDATE shown SET users = 1');
	is($node->safe_psql('postgres', q(SELECT * FROM rec.recommend('m', 1, exclude_seen => false))), $answers,
		"$what: the old version serves");
	$node->safe_psql('postgres', 'UPDATE shown SET users = 300');
	is($node->safe_psql('postgres', 'SELECT count(*) FROM rec.training_progress'), '0', "$what: no progress is left");
	is( $node->safe_psql('postgres', q(
			SELECT count(*) FROM pg_locks WHERE relation IN ('m'::regclass, 'm_users'::regclass, 'slow'::regclass, 'slow_users'::regclass))),
		'0', "$what: no lock is left");
	return;
}

# how a training ends, by which signal, and the error that its client receives
my %end = (
	'pg_cancel_backend' => [ 'INT', qr/57014:.*canceling statement due to user request/ ],
	'pg_terminate_backend' => [ 'TERM', qr/57P01:.*terminating connection/ ],
	'statement_timeout' => [ undef, qr/57014:.*canceling statement due to statement timeout/ ]);

foreach my $phase ('waiting', 'reading', 'training', 'writing')
{
	foreach my $end (sort keys %end)
	{
		my ($model, $hold) = @{ $hold{$phase} };
		my ($signal, $message) = @{ $end{$end} };
		my $keeper = $hold->();
		my $training = start_sql($node, 'postgres', q(SET gate.stop = 'yes'),
			defined $signal ? () : "SET statement_timeout = '500ms'",
			"CALL rec.train('$model')");
		my @processes;

		# A timeout comes by itself; the training is held, or slow, so it comes in this phase.
		if (defined $signal)
		{
			wait_for_phase($node, 'postgres', $model, $phase, $phase eq 'training' ? 2 : 0);
			my $pid = training_pid($node, 'postgres', $model);
			@processes = split /\n/, $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE $pid IN (pid, leader_pid)");
			kill $signal, $pid;
		}
		cmp_ok(finish_measured($training, @processes), '<=', $promised, "$end while $phase: at once");
		like($training->{err}, $message, "$end while $phase: the client hears of it");
		open_gate($keeper) if defined $keeper;
		$node->poll_query_until('postgres', 'SELECT count(*) = 0 FROM pg_stat_activity WHERE query ~ \'rec\.train|LOCK TABLE\' AND pid <> pg_backend_pid()');
		check_left_alone("$end while $phase");
	}
}

# in a transaction block
{
	my $training = start_sql($node, 'postgres', 'BEGIN', q(CALL rec.train('slow')));

	wait_for_phase($node, 'postgres', 'slow', 'training', 2);
	$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . training_pid($node, 'postgres', 'slow') . ')');
	like(finish_sql($training), $end{pg_cancel_backend}[1], 'cancel in a transaction block: the client hears of it');
	$node->poll_query_until('postgres', 'SELECT count(*) = 0 FROM pg_stat_activity WHERE query ~ \'rec\.train\' AND pid <> pg_backend_pid()');
	check_left_alone('cancel in a transaction block');
}

# The same session goes on after an error: the lock is released, though it belongs to the session.
{
	my $session = $node->background_psql('postgres', on_error_stop => 0);

	$session->query(q(SET statement_timeout = '500ms'));
	$session->query(q(CALL rec.train('slow')));
	$session->query(q(RESET statement_timeout));
	check_left_alone('the session lives on');
	is($session->query(q(SELECT count(*) > 0 FROM rec.recommend('m', 1, exclude_seen => false))), 't', 'the session lives on: it can ask');
	$session->quit;
}

# ---- how soon: in every algorithm, in training, in making the lists of all users, and in comparing algorithms

$node->safe_psql('postgres', q(
	CREATE TABLE many AS
	SELECT u AS user_id, abs(hashint8(u * 1000 + n)) % 1500 AS item_id, 1 + abs(hashint8(n * 10000 + u)) % 5 AS rating, date '2026-01-01' + n AS at
	  FROM generate_series(1, 4000) u, generate_series(1, 60) n;
	CREATE TABLE attributes AS
	SELECT i AS item_id, ARRAY(SELECT abs(hashint8(i * 100 + n)) % 300 FROM generate_series(1, 50) n) AS tags FROM generate_series(0, 1499) i));
my %long = (als => '{"factors": 200, "iterations": 100}', svd => '{"factors": 100, "power_iterations": 100}', bpr => '{"iterations": 500}',
	fm => '{"factors": 200, "iterations": 100, "tolerance": 0}');

foreach my $algorithm (split /\n/, $node->safe_psql('postgres', 'SELECT DISTINCT algorithm FROM rec.algorithms ORDER BY 1'))
{
	my $options = $long{$algorithm} // '{}';
	my ($most, $cancelled) = (0, 0);

	$node->safe_psql('postgres', "SELECT rec.create_model('long', 'many', '$algorithm', '$options', time_column => 'at',
		items => (SELECT 'attributes'::regclass FROM rec.algorithms WHERE algorithm = '$algorithm' AND option = 'min_count'),
		context_columns => CASE '$algorithm' WHEN 'fm' THEN '{at}' ELSE '{}' END::name[])");
	foreach my $moment (50, 150, 300, 600)
	{
		my $run = start_sql($node, 'postgres', 'SELECT pg_backend_pid()', 'SET rec.max_workers = 0', q(SELECT count(*) FROM rec.evaluate('long', 'random')));

		$run->{run}->pump until $run->{out} =~ /^(\d+)\n/;
		my $pid = $1;
		my $now;
		sleep 0.001 while defined($now = processor_time($pid)) && $now < $moment;
		kill 'INT', $pid;
		my $taken = finish_measured($run, $pid);
		last if $run->{err} !~ /57014/;
		$most = $taken if $taken > $most;
		$cancelled++;
	}
	cmp_ok($cancelled, '>=', 2, "$algorithm takes long enough");
	cmp_ok($most, '<=', $promised, "$algorithm: at once, at any moment");
	$node->safe_psql('postgres', 'DROP TABLE long');
}

# ---- what other sessions see

$node->safe_psql('postgres', q(
	CREATE ROLE may LOGIN;
	CREATE ROLE may_not LOGIN;
	GRANT SELECT ON slow TO may));
{
	my $training = start_sql($node, 'postgres', 'SET max_parallel_maintenance_workers = 0', q(CALL rec.train('slow')));

	wait_for_phase($node, 'postgres', 'slow', 'training', 2);
	my $pid = training_pid($node, 'postgres', 'slow');
	my $question = "SELECT count(*), min(pid) = $pid, min(iterations), min(done) <= min(total), min(started_at) < now() FROM rec.training_progress";
	is($node->safe_psql('postgres', $question), '1|t|10000|t|t', 'a training is seen');
	is($node->safe_psql('postgres', $question, extra_params => [ '-U', 'may' ]), '1|t|10000|t|t', 'by a role that may read the model');
	is($node->safe_psql('postgres', $question, extra_params => [ '-U', 'may_not' ]), '0||||', 'and not by one that may not');

	# Training holds back no vacuum.
	is($node->safe_psql('postgres', "SELECT backend_xmin IS NULL AND backend_xid IS NULL AND state = 'active' FROM pg_stat_activity WHERE pid = $pid"),
		't', 'it holds neither snapshot nor transaction id while it computes');
	is($node->safe_psql('postgres', "SELECT string_agg(relation::regclass || ' ' || mode, ' ' ORDER BY 1) FROM pg_locks WHERE pid = $pid AND locktype = 'relation'"),
		'slow ShareUpdateExclusiveLock', 'and one lock, that keeps away other trainings');
	$node->safe_psql('postgres', 'DELETE FROM ratings WHERE user_id = 299');
	my ($status, $out, $vacuum) = $node->psql('postgres', 'VACUUM (VERBOSE) ratings');
	like($vacuum, qr/\b0 (are dead but not yet removable|dead row versions cannot be removed yet)/,
		'vacuum removes what was deleted meanwhile');
	$node->safe_psql('postgres', "SELECT pg_cancel_backend($pid)");
	finish_sql($training);
}

# With workers each pass has a snapshot of its own: deleted rows can be removed when the pass is over.
{
	my $training = start_sql($node, 'postgres', q(CALL rec.train('slow')));
	my $removed = 0;

	wait_for_phase($node, 'postgres', 'slow', 'training', 2);
	$node->safe_psql('postgres', 'DELETE FROM ratings WHERE user_id = 298');
	for (my $try = 0; $try < 1000 && !$removed; $try++)
	{
		my ($status, $out, $vacuum) = $node->psql('postgres', 'VACUUM (VERBOSE) ratings');

		$removed = $vacuum =~ /\b0 (are dead but not yet removable|dead row versions cannot be removed yet)/;
	}
	is($node->safe_psql('postgres', q(SELECT count(*) FROM rec.training_progress WHERE phase = 'training')), '1', 'the training goes on');
	ok($removed, 'with workers, vacuum removes what was deleted before the pass');
	$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . training_pid($node, 'postgres', 'slow') . ')');
	finish_sql($training);
}

# In a transaction block, training uses the snapshots of the transaction.
{
	my $training = start_sql($node, 'postgres', 'BEGIN ISOLATION LEVEL REPEATABLE READ', q(CALL rec.train('slow')));

	wait_for_phase($node, 'postgres', 'slow', 'training', 2);
	my $pid = training_pid($node, 'postgres', 'slow');
	is($node->safe_psql('postgres', "SELECT backend_xmin IS NOT NULL FROM pg_stat_activity WHERE pid = $pid"),
		't', 'in a transaction block of REPEATABLE READ the snapshot stays');
	$node->safe_psql('postgres', "SELECT pg_cancel_backend($pid)");
	finish_sql($training);
}

# More simultaneous trainings than the progress view has room for: all run.
{
	my @models = map { "m$_" } 1 .. 34;

	$node->safe_psql('postgres', 'UPDATE shown SET users = 20');
	$node->safe_psql('postgres', join ';', map { "SELECT rec.create_model('$_', 'source', options => '{\"factors\": 2, \"iterations\": 1}')" } @models);
	my $keeper = close_gate($node, 'postgres');
	my @trainings = map { start_sql($node, 'postgres', q(SET gate.stop = 'yes'), "CALL rec.train('$_')") } @models;
	$node->poll_query_until('postgres', q(SELECT count(*) = 34 FROM pg_stat_activity WHERE wait_event = 'advisory'))
	  or die 'not all trainings began';
	is($node->safe_psql('postgres', 'SELECT count(*) FROM rec.training_progress'), '32', 'as many are shown as there is room for');
	open_gate($keeper);
	is(join('', map { finish_sql($_) } @trainings), '', 'all of them end well');
	is($node->safe_psql('postgres', q(SELECT count(*) FROM rec.models WHERE model::text ~ '^m\d' AND version = 1)), '34', 'each is trained');
	is($node->safe_psql('postgres', 'SELECT count(*) FROM rec.training_progress'), '0', 'and none is shown');
}

$node->stop;
done_testing();
