# No internal statement of the extension is JIT-compiled, whatever the planner estimates for the source, and internal statements
# use the index: a question reads a few rows.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use RecTest;

my $node = new_server('main', "max_parallel_workers_per_gather = 0\n");

# Not analysed, so that the planner expects a thousand rows of each user instead of ten.
$node->safe_psql('postgres', <<'SQL');
	CREATE TABLE events AS SELECT g % 20000 AS user_id, g % 997 AS item_id FROM generate_series(1, 200000) g;
	CREATE INDEX ON events (user_id);
	SELECT rec.create_model('m', 'events', 'popular') \g /dev/null
	CALL rec.train('m');
SQL

# Whether a session has loaded the JIT library after some statements.
sub compiles
{
	my (@statements) = @_;
	my $session = $node->background_psql('postgres');
	my $pid = $session->query_safe('SELECT pg_backend_pid()');

	$session->query_safe('SET jit = on; SET jit_above_cost = 200');
	$session->query_safe($_) foreach @statements;
	my $loaded = slurp_file("/proc/$pid/maps") =~ /llvmjit/;
	$session->quit;
	return $loaded ? 'compiled' : 'not compiled';
}

SKIP:
{
	skip 'the server can not compile, or does not say so', 3
	  unless -r '/proc/self/maps' && $node->safe_psql('postgres', 'SELECT pg_jit_available()') eq 't';

	is(compiles('SELECT count(*) FROM events WHERE user_id > 5'), 'compiled', 'the planner compiles what it thinks is dear');
	is(compiles(map { "SELECT count(*) FROM rec.recommend('m', $_)" } 1 .. 7), 'not compiled', 'but no question');
	is(compiles(q(CALL rec.train('m')), q(CALL rec.recommend_all('m', 'lists', 3))), 'not compiled', 'nor what reads a whole source');
}
is($node->safe_psql('postgres', q(SELECT count(*) FROM rec.recommend('m', 5))), '10', 'which answers');


# counted within the transaction, independent of other sessions and of delays: each question scans the index once, and never the
# table
is($node->safe_psql('postgres', <<'SQL'), "10\n3\n0|2|", 'a question of a source that was not analysed uses its index');
	BEGIN;
	SELECT count(*) FROM rec.recommend('m', 5);
	SELECT count(rec.predict('m', 7, i)) FROM generate_series(1, 3) i;
	SELECT seq_scan, idx_scan, (SELECT last_analyze FROM pg_stat_user_tables WHERE relname = 'events') FROM pg_stat_xact_user_tables WHERE relname = 'events';
	COMMIT;
SQL

$node->stop;
done_testing();
