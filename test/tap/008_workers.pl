# Training by several workers gives the same model, and ends cleanly whatever happens to the workers.
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

load_ratings($node, 'postgres', users => 300, items => 200);

# ---- the same to the bit with 0, 1, 2 and 4 workers, for every kind of model, in a transaction block or not

foreach my $options (
	'{"feedback": "explicit"}', '{"feedback": "implicit"}',
	'{"feedback": "explicit", "solver": "cg", "factors": 7}', '{"feedback": "implicit", "solver": "cg", "factors": 130}',
	'{"feedback": "explicit", "solver": "block", "factors": 40, "block_size": 16}', '{"feedback": "implicit", "solver": "block", "factors": 100}')
{
	my $train = <<SQL;
		CALL rec.train('w');
		SELECT md5(string_agg(w::text, ' ' ORDER BY item_id)) FROM w;
		SELECT md5(string_agg(u::text, ' ' ORDER BY user_id)) FROM w_users u;
		SELECT string_agg(loss::text, ' ' ORDER BY iteration) FROM rec.training_log
		 WHERE model = 'w'::regclass AND version = (SELECT max(version) FROM rec.training_log WHERE model = 'w'::regclass);
SQL

	$node->safe_psql('postgres', "SELECT rec.create_model('w', 'ratings', options => '$options'::jsonb || '{\"warm_start\": false, \"iterations\": 3}')");
	my $alone = with_workers($node, 0, $train);
	foreach my $workers (1, 2, 4)
	{
		is(with_workers($node, $workers, $train), $alone, "$options: the same with $workers workers");
	}
	is( $node->safe_psql('postgres', <<SQL), '0', "$options: the same in a transaction block");
		CREATE TABLE before AS SELECT * FROM w;
		SET $always = on;
		BEGIN ISOLATION LEVEL REPEATABLE READ;
		CALL rec.train('w');
		COMMIT;
		SELECT count(*) FROM ((TABLE w EXCEPT TABLE before) UNION ALL (TABLE before EXCEPT TABLE w)) AS differences;
SQL
	$node->safe_psql('postgres', 'DROP TABLE w, before');
}

# ---- and for every algorithm

$node->safe_psql('postgres', q(CREATE TABLE attributes AS
	SELECT DISTINCT item_id, item_id % 7 AS n, chr(97 + item_id % 10) AS kind, ARRAY[item_id % 3, item_id % 4] AS tags FROM ratings));
my $names = $node->safe_psql('postgres', 'SELECT DISTINCT algorithm FROM rec.algorithms ORDER BY 1');

foreach my $name (split /\n/, $names)
{
	foreach my $feedback ('explicit', 'implicit')
	{
		$node->safe_psql('postgres', "SELECT rec.create_model('w', 'ratings', '$name', (SELECT jsonb_object_agg(option, value) FROM
			(VALUES ('feedback', '\"$feedback\"'::jsonb), ('warm_start', 'false'), ('iterations', '2'), ('power_iterations', '2'), ('factors', '20')) o (option, value)
			JOIN rec.algorithms USING (option) WHERE algorithm = '$name'), time_column => 'at',
			items => (SELECT 'attributes'::regclass FROM rec.algorithms WHERE algorithm = '$name' AND option = 'min_count'),
			context_columns => CASE '$name' WHEN 'fm' THEN '{at}' ELSE '{}' END::name[])");
		my $users = $node->safe_psql('postgres', q(SELECT coalesce((SELECT relation::text FROM rec.model_table WHERE model = 'w'::regclass AND side = 'users'), 'w')));
		my $whom = $name eq 'popular' ? ''
		  : q(SELECT md5(string_agg(concat_ws(' ', i, r), ' ' ORDER BY i, rank)) FROM generate_series(1, 30, 9) i, LATERAL rec.recommend_users('w', i) r;);
		my $train = <<SQL;
			CALL rec.train('w');
			SELECT md5(string_agg(w::text, ' ' ORDER BY w::text COLLATE "C")) FROM w;
			SELECT md5(string_agg(u::text, ' ' ORDER BY u::text COLLATE "C")) FROM $users u;
			SELECT loss FROM rec.models WHERE model = 'w'::regclass;
			CALL rec.recommend_all('w', 'lists', 5);
			SELECT md5(string_agg(l::text, ' ' ORDER BY user_id, rank)) FROM lists l;
			$whom
SQL
		my $alone = with_workers($node, 0, $train);
		foreach my $workers (1, 3)
		{
			is(with_workers($node, $workers, $train), $alone, "$name, $feedback: the same model, lists and users with $workers workers");
		}
		$node->safe_psql('postgres', 'DROP TABLE w, lists');
	}
}

