# A model outlives a restart of the server, answers nothing in other databases, and its tables do not grow.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use RecTest;

my $node = new_server('main');

load_ratings($node, 'postgres');
new_model($node, 'postgres', 'm');

# ---- restart

my $before = answers($node, 'postgres', 'm');
$node->restart;
is(answers($node, 'postgres', 'm'), $before, 'the same answers after a restart');
is(versions($node, 'postgres'), 'm:1', 'nothing was trained for them');
is($node->safe_psql('postgres', 'SELECT count(*) FROM rec.training_log'), '3', 'the log is there');
$node->safe_psql('postgres', q(CALL rec.train('m')));
is(answers($node, 'postgres', 'm'), $before, 'the same data and seed give the same model in another session');

# ---- preloading

$node->append_conf('postgresql.conf', "shared_preload_libraries = 'rec'");
$node->restart;
is(answers($node, 'postgres', 'm'), $before, 'preloaded: the same answers');
$node->safe_psql('postgres', q(CALL rec.train('m')));
is(answers($node, 'postgres', 'm'), $before, 'preloaded: the same model');
is($node->safe_psql('postgres', 'SELECT count(*) FROM rec.training_progress'), '0', 'preloaded: no training under way');

# ---- two databases

$node->safe_psql('postgres', 'CREATE DATABASE other');
$node->safe_psql('other', 'CREATE EXTENSION rec');
load_ratings($node, 'other');
new_model($node, 'other', 'm', '{"factors": 3, "iterations": 2}');
isnt(answers($node, 'other', 'm'), $before, 'a model of the same name in another database is another one');
{
	my $keeper = close_gate($node, 'other');
	my $training = start_sql($node, 'other', q(SET gate.stop = 'yes'), q(CALL rec.train('m')));

	wait_for_phase($node, 'other', 'm', 'reading');
	is($node->safe_psql('postgres', 'SELECT count(*) FROM rec.training_progress'), '0', 'its trainings are seen there only');
	$node->safe_psql('postgres', q(CALL rec.train('m')));
	is(versions($node, 'postgres'), 'm:4', 'and block nobody here');
	open_gate($keeper);
	is(finish_sql($training), '', 'the training there went on');
}
$node->safe_psql('postgres', 'DROP DATABASE other');
is(answers($node, 'postgres', 'm'), $before, 'the same answers after the other database was dropped');

# ---- no growth

# The sizes of a model's tables with their indexes and TOAST tables, and of the extension's own tables.
sub sizes
{
	my ($model) = @_;

	return split /\n/, $node->safe_psql('postgres', <<SQL);
		SELECT pg_total_relation_size(t::regclass)
		FROM unnest(ARRAY['$model', '${model}_users', 'rec.model', 'rec.iteration']) t
SQL
}

# Trains this many times, with a statement before each training and VACUUM after it.
sub train_often
{
	my ($model, $times, $change) = @_;

	$node->safe_psql('postgres',
		join '', map { "$change;\nCALL rec.train('$model');\nVACUUM $model, ${model}_users, rec.model, rec.iteration;\n" } 1 .. $times);
	return;
}

sub is_bounded
{
	my ($model, $times, $change) = @_;

	# The log holds five versions, so it is full after the fifth.
	train_often($model, 5, $change);
	my @first = sizes($model);
	train_often($model, $times, $change);
	my @last = sizes($model);

	foreach my $i (0 .. $#first)
	{
		cmp_ok($last[$i], '<=', 2.2 * $first[$i], "$model, table $i: not more than 2.2 times the size");
	}
	return;
}

# many rows; a turnover of a tenth of the users; rows so wide that they are in TOAST tables
$node->safe_psql('postgres', <<'SQL');
	CREATE TABLE many (user_id int, item_id int, PRIMARY KEY (user_id, item_id));
	INSERT INTO many SELECT u, 1 + u * i % 499 FROM generate_series(1, 2000) u, generate_series(1, 5) i ON CONFLICT DO NOTHING;
	SELECT rec.create_model('steady', 'many', options => '{"factors": 24, "iterations": 1}');
	SELECT rec.create_model('turnover', 'many', options => '{"factors": 24, "iterations": 1}');
	CREATE VIEW few AS SELECT * FROM many WHERE user_id <= 12;
	SELECT rec.create_model('wide', 'few', options => '{"factors": 600, "iterations": 1, "solver": "cg"}');
SQL
is_bounded('steady', 60, '');
is_bounded('turnover', 30, 'UPDATE many SET user_id = user_id + 2000 WHERE user_id IN (SELECT DISTINCT user_id FROM many ORDER BY 1 LIMIT 200)');
$node->safe_psql('postgres', 'UPDATE many SET user_id = user_id - (SELECT min(user_id) FROM many) + 1');
is_bounded('wide', 20, '');

$node->stop;
done_testing();
