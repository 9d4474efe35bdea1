# An upgraded database has the same objects as a fresh one; its models answer as before and can be trained.
use strict;
use warnings FATAL => 'all';

use Cwd qw(abs_path);
use Errno;
use File::Basename;
use File::Copy;
use File::Path qw(make_path);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use RecTest;

my $top = abs_path(dirname(__FILE__) . '/../..');
my ($default) = slurp_file("$top/rec.control") =~ /^default_version = '(.*)'/m;

# The scripts that this version installs.
my %installed = map { $_ => 1 } `make -n -C '$top' install` =~ /\brec--[^\s\/']+\.sql\b/g;

# The install script of the first version, from which the upgrade scripts make the others, is not installed. PostgreSQL looks
# for scripts relative to its program, so a copy of the program, with links to its other directories, has this script as well.
# Scripts that another version left in the directory, perhaps an unfinished one, are not there.
sub installation_with
{
	my ($script) = @_;
	my $copy = PostgreSQL::Test::Utils::tempdir();
	my %dir;

	foreach my $name (qw(bindir sharedir pkglibdir))
	{
		chomp($dir{$name} = `pg_config --$name`);
	}
	my ($common) = join("\n", values %dir) =~ m{^(/.*/).*\n\1.*\n\1} or die 'pg_config: ' . join(', ', values %dir);
	my %own = map { $_ => $copy . '/' . substr($dir{$_}, length $common) } keys %dir;

	make_path($own{bindir}, "$own{sharedir}/extension", dirname($own{pkglibdir}));
	symlink($dir{pkglibdir}, $own{pkglibdir}) or die $!;
	foreach my $file ($script, glob("$dir{bindir}/* $dir{sharedir}/* $dir{sharedir}/extension/*"))
	{
		my $place = $file eq $script ? "$own{sharedir}/extension" : dirname($file) =~ s/^\Q$common\E/$copy\//r;

		# programs find their directories relative to their own path
		if ($file =~ m{/(postgres|initdb|pg_ctl|pg_config)$})
		{
			copy($file, $place) && chmod(0755, "$place/$1") or die $!;
		}
		elsif ($file ne "$dir{sharedir}/extension" && ($file eq $script || $file !~ m{/(rec--[^/]*)$} || $installed{$1}))
		{
			symlink($file, "$place/" . basename($file)) or $!{EEXIST} or die $!;
		}
	}
	return dirname($own{bindir});
}

my $node = PostgreSQL::Test::Cluster->new('main', install_path => installation_with("$top/test/data/rec--0.1.0.sql"));

$node->init;
$node->start;

# Every object of the extension with all of its properties, ordered by name.
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

is(join(' ', grep { !/--.*--/ } keys %installed), "rec--$default.sql", 'of install scripts the default version\'s alone is installed');

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

# ---- objects of the user that prevent an update

# The update names all such objects before it changes anything. The workaround in its hint and in the CHANGELOG restores them.
sub check_dependents
{
	my ($database, $version) = @_;
	my $before = $node->safe_psql($database, $describe);

	$node->safe_psql($database, q(
		CREATE SCHEMA mine;
		CREATE TABLE mine.asked (user_id int);
		CREATE VIEW mine.top AS SELECT u.user_id, r.rank, r.item_id FROM (VALUES (1), (2)) u (user_id), LATERAL rec.recommend('als', u.user_id, 3) r;
		CREATE VIEW mine."the best" AS SELECT * FROM mine.top WHERE rank = 1;
		CREATE MATERIALIZED VIEW mine.alike AS SELECT * FROM rec.similar_items('als', 1, 3);
		CREATE FUNCTION mine.best_of(mine.top) RETURNS int LANGUAGE sql AS 'SELECT 1';
		CREATE FUNCTION mine.why(item int) RETURNS SETOF int BEGIN ATOMIC SELECT known_item_id FROM rec.explain('als', 1, item); END;
		CREATE RULE answer AS ON INSERT TO mine.asked DO ALSO SELECT item_id FROM rec.recommend('als', NEW.user_id, 1);
		CREATE VIEW mine.free AS SELECT rec.predict('als', 1, 1), rec.ndcg(ARRAY[1, 2], ARRAY[2], 2);
		CREATE FUNCTION mine.late() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM rec.recommend('als', 1, 3) $$;));

	my ($status, $out, $error) = $node->psql($database, "\\set VERBOSITY verbose\nALTER EXTENSION rec UPDATE");
	isnt($status, 0, "$version: an update stops where views depend on what it replaces");
	like($error, qr/ERROR:  2BP01: extension "rec" cannot be updated/, 'with the error of its kind');
	my ($detail) = $error =~ /DETAIL:  (.*?)\nHINT/s;
	is( join(', ', sort split /\n/, $detail),
		'function mine.best_of(mine.top), function mine.why(integer), materialized view mine.alike, rule answer on table mine.asked, view mine."the best", view mine.top',
		'that names the objects');
	like($error, qr/HINT:  Save the definitions/, 'and what to do');
	is($node->safe_psql($database, $describe), $before, 'and has changed nothing');

	# with the new library the old declarations work as before
	is($node->safe_psql($database, 'SELECT count(*) > 0 FROM mine.why(2)'), 't', "$version: the old rec.explain answers");
	$node->safe_psql($database, q(CALL rec.recommend_all('als', 'lists', 3); REFRESH MATERIALIZED VIEW mine.alike));
	my $list = $node->safe_psql($database, 'TABLE mine.top');
	is( $node->safe_psql($database, 'SELECT user_id, rank, item_id FROM lists WHERE user_id <= 2 ORDER BY 1, 2'),
		$node->safe_psql($database, 'SELECT * FROM mine.top ORDER BY 1, 2'), 'and the old rec.recommend_all');
	$node->safe_psql($database, 'DROP TABLE lists');
	my $definition = $node->safe_psql($database, q(SELECT pg_get_viewdef('mine.top')));
	$node->safe_psql($database, q(
		DROP RULE answer ON mine.asked;
		DROP FUNCTION mine.why(int), mine.best_of(mine.top);
		DROP MATERIALIZED VIEW mine.alike;
		DROP VIEW mine."the best", mine.top;));
	$node->safe_psql($database, "ALTER EXTENSION rec UPDATE; CREATE VIEW mine.top AS $definition");
	is($node->safe_psql($database, 'TABLE mine.top'), $list, 'the way round leads to the same view');
	is($node->safe_psql($database, 'SELECT mine.late()'), '3', 'what looks functions up by name goes on');
	$node->safe_psql($database, 'DROP SCHEMA mine CASCADE');
}

# ---- every version with an upgrade script

my %versions;
foreach my $script (glob "$top/src/upgrade/rec--*--*.sql")
{
	my ($from, $to) = $script =~ /rec--(.*)--(.*)\.sql$/;

	$versions{$_} = 1 foreach $from, $to;
	is( $node->safe_psql('postgres', "SELECT count(*) FROM pg_extension_update_paths('rec') WHERE source = '$from' AND target = '$to' AND path IS NOT NULL"),
		'1', "the script from $from to $to is installed");
}
delete $versions{$default};
is(join(' ', releases()), join(' ', sort keys %versions), 'there is a dump of every release');

foreach my $version (sort keys %versions)
{
	is( $node->safe_psql('postgres', "SELECT count(*) FROM pg_extension_update_paths('rec') WHERE source = '$version' AND target = '$default' AND path IS NOT NULL"),
		'1', "$version leads to $default");

	# A released version is made by the install script of 0.1.0 and the upgrade scripts up to it, with the models of that
	# release's dump.
	my $database = "from_$version";
	restore_release($node, $database, $version, $version);
	is($node->safe_psql($database, q(SELECT extversion FROM pg_extension WHERE extname = 'rec')), $version, "version $version with its models");

	# With the new library and the old objects, models answer and can be trained, or an error says what to do. Some questions
	# read the whole source, by an aggregate that was another one before 0.4.2.
	my $reads = $version ge '0.3.0' && $version lt '0.4.2';
	check_release($node, $database, $version, 'before the upgrade', $reads ? '^user_knn|^(ease|item_knn|popular|slim) similar_users' : undef);
	foreach my $statement (q(BEGIN; CALL rec.train('als'); ROLLBACK), $reads ? q(SELECT rec.predict('user_knn', 1, 1)) : ())
	{
		my ($status, $out, $error) = $node->psql($database, $statement);

		ok($status == 0 || $error =~ /extension "rec" is older than its library.*HINT: .*ALTER EXTENSION rec UPDATE/s, "$version: $statement asks for the update")
		  or diag($error);
	}
	check_dependents($database, $version) if $version eq '0.5.0';
	$node->safe_psql($database, 'ALTER EXTENSION rec UPDATE');
	is($node->safe_psql($database, $describe), $fresh, "upgraded from $version: the same objects as fresh");
	check_release($node, $database, $version, 'upgraded');
	is( $node->safe_psql($database, q(SELECT options->>'weight' FROM rec.model WHERE model = 'als_cg'::regclass)),
		$version lt '0.5.0' ? 'linear' : 'log', "upgraded from $version: weights count as before");
	# each model has a table beside it that describes it, with the same owner, so that the extension is not dropped by accident,
	# and models can be adopted
	is( $node->safe_psql($database, q(
			SELECT m.model, t.relation FROM rec.model m LEFT JOIN rec.model_table t ON t.model = m.model AND t.side = 'model' LEFT JOIN pg_class i ON i.oid = m.model
			  LEFT JOIN pg_class b ON b.oid = t.relation WHERE i.relowner IS DISTINCT FROM b.relowner)),
		'', "upgraded from $version: tables say what the models are");
	my ($refused, $no, $refusal) = $node->psql($database, 'DROP EXTENSION rec');
	like($refusal, qr/cannot drop extension rec because other objects depend on it/, "upgraded from $version: it is not dropped by accident");
	if ($version eq '0.1.0' || $version eq '0.5.0')
	{
		$node->safe_psql($database, q(
			CREATE TABLE sources AS SELECT model::text, source::text FROM rec.models;
			DROP EXTENSION rec CASCADE; CREATE EXTENSION rec;
			SELECT rec.adopt(model::regclass, source::regclass) FROM sources));
		check_release($node, $database, $version, 'adopted');
	}
	# what it has before; the table of users of session_knn came with 0.7.0
	my $noted = q(SELECT model, source, source_name, source_oid, source_owner, source_columns, user_table
			FROM rec.model ORDER BY model::text;
		SELECT * FROM rec.model_table WHERE side <> 'model' AND (model::text, side) <> ('session_knn', 'users')
			ORDER BY model::text, side);
	my $upgraded = $node->safe_psql($database, $noted);
	train_release($node, $database, $version);
	is($node->safe_psql($database, $noted), $upgraded, "upgraded from $version: what is known of the source is what a training writes down");
}

# ---- after dropping the extension only the empty schema is left, which CREATE EXTENSION does not make a member of the
# extension

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
