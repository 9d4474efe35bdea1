# A dump includes models, and restored models give the same answers without a training.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use RecTest;

my $node = new_server('main');
my $dir = PostgreSQL::Test::Utils::tempdir();
my $everything = q(
	SELECT model, source, algorithm, options, version, trained_at, rows, users, items, loss, seconds FROM rec.models ORDER BY model::text COLLATE "C";
	SELECT * FROM rec.training_log ORDER BY model::text COLLATE "C", version, iteration;
	SELECT * FROM m ORDER BY 1;
	SELECT * FROM m_users ORDER BY 1;
	SELECT * FROM rec.recommend('shop."Al so; ""bought"', 'one', exclude_seen => false));

# The tables and answers of each algorithm's model, in a schema of its own.
my $algorithms = q(
	CREATE FUNCTION pg_temp.contents(t regclass) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE
		result text;
	BEGIN
		EXECUTE format('SELECT md5(string_agg(r::text, %L ORDER BY r::text COLLATE "C")) FROM %s r', ' ', t) INTO result;
		RETURN result;
	END $$;
	SELECT model, algorithm, options, pg_temp.contents(model), (SELECT string_agg(side || ' ' || pg_temp.contents(relation), ' ' ORDER BY side) FROM rec.model_table t WHERE t.model = m.model)
	  FROM rec.model m WHERE model::text LIKE 'each.%' ORDER BY model::text COLLATE "C";
	SELECT model, u, r.* FROM rec.model, generate_series(0, 60, 12) u, LATERAL rec.recommend(model, u, n => 5) r
	 WHERE model::text LIKE 'each.%' ORDER BY model::text COLLATE "C", u, r.rank;
	SELECT model, i, s.* FROM rec.model, generate_series(1, 30, 9) i, LATERAL rec.similar_items(model, i, n => 3) s
	 WHERE model::text LIKE 'each.%' ORDER BY model::text COLLATE "C", i, s.rank;
	SELECT model, u, s.* FROM rec.model, generate_series(1, 60, 19) u, LATERAL rec.similar_users(model, u, n => 3) s
	 WHERE model::text LIKE 'each.%' ORDER BY model::text COLLATE "C", u, s.rank;
	SELECT model, e.* FROM rec.model, LATERAL rec.explain(model, 1, 1, n => 3) e
	 WHERE model::text LIKE 'each.%' ORDER BY model::text COLLATE "C", contribution DESC, known_item_id);

# Beside the usual model: one in another schema, with a name that needs quotes, on a partitioned table with ids of a domain and
# of text; one on a materialized view; one that was never trained; one whose source was dropped.
sub fill
{
	my ($database) = @_;

	load_ratings($node, $database);
	new_model($node, $database, 'm');
	$node->safe_psql($database, <<'SQL');
		CREATE SCHEMA shop;
		CREATE DOMAIN shop.sku AS text;
		CREATE TABLE shop."or ders" (who text, sku shop.sku, at timestamptz) PARTITION BY HASH (who);
		CREATE TABLE shop.part PARTITION OF shop."or ders" FOR VALUES WITH (MODULUS 1, REMAINDER 0);
		CREATE INDEX ON shop."or ders" (who);
		INSERT INTO shop."or ders" VALUES ('one', 'a', now()), ('one', 'b', now()), ('two', 'a', now()), ('two', 'c', now());
		SELECT rec.create_model('shop."Al so; ""bought"', 'shop."or ders"', user_column => 'who', item_column => 'sku',
			time_column => 'at', options => '{"factors": 2}');
		CREATE MATERIALIZED VIEW shop.snapshot AS SELECT * FROM ratings WHERE user_id < 20;
		CREATE UNIQUE INDEX ON shop.snapshot (user_id, item_id);
		SELECT rec.create_model('shop.materialized', 'shop.snapshot', options => '{"factors": 2}');
		SELECT rec.create_model('shop.untrained', 'shop.snapshot', options => '{"factors": 7, "seed": 5}');
SQL
	$node->safe_psql($database, <<'SQL');
		CREATE SCHEMA each;
		CREATE TABLE people AS SELECT DISTINCT user_id, user_id % 7 AS age, chr(97 + user_id % 3) AS kind FROM ratings;
		CREATE TABLE attributes AS SELECT DISTINCT item_id, item_id % 3 AS n, chr(97 + item_id % 4) AS kind FROM ratings;
		DO $$
		DECLARE
			name text;
			feedback text;
		BEGIN
			FOR name, feedback IN SELECT DISTINCT algorithm, f FROM rec.algorithms, unnest('{explicit, implicit}'::text[]) f LOOP
				PERFORM rec.create_model(format('each.%I', name || '_' || feedback), 'ratings', name, jsonb_build_object('feedback', feedback),
					time_column => 'at', items => (SELECT 'attributes'::regclass FROM rec.algorithms a WHERE a.algorithm = name AND option = 'min_count'),
					users => CASE WHEN name IN ('als', 'fm') THEN 'people'::regclass END, context_columns => CASE WHEN name = 'fm' THEN '{at}' ELSE '{}' END::name[]);
				CALL rec.train(format('each.%I', name || '_' || feedback)::regclass);
			END LOOP;
		END $$;
SQL
	$node->safe_psql($database, q(CALL rec.train('shop."Al so; ""bought"')));
	$node->safe_psql($database, q(CALL rec.train('shop.materialized')));
	$node->safe_psql($database, q(CALL rec.train('m')));
	return;
}

