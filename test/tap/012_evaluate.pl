# Evaluation by several processes: progress, cancelling, and too little memory.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use RecTest;

my $node = new_server('main', "max_worker_processes = 8\nmax_parallel_maintenance_workers = 4");
my $switch = parallel_switch($node);

$node->safe_psql('postgres', q(
	CREATE TABLE ratings AS
	SELECT u AS user_id, i AS item_id, (1 + ('x' || substr(md5(u || '/' || i), 1, 7))::bit(28)::int % 5)::real AS rating
	  FROM generate_series(1, 2000) u, generate_series(1, 400) i WHERE ('x' || substr(md5(u || ':' || i), 1, 7))::bit(28)::int % 10 = 0;
	ALTER TABLE ratings ADD PRIMARY KEY (user_id, item_id);
	CREATE TABLE clicks AS
	SELECT u AS user_id, i AS item_id, timestamp '2026-01-01' + interval '1 hour' * (i / 5 * 100 + u) + interval '1 min' * (u * i % 7) AS at
	  FROM generate_series(1, 2000) u, generate_series(1, 50) i;
	SELECT rec.create_model('of_clicks', 'clicks', 'item_knn', time_column => 'at');
	SELECT rec.create_model('evaluated', 'ratings', options => '{"factors": 16, "iterations": 5}');
	SELECT rec.create_model('slow', 'ratings', options => '{"factors": 200, "iterations": 10000, "tolerance": 0}')));

# ---- the same figures with any number of workers
my $figures = q(
	SELECT * FROM rec.evaluate('evaluated', 'random');
	SELECT * FROM rec.evaluate('evaluated', 'user', relevant_from => 4, folds => 3);
	SELECT * FROM rec.evaluate('of_clicks', 'session'));
my $alone = with_workers($node, 0, $figures);
like($alone, qr/ndcg.*predictions/s, 'figures');
is(with_workers($node, $_, $figures), $alone, "$_ workers: the same figures") foreach 1, 4;

# ---- called by a function that is wrongly declared parallel safe, each gives an error that names it
foreach my $call (['rec.evaluate', q(rec.evaluate('evaluated', 'random'))], ['rec.compare', q(rec.compare('ratings', '["popular"]'))],
	['rec.tune', q(rec.tune('evaluated', '{"factors": [4]}', 'rmse', split => 'random'))])
{
	my ($status, $out, $error) = $node->psql('postgres', qq(
		CREATE OR REPLACE FUNCTION liar() RETURNS bigint PARALLEL SAFE LANGUAGE plpgsql AS \$\$ BEGIN RETURN (SELECT count(*) FROM $call->[1]); END \$\$;
		SET $switch = on;
		SELECT liar()));

	like($error, qr/cannot execute \Q$call->[0]\E during a parallel operation/, "$call->[0] in a worker");
}

# ---- progress and cancelling
foreach my $call (q(SELECT * FROM rec.evaluate('slow', 'random')), q(SELECT * FROM rec.tune('slow', '{"factors": [100, 200]}', 'rmse', split => 'random')),
	q(SELECT * FROM rec.compare('ratings', '[{"algorithm": "als", "iterations": 10000, "factors": 200, "tolerance": 0}]')))
{
	my $run = start_sql($node, 'postgres', $call);

	$node->poll_query_until('postgres', q(SELECT phase = 'training' FROM rec.training_progress)) or die;
	pass("progress shows $call");
	$node->safe_psql('postgres', 'SELECT pg_cancel_backend(pid) FROM rec.training_progress');
	like(finish_sql($run), qr/canceling statement/, 'it is cancelled');
	is($node->safe_psql('postgres', 'SELECT count(*) FROM rec.training_progress'), '0', 'no progress is left');
}
is($node->safe_psql('postgres', 'SELECT count(*) FROM slow'), '0', 'nothing was written');

# ---- a limit of memory
my ($status, $out, $error) = $node->psql('postgres', q(SET rec.max_memory = '2MB'; SELECT * FROM rec.evaluate('slow', 'random')));
like($error, qr/needs \d+ MB of memory, more than the limit of 2 MB/, 'more memory than allowed is refused');

# ---- tuning with apply: another training of the model waits for it, and after a failure the model is unchanged
($status, $out, $error) = $node->psql('postgres', q(BEGIN; SELECT count(*) FROM rec.tune('evaluated', '{"factors": [4, 8]}', 'rmse', split => 'random', apply => true); ROLLBACK;
	SELECT options->>'factors', version FROM rec.models WHERE model = 'evaluated'::regclass));
is($out, "2\n16|0", 'rolled back, the options are the old ones');
$node->safe_psql('postgres', q(SELECT count(*) FROM rec.tune('evaluated', '{"factors": [4, 8]}', 'rmse', split => 'random', apply => true)));
like($node->safe_psql('postgres', q(SELECT options->>'factors', version FROM rec.models WHERE model = 'evaluated'::regclass)), qr/^[48]\|1$/, 'applied, the model is trained with the new ones');
is($node->safe_psql('postgres', q(SELECT count(*) FROM rec.recommend('evaluated', 1, n => 5))), '5', 'and serves');

$node->stop;
done_testing();
