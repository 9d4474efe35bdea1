# Everything without a superuser: the owner of a database installs the extension, and creates, trains, asks and drops models;
# other roles can do what they were granted.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use RecTest;

my $node = PostgreSQL::Test::Cluster->new('main');

$node->init;
$node->start;
$node->safe_psql('postgres', q(
	CREATE ROLE owner LOGIN;
	CREATE ROLE analyst LOGIN;
	CREATE ROLE guest LOGIN;
	CREATE DATABASE shop OWNER owner));

# The output, or the SQLSTATE and message of the error.
sub by
{
	my ($role, $sql) = @_;
	my ($status, $out, $error) = $node->psql('shop', $sql, extra_params => [ '-U', $role, '-v', 'VERBOSITY=verbose' ]);

	return $status == 0 ? $out : $error =~ /ERROR:  (.*)/ ? $1 : $error;
}

{
	local $ENV{PGUSER} = 'owner';

	is(by('owner', 'CREATE EXTENSION rec'), '', 'the owner of the database installs');
	load_ratings($node, 'shop');
	new_model($node, 'shop', 'm');
	isnt(answers($node, 'shop', 'm'), '', 'defines, trains, asks');
	is(versions($node, 'shop'), 'm:1', 'looks');
	is(by('owner', 'SELECT count(*) FROM rec.training_log'), '3', 'reads the log');
	is(by('owner', 'SELECT count(*) FROM rec.training_progress'), '0', 'and the progress');
	is(by('owner', 'SELECT count(*) > 5 FROM rec.algorithms'), 't', 'and the options');
}

# ---- another role, with privileges

is(by('guest', q(SELECT count(*) FROM rec.recommend('m', 1))), '42501: permission denied for table m', 'guest: may not ask');
is(by('guest', q(CALL rec.train('m'))), '42501: must be owner of table m', 'guest: may not train');
is(by('guest', 'SELECT count(*) FROM rec.models'), '0', 'guest: sees no model');
is(by('guest', 'SELECT count(*) FROM rec.model'), '42501: permission denied for table model', 'guest: may not read the catalog');
is(by('guest', 'SELECT count(*) FROM rec.training_log'), '0', 'guest: sees no log');
is(by('guest', 'SELECT count(*) FROM rec.training_progress'), '0', 'guest: sees no progress');
is(by('guest', 'DROP TABLE m'), '42501: must be owner of table m', 'guest: may not drop');

by('owner', 'GRANT SELECT ON m TO analyst');
is(by('analyst', q(SELECT count(*) FROM rec.similar_items('m', 1))), '10', 'analyst: asks the model');
is(by('analyst', q(SELECT count(*) FROM rec.recommend('m', 1))), '42501: permission denied for view source', 'analyst: not what needs the source');
by('owner', 'GRANT SELECT ON source TO analyst');
is(by('analyst', q(SELECT count(*) FROM rec.recommend('m', 1))), '10', 'analyst: asks for a user');
is(by('analyst', 'SELECT model, version FROM rec.models'), 'm|1', 'analyst: sees the model');
is(by('analyst', q(CALL rec.train('m'))), '42501: must be owner of table m', 'analyst: may not train');

# a model that the analyst owns, with privileges granted by the analyst, who drops it
by('owner', 'CREATE SCHEMA lab; GRANT ALL ON SCHEMA lab TO analyst');
is(by('analyst', q(SELECT rec.create_model('lab.mine', 'source', options => '{"factors": 2, "iterations": 2}'))), 'lab.mine', 'analyst: defines one');
is(by('analyst', q(CALL rec.train('lab.mine'))), '', 'analyst: trains it');
is(by('owner', q(SELECT count(*) FROM rec.recommend('lab.mine', 1))), '42501: permission denied for table mine', 'the owner of the database may not ask it');
is(by('analyst', 'DROP TABLE lab.mine'), '', 'analyst: drops it');
is(by('owner', q(SELECT count(*), to_regclass('lab.mine_users') FROM rec.model)), '1|', 'and nothing of it is left');

# a session that has the model in memory when the privilege is revoked, in the middle of its transaction
{
	my $session = $node->background_psql('shop', extra_params => [ '-U', 'analyst' ], on_error_stop => 0);

	$session->query_safe('BEGIN');
	is($session->query_safe(q(SELECT count(*) FROM rec.similar_items('m', 1))), '10', 'before a REVOKE');
	by('owner', 'REVOKE SELECT ON m FROM analyst');
	$session->query(q(SELECT count(*) FROM rec.similar_items('m', 1)));
	like($session->{stderr}, qr/permission denied for table m/, 'after a REVOKE');
	$session->{stderr} = '';
	$session->query('ROLLBACK');
	$session->{stderr} = '';
	$session->quit;
}

# ---- dropping everything

is(by('owner', 'DROP TABLE m'), '', 'the owner drops a model');
is(by('owner', q(SELECT count(*), to_regclass('m_users') FROM rec.model)), '0|', 'all of it');
is(by('owner', q(SELECT rec.create_model('kept', 'source'))), 'kept', 'another model');
like(by('owner', 'DROP EXTENSION rec'), qr/^2BP01: cannot drop extension rec/, 'while there is one, not the extension');
is(by('owner', 'DROP EXTENSION rec CASCADE'), '', 'unless that is meant');
is(by('owner', q(SELECT to_regclass('kept'), to_regclass('kept_users'), to_regclass('ratings'))), 'kept|kept_users|ratings', "whose tables stay, for they are the user's");
is(by('owner', q(CREATE EXTENSION rec; SELECT rec.adopt('kept', 'source'); SELECT count(*) FROM rec.models)), "kept\n1", 'it can be installed again');
is(by('owner', q(DROP TABLE kept; DROP EXTENSION rec; CREATE EXTENSION rec; SELECT count(*) FROM rec.models)), '0', 'and dropped where there is none');

$node->stop;
done_testing();
