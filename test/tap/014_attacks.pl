# The owner of a database, who is no superuser and installed the extension, gains nothing by objects that the extension might
# use by mistake: neither by asking, nor when a superuser trains or asks.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use RecTest;

my $node = PostgreSQL::Test::Cluster->new('main');

$node->init;
$node->append_conf('postgresql.conf', "autovacuum = off\nrestart_after_crash = on\n");
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE owner LOGIN; CREATE DATABASE shop OWNER owner');

sub by_owner
{
	my ($sql, %options) = @_;

	return $node->safe_psql('shop', $sql, extra_params => [ '-U', 'owner' ], %options);
}

# The error of a statement, with its SQLSTATE first.
sub error_by_owner
{
	my ($sql) = @_;
	my ($status, $out, $error) = $node->psql('shop', $sql, extra_params => [ '-U', 'owner', '-v', 'VERBOSITY=verbose' ]);

	return $error =~ /ERROR:  (.*)/ ? $1 : "no error";
}

# ---- objects with the extension's names before it is created: its schema was created before, by the owner, as in a dump

by_owner(<<'SQL');
	CREATE SCHEMA rec;
	CREATE TABLE ran (what text, who name DEFAULT current_user);
	GRANT INSERT ON ran TO PUBLIC;
	CREATE FUNCTION rec.run(what text) RETURNS void LANGUAGE sql AS 'INSERT INTO public.ran (what) VALUES ($1)';
	CREATE FUNCTION rec.read_row_accumulate(bigint, bigint, int, int, real, bigint) RETURNS bigint LANGUAGE sql AS $$ SELECT rec.run('accumulate'); SELECT $1 + 1 $$;
	CREATE AGGREGATE rec.read_row(bigint, int, int, real, bigint) (SFUNC = rec.read_row_accumulate, STYPE = bigint, INITCOND = '0');
	CREATE AGGREGATE rec.rec_read_row(bigint, int, int, real, bigint) (SFUNC = rec.read_row_accumulate, STYPE = bigint, INITCOND = '0');
	CREATE FUNCTION rec.equal(int, int) RETURNS bool LANGUAGE sql AS $$ SELECT rec.run('operator'); SELECT $1 OPERATOR(pg_catalog.=) $2 $$;
	CREATE OPERATOR rec.= (LEFTARG = int, RIGHTARG = int, FUNCTION = rec.equal);
	CREATE FUNCTION rec.coalesce(bigint, int) RETURNS bigint LANGUAGE sql AS $$ SELECT rec.run('coalesce'); SELECT 0::bigint $$;
	CREATE FUNCTION rec.pg_total_relation_size(regclass) RETURNS bigint LANGUAGE sql AS $$ SELECT rec.run('size'); SELECT 0::bigint $$;
SQL
by_owner('CREATE EXTENSION rec');
by_owner(<<'SQL');
	CREATE FUNCTION rec.recommend(regclass, int, int, bool, int[], int[]) RETURNS int LANGUAGE sql AS $$ SELECT rec.run('recommend'); SELECT 1 $$;
	CREATE FUNCTION rec.evaluate(regclass, text, int) RETURNS TABLE (metric text, value float8, low float8, high float8, baseline float8, users bigint)
		LANGUAGE sql AS $$ SELECT rec.run('evaluate'); SELECT 'rmse', 0, 0, 0, 0, 0 $$;
SQL
{
	local $ENV{PGUSER} = 'owner';

	load_ratings($node, 'shop');
	new_model($node, 'shop', 'm');
}
my $answers = answers($node, 'shop', 'm');
by_owner('TRUNCATE ran');

# The daily statements of a superuser.
sub superuser_works
{
	my ($schema) = @_;

	$node->safe_psql('shop', <<SQL);
		SET search_path = $schema, public;
		CALL $schema.train('m');
		CALL $schema.recommend_all('m', 'public.lists', 3);
		SELECT * FROM $schema.similar_users('m', 1);
		SELECT * FROM $schema.similar_items('m', 1);
		SELECT * FROM $schema.recommend_users('m', 1);
		SELECT * FROM $schema.recommend('m', 1);
		SELECT $schema.explain('m', 1, 1);
		SELECT $schema.report('m');
		SELECT * FROM $schema.evaluate('m', split => 'random');
		SELECT * FROM $schema.compare('source', '["als"]');
		SELECT * FROM $schema.tune('m', '{"factors": [2]}', split => 'random');
		SELECT * FROM $schema.models;
		SELECT * FROM $schema.training_log;
		DROP TABLE lists;
SQL
	return;
}

