# A crash at any point of a training leaves the version before it, and nothing of the new version.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use RecTest;

my $node = new_server('main', "restart_after_crash = on\nfsync = on\n");

load_ratings($node, 'postgres', users => 300, items => 300);

# With one user the slow model is trained at once; with all users training would take many minutes.
$node->safe_psql('postgres', 'UPDATE shown SET users = 1');
new_model($node, 'postgres', 'slow', '{"factors": 256, "iterations": 10000, "tolerance": 0}');
$node->safe_psql('postgres', 'UPDATE shown SET users = 60');
new_model($node, 'postgres', 'm');

my %before = map { $_ => answers($node, 'postgres', $_) } ('m', 'slow');
$node->safe_psql('postgres', 'UPDATE shown SET users = 300');
my $fresh = $node->safe_psql('postgres', q(
	BEGIN;
	CALL rec.train('m');
	SELECT count(*), sum(n_ratings), sum(bias) FROM m;
	ROLLBACK));

# The gate or lock that holds a training in each phase, and the model.
my %hold = (
	reading => [ 'm', sub { return close_gate($node, 'postgres') } ],
	training => [ 'slow', sub { return; } ],
	writing => [ 'm', sub { return hold_writing($node, 'postgres', 'm') } ]);

sub start_training
{
	my ($phase) = @_;
	my ($model, $hold) = @{ $hold{$phase} };
	my $keeper = $hold->();
	my $training = start_sql($node, 'postgres', q(SET gate.stop = 'yes'), "CALL rec.train('$model')");

	wait_for_phase($node, 'postgres', $model, $phase, $phase eq 'training' ? 2 : 0);
	return ($model, $keeper, $training);
}

# The old version answers, nothing is left of the training, and another training succeeds.
sub check_recovered
{
	my ($what) = @_;

	# with the same users as before
	$node->safe_psql('postgres', 'UPDATE shown SET users = 60');
	is(versions($node, 'postgres'), 'm:1 slow:1', "$what: no version was added");
	is(answers($node, 'postgres', 'm'), $before{m}, "$what: the old version serves");
	$node->safe_psql('postgres', 'UPDATE shown SET users = 300');
	is($node->safe_psql('postgres', 'SELECT count(*) FROM rec.training_progress'), '0', "$what: no progress is left");
	is( $node->safe_psql('postgres', q(
			SET statement_timeout = '60s';
			BEGIN;
			CALL rec.train('m');
			SELECT count(*), sum(n_ratings), sum(bias) FROM m;
			ROLLBACK)),
		$fresh, "$what: a training works");
	return;
}

foreach my $phase ('reading', 'training', 'writing')
{
	my ($model, $keeper, $training) = start_training($phase);
	my $log_end = -s $node->logfile;

	kill 'KILL', training_pid($node, 'postgres', $model);
	finish_sql($training);
	open_gate($keeper) if defined $keeper;
	wait_for_recovery($node, $log_end);
	check_recovered("kill -9 while $phase");
}

foreach my $phase ('reading', 'training', 'writing')
{
	my ($model, $keeper, $training) = start_training($phase);

	$node->stop('immediate');
	finish_sql($training);
	open_gate($keeper) if defined $keeper;
	$node->start;
	check_recovered("immediate shutdown while $phase");
}

# in a transaction block, after everything was written
{
	my $session = $node->background_psql('postgres');

	$session->query_safe(q(BEGIN; CALL rec.train('m')));
	$node->stop('immediate');
	open_gate($session);
	$node->start;
	check_recovered('immediate shutdown before the commit');
}

# A training is durable when the call has returned.
$node->safe_psql('postgres', q(CALL rec.train('m')));
my $after = answers($node, 'postgres', 'm');
$node->stop('immediate');
$node->start;
is(versions($node, 'postgres'), 'm:2 slow:1', 'immediate shutdown after the commit: the new version is there');
is(answers($node, 'postgres', 'm'), $after, 'immediate shutdown after the commit: it serves');
is( $node->safe_psql('postgres', 'SELECT count(*), sum(n_ratings), sum(bias) FROM m'),
	$fresh, 'immediate shutdown after the commit: all of it');
$node->safe_psql('postgres', q(CALL rec.train('m')));
is(versions($node, 'postgres'), 'm:3 slow:1', 'and can be trained again');

$node->stop;
done_testing();