# The database equals the one that was dumped; models can be trained, and dropped.
sub check_restored
{
	my ($database, $original, $what) = @_;

	is(answers($node, $database, 'm'), answers($node, $original, 'm'), "$what: the same answers");
	is($node->safe_psql($database, $everything), $node->safe_psql($original, $everything), "$what: the same models, tables and log");
	is($node->safe_psql($database, $algorithms), $node->safe_psql($original, $algorithms), "$what: the same of every algorithm");
	$node->safe_psql($database, 'DROP SCHEMA each CASCADE');
	is(versions($node, $database), 'm:2 shop."Al so; ""bought":1 shop.materialized:1 shop.untrained:0', "$what: nothing was trained");

	$node->safe_psql($database, q(CALL rec.train('m')));
	is(answers($node, $database, 'm'), answers($node, $original, 'm'), "$what: training gives the same again");
	$node->safe_psql($database, q(CALL rec.train('shop.untrained')));
	is(versions($node, $database), 'm:3 shop."Al so; ""bought":1 shop.materialized:1 shop.untrained:1', "$what: every model can be trained");
	$node->safe_psql($database, 'DROP TABLE m');
	is( $node->safe_psql($database, q(SELECT to_regclass('m_users'), count(*) FILTER (WHERE model::text !~ '^shop') FROM rec.model)),
		'|0', "$what: dropping a model's table drops the model");
	is($node->safe_psql($database, q(SELECT count(*) FROM rec.iteration WHERE model::text !~ '^shop')), '0', "$what: and its log");
	$node->safe_psql($database, 'DROP SCHEMA shop CASCADE');
	is($node->safe_psql($database, 'SELECT count(*) FROM rec.model'), '0', "$what: so does dropping the schema");
	return;
}

# ---- by a superuser

fill('postgres');
is( $node->safe_psql('postgres', q(SELECT count(*) FROM rec.models WHERE model::text LIKE 'each.%' AND version = 1)),
	$node->safe_psql('postgres', 'SELECT 2 * count(DISTINCT algorithm) FROM rec.algorithms'), 'a model of every algorithm, for both kinds of feedback');
$node->safe_psql('postgres', "CREATE DATABASE $_ TEMPLATE template0") foreach 'plain', 'custom', 'clean';

$node->command_ok([ 'pg_dump', '-f', "$dir/plain.sql", $node->connstr('postgres') ], 'pg_dump');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/plain.sql", $node->connstr('plain') ], 'restore by psql');
check_restored('plain', 'postgres', 'psql');