sub lists
{
	my ($schema) = @_;

	return $node->safe_psql('shop', "SELECT u, rank, item_id, score FROM generate_series(0, 60) u, LATERAL $schema.recommend('m', u, n => 5) ORDER BY 1, 2");
}

superuser_works('rec');
my $lists = lists('rec');
is(by_owner('SELECT string_agg(DISTINCT what, $$ $$) FROM ran'), '', "nothing of the owner's runs by a name that the extension uses");
is(answers($node, 'shop', 'm'), $answers, 'and the answers are right');

# ---- the schema is renamed, and replaced by another one with tables and an index that are not the extension's

by_owner(<<'SQL');
	ALTER SCHEMA rec RENAME TO moved;
	CREATE SCHEMA rec;
	CREATE TABLE rec.model (model text, user_table regclass, source regclass, source_name text, algorithm text, options jsonb, user_column name, item_column name,
		rating_column name, time_column name, version bigint, trained_at timestamptz, rows bigint, users bigint, items bigint, mean float8, minimum float8, maximum float8, loss float8, seconds float8);
	CREATE UNIQUE INDEX model_pkey ON rec.model (model);
	CREATE TABLE rec.iteration (LIKE moved.iteration);
	CREATE UNIQUE INDEX iteration_pkey ON rec.iteration ((version + 1));
	CREATE VIEW rec.training_log AS SELECT i.*, moved.run('log') IS NULL AS ran FROM rec.iteration i;
SQL
is(lists('moved'), $lists, 'the extension finds its own tables');
superuser_works('moved');
is(by_owner('SELECT string_agg(DISTINCT what, $$ $$) FROM ran'), '', 'and nothing else runs');
is(by_owner(q(SELECT version FROM moved.models)), '3', 'trained twice since');
like(error_by_owner('ALTER EXTENSION moved ADD TABLE rec.model'), qr/extension "moved" does not exist/, 'the extension is still called rec');
by_owner('ALTER EXTENSION rec ADD TABLE rec.model');
is(by_owner(q(SELECT count(*) FROM moved.recommend('m', 1))), '10', 'another member of the extension by that name changes nothing');
by_owner('ALTER EXTENSION rec DROP TABLE rec.model; DROP SCHEMA rec CASCADE; ALTER SCHEMA moved RENAME TO rec');

# ---- the extension's own tables belong to a superuser: the owner cannot change them

like(error_by_owner('CREATE INDEX ON rec.model ((version + 1))'), qr/^42501/, 'no index on them');
like(error_by_owner('ALTER TABLE rec.model RENAME TO other'), qr/^42501/, 'no other name');
like(error_by_owner('DROP TABLE rec.model'), qr/^(42501|2BP01)/, 'no end');
like(error_by_owner('UPDATE rec.model SET version = 1'), qr/^42501/, 'no other rows');
like(error_by_owner('ALTER EXTENSION rec DROP TABLE rec.model'), qr/^42501/, 'no leaving the extension');
like(error_by_owner('CREATE FUNCTION pg_catalog.rec_read_row(bigint, int, int, real, bigint) RETURNS bigint LANGUAGE sql AS $$ SELECT 1 $$'), qr/^42501/, 'and nothing beside the aggregate');

# ---- rows of rec.model with tables of other users, as the user who restores a dump could insert them

$node->safe_psql('shop', <<'SQL');
	CREATE TABLE secret (user_id int PRIMARY KEY, n_ratings int NOT NULL, bias real NOT NULL, factors real[] NOT NULL);
	INSERT INTO secret SELECT u, 1, 0, ARRAY[1, 2, 3, u] FROM generate_series(1, 60) u;
	CREATE TABLE copied AS SELECT * FROM m;
SQL
by_owner(<<'SQL');
	CREATE TABLE forged (item_id int PRIMARY KEY, n_ratings int NOT NULL, bias real NOT NULL, factors real[] NOT NULL);
	CREATE VIEW spy AS SELECT * FROM ratings WHERE rec.run('spy') IS NULL;
	CREATE FUNCTION forge(model regclass, user_table regclass) RETURNS void LANGUAGE sql AS $$
		INSERT INTO rec.model SELECT $1, $2, 'spy', 'spy', 'als', '{"factors": 4, "iterations": 1}', 'user_id', 'item_id', 'rating', NULL, 0 $$;
