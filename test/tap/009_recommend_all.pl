# The lists of all users by several workers are the same, and the call ends cleanly whatever happens to the workers.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use RecTest;

my $node = new_server('main', <<CONF);
max_worker_processes = 12
max_parallel_workers = 8
restart_after_crash = on
CONF
my $always = parallel_switch($node);

load_ratings($node, 'postgres', users => 3000, items => 100);

# ---- the same with 0, 1, 2 and 4 workers, in a transaction block or not

foreach my $feedback ('explicit', 'implicit')
{
	$node->safe_psql('postgres', qq(SELECT rec.create_model('$feedback', 'ratings', options => '{"feedback": "$feedback", "factors": 8, "iterations": 2}')));
	$node->safe_psql('postgres', qq(CALL rec.train('$feedback')));
	# a user whom the model does not know, among the others
	$node->safe_psql('postgres', 'INSERT INTO ratings VALUES (1500, -1, 3) ON CONFLICT DO NOTHING; DELETE FROM ratings WHERE user_id = 1500 AND item_id > 0');
	my $make = <<SQL;
		CALL rec.recommend_all('$feedback', 'lists', 7);
		SELECT md5(string_agg(l::text, ' ' ORDER BY user_id, rank)), count(*), count(DISTINCT user_id) FROM lists l;
SQL
	my $alone = with_workers($node, 0, $make);
	foreach my $workers (1, 2, 4)
	{
		is(with_workers($node, $workers, $make), $alone, "$feedback: the same with $workers workers");
	}
	like($alone, qr/\|21000\|3000$/, "$feedback: seven for everybody");
	is( $node->safe_psql('postgres', <<SQL), $alone, "$feedback: the same in a transaction block");
		SET $always = on;
		BEGIN ISOLATION LEVEL REPEATABLE READ;
		CALL rec.recommend_all('$feedback', 'lists', 7);
		SELECT md5(string_agg(l::text, ' ' ORDER BY user_id, rank)), count(*), count(DISTINCT user_id) FROM lists l;
		COMMIT;
SQL
	is( $node->safe_psql('postgres', <<SQL), '0', "$feedback: as rec.recommend says");
		SELECT count(*) FROM (
			SELECT u, rank, item_id, score FROM
				(SELECT u, r.* FROM generate_series(1, 3000, 7) u, LATERAL rec.recommend('$feedback', u, n => 7) r) AS one
				FULL JOIN (SELECT user_id AS u, * FROM lists WHERE user_id % 7 = 1) AS of_all USING (u, rank, item_id, score)
			WHERE one IS NULL OR of_all IS NULL) AS differences;
SQL
	is( $node->safe_psql('postgres', <<SQL), $alone, "$feedback: max_parallel_workers = 0: alone");
		SET $always = on;
		SET max_parallel_workers = 0;
		CALL rec.recommend_all('$feedback', 'lists', 7);
		SELECT md5(string_agg(l::text, ' ' ORDER BY user_id, rank)), count(*), count(DISTINCT user_id) FROM lists l;
SQL
}

# ---- a long call, and how it ends

# Many factors make queries slow, and few items make training fast.
$node->safe_psql('postgres', 'UPDATE shown SET users = 1');
new_model($node, 'postgres', 'slow', '{"factors": 700, "iterations": 1}');
$node->safe_psql('postgres', 'UPDATE shown SET users = 3000');
$node->safe_psql('postgres', q(CREATE TABLE old AS TABLE lists));
my $workers = q(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'parallel worker');
my $changed = q(SELECT count(*) FROM (TABLE lists EXCEPT TABLE old UNION ALL (TABLE old EXCEPT TABLE lists)) AS l);

sub start_slow
{
	my (@settings) = @_;
	my $call = start_sql($node, 'postgres', @settings, "CALL rec.recommend_all('slow', 'lists', 7)");

	wait_for_phase($node, 'postgres', 'slow', 'scoring');
	return $call;
}

# without workers, the call holds no snapshot while it scores
my $call = start_slow('SET rec.max_workers = 0');
is($node->safe_psql('postgres', 'SELECT backend_xmin IS NULL AND backend_xid IS NULL FROM pg_stat_activity WHERE pid = ' . training_pid($node, 'postgres', 'slow')),
	't', 'no snapshot while scoring');
is($node->safe_psql('postgres', q(SELECT total FROM rec.training_progress)), '3000', 'progress counts users');
# and no lock on the target table
is($node->safe_psql('postgres', q(SET lock_timeout = '10s'; BEGIN; LOCK TABLE lists; SELECT count(*) FROM lists; ROLLBACK)), '21000', 'no lock on the table while scoring');
$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . training_pid($node, 'postgres', 'slow') . ')');
like(finish_sql($call), qr/57014/, 'alone: the client hears of a cancel');
is($node->safe_psql('postgres', $changed), '0', 'alone: the old rows stay');

foreach my $end ('pg_cancel_backend', 'pg_terminate_backend')
{
	$call = start_slow("SET $always = on");
	$node->poll_query_until('postgres', q(SELECT workers > 0 FROM rec.training_progress)) or die;
	$node->safe_psql('postgres', "SELECT $end(" . training_pid($node, 'postgres', 'slow') . ')');
	like(finish_sql($call), qr/57014|57P01/, "$end: the client hears of it");
	ok($node->poll_query_until('postgres', "SELECT count(*) = 0 FROM ($workers) AS w (n) WHERE n > 0"), "$end: no worker stays");
	is($node->safe_psql('postgres', $changed), '0', "$end: the old rows stay");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM rec.training_progress'), '0', "$end: no progress is left");
}

$call = start_sql($node, 'postgres', "SET $always = on", "SET statement_timeout = '1s'", "CALL rec.recommend_all('slow', 'never_made')");
like(finish_sql($call), qr/57014/, 'a timeout: the client hears of it');
is($node->safe_psql('postgres', q(SELECT count(*) FROM pg_class WHERE relname LIKE 'never_made%')), '0', 'a timeout: no table was made');

# the model may be dropped meanwhile
$call = start_slow('SET rec.max_workers = 0');
$node->safe_psql('postgres', q(SET lock_timeout = '10s'; BEGIN; DROP TABLE slow; ROLLBACK));
$node->safe_psql('postgres', 'SELECT pg_cancel_backend(' . training_pid($node, 'postgres', 'slow') . ')');
finish_sql($call);

# kill -9 of a worker, or of the leader: the server restarts, with the old table
foreach my $victim ('worker', 'leader')
{
	$call = start_slow("SET $always = on");
	$node->poll_query_until('postgres', q(SELECT workers > 0 FROM rec.training_progress)) or die;
	kill_process($node, 'postgres', $victim, 'slow', $call);
	is($node->safe_psql('postgres', $changed), '0', "kill -9 of a $victim: the old rows are there");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM rec.training_progress'), '0', "kill -9 of a $victim: no progress is left");
}

# immediate shutdown in the middle of the call
$call = start_slow("SET $always = on");
$node->stop('immediate');
finish_sql($call);
$node->start;
is($node->safe_psql('postgres', $changed), '0', 'after an immediate shutdown the old rows are there');
is($node->safe_psql('postgres', "CALL rec.recommend_all('explicit', 'lists', 7); SELECT count(*) FROM lists"), '21000', 'and it works again');

$node->stop;
done_testing();
