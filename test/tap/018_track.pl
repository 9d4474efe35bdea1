# Changes of a source, and of attributes, are noted wherever they come from: by logical replication, with the first copy of a table; after a dump was restored;
# and they leave nothing in the way of whoever writes when the extension goes.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use RecTest;

my $publisher = PostgreSQL::Test::Cluster->new('publisher');
$publisher->init(allows_streaming => 'logical');
$publisher->append_conf('postgresql.conf', "autovacuum = off\n");
$publisher->start;

my $node = new_server('subscriber');
my $dir = PostgreSQL::Test::Utils::tempdir();

sub noted
{
	my ($database) = @_;

	return $node->safe_psql($database // 'postgres', q(
		SELECT (SELECT string_agg(user_id || ':' || item_id, ' ' ORDER BY user_id, item_id) FROM m_changes), pending
		  FROM rec.models WHERE model = 'm'::regclass));
}

# ---- a subscriber's source

my $tables = q(
	CREATE TABLE ratings (user_id int, item_id int, rating real, PRIMARY KEY (user_id, item_id));
	CREATE TABLE parted (user_id int, item_id int, rating real, PRIMARY KEY (user_id, item_id)) PARTITION BY LIST (item_id);
	CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
	CREATE TABLE parted_2 PARTITION OF parted DEFAULT;
	CREATE TABLE film (item_id int PRIMARY KEY, kind text);
);
$publisher->safe_psql('postgres', $tables);
$publisher->safe_psql('postgres', q(INSERT INTO ratings VALUES (1, 1, 1), (2, 2, 2)));
$publisher->safe_psql('postgres', q(CREATE PUBLICATION published FOR TABLE ratings, parted_1, parted_2, film));
my $connection = $publisher->connstr . ' dbname=postgres';
$node->safe_psql('postgres', $tables);
$node->safe_psql('postgres', q(SELECT rec.create_model('m', 'ratings', 'popular')));
$node->safe_psql('postgres', q(SELECT rec.track('m')));
$node->safe_psql('postgres', q(SELECT rec.create_model('p', 'parted', 'popular')));
$node->safe_psql('postgres', q(SELECT rec.track('p')));
$node->safe_psql('postgres', q(SELECT rec.create_model('described', 'parted', 'content', items => 'film')));
$node->safe_psql('postgres', q(SELECT rec.track('described')));
$node->safe_psql('postgres', "CREATE SUBSCRIPTION subscription CONNECTION '$connection' PUBLICATION published");
$node->poll_query_until('postgres', q(SELECT count(*) = 4 FROM pg_subscription_rel WHERE srsubstate = 'r')) or die;
is(noted(), '1:1 2:2|2', 'the first copy of the table is noted');
$node->safe_psql('postgres', q(CALL rec.train('m')));
is(noted(), '|0', 'until a training has read it');

$publisher->safe_psql('postgres', q(
	BEGIN;
	INSERT INTO ratings VALUES (3, 1, 1), (4, 1, 1);
	UPDATE ratings SET rating = 5 WHERE user_id = 1;
	UPDATE ratings SET item_id = 7 WHERE user_id = 2;
	DELETE FROM ratings WHERE user_id = 4;
	SAVEPOINT s;
	INSERT INTO ratings VALUES (5, 1, 1);
	ROLLBACK TO s;
	COMMIT));
$publisher->safe_psql('postgres', q(INSERT INTO parted VALUES (1, 1, 1), (1, 2, 1)));
$publisher->wait_for_catchup('subscription');
is(noted(), '1:1 2:2 2:7 3:1 4:1 4:1|6', 'what an apply worker writes is noted, whatever the writer took back is not');
is($node->safe_psql('postgres', q(SELECT user_id, item_id FROM p_changes ORDER BY 1, 2)), "1|1\n1|2", 'straight into partitions too');
$publisher->safe_psql('postgres', q(INSERT INTO film VALUES (1, 'a'), (2, 'b'); UPDATE film SET kind = 'b' WHERE item_id = 1; DELETE FROM film WHERE item_id = 2));
$publisher->wait_for_catchup('subscription');
is($node->safe_psql('postgres', q(SELECT item_id FROM described_changes WHERE user_id IS NULL ORDER BY 1)), "1\n1\n2\n2", 'and of attributes');
$publisher->safe_psql('postgres', q(TRUNCATE ratings, parted_1));
$publisher->wait_for_catchup('subscription');
is(noted(), '1:1 2:2 2:7 3:1 4:1 4:1|', 'after TRUNCATE everything may have changed');
is($node->safe_psql('postgres', q(SELECT pending IS NULL FROM rec.models WHERE model = 'p'::regclass)), 't', 'of a partition too');

