# Remote sources: behind postgres_fdw, in partitions, in foreign partitions, or by logical replication. The same ratings give
# the same model wherever they are stored.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use RecTest;

my $remote = PostgreSQL::Test::Cluster->new('remote');
$remote->init(allows_streaming => 'logical');
$remote->append_conf('postgresql.conf', "autovacuum = off\n");
$remote->start;

my $node = new_server('main');
my $options = '{"warm_start": false, "factors": 4, "iterations": 3}';

# Every user rates a third of 30 items: the rows with (7 u + 11 i) mod 13 in {0, 3, 6, 9, 12}, as in RecTest.
my $table = '(user_id int, item_id int, rating real)';
sub rows_of
{
	my ($first, $last) = @_;

	return "SELECT u, i, 1 + (u * u + 3 * i * u + i) % 5 FROM generate_series($first, $last) u, generate_series(1, 30) i
		WHERE (7 * u + 11 * i) % 13 % 3 = 0";
}

# A trained model on a source.
sub model_on
{
	my ($name, $source) = @_;

	$node->safe_psql('postgres', "SELECT rec.create_model('$name', '$source', options => '$options')");
	$node->safe_psql('postgres', "CALL rec.train('$name')");
	return;
}

# The contents of both tables of a model, to the last digit.
sub tables_of
{
	my ($name) = @_;

	return $node->safe_psql('postgres', "SELECT * FROM $name ORDER BY item_id; SELECT * FROM ${name}_users ORDER BY user_id");
}

sub row_counts
{
	my ($name) = @_;

	return $node->safe_psql('postgres', "SELECT rows, users, items, version FROM rec.models WHERE model = '$name'::regclass");
}

# The SQLSTATE and message of the error of a statement.
sub error_of
{
	my ($statement) = @_;
	my ($status, $out, $error) = $node->psql('postgres', $statement, extra_params => [ '-v', 'VERBOSITY=verbose' ]);

	return $error;
}

$node->safe_psql('postgres', "CREATE TABLE local $table; INSERT INTO local " . rows_of(1, 60) . '; CREATE INDEX ON local (user_id)');
model_on('of_local', 'local');
my $rows = $node->safe_psql('postgres', 'SELECT count(*) FROM local');
my $counts = "$rows|60|30";
is(row_counts('of_local'), "$counts|1", 'a plain table');

# ---- partitions

$node->safe_psql('postgres', <<SQL);
	CREATE TABLE parted $table PARTITION BY RANGE (user_id);
	CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (1) TO (21);
	CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (21) TO (41) PARTITION BY HASH (item_id);
	CREATE TABLE parted_2_0 PARTITION OF parted_2 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
	CREATE TABLE parted_2_1 PARTITION OF parted_2 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
	CREATE TABLE parted_rest PARTITION OF parted DEFAULT;
	CREATE INDEX ON parted (user_id);
	INSERT INTO parted @{[rows_of(1, 60)]};
SQL
model_on('of_parted', 'parted');
is(row_counts('of_parted'), "$counts|1", 'partitions: all of their rows');
is(tables_of('of_parted'), tables_of('of_local'), 'partitions: the same model');
is(answers($node, 'postgres', 'of_parted'), answers($node, 'postgres', 'of_local'), 'partitions: the same answers');

# Detached: the users 1 to 20 are gone, at once for questions, and for the model with the next training.
$node->safe_psql('postgres', 'ALTER TABLE parted DETACH PARTITION parted_1');
is($node->safe_psql('postgres', q(SELECT count(*) FROM rec.recommend('of_parted', 1, n => 100))), '30', 'a detached partition: its users have seen nothing');
is(row_counts('of_parted'), "$counts|1", 'a detached partition: the model is as it was');
$node->safe_psql('postgres', q(CALL rec.train('of_parted')));
is( row_counts('of_parted'),
	$node->safe_psql('postgres', 'SELECT count(*), 40, 30, 2 FROM local WHERE user_id > 20'),
	'a detached partition: its rows are out');
is($node->safe_psql('postgres', 'SELECT count(*) FROM of_parted_users WHERE user_id <= 20'), '0', 'a detached partition: its users too');

# Attached: the users are back, and a new partition has new users and a new item.
$node->safe_psql('postgres', <<SQL);
	ALTER TABLE parted ATTACH PARTITION parted_1 FOR VALUES FROM (1) TO (21);
	CREATE TABLE parted_new $table;
	INSERT INTO parted_new @{[rows_of(101, 103)]} UNION ALL SELECT 101, 31, 5;
	ALTER TABLE parted ATTACH PARTITION parted_new FOR VALUES FROM (101) TO (200);
