# Copies of models that all sessions share are loaded once, give the same answers, and are freed with their model.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use RecTest;

# Segments are files here, so that they can be counted.
my $node = new_server('main', <<CONF);
shared_preload_libraries = 'rec'
dynamic_shared_memory_type = mmap
max_parallel_workers_per_gather = 0
rec.cache_size = 2MB
restart_after_crash = on
CONF

load_ratings($node, 'postgres');
new_model($node, 'postgres', 'm');

# The names of the shared tables.
sub shared
{
	my ($database) = @_;

	return $node->safe_psql($database // 'postgres', q(SELECT string_agg(model_table::text, ' ' ORDER BY model_table::text) FROM rec.shared_models));
}

# The number of segments with copies, without the server's own segments.
my $own_segments;

sub segments
{
	my @files = glob($node->data_dir . '/pg_dynshmem/mmap.*');

	return @files - $own_segments;
}

# ---- the same answers as without copies; a second session reads no table

is(shared(), '', 'nothing is shared at first');
$own_segments = 0;
$own_segments = segments();
my $shared_answers = answers($node, 'postgres', 'm');
is(shared(), 'm m_users', 'what was asked is shared');
is(segments(), 2, 'and outlives the session');
is( $node->safe_psql('postgres', <<SQL), "10\n3\n0", 'another session finds it, and reads nothing');
	BEGIN;
	SELECT count(*) FROM rec.recommend('m', 1);
	SELECT count(*) FROM rec.similar_users('m', 1, n => 3);
	SELECT sum(seq_scan) FROM pg_stat_xact_user_tables WHERE relname IN ('m', 'm_users');
SQL
$node->safe_psql('postgres', q(CREATE ROLE stranger LOGIN));
my ($status, $out, $error) = $node->psql('postgres', q(SELECT rec.recommend('m', 1)), extra_params => [ '-U', 'stranger' ]);
like($error, qr/permission denied for table m/, 'who may not read the model does not get the copy');
is($node->safe_psql('postgres', 'SELECT count(*) FROM rec.shared_models', extra_params => [ '-U', 'stranger' ]), '0', 'nor sees that there is one');

# ---- a new version, before and after commit

my $session = $node->background_psql('postgres');
my $question = q(SELECT string_agg(item_id || ' ' || score, ',' ORDER BY rank) FROM rec.recommend('m', 1));
$session->query_safe($question);
$node->safe_psql('postgres', 'INSERT INTO ratings SELECT u, 31, 5 FROM generate_series(1, 50) u');

my $other = $node->background_psql('postgres');
my $before = $other->query_safe($question);
$other->query_safe('BEGIN');
$other->query_safe(q(CALL rec.train('m')));
my $version_2 = $other->query_safe($question);
isnt($version_2, $before, 'who trains asks the new version');
is($session->query_safe($question), $before, 'others the old one');
$other->query_safe('ROLLBACK');
is($other->query_safe($question), $before, 'rolled back: the old one again');

$other->query_safe('BEGIN');
$other->query_safe(q(UPDATE m SET bias = 0, factors = ARRAY[0, 0, 0, 0]));
$other->query_safe('DISCARD PLANS; ALTER TABLE m SET (autovacuum_enabled = off)');
$other->query_safe($question);
$other->query_safe('ROLLBACK');
is($other->query_safe($question), $before, 'rows changed by hand and rolled back are not kept');
is($node->safe_psql('postgres', $question), $before, 'nor shared');

$node->safe_psql('postgres', q(CALL rec.train('m')));
is(shared(), 'm', 'a training loads what others shared, so that the next question finds it');
is($session->query_safe($question), $version_2, 'a session that had the old version asks the new one');
is($node->safe_psql('postgres', $question), $version_2, 'and so does a new session');
$other->query_safe('SELECT 1');
is(shared(), 'm', 'one copy of the new version');
is(segments(), 1, 'and none of the old one');

# ---- a refresh, too, loads what others share

$node->safe_psql('postgres', <<'SQL');
	CREATE TABLE fresh AS SELECT u AS user_id, i AS item_id, 1 + (u * i) % 5 AS rating FROM generate_series(1, 20) u, generate_series(1, 10) i WHERE (u + i) % 3 > 0;
	SELECT rec.create_model('r', 'fresh', options => '{"factors": 2, "iterations": 2}') \g /dev/null
	SELECT rec.track('r') \g /dev/null
	CALL rec.train('r');
	INSERT INTO fresh SELECT 7, i, 1 FROM generate_series(40, 44) i;
SQL
is($node->safe_psql('postgres', q(SELECT count(*) FROM rec.recommend('r', 1, candidates => ARRAY[40, 41]) WHERE personal)), '0', 'before the refresh');
is(shared(), 'm r', 'asked: shared');
$node->safe_psql('postgres', q(CALL rec.refresh('r')));
is(shared(), 'm r', 'shared when the refresh returns');
is($node->safe_psql('postgres', q(SELECT count(*) FROM rec.recommend('r', 1, candidates => ARRAY[40, 41]) WHERE personal)), '2', 'and it is the new version');
$node->safe_psql('postgres', 'DROP TABLE r, fresh');

# ---- users are used only with the items with which they were loaded

# Neighbours, and the users' own items, are stored as numbers of rows in both tables.
$node->safe_psql('postgres', q(SELECT rec.create_model('k', 'source', 'user_knn', '{"neighbors": 5}')));
$node->safe_psql('postgres', q(CALL rec.train('k')));
my $k_question = q(SELECT string_agg(r.item_id || ' ' || r.score, ',' ORDER BY u, r.rank) FROM generate_series(1, 50, 7) u, LATERAL rec.recommend('k', u, n => 100) r);
$node->safe_psql('postgres', $k_question);
is(shared(), 'k k_users m', 'both tables of a model whose users are asked are shared');
foreach my $change ('ALTER TABLE k ADD COLUMN note text', 'VACUUM FULL k')
{
	$node->safe_psql('postgres', q(DELETE FROM k WHERE item_id IN (SELECT item_id FROM k ORDER BY item_id LIMIT 3)));
	$node->safe_psql('postgres', $change);
	# the users' lists name items that are gone: each session reports it, and none uses the copy of the users
	foreach my $attempt (1, 2)
	{
		my ($result, $answer, $message) = $node->psql('postgres', $k_question);

		like($message, qr/model table "k_users" holds what training did not write/, "$change: session $attempt does not ask old users of new items");
	}
	$node->safe_psql('postgres', q(CALL rec.train('k')));
	isnt($node->safe_psql('postgres', $k_question), '', 'trained, it is right again');
}
# the items make room for another model, and come back: the users are loaded with them again
my $k_answers = $node->safe_psql('postgres', $k_question);
$node->safe_psql('postgres', q(CREATE TABLE wide AS SELECT i % 100 AS user_id, i AS item_id, 1 + i % 5 AS rating FROM generate_series(1, 5000) i));
$node->safe_psql('postgres', q(SELECT rec.create_model('w', 'wide', options => '{"factors": 64, "iterations": 1}')));
$node->safe_psql('postgres', q(CALL rec.train('w')));
foreach my $round (1 .. 3)
{
	$node->safe_psql('postgres', q(SELECT count(*) FROM rec.recommend('w', 1)));
	$node->safe_psql('postgres', q(SELECT count(*) FROM rec.recommend('m', 1)));
	is($node->safe_psql('postgres', $k_question), $k_answers, 'the same after others took their room');
}
$node->safe_psql('postgres', 'DROP TABLE k, w, wide');
$_->query_safe('SELECT 1') foreach $session, $other;

# ---- dropping a database frees its copies, as does dropping tables whose extension was dropped before

$node->safe_psql('postgres', 'CREATE DATABASE gone');
$node->safe_psql('gone', 'CREATE EXTENSION rec');
load_ratings($node, 'gone');
new_model($node, 'gone', 'm');
my $before_gone = segments();
$node->safe_psql('gone', q(SELECT count(*) FROM rec.similar_users('m', 1)));
cmp_ok(segments(), '>', $before_gone, 'copies of another database');
$node->safe_psql('postgres', 'DROP DATABASE gone');
is(segments(), $before_gone, 'are gone with it');

# ---- a parallel query

my $always = parallel_switch($node);
is( $node->safe_psql('postgres', <<SQL), "t\n10", 'asking within a parallel query');
	SET $always = on;
	SET max_parallel_workers_per_gather = 2;
	SELECT count(*) > 0 FROM ratings r WHERE rec.predict('m', r.user_id, r.item_id) IS NOT NULL;
	SELECT count(*) FROM rec.recommend('m', 2);
SQL

# ---- dropping a model

$other->query_safe('BEGIN');
$other->query_safe('DROP TABLE m');
is(shared(), 'm', 'a drop that is not committed changes nothing');
$other->query_safe('ROLLBACK');
$node->safe_psql('postgres', 'DROP TABLE m');
$_->query_safe('SELECT 1') foreach $session, $other;
is(segments(), 0, 'dropped: the memory is given back');

# ---- too little room: 2 MB hold one table of 5,000 items with 64 factors, but not two

$node->safe_psql('postgres', <<SQL);
	CREATE TABLE many AS SELECT i % 100 AS user_id, i AS item_id, 1 + i % 5 AS rating FROM generate_series(1, 5000) i;
	SELECT rec.create_model(name, 'many', options => '{"factors": 64, "iterations": 1}') FROM unnest(ARRAY['a', 'b']) name \\g /dev/null
	CALL rec.train('a');
	CALL rec.train('b');
	SELECT rec.create_model('large', 'many', options => '{"factors": 128, "iterations": 1}') \\g /dev/null
	CALL rec.train('large');
SQL
$session->query_safe(q(SELECT count(*) FROM rec.recommend('a', 1)));
is(shared(), 'a', 'the first');
$other->query_safe(q(SELECT count(*) FROM rec.recommend('b', 1)));
is(shared(), 'b', 'the second in place of the first');
is($session->query_safe(q(SELECT count(*) FROM rec.recommend('a', 1))), '10', 'which can be asked all the same');
is($session->query_safe(q(SELECT count(*) FROM rec.recommend('a', 1))), '10', 'and again');
is(shared(), 'a', 'when it comes back in place of the second');
is($session->query_safe(q(SELECT count(*) FROM rec.recommend('large', 1))), '10', 'one that is too large is asked');
is(shared(), 'a', 'and not shared');
$node->append_conf('postgresql.conf', 'rec.cache_size = 0');
$node->reload;
$node->poll_query_until('postgres', q(SELECT current_setting('rec.cache_size') = '0'));
is($node->safe_psql('postgres', q(SELECT count(*) FROM rec.recommend('b', 1))), '10', 'none are shared: asked all the same');
is(shared(), 'a', 'and nothing is added');
$node->append_conf('postgresql.conf', 'rec.cache_size = 64MB');
$node->reload;
$node->poll_query_until('postgres', q(SELECT current_setting('rec.cache_size') = '64MB'));
$node->safe_psql('postgres', "DROP TABLE a, b, large");
open_gate($_) foreach $session, $other;

# ---- one session loads a model, and another waits for it. The function that hashes the ids stops at the gate.

$node->safe_psql('postgres', <<SQL);
	CREATE FUNCTION hash_point(point) RETURNS int LANGUAGE plpgsql IMMUTABLE AS \$\$
	BEGIN
		IF current_setting('gate.stop', true) = 'yes' THEN
			PERFORM pg_advisory_xact_lock_shared(1);
		END IF;
		RETURN hashtext(\$1::text);
	END \$\$;
	CREATE FUNCTION compare_points(point, point) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT bttextcmp(\$1::text, \$2::text)';
	CREATE FUNCTION points_equal(point, point) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT \$1::text = \$2::text';
	CREATE FUNCTION point_less(point, point) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT \$1::text < \$2::text';
	CREATE OPERATOR === (LEFTARG = point, RIGHTARG = point, FUNCTION = points_equal, HASHES, MERGES);
	CREATE OPERATOR <<< (LEFTARG = point, RIGHTARG = point, FUNCTION = point_less);
	CREATE OPERATOR CLASS point_hash DEFAULT FOR TYPE point USING hash AS OPERATOR 1 ===, FUNCTION 1 hash_point(point);
	CREATE OPERATOR CLASS point_btree DEFAULT FOR TYPE point USING btree AS
		OPERATOR 1 <<<, OPERATOR 3 ===, FUNCTION 1 compare_points(point, point);
	CREATE TABLE places AS SELECT u AS user_id, point(i, u % 3) AS item_id, 1 + (u * i) % 5 AS rating
	  FROM generate_series(1, 20) u, generate_series(1, 10) i WHERE (u + i) % 3 > 0;
	SELECT rec.create_model('p', 'places', options => '{"factors": 2, "iterations": 2}') \\g /dev/null
	CALL rec.train('p');
SQL
my $ask = q(SELECT count(*) FROM rec.recommend('p', '1'));
my $expected = $node->safe_psql('postgres', "SET rec.max_workers = 0; $ask");
# in a transaction of the caller's, which the training does not end, it loads nothing
my $train = q(BEGIN; CALL rec.train('p'); COMMIT);
$node->safe_psql('postgres', $train);
is(shared(), '', 'what was replaced is gone');

sub wait_for_event
{
	my ($pid, $type) = @_;

	$node->poll_query_until('postgres', "SELECT wait_event_type = '$type' FROM pg_stat_activity WHERE pid = $pid")
	  or die "process $pid does not wait for $type";
	return;
}

foreach my $end ('terminated', 'canceled', 'done')
{
	my $keeper = close_gate($node, 'postgres');
	my %pid;
	my %asking;

	foreach my $who ('loader', 'waiter')
	{
		# the waiting session does not stop at the gate, so that it can load the model if the first session fails
		$asking{$who} = start_sql($node, 'postgres', "SET application_name = '$who'",
			'SET gate.stop = ' . ($who eq 'loader' ? "'yes'" : "'no'"), $ask);
		$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = '$who'");
		$pid{$who} = $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE application_name = '$who'");
		wait_for_event($pid{$who}, $who eq 'loader' ? 'Lock' : 'Extension');
	}
	is(shared(), '', "$end: what is being loaded is not there yet");
	$node->safe_psql('postgres', "SELECT pg_terminate_backend($pid{loader})") if $end eq 'terminated';
	$node->safe_psql('postgres', "SELECT pg_cancel_backend($pid{loader})") if $end eq 'canceled';
	open_gate($keeper) if $end eq 'done';
	is(finish_sql($asking{waiter}), '', "$end: the one that waited answers");
	is($asking{waiter}{out}, "$expected\n", "$end: and rightly");
	finish_sql($asking{loader});
	is(shared(), 'p', "$end: and it is shared");
	open_gate($keeper) if $end ne 'done';
	$node->safe_psql('postgres', $train);
}

# the waiting session is cancelled
{
	my $keeper = close_gate($node, 'postgres');
	my $loader = start_sql($node, 'postgres', q(SET application_name = 'loader'; SET gate.stop = 'yes'), $ask);
	my $waiter;

	$node->poll_query_until('postgres', q(SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'loader' AND wait_event_type = 'Lock'));
	$waiter = start_sql($node, 'postgres', q(SET application_name = 'waiter'), q(SET statement_timeout = '100ms'), $ask);
	like(finish_sql($waiter), qr/57014: canceling statement due to statement timeout/, 'waiting can be cancelled');
	open_gate($keeper);
	is(finish_sql($loader), '', 'and the other one goes on');
}

# ---- a crash

is(shared(), 'p', 'before a crash');
my $victim = $node->background_psql('postgres');
my $victim_pid = $victim->query_safe('SELECT pg_backend_pid()');
my $log_end = -s $node->logfile;
kill 'KILL', $victim_pid;
wait_for_recovery($node, $log_end);
is(shared(), '', 'after a crash nothing is shared');
is(segments(), 0, 'and nothing left behind');
is($node->safe_psql('postgres', $ask), $expected, 'and the model can be asked');
is(shared(), 'p', 'and is shared again');
eval { $victim->quit; };
$node->stop;

# ---- without the library preloaded: the same answers

my $plain = new_server('plain');
load_ratings($plain, 'postgres');
new_model($plain, 'postgres', 'm');
is(answers($plain, 'postgres', 'm'), $shared_answers, 'not preloaded: the same answers');
is($plain->safe_psql('postgres', 'SELECT count(*) FROM rec.shared_models'), '0', 'and nothing is shared');
$plain->stop;
done_testing();
