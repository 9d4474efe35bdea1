# The tables of a model become a model again on another server, after a dump of these tables alone, and by logical replication,
# with which each new version answers here as soon as it has arrived.
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
$publisher->safe_psql('postgres', 'CREATE EXTENSION rec');

my $node = new_server('subscriber', q(shared_preload_libraries = 'rec'));
my $dir = PostgreSQL::Test::Utils::tempdir();

# Every server has the ratings; the publisher has models of every kind, one of them in a schema of its own.
load_ratings($publisher, 'postgres');
$node->safe_psql('postgres', 'CREATE TABLE ratings (user_id int, item_id int, rating real, PRIMARY KEY (user_id, item_id)); CREATE SCHEMA "Sh op"');
my $ratings = $publisher->safe_psql('postgres', 'COPY (SELECT user_id, item_id, rating FROM ratings) TO STDOUT');
PostgreSQL::Test::Utils::append_to_file("$dir/ratings", "$ratings\n");
$node->safe_psql('postgres', "\\copy ratings FROM '$dir/ratings'");
$publisher->safe_psql('postgres', <<'SQL');
	CREATE SCHEMA "Sh op";
	SELECT rec.create_model('movies', 'ratings', options => '{"factors": 4, "iterations": 3, "warm_start": false}'),
		rec.create_model('"Sh op"."My ""model"', 'ratings', 'user_knn'), rec.create_model('liked', 'ratings', 'popular'), rec.create_model('alike', 'ratings', 'item_knn');
SQL
my @models = ('movies', '"Sh op"."My ""model"', 'liked', 'alike');
$publisher->safe_psql('postgres', "CALL rec.train('$_')") foreach @models;

# The answers of a model, for known and unknown users.
sub asked
{
	my ($server, $model) = @_;

	return $server->safe_psql('postgres', qq(
		SELECT u, rank, item_id, score, personal FROM generate_series(0, 60, 7) u, LATERAL rec.recommend('$model', u, n => 5) ORDER BY 1, 2;
		SELECT rec.predict('$model', 3, i) FROM generate_series(1, 9) i;
		SELECT item_id, similarity FROM rec.similar_items('$model', 2, n => 3)));
}

# ---- a dump of the tables alone

my @tables = map { ('-t', $_) } ('movies*', '"Sh op".*', 'liked*', 'alike*');

$publisher->command_ok([ 'pg_dump', '--no-owner', @tables, '-f', "$dir/tables.sql", $publisher->connstr('postgres') ], 'the tables of models are dumped alone');
unlike(slurp_file("$dir/tables.sql"), qr/CREATE EXTENSION/, 'without the extension');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/tables.sql", $node->connstr('postgres') ], 'and restored');
is($node->safe_psql('postgres', 'SELECT count(*) FROM rec.models'), '0', 'no model yet');
foreach my $model (@models)
{
	is($node->safe_psql('postgres', "SELECT rec.adopt('$model', 'ratings') = '$model'::regclass"), 't', "$model is adopted");
	is(asked($node, $model), asked($publisher, $model), "$model: the same answers");
	my $description = "SELECT algorithm, options, version, trained_at, rows, users, items, loss, seconds FROM rec.models WHERE model = '$model'::regclass";
	is($node->safe_psql('postgres', $description), $publisher->safe_psql('postgres', $description), "$model: the same model");
}

# the model can be trained and dropped like any other
$node->safe_psql('postgres', q(CALL rec.train('movies')));
is(asked($node, 'movies'), asked($publisher, 'movies'), 'trained there, it is the same again');
is($node->safe_psql('postgres', q(SELECT version FROM rec.models WHERE model = 'movies'::regclass)), '2', 'as its next version');
my ($status, $out, $error) = $node->psql('postgres', 'DROP EXTENSION rec');
like($error, qr/cannot drop extension rec because other objects depend on it.*trigger rec_follow on table movies_model/s, 'the extension is not dropped by accident');
$node->safe_psql('postgres', "DROP TABLE $_") foreach @models;
is($node->safe_psql('postgres', q(SELECT count(*) FROM pg_class WHERE relname ~ '(movies|model|liked|alike)' AND relnamespace IN ('public'::regnamespace, '"Sh op"'::regnamespace))),
	'0', 'with all that is beside it');
$node->safe_psql('postgres', 'DROP EXTENSION rec; CREATE EXTENSION rec');

# ---- logical replication

$publisher->safe_psql('postgres', 'CREATE PUBLICATION models FOR TABLE movies, movies_users, movies_model, liked, liked_model, "Sh op"."My ""model", "Sh op"."My ""model_users", "Sh op"."My ""model_model"');
$publisher->command_ok([ 'pg_dump', '--no-owner', '--schema-only', @tables, '-f', "$dir/schema.sql", $publisher->connstr('postgres') ], 'the tables as such are dumped');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/schema.sql", $node->connstr('postgres') ], 'and made');
($status, $out, $error) = $node->psql('postgres', q(SELECT rec.adopt('movies', 'ratings')));
like($error, qr/table "movies_model" has no row that describes model "movies".*HINT:  If a subscription fills the table, wait/s, 'empty tables are no model');

my $connection = $publisher->connstr . ' dbname=postgres';
$node->safe_psql('postgres', "CREATE SUBSCRIPTION models CONNECTION '$connection' PUBLICATION models");
$node->poll_query_until('postgres', q(SELECT count(*) = 8 FROM pg_subscription_rel WHERE srsubstate = 'r')) or die;
my @followed = grep { $_ ne 'alike' } @models;
foreach my $model (@followed)
{
	$node->safe_psql('postgres', "SELECT rec.adopt('$model', 'ratings')");
	is(asked($node, $model), asked($publisher, $model), "subscribed, $model: the same answers");
}