SQL
like(error_by_owner("SELECT forge('forged', 'secret')"), qr/^42501: must be owner of table secret/, 'no table of users of another');
like(error_by_owner("SELECT forge('copied', 'forged')"), qr/^42501: must be owner of table copied/, 'no table of items of another');
like(error_by_owner("SELECT forge('rec.iteration', NULL)"), qr/^42501: must be owner of table iteration/, 'nor one of the extension');
like(error_by_owner("INSERT INTO rec.model_table VALUES ('forged', 'users', 'secret', 1, 'gone')"), qr/^42501: must be owner of table secret/,
	'nor in rec.model_table');
like(error_by_owner("INSERT INTO rec.model_table VALUES ('copied', 'users', 'forged', 1, 'gone')"), qr/^42501: must be owner of table copied/,
	'nor beside a table of items of another');
by_owner("SELECT forge(999999999::oid::regclass, NULL)");
is($node->safe_psql('shop', q(SELECT count(*) FROM rec.model WHERE model::oid = 999999999)), '0', 'and none of a table that is not there');
like(error_by_owner("ALTER TABLE $_ DISABLE TRIGGER ALL"), qr/^42501/, "$_: nothing helps it") foreach qw(rec.model rec.model_table);

# the same rows, written by a superuser
$node->safe_psql('shop', q(SELECT forge('forged', 'secret')));
my ($status, $out, $error) = $node->psql('shop', q(CALL rec.train('forged')));
like($error, qr/table of users "secret" does not belong to the owner of model "forged"/, 'a superuser who trains it does not write it');
is($node->safe_psql('shop', 'SELECT count(*), sum(factors[4]) FROM secret'), '60|1830', 'its rows stay');
$node->safe_psql('shop', 'DROP TABLE forged');
is($node->safe_psql('shop', 'SELECT count(*) FROM secret'), '60', 'nor does a superuser who drops the model drop it');
by_owner('TRUNCATE ran');
$node->safe_psql('shop', q(SELECT forge('rec.iteration', NULL)));
($status, $out, $error) = $node->psql('shop', q(CALL rec.train('rec.iteration')));
like($error, qr/has no column "item_id"/, 'what is no model table is refused before its source is read');
is($node->safe_psql('shop', 'SELECT count(*) FROM ran'), '0', 'as whoever owns it');
$node->safe_psql('shop', q(DELETE FROM rec.model WHERE model = 'rec.iteration'::regclass; DROP TABLE copied));

# a row of a table that was dropped without the extension noticing
my $gone = $node->safe_psql('shop', <<'SQL');
	SET client_min_messages = warning;
	SELECT rec.create_model('unseen', 'ratings', 'popular')::oid;
	SET session_replication_role = replica;
	DROP TABLE unseen;
SQL
($status, $out, $error) = $node->psql('shop', "CALL rec.train($gone)");
like($error, qr/relation with OID $gone does not exist/, 'is an error for whoever trains it');
($status, $out, $error) = $node->psql('shop', "SELECT rec.predict($gone, 1, 1)");
like($error, qr/relation with OID $gone does not exist/, 'and asks it');
$node->safe_psql('shop', "DELETE FROM rec.model WHERE model::oid = $gone");
is($node->safe_psql('shop', q(DROP TABLE m; SELECT to_regclass('m_users'))), '', 'as the table of users goes with a model whoever drops it');

# ---- a dump of such a database, in which the schema precedes the extension, is restored by a superuser and by its owner, and
# no foreign code runs

my $dir = PostgreSQL::Test::Utils::tempdir();
by_owner('TRUNCATE ran');
{
	local $ENV{PGUSER} = 'owner';

	new_model($node, 'shop', 'm');
}
$answers = answers($node, 'shop', 'm');
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dir/shop.dump", $node->connstr('shop') ], 'pg_dump');
foreach my $role ('postgres', 'owner')
{
	local $ENV{PGUSER} = $role;

	$node->safe_psql('postgres', "CREATE DATABASE by_$role TEMPLATE template0 OWNER owner", extra_params => [ '-U', 'postgres' ]);
	# the owner restores without ownership, as the table secret belongs to the superuser
	$node->command_ok([ 'pg_restore', '-e', ($role eq 'owner' ? '-O' : ()), '-d', $node->connstr("by_$role"), "$dir/shop.dump" ], "restored by $role");
	is(answers($node, "by_$role", 'm'), $answers, "restored by $role: the same answers");
	$node->safe_psql("by_$role", q(CALL rec.train('m')));
	is($node->safe_psql("by_$role", 'SELECT count(*) FROM ran'), '0', "restored by $role and trained: nothing ran");
}

$node->stop;
done_testing();
