# An upgraded database has the same objects as a fresh one.
use strict;
use warnings FATAL => 'all';

use Cwd qw(abs_path);
use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use RecTest;

my $top = abs_path(dirname(__FILE__) . '/../..');
my ($default) = slurp_file("$top/rec.control") =~ /^default_version = '(.*)'/m;
my $node = PostgreSQL::Test::Cluster->new('main');

$node->init;
$node->start;

# Every object of the extension, with all that can be said of it, in the order of names.
my $describe = <<'SQL';
	SELECT pg_describe_object(d.classid, d.objid, 0) AS object,
		obj_description(d.objid, d.classid::regclass::name) AS comment,
		CASE d.classid
			WHEN 'pg_proc'::regclass THEN
				(SELECT concat_ws(E'\n', CASE WHEN prokind <> 'a' THEN pg_get_functiondef(oid) END, proacl,
					(SELECT (aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn, aggtranstype::regtype, aggtransspace, agginitval)
					 FROM pg_aggregate WHERE aggfnoid = p.oid), proparallel, provolatile)
				 FROM pg_proc p WHERE oid = d.objid)
			WHEN 'pg_class'::regclass THEN
				(SELECT concat_ws(E'\n', relkind, relpersistence, reloptions, relacl::text, relrowsecurity,
					CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) END,
					(SELECT string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull, attstorage, attacl::text,
						pg_get_expr(adbin, adrelid), col_description(c.oid, attnum)), E'\n' ORDER BY attnum)
					 FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
					 WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
					(SELECT string_agg(conname || ' ' || pg_get_constraintdef(oid), E'\n' ORDER BY conname) FROM pg_constraint WHERE conrelid = c.oid),
					(SELECT string_agg(pg_get_indexdef(indexrelid), E'\n' ORDER BY indexrelid::regclass::text) FROM pg_index WHERE indrelid = c.oid),
					(SELECT string_agg(pg_get_triggerdef(oid), E'\n' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal))
				 FROM pg_class c WHERE oid = d.objid)
			WHEN 'pg_event_trigger'::regclass THEN
				(SELECT concat_ws(E'\n', evtevent, evtfoid::regprocedure, evtenabled, evttags) FROM pg_event_trigger WHERE oid = d.objid)
			WHEN 'pg_namespace'::regclass THEN (SELECT nspacl::text FROM pg_namespace WHERE oid = d.objid)
		END AS definition
	FROM pg_depend d JOIN pg_extension e ON d.refobjid = e.oid AND d.refclassid = 'pg_extension'::regclass
	WHERE e.extname = 'rec' AND d.deptype = 'e'
	ORDER BY pg_describe_object(d.classid, d.objid, 0) COLLATE "C";
	SELECT extversion, extrelocatable, extnamespace::regnamespace,
		(SELECT array_agg(c::regclass::text ORDER BY c::regclass::text) FROM unnest(extconfig) c), extcondition
	FROM pg_extension WHERE extname = 'rec';
SQL

# ---- the fresh install

$node->safe_psql('postgres', 'CREATE EXTENSION rec');
is($node->safe_psql('postgres', q(SELECT extversion FROM pg_extension WHERE extname = 'rec')), $default, 'the default version installs');
is_deeply([ slurp_file("$top/META.json") =~ /"version": "(\d[\d.]*)"/g ], [ $default, $default, '1.0.0' ], 'and is the one that META.json names, in its own form');
my $fresh = $node->safe_psql('postgres', $describe);
like($fresh, qr/rec\.train\(regclass,boolean\)/, 'the description names its objects');
is( $node->safe_psql('postgres', q(
		SELECT pg_describe_object(classid, objid, 0) FROM pg_depend
		WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'rec') AND deptype = 'e'
		  AND classid <> 'pg_type'::regclass AND obj_description(objid, classid::regclass::name) IS NULL)),
	'', 'every object has a comment');

$node->safe_psql('postgres', 'ALTER EXTENSION rec UPDATE');
is($node->safe_psql('postgres', $describe), $fresh, 'updating it changes nothing');

# ---- every version that an upgrade script names