# A session that has the model in memory sees the next version once it has arrived; so does a session that uses a shared copy.
my $session = $node->background_psql('postgres');
my $version = q(SELECT version FROM rec.models WHERE model = 'movies'::regclass);
my $lists = q(SELECT string_agg(concat_ws(' ', u, rank, item_id, score), ',' ORDER BY u, rank) FROM generate_series(0, 60, 7) u, LATERAL rec.recommend('movies', u, n => 5));
my $before = $session->query_safe($lists);

is($before, $publisher->safe_psql('postgres', $lists), 'a session of the subscriber has the model');
is($session->query_safe($version), '1', 'in its first version');
foreach my $round (2 .. 4)
{
	$publisher->safe_psql('postgres', qq(
		UPDATE ratings SET rating = 1 + (rating::int * $round) % 5 WHERE (user_id + item_id) % 3 = 0;
		DELETE FROM ratings WHERE item_id = 30 + $round;
		INSERT INTO ratings (user_id, item_id, rating) SELECT u, 100 * $round + i, 1 + (u + i) % 5 FROM generate_series(1, 20) u, generate_series(1, 3) i));
	$publisher->safe_psql('postgres', "CALL rec.train('$_')") foreach @followed;
	$publisher->wait_for_catchup('models');
	# profiles are read from the subscriber's own ratings, which must be those of the publisher
	unlink "$dir/ratings";
	PostgreSQL::Test::Utils::append_to_file("$dir/ratings", $publisher->safe_psql('postgres', 'COPY (SELECT user_id, item_id, rating FROM ratings) TO STDOUT') . "\n");
	$node->safe_psql('postgres', "TRUNCATE ratings; \\copy ratings FROM '$dir/ratings'");
	is($session->query_safe($version), $round, "version $round: the session knows of it");
	my $now = $session->query_safe($lists);

	is($now, $publisher->safe_psql('postgres', $lists), "version $round: and answers by it");
	isnt($now, $before, "version $round: which are other answers");
	is(asked($node, $_), asked($publisher, $_), "version $round of $_: the same answers") foreach @followed;
	$before = $now;
}

# A change of the publisher's options is replicated with the version that is trained with them; new columns of an algorithm are
# not, as with any table.
$publisher->safe_psql('postgres', q(SELECT rec.alter_model('movies', options => '{"factors": 6}')));
$publisher->wait_for_catchup('models');
($status, $out, $error) = $node->psql('postgres', q(SELECT rec.predict('movies', 1, 1)));
like($error, qr/model "movies" has not been trained/, 'altered there, it is untrained here');
$publisher->safe_psql('postgres', q(CALL rec.train('movies')));
$publisher->wait_for_catchup('models');
is($session->query_safe($lists), $publisher->safe_psql('postgres', $lists), 'and trained, with other options');
is($session->query_safe(q(SELECT options->>'factors' FROM rec.models WHERE model = 'movies'::regclass)), '6', 'which are known');

# A row that describes no model does not stop the subscription; questions give an error until the next training.
$publisher->safe_psql('postgres', q(UPDATE movies_model SET mean = 'NaN'));
$publisher->wait_for_catchup('models');
($status, $out, $error) = $node->psql('postgres', q(SELECT rec.predict('movies', 1, 1)));
like($error, qr/the row of model "movies" in rec.model is not one that training wrote/, 'a spoilt row is an error');
$publisher->safe_psql('postgres', q(CALL rec.train('movies')));
$publisher->wait_for_catchup('models');
is($session->query_safe($lists), $publisher->safe_psql('postgres', $lists), 'the next training mends it');
$publisher->safe_psql('postgres', q(UPDATE movies_model SET version = NULL));
$publisher->safe_psql('postgres', q(CALL rec.train('liked')));
$publisher->wait_for_catchup('models');
is(asked($node, 'liked'), asked($publisher, 'liked'), 'nor does one that is not there');

# A dump of the subscriber, and tables that are left after dropping the extension there.
$node->safe_psql('postgres', 'CREATE DATABASE copy TEMPLATE template0');
$publisher->safe_psql('postgres', q(CALL rec.train('movies')));
$publisher->wait_for_catchup('models');
$node->command_ok([ 'pg_dump', '--no-subscriptions', '-f', "$dir/all.sql", $node->connstr('postgres') ], 'a dump of the subscriber');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/all.sql", $node->connstr('copy') ], 'is restored');
is($node->safe_psql('copy', $lists), $session->query_safe($lists), 'with its models');
$session->quit;
$node->safe_psql('postgres', 'DROP EXTENSION rec CASCADE');
$publisher->safe_psql('postgres', q(CALL rec.train('movies')));
$publisher->wait_for_catchup('models');
$node->safe_psql('postgres', q(CREATE EXTENSION rec; SELECT rec.adopt('movies', 'ratings')));
is($node->safe_psql('postgres', $lists), $publisher->safe_psql('postgres', $lists), 'without the extension the tables went on, and are adopted anew');
$publisher->safe_psql('postgres', q(UPDATE ratings SET rating = 6 - rating));
$publisher->safe_psql('postgres', q(CALL rec.train('movies')));
$publisher->wait_for_catchup('models');
unlink "$dir/ratings";
PostgreSQL::Test::Utils::append_to_file("$dir/ratings", $publisher->safe_psql('postgres', 'COPY (SELECT user_id, item_id, rating FROM ratings) TO STDOUT') . "\n");
$node->safe_psql('postgres', "TRUNCATE ratings; \\copy ratings FROM '$dir/ratings'");
is($node->safe_psql('postgres', $lists), $publisher->safe_psql('postgres', $lists), 'and follow again');
$node->safe_psql('postgres', 'DROP SUBSCRIPTION models');

$node->stop;
$publisher->stop;
done_testing();