# the subscription goes on whatever becomes of the model's tables
$node->safe_psql('postgres', q(DROP TABLE m_changes));
$publisher->safe_psql('postgres', q(INSERT INTO ratings VALUES (6, 1, 1)));
$publisher->wait_for_catchup('subscription');
$node->safe_psql('postgres', q(SELECT rec.track('m')));
$publisher->safe_psql('postgres', q(INSERT INTO ratings VALUES (7, 1, 1)));
$publisher->wait_for_catchup('subscription');
$node->safe_psql('postgres', q(CALL rec.train('m')));
$node->safe_psql('postgres', q(DROP TABLE p));
$publisher->safe_psql('postgres', q(INSERT INTO ratings VALUES (8, 1, 1); INSERT INTO parted VALUES (8, 1, 1)));
$publisher->wait_for_catchup('subscription');
is(noted(), '8:1|1', 'a model that is dropped is not in the way');
$node->safe_psql('postgres', q(DROP SUBSCRIPTION subscription));

# ---- a dump

# with triggers and what was noted, in databases that are restored at once or in parts
$node->safe_psql('postgres', q(SELECT rec.create_model('unknown', 'parted', 'popular')));
$node->safe_psql('postgres', q(INSERT INTO parted VALUES (1, 3, 1)));
$node->safe_psql('postgres', q(CALL rec.train('unknown')));
$node->safe_psql('postgres', q(SELECT rec.track('unknown')));
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dir/dump", $node->connstr('postgres') ], 'a dump');
foreach my $way ([ 'whole', '--verbose' ], [ 'parts', '--section=pre-data', '--section=data', '--section=post-data' ])
{
	my ($database, @sections) = @$way;

	$node->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE template0");
	foreach my $section (@sections)
	{
		my ($out, $error) = run_command([ 'pg_restore', $section, '-d', $node->connstr($database), "$dir/dump" ]);
		unlike($error, qr/error:/, "$database: restored ($section)");
	}
	is(noted($database), '8:1|1', "$database: what was noted is there");
	is($node->safe_psql($database, q(SELECT pending IS NULL FROM rec.models WHERE model = 'unknown'::regclass)), 't', "$database: and what is not known");
	$node->safe_psql($database, q(INSERT INTO ratings VALUES (9, 1, 1); INSERT INTO parted_1 VALUES (9, 1, 1)));
	is(noted($database), '8:1 9:1|2', "$database: and what changes there");
	is($node->safe_psql($database, q(SELECT user_id, item_id FROM unknown_changes)), '9|1', "$database: in partitions");
	$node->safe_psql($database, q(TRUNCATE described_changes; UPDATE film SET kind = 'c'));
	is($node->safe_psql($database, q(SELECT user_id, item_id FROM described_changes)), '|1', "$database: of attributes");
	$node->safe_psql($database, q(SELECT rec.track('m'), rec.track('unknown'), rec.track('described')));
	is(noted($database), '8:1 9:1|2', "$database: nothing is missing");
	$node->safe_psql($database, q(CALL rec.train('m')));
	is(noted($database), '|0', "$database: until a training");
	$node->safe_psql($database, q(DROP TABLE m, unknown, described));
	is($node->safe_psql($database, q(SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'rec%')), '0', "$database: and the end of the models");
}

# ---- the extension goes

my ($status, $out, $error) = $node->psql('postgres', 'DROP EXTENSION rec');
like($error, qr/trigger rec_note_changes on table ratings depends on function rec.note_change/, 'not by accident');
my $writer = $node->background_psql('postgres');
$writer->query_safe('INSERT INTO ratings VALUES (10, 1, 1)');
$node->safe_psql('postgres', 'DROP EXTENSION rec CASCADE');
$writer->query_safe('INSERT INTO ratings VALUES (11, 1, 1)');
is($node->safe_psql('postgres', q(SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)), '0', 'its triggers go with it');
is($node->safe_psql('postgres', q(SELECT user_id FROM m_changes ORDER BY 1)), "8\n10", 'and the table stays, of no use');
$node->safe_psql('postgres', q(CREATE EXTENSION rec));
$node->safe_psql('postgres', q(SELECT rec.adopt('m', 'ratings')));
$node->safe_psql('postgres', q(SELECT rec.track('m')));
$writer->query_safe('INSERT INTO ratings VALUES (12, 1, 1)');
is($node->safe_psql('postgres', q(SELECT user_id FROM m_changes1)), '12', 'adopted, the model is tracked again');
# event triggers may be off when the model's table is dropped: what is left does nothing
$node->safe_psql('postgres', q(
	ALTER EVENT TRIGGER rec_forget_dropped DISABLE;
	DROP TABLE m;
	ALTER EVENT TRIGGER rec_forget_dropped ENABLE ALWAYS));
$writer->query_safe('INSERT INTO ratings VALUES (13, 1, 1)');
$writer->query_safe('TRUNCATE ratings');
is($node->safe_psql('postgres', q(SELECT count(*) FROM rec.unknown_change)), '1', 'nothing is noted for a model that was dropped unseen');
$node->safe_psql('postgres', q(SELECT rec.create_model('m', 'ratings', 'popular')));
is($node->safe_psql('postgres', q(SELECT count(*) FROM rec.unknown_change)), '0', 'and what was noted goes with it');
$writer->quit;

$node->stop;
$publisher->stop;
done_testing();