# A pass in steps, each of which waits for the last one: the inverse of 1,500 rows has four blocks, and so four steps of four
# blocks.
$node->safe_psql('postgres', <<SQL);
	CREATE TABLE wide AS SELECT u AS user_id, (u * 7919 + i * i * 104729) % 1500 AS item_id, 1 AS rating FROM generate_series(1, 1200) u, generate_series(1, 20) i;
	SELECT rec.create_model('w', 'wide', 'ease', '{"regularization": 5}');
SQL
my $steps = <<SQL;
	CALL rec.train('w');
	SELECT count(*), md5(string_agg(md5(array_send(weights)), '' ORDER BY item_id)) FROM w;
	SELECT loss FROM rec.models WHERE model = 'w'::regclass;
SQL
my $wide = with_workers($node, 0, $steps);
foreach my $workers (1, 2, 4)
{
	is(with_workers($node, $workers, $steps), $wide, "ease in steps: the same model with $workers workers");
}
like($wide, qr/^1500\|/, 'which are several blocks');
$node->safe_psql('postgres', 'DROP TABLE w, wide');

# ---- no workers available

is( $node->safe_psql('postgres', <<SQL), '1', 'rec.max_workers = 0: alone');
	SELECT rec.create_model('alone', 'ratings', options => '{"factors": 4, "iterations": 2}') \\g /dev/null
	SET $always = on;
	SET rec.max_workers = 0;
	CALL rec.train('alone');
	SELECT version FROM rec.models WHERE model = 'alone'::regclass;
SQL
is( $node->safe_psql('postgres', <<SQL), '2', 'max_parallel_workers = 0: alone');
	SET $always = on;
	SET max_parallel_workers = 0;
	CALL rec.train('alone');
	SELECT version FROM rec.models WHERE model = 'alone'::regclass;
SQL

# ---- a long training by workers, and how it ends

$node->safe_psql('postgres', q(UPDATE shown SET users = 1));
new_model($node, 'postgres', 'slow', '{"factors": 256, "iterations": 10000, "tolerance": 0}');
$node->safe_psql('postgres', q(UPDATE shown SET users = 300));
my $workers = q(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'parallel worker');

sub start_slow
{
	my $training = start_sql($node, 'postgres', "SET $always = on", "CALL rec.train('slow')");

	wait_for_phase($node, 'postgres', 'slow', 'training', 2);
	$node->poll_query_until('postgres', q(SELECT workers > 0 FROM rec.training_progress)) or die;
	return $training;
}

foreach my $end ('pg_cancel_backend', 'pg_terminate_backend')
{
	my $training = start_slow();

	$node->safe_psql('postgres', "SELECT $end(" . training_pid($node, 'postgres', 'slow') . ')');
	like(finish_sql($training), qr/57014|57P01/, "$end: the client hears of it");
	ok($node->poll_query_until('postgres', "SELECT count(*) = 0 FROM ($workers) AS w (n) WHERE n > 0"), "$end: no worker stays");
	is(versions($node, 'postgres'), 'alone:2 slow:1', "$end: the old version stays");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM rec.training_progress'), '0', "$end: no progress is left");
}

# Terminating a worker ends the training. A worker lasts for a pass only, so it may have ended before the signal: then the next
# worker is tried.
my $training = start_slow();
while (is_running($training))
{
	$node->safe_psql('postgres', q(SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'parallel worker'));
}
like(finish_sql($training), qr/ERROR|FATAL/, 'a worker is terminated: the client hears of it');
is(versions($node, 'postgres'), 'alone:2 slow:1', 'a worker is terminated: the old version stays');

# kill -9 of a worker, or of the leader: the server restarts, with the last version
foreach my $victim ('worker', 'leader')
{
	my $training = start_slow();

	kill_process($node, 'postgres', $victim, 'slow', $training);
	is(versions($node, 'postgres'), 'alone:2 slow:1', "kill -9 of a $victim: the old version serves");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM rec.training_progress'), '0', "kill -9 of a $victim: no progress is left");
}
is( $node->safe_psql('postgres', <<SQL), '3', 'and training works again');
	SET $always = on;
	CALL rec.train('alone');
	SELECT version FROM rec.models WHERE model = 'alone'::regclass;
SQL

# immediate shutdown in the middle of a training
$training = start_slow();
$node->stop('immediate');
finish_sql($training);
$node->start;
is(versions($node, 'postgres'), 'alone:3 slow:1', 'after an immediate shutdown the old version serves');

$node->stop;
done_testing();