SQL
isnt($node->safe_psql('postgres', q(SELECT count(*) FROM rec.recommend('of_parted', 1, n => 100))), '30', 'an attached partition: its users are known');
$node->safe_psql('postgres', q(CALL rec.train('of_parted')));
is(row_counts('of_parted'), $node->safe_psql('postgres', 'SELECT count(*), 63, 31, 3 FROM parted'), 'an attached partition: its rows are in');
$node->safe_psql('postgres', 'DROP TABLE parted_new');
$node->safe_psql('postgres', q(CALL rec.train('of_parted')));
is(row_counts('of_parted'), "$counts|4", 'a dropped partition: its rows are out');
is(tables_of('of_parted'), tables_of('of_local'), 'a dropped partition: the same model again');

# Without partitions there is nothing to train on, and the model stays.
$node->safe_psql('postgres', "CREATE TABLE hollow $table PARTITION BY LIST (user_id); SELECT rec.create_model('of_hollow', 'hollow')");
like(error_of(q(CALL rec.train('of_hollow'))), qr/source "hollow" has nothing to train on/, 'no partitions: a clear error');

# ---- postgres_fdw

SKIP:
{
	skip 'postgres_fdw is not installed', 1
	  if $node->safe_psql('postgres', q(SELECT count(*) FROM pg_available_extensions WHERE name = 'postgres_fdw')) eq '0';

	my ($host, $port) = ($remote->host, $remote->port);

	$remote->safe_psql('postgres', "CREATE TABLE ratings $table; INSERT INTO ratings " . rows_of(1, 60) . '; CREATE INDEX ON ratings (user_id); CREATE ROLE reader LOGIN; GRANT SELECT ON ratings TO reader');
	$node->safe_psql('postgres', <<SQL);
		CREATE EXTENSION postgres_fdw;
		CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$host', port '$port', dbname 'postgres');
		CREATE USER MAPPING FOR CURRENT_USER SERVER elsewhere;
		CREATE FOREIGN TABLE away $table SERVER elsewhere OPTIONS (table_name 'ratings');
SQL
	model_on('of_away', 'away');
	is(row_counts('of_away'), "$counts|1", 'a foreign table: all of its rows');
	is(tables_of('of_away'), tables_of('of_local'), 'a foreign table: the same model');
	is(answers($node, 'postgres', 'of_away'), answers($node, 'postgres', 'of_local'), 'a foreign table: the same answers');

	# the lists of all users, written to the other server
	$remote->safe_psql('postgres', 'CREATE TABLE lists (user_id int, rank int, item_id int, score real, at timestamptz DEFAULT now(), PRIMARY KEY (user_id, rank))');
	$node->safe_psql('postgres', q(CREATE FOREIGN TABLE lists_away (user_id int, rank int, item_id int, score real) SERVER elsewhere OPTIONS (table_name 'lists')));
	$node->safe_psql('postgres', qq(CALL rec.recommend_all('of_away', '$_'))) for 'lists_away', 'lists_away', 'lists_here';
	is( $node->safe_psql('postgres', 'SELECT user_id, rank, item_id, score FROM lists_away ORDER BY 1, 2'),
		$node->safe_psql('postgres', 'SELECT user_id, rank, item_id, score FROM lists_here ORDER BY 1, 2'),
		'a foreign table: the same lists, replaced');
	isnt($remote->safe_psql('postgres', 'SELECT count(at) FROM lists'), '0', 'a foreign table: and they are there');

	# rows of the other server count in the next question here
	is($node->safe_psql('postgres', q(SELECT count(*) FROM rec.recommend('of_away', 999, n => 100))), '30', 'a foreign table: somebody unknown');
	$remote->safe_psql('postgres', 'INSERT INTO ratings VALUES (999, 1, 5), (999, 2, 4)');
	is($node->safe_psql('postgres', q(SELECT count(*) FROM rec.recommend('of_away', 999, n => 100))), '28', 'a foreign table: known a moment later');
	$remote->safe_psql('postgres', 'DELETE FROM ratings WHERE user_id = 999');

	# as a user who is no superuser, with a user mapping; and as a user without one
	$node->safe_psql('postgres', <<SQL);
		CREATE ROLE analyst; CREATE ROLE stranger;
		GRANT CREATE ON SCHEMA public TO analyst;
		GRANT SELECT ON away TO analyst, stranger;
		CREATE USER MAPPING FOR analyst SERVER elsewhere OPTIONS (user 'reader', password_required 'false');
		SET ROLE analyst;
		SELECT rec.create_model('of_analyst', 'away', options => '$options') \\g /dev/null
		CALL rec.train('of_analyst');
		GRANT SELECT ON of_analyst TO stranger;
SQL
	is(tables_of('of_analyst'), tables_of('of_local'), 'a mapping to another role: the same model');
	like(error_of(q(SET ROLE stranger; SELECT * FROM rec.recommend('of_analyst', 1))), qr/42704: user mapping not found for/, 'no mapping: no profile');
	is($node->safe_psql('postgres', q(SET ROLE stranger; SELECT count(*) FROM rec.recommend_for('of_analyst', ARRAY[1], n => 100))), '29', 'no mapping: a basket needs none');

	# the other server refuses: its error, and the old model
	$remote->safe_psql('postgres', 'REVOKE SELECT ON ratings FROM reader');
	like(error_of(q(SET ROLE analyst; CALL rec.train('of_analyst'))), qr/42501: permission denied for table ratings/, 'no privilege there: its error');
	is(row_counts('of_analyst'), "$counts|1", 'no privilege there: the old model');

	# half of the source here, half on the other server
	$remote->safe_psql('postgres', "CREATE TABLE second $table; INSERT INTO second " . rows_of(31, 60));
	$node->safe_psql('postgres', <<SQL);
		CREATE TABLE spread $table PARTITION BY RANGE (user_id);
		CREATE TABLE spread_here PARTITION OF spread FOR VALUES FROM (1) TO (31);
		CREATE FOREIGN TABLE spread_there PARTITION OF spread FOR VALUES FROM (31) TO (61) SERVER elsewhere OPTIONS (table_name 'second');
		INSERT INTO spread @{[rows_of(1, 30)]};
SQL
	model_on('of_spread', 'spread');
	is(row_counts('of_spread'), "$counts|1", 'a foreign partition: all rows');
	is(tables_of('of_spread'), tables_of('of_local'), 'a foreign partition: the same model');
	is(answers($node, 'postgres', 'of_spread'), answers($node, 'postgres', 'of_local'), 'a foreign partition: the same answers');

	# the other server ends in the middle of a training, which waits at the gate of a view there
	$remote->safe_psql('postgres', <<SQL);
		CREATE FUNCTION gate() RETURNS bool LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN true; END';
		CREATE VIEW gated AS SELECT * FROM ratings WHERE gate();
SQL
	$node->safe_psql('postgres', <<SQL);
		CREATE FOREIGN TABLE far $table SERVER elsewhere OPTIONS (table_name 'gated');
SQL
	model_on('of_far', 'far');
	my $keeper = close_gate($remote, 'postgres');
	my $training = start_sql($node, 'postgres', q(CALL rec.train('of_far')));
	wait_for_phase($node, 'postgres', 'of_far', 'reading');
	$remote->poll_query_until('postgres', q(SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock')) or die;
	$remote->stop('immediate');
	open_gate($keeper);
	like(finish_sql($training), qr/ERROR:  (08006|57P02|57P01|XX000)/, 'the other server ends while it is read: an error');
	is(row_counts('of_far'), "$counts|1", 'the other server ends while it is read: the old model');
	is($node->safe_psql('postgres', 'SELECT count(*) FROM rec.training_progress'), '0', 'and no training is left');

	# the other server is down
	like(error_of(q(CALL rec.train('of_away'))), qr/ERROR:  08001: could not connect to server "elsewhere"/, 'the other server is down: the error says so');
	is(row_counts('of_away'), "$counts|1", 'the other server is down: the old model');
	like(error_of(q(SELECT * FROM rec.recommend('of_away', 1))), qr/ERROR:  08001: could not connect to server "elsewhere"/, 'no profile can be read');
	is($node->safe_psql('postgres', q(SELECT count(*) FROM rec.recommend_for('of_away', ARRAY[1, 2], n => 100))), '28', 'what needs no profile is answered');
	is($node->safe_psql('postgres', q(SELECT count(*) FROM rec.similar_items('of_away', 1, n => 100))), '29', 'similar items too');

	$remote->start;
	$node->safe_psql('postgres', q(CALL rec.train('of_away')));
	is(row_counts('of_away'), "$counts|2", 'the other server is back: it trains');
	is(tables_of('of_away'), tables_of('of_local'), 'the same model again');
}

# ---- logical replication of the source

$remote->safe_psql('postgres', <<SQL);
	CREATE TABLE published (user_id int, item_id int, rating real, PRIMARY KEY (user_id, item_id));
	INSERT INTO published @{[rows_of(1, 60)]};
	CREATE PUBLICATION ratings FOR TABLE published;
SQL
my $connection = $remote->connstr . ' dbname=postgres';
$node->safe_psql('postgres', <<SQL);
	CREATE TABLE published (user_id int, item_id int, rating real, PRIMARY KEY (user_id, item_id));
	CREATE SUBSCRIPTION subscription CONNECTION '$connection' PUBLICATION ratings;
SQL
$node->poll_query_until('postgres', q(SELECT count(*) = 1 FROM pg_subscription_rel WHERE srsubstate = 'r')) or die;
model_on('of_published', 'published');
is(tables_of('of_published'), tables_of('of_local'), 'logical replication: the same model');

# changes arrive during a training, and count
my $keeper = hold_writing($node, 'postgres', 'of_published');
my $training = start_sql($node, 'postgres', q(CALL rec.train('of_published')));
wait_for_phase($node, 'postgres', 'of_published', 'writing');
$remote->safe_psql('postgres', 'INSERT INTO published VALUES (999, 1, 5), (999, 2, 4)');
$remote->wait_for_catchup('subscription');
is($node->safe_psql('postgres', q(SELECT count(*) FROM rec.recommend('of_published', 999, n => 100))), '28', 'logical replication goes on during a training, and its rows count');
open_gate($keeper);
is(finish_sql($training), '', 'the training too');
$node->safe_psql('postgres', q(CALL rec.train('of_published')));
is(row_counts('of_published'), ($rows + 2) . '|61|30|3', 'and the next one has the new rows');

$node->safe_psql('postgres', 'DROP SUBSCRIPTION subscription');

# ---- the tables of a model are published

# trainings write below SQL, and logical decoding sees all changes: rows that stay are updated, new rows may replace deleted
# ones, and some are inserted or deleted
$remote->safe_psql('postgres', <<SQL);
	CREATE EXTENSION rec;
	CREATE TABLE source AS SELECT * FROM published;
	CREATE INDEX ON source (user_id);
	SELECT rec.create_model('model', 'source', options => '$options');
	CREATE PUBLICATION models FOR TABLE model, model_users;
SQL
$node->safe_psql('postgres', <<SQL);
	CREATE TABLE model (item_id int PRIMARY KEY, n_ratings int, factors real[], bias real);
	CREATE TABLE model_users (user_id int PRIMARY KEY, n_ratings int, factors real[], bias real);
	CREATE SUBSCRIPTION models CONNECTION '$connection' PUBLICATION models;
SQL
$node->poll_query_until('postgres', q(SELECT count(*) = 2 FROM pg_subscription_rel WHERE srsubstate = 'r')) or die;

# Trains, and checks that the copy becomes equal.
sub is_copied
{
	my ($identity, $change) = @_;
	my $contents = q(SELECT item_id, n_ratings, factors, bias FROM model ORDER BY 1; SELECT user_id, n_ratings, factors, bias FROM model_users ORDER BY 1);

	$remote->safe_psql('postgres', "ALTER TABLE model REPLICA IDENTITY $identity; $change");
	$remote->safe_psql('postgres', q(CALL rec.train('model')));
	$remote->wait_for_catchup('models');
	is($node->safe_psql('postgres', $contents), $remote->safe_psql('postgres', $contents), "a published model, replica identity $identity");
	return;
}
is_copied('DEFAULT', '');
is_copied('DEFAULT', 'UPDATE source SET item_id = item_id + 100 WHERE item_id < 10');
is_copied('FULL', 'DELETE FROM source WHERE item_id > 100 OR user_id > 50');
is_copied('USING INDEX model_pkey', "INSERT INTO source @{[rows_of(70, 75)]}");
$remote->safe_psql('postgres', 'ALTER TABLE model REPLICA IDENTITY NOTHING');
my ($status, $out, $error) = $remote->psql('postgres', q(CALL rec.train('model')));
like($error, qr/cannot update table "model" because it does not have a replica identity and publishes updates/, 'without a replica identity training refuses, as an UPDATE does');
$remote->safe_psql('postgres', 'ALTER PUBLICATION models SET (publish = insert)');
$remote->safe_psql('postgres', q(CALL rec.train('model')));
is($remote->safe_psql('postgres', q(SELECT version FROM rec.models)), '5', 'unless only inserts are published');
$node->safe_psql('postgres', 'DROP SUBSCRIPTION models');

$node->stop;
$remote->stop;
done_testing();