my %versions;
foreach my $script (glob "$top/src/upgrade/rec--*--*.sql")
{
	my ($from, $to) = $script =~ /rec--(.*)--(.*)\.sql$/;

	$versions{$_} = 1 foreach $from, $to;
	is( $node->safe_psql('postgres', "SELECT count(*) FROM pg_extension_update_paths('rec') WHERE source = '$from' AND target = '$to' AND path IS NOT NULL"),
		'1', "the script from $from to $to is installed");
}
delete $versions{$default};

foreach my $version (sort keys %versions)
{
	is( $node->safe_psql('postgres', "SELECT count(*) FROM pg_extension_update_paths('rec') WHERE source = '$version' AND target = '$default' AND path IS NOT NULL"),
		'1', "$version leads to $default");

	# A released version is made by the install script of 0.1.0 and the upgrade scripts up to it, so that there is something to upgrade.
	if ($node->safe_psql('postgres', "SELECT count(*) FROM pg_available_extension_versions WHERE name = 'rec' AND version = '$version'") eq '0')
	{
		fail("version $version can be installed: src/upgrade/ has no way to it");
		next;
	}
	my $database = "from_$version";
	$node->safe_psql('postgres', qq(CREATE DATABASE "$database"));
	$node->safe_psql($database, "CREATE EXTENSION rec VERSION '$version'");
	load_ratings($node, $database);
	$node->safe_psql($database, q(SELECT rec.create_model('m', 'source', options => '{"factors": 4, "iterations": 3}')));

	# of events, with the options that the library wrote then: before 0.5.0 there was no weight
	my $without_weight = $version lt '0.5.0';
	$node->safe_psql($database, q(SELECT rec.create_model('e', 'source', options => '{"feedback": "implicit"}')));
	$node->safe_psql($database, q(UPDATE rec.model SET options = options - 'weight' WHERE model = 'e'::regclass)) if $without_weight;

	# With the new library and the old objects a model is trained, or says what is to be done.
	my ($status, $out, $error) = $node->psql($database, q(CALL rec.train('m')));
	my $answers;

	if ($status == 0)
	{
		$answers = answers($node, $database, 'm');
	}
	else
	{
		like($error, qr/extension "rec" is older than its library.*HINT: .*ALTER EXTENSION rec UPDATE/s, "$version: training asks for the update");
	}
	$node->safe_psql($database, 'ALTER EXTENSION rec UPDATE');
	is($node->safe_psql($database, $describe), $fresh, "upgraded from $version: the same objects as fresh");
	is(answers($node, $database, 'm'), $answers, "upgraded from $version: a model serves as before") if defined $answers;
	is($node->safe_psql($database, q(SELECT options->>'weight' FROM rec.model WHERE model = 'e'::regclass)), $without_weight ? 'linear' : 'log', "upgraded from $version: weights count as before");
	$node->safe_psql($database, 'DROP TABLE e');
	my $noted = 'SELECT source, source_name, source_oid, source_owner, source_columns, user_table, user_table_oid, user_table_name FROM rec.model';
	my $upgraded = $node->safe_psql($database, $noted);
	$node->safe_psql($database, q(CALL rec.train('m')));
	is($node->safe_psql($database, $noted), $upgraded, "upgraded from $version: what is known of the source is what a training writes down");
	is(versions($node, $database), defined $answers ? 'm:2' : 'm:1', "upgraded from $version: a model can be trained");
}

# ---- dropped, nothing is left but the empty schema, which CREATE EXTENSION does not count as the extension's

$node->safe_psql('postgres', 'DROP EXTENSION rec');
is( $node->safe_psql('postgres', q(
		SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = 'rec'::regnamespace),
			(SELECT count(*) FROM pg_proc WHERE pronamespace = 'rec'::regnamespace OR probin ~ 'rec$'),
			(SELECT count(*) FROM pg_type WHERE typnamespace = 'rec'::regnamespace),
			(SELECT count(*) FROM pg_event_trigger))),
	'0|0|0|0', 'dropped, nothing is left');
$node->safe_psql('postgres', 'CREATE EXTENSION rec');
is($node->safe_psql('postgres', $describe), $fresh, 'installed again, it is the same');

$node->stop;
done_testing();