$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dir/custom.dump", $node->connstr('postgres') ], 'pg_dump -Fc');
$node->command_ok([ 'pg_restore', '-e', '-j', '2', '-d', $node->connstr('custom'), "$dir/custom.dump" ], 'pg_restore');
check_restored('custom', 'postgres', 'pg_restore');

# restored over an existing database, which is dropped and created again
$node->command_ok([ 'pg_restore', '-e', '-d', $node->connstr('clean'), "$dir/custom.dump" ], 'pg_restore into another database');
$node->safe_psql('clean', q(CALL rec.train('m')));
$node->safe_psql('clean', q(SELECT rec.create_model('later', 'ratings')));
$node->safe_psql('clean', 'DROP TABLE later');
$node->command_ok([ 'pg_restore', '-e', '--clean', '--if-exists', '-d', $node->connstr('clean'), "$dir/custom.dump" ], 'pg_restore --clean');
check_restored('clean', 'postgres', 'pg_restore --clean');

# ---- by the database's owner, who is not a superuser

$node->safe_psql('postgres', 'CREATE ROLE owner LOGIN');
$node->safe_psql('postgres', "CREATE DATABASE $_ TEMPLATE template0 OWNER owner") foreach 'owned', 'owned_plain', 'owned_custom';
{
	local $ENV{PGUSER} = 'owner';

	$node->safe_psql('owned', 'CREATE EXTENSION rec');
	fill('owned');
	$node->command_ok([ 'pg_dump', '-f', "$dir/owned.sql", $node->connstr('owned') ], 'pg_dump by an owner');
	$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/owned.sql", $node->connstr('owned_plain') ], 'restore by psql, by an owner');
	check_restored('owned_plain', 'owned', 'psql by an owner');
	$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dir/owned.dump", $node->connstr('owned') ], 'pg_dump -Fc by an owner');
	$node->command_ok([ 'pg_restore', '-e', '-d', $node->connstr('owned_custom'), "$dir/owned.dump" ], 'pg_restore by an owner');
	check_restored('owned_custom', 'owned', 'pg_restore by an owner');
}

# a dump by a superuser of models that another role owns
$node->safe_psql('postgres', 'CREATE DATABASE super TEMPLATE template0');
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dir/super.dump", $node->connstr('owned') ], 'pg_dump by a superuser of what an owner made');
$node->command_ok([ 'pg_restore', '-e', '-d', $node->connstr('super'), "$dir/super.dump" ], 'pg_restore');
check_restored('super', 'owned', 'by a superuser');

# ---- a dump with dropped relations, restored in a server where others have their oids

$node->safe_psql('postgres', 'CREATE DATABASE gone');
$node->safe_psql('gone', 'CREATE EXTENSION rec');
load_ratings($node, 'gone');
$node->safe_psql('gone', <<'SQL');
	CREATE TABLE dropped AS TABLE ratings;
	CREATE INDEX ON dropped (user_id);
	-- the numbers of its columns are others after a dump
	CREATE TABLE altered AS SELECT 0 AS first, * FROM ratings;
	ALTER TABLE altered DROP COLUMN first;
	CREATE INDEX ON altered (user_id);
	CREATE TABLE renamed AS TABLE ratings;
	CREATE INDEX ON renamed (user_id);
	SELECT rec.create_model(name, name || 's'), rec.create_model('without_' || name, name || 's') FROM (VALUES ('rating')) v (name);
SQL
$node->safe_psql('gone', <<"SQL") foreach qw(dropped altered renamed);
	SELECT rec.create_model('of_$_', '$_', options => '{"warm_start": false, "factors": 2, "iterations": 2}');
	CALL rec.train('of_$_');
SQL
$node->safe_psql('gone', "CALL rec.train('$_')") foreach qw(rating without_rating);
my $numbers = $node->safe_psql('gone', <<'SQL');
	SELECT 'dropped'::regclass::oid, 'without_rating_users'::regclass::oid;
	ALTER EVENT TRIGGER rec_forget_dropped DISABLE;
	DROP TABLE dropped, without_rating_users, rating;
	ALTER EVENT TRIGGER rec_forget_dropped ENABLE ALWAYS;
	ALTER TABLE renamed RENAME TO other;
