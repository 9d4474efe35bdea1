# The parameters of a model are one of its tables: shared between sessions, versioned by transactions, on a standby, and on a
# subscriber.

use strict;
use warnings FATAL => 'all';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use RecTest;

my $node = new_server('main', "shared_preload_libraries = 'rec'\nmax_parallel_workers_per_gather = 0\nwal_level = logical\n", allows_streaming => 'logical');
load_ratings($node, 'postgres');

# A training whose model is another with each seed.
sub training
{
	my ($seed, $layers) = @_;

	$layers //= 2;
	return qq(SELECT rec.alter_model('m', options => '{"factors": 6, "layers": $layers, "feedback": "implicit", "iterations": 2, "seed": $seed}');
		CALL rec.train('m'););
}

$node->safe_psql('postgres', q(SELECT rec.create_model('m', 'source', 'gru', time_column => 'at')));
$node->safe_psql('postgres', training(1));
my $shared = q(SELECT string_agg(model_table::text, ' ' ORDER BY model_table::text) FROM rec.shared_models);
my $answers = answers($node, 'postgres', 'm');
is($node->safe_psql('postgres', $shared), 'm m_parameters', 'shared');
is($node->safe_psql('postgres', <<SQL), "10\n0", 'another session reads nothing');
	BEGIN;
	SELECT count(*) FROM rec.recommend('m', 1);
	SELECT sum(seq_scan) FROM pg_stat_xact_user_tables WHERE relname IN ('m', 'm_parameters');
SQL
is(answers($node, 'postgres', 'm'), $answers, 'the same');
my $s = $node->background_psql('postgres');
my $q = q(SELECT string_agg(item_id || ' ' || score, ',' ORDER BY rank) FROM rec.recommend('m', 1));
my $before = $s->query_safe($q);
my $o = $node->background_psql('postgres');
$o->query_safe('BEGIN');
$o->query_safe(training(2));
my $v2 = $o->query_safe($q);
isnt($v2, $before, 'new version in the transaction');
is($s->query_safe($q), $before, 'others: old');
$o->query_safe('ROLLBACK');
is($o->query_safe($q), $before, 'rolled back');
$node->safe_psql('postgres', training(2));
is($s->query_safe($q), $v2, 'new version');
is($node->safe_psql('postgres', $shared), 'm m_parameters', 'shared');
$node->safe_psql('postgres', training(2, 1));
isnt($s->query_safe($q), $v2, 'parameters of other shapes');
my $fresh = answers($node, 'postgres', 'm');
$node->restart;
is(answers($node, 'postgres', 'm'), $fresh, 'the same after a restart');

# on a standby
$node->backup('b');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'b', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
is(answers($standby, 'postgres', 'm'), $fresh, 'standby');
my $ss = $standby->background_psql('postgres');
$ss->query_safe($q);
$node->safe_psql('postgres', training(3));
$node->wait_for_catchup($standby);
is(answers($standby, 'postgres', 'm'), answers($node, 'postgres', 'm'), 'standby, trained');

# on a subscriber of logical replication
my $sub = new_server('sub', "shared_preload_libraries = 'rec'\n");
load_ratings($sub, 'postgres');
my $dir = PostgreSQL::Test::Utils::tempdir();
$node->command_ok([ 'pg_dump', '--no-owner', '--schema-only', '-t', 'm', '-t', 'm_*', '-f', "$dir/schema.sql", $node->connstr('postgres') ], 'a dump of the tables');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/schema.sql", $sub->connstr('postgres') ], 'its tables elsewhere');
$node->safe_psql('postgres', 'CREATE PUBLICATION p FOR TABLE m, m_parameters, m_model');
my $c = $node->connstr . ' dbname=postgres';
$sub->safe_psql('postgres', "CREATE SUBSCRIPTION s CONNECTION '$c' PUBLICATION p");
$sub->wait_for_subscription_sync($node, 's');
is($sub->safe_psql('postgres', q(SELECT rec.adopt('m', 'source'))), 'm', 'adopted');
is(answers($sub, 'postgres', 'm'), answers($node, 'postgres', 'm'), 'the same');
$node->safe_psql('postgres', training(4));
$node->wait_for_catchup('s');
is(answers($sub, 'postgres', 'm'), answers($node, 'postgres', 'm'), 'the same, trained');
$sub->safe_psql('postgres', 'DROP SUBSCRIPTION s');
$sub->safe_psql('postgres', q(DROP TABLE m_parameters));
my (undef, undef, $err) = $sub->psql('postgres', q(SELECT rec.adopt('m', 'source')));
like($err, qr/has no table of parameters/, 'a model lacks its parameters');
$node->safe_psql('postgres', 'DROP TABLE m');
is($node->safe_psql('postgres', $shared), '', 'nothing shared');
done_testing();