SQL
my ($source, $users) = split /\|/, $numbers;

is($node->safe_psql('gone', 'SELECT count(*) FROM rec.model WHERE model::oid NOT IN (SELECT oid FROM pg_class)'), '1', 'a model is dropped that nothing forgot');
$node->command_ok([ 'pg_dump', '-f', "$dir/gone.sql", $node->connstr('gone') ], 'pg_dump with relations that are gone');

my $fresh = PostgreSQL::Test::Cluster->new('fresh');
my @decoys = ([ $source, 'decoy', 'user_id int, item_id int, rating real' ], [ $users, 'decoy_users', 'user_id int PRIMARY KEY, n_ratings int NOT NULL, bias real NOT NULL, factors real[] NOT NULL' ]);

$fresh->init;
foreach my $decoy (@decoys)
{
	my ($oid, $name, $columns) = @$decoy;

	command_ok([ 'pg_resetwal', '-o', $oid, '-D', $fresh->data_dir ], "the next object gets the number of $name");
	$fresh->start;
	$fresh->safe_psql('postgres', "CREATE TABLE $name ($columns)");
	is($fresh->safe_psql('postgres', "SELECT '$name'::regclass::oid"), $oid, "and it is $name");
	$fresh->safe_psql('postgres', 'INSERT INTO decoy SELECT u, i, 5 FROM generate_series(1, 9) u, generate_series(1, 9) i WHERE u <> i') if $name eq 'decoy';
	$fresh->stop if $name eq 'decoy';
}
$fresh->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/gone.sql", $fresh->connstr('postgres') ], 'restored there');
is( $fresh->safe_psql('postgres', q(SELECT model, source FROM rec.models ORDER BY model::text)),
	"of_altered|altered\nof_dropped|\nof_renamed|other\nwithout_rating|ratings", 'each model has its source, or none');

my ($status, $out, $error) = $fresh->psql('postgres', q(CALL rec.train('of_dropped')));
like($error, qr/source "public.dropped" of model "of_dropped" does not exist.*rec.alter_model\('public.of_dropped', source/s, 'a model whose source is gone is not trained on another');
($status, $out, $error) = $fresh->psql('postgres', q(SELECT * FROM rec.recommend('of_dropped', 1)));
like($error, qr/source "public.dropped" of model "of_dropped" does not exist/, 'nor asks it');
$fresh->safe_psql('postgres', q(CALL rec.train('without_rating')));
is( $fresh->safe_psql('postgres', q(
		SELECT (SELECT count(*) FROM decoy_users), (SELECT count(*) > 0 FROM without_rating_users), (SELECT relation FROM rec.model_table
			WHERE model = 'without_rating'::regclass AND side = 'users'))),
	'0|t|without_rating_users', 'a model whose table of users is gone does not write that one, but creates another');
is($fresh->safe_psql('postgres', 'SELECT count(*) FROM decoy_users'), '0', 'and nothing was written');
$fresh->safe_psql('postgres', 'DROP TABLE without_rating');
is($fresh->safe_psql('postgres', q(SELECT to_regclass('decoy_users'))), 'decoy_users', 'nor does it go with that model');
$fresh->safe_psql('postgres', q(SELECT rec.alter_model('of_dropped', source => 'ratings')));
$fresh->safe_psql('postgres', q(CALL rec.train('of_dropped')));
is(answers($fresh, 'postgres', $_), answers($node, 'gone', $_), "$_: the same answers") foreach qw(of_altered of_renamed);
$fresh->safe_psql('postgres', 'ALTER TABLE altered RENAME user_id TO customer');
is(answers($fresh, 'postgres', 'of_altered'), answers($node, 'gone', 'of_altered'), 'a column that is renamed there is followed by its number there');

# objects that are bound to a model are bound again
$fresh->safe_psql('postgres', 'SET session_replication_role = replica; DROP TABLE of_renamed');
is($fresh->safe_psql('postgres', q(SELECT to_regclass('of_renamed_users'))), '', 'the table of users goes with a restored model');
$fresh->stop;
$node->stop;
done_testing();
