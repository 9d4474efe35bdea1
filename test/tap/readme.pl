# README.md and the pages of docs/: their SQL runs and gives the output below it, their links have targets, README.md stays
# short, and docs/reference.md declares every function as it is.
#
# A block ```sql is run by psql in the top directory of the sources. A block without a language right after it is the expected
# output. With UPDATE_README=DIRECTORY the pages are written there with the present outputs; read them before you copy them.
# Each page has a database of its own. README.md and docs/shop.md begin with an empty one; in the databases of other pages the
# quick start of the README has run.

use strict;
use warnings;
use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = $ENV{TESTDIR};
my $most_bytes = 32768;
my %begins_empty = ('README.md' => 1, 'docs/shop.md' => 1);

chdir $root or die $!;
my @pages = ('README.md', sort glob('docs/*.md'));
my %text = map { $_ => slurp_file($_) } @pages, 'CONTRIBUTING.md', 'CHANGELOG.md';

# The text of a page without its blocks of code.
sub prose
{
	my ($page) = @_;

	return $text{$page} =~ s/^```.*?^```$//gmsr;
}

# The anchors of a page's headings.
sub anchors
{
	my ($page) = @_;
	my %anchors;

	foreach my $heading (prose($page) =~ /^#+ (.*)$/gm)
	{
		my $anchor = lc($heading) =~ s/[^\w\- ]//gr =~ s/ /-/gr;

		$anchors{$anchor} = 1;
	}
	return \%anchors;
}

# A page's links to files and headings that do not exist.
sub broken_links
{
	my ($page) = @_;
	my @broken;

	foreach my $link (prose($page) =~ /\]\(([^)\s]+)\)/g)
	{
		next if $link =~ /^https?:/;
		my ($path, $anchor) = split /#/, $link, 2;
		my $target = $path eq '' ? $page : dirname($page) . "/$path";

		$target =~ s{^\./}{};
		$target =~ s{[^/]+/\.\./}{}g;
		push @broken, $link
		  if !-e $target || (defined $anchor && !(exists $text{$target} && anchors($target)->{$anchor}));
	}
	return join(', ', @broken);
}

cmp_ok(-s 'README.md', '<=', $most_bytes, "README.md has at most $most_bytes bytes");
is(broken_links($_), '', "the links of $_ lead somewhere") foreach sort keys %text;
like($text{'README.md'}, qr/\]\($_\)/, "README.md leads to $_") foreach grep { $_ ne 'README.md' } sort(keys %text), 'LICENSE';

my $node = PostgreSQL::Test::Cluster->new('readme');
$node->init;
$node->append_conf('postgresql.conf', "timezone = 'UTC'");
$node->start;

# Runs an example; returns its output with notices and errors.
sub output_of
{
	my ($database, $example) = @_;
	my ($stdout, $stderr) = ('', '');
	my @psql = ('psql', '-X', '-q', '-P', 'footer=off', '-v', 'SHOW_CONTEXT=never',
		'-d', $node->connstr($database), '-f', '-');

	IPC::Run::run \@psql, '<', \$example, '>', \$stdout, '2>', \$stderr;
	$stderr =~ s/^psql:<stdin>:\d+: //mg;
	my $output = $stderr . $stdout;
	$output =~ s/[ \t]+$//mg;
	$output =~ s/\n+\z/\n/;
	return $output;
}

# Creates a database for a page.
sub create_database
{
	my ($page, $database) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $database");
	# a stand-in for the scheduler, which is another extension
	$node->safe_psql($database, <<"SQL");
CREATE SCHEMA cron;
CREATE FUNCTION cron.schedule(name text, schedule text, command text) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
SQL
	return if $begins_empty{$page};
	my ($quick_start) = $text{'README.md'} =~ /^## Quick start\n(.*?)^## /ms or die;
	output_of($database, $_) foreach $quick_start =~ /^```sql\n(.*?)^```\n/gms;
}

# Runs a page's examples, and compares their output.
sub check_page
{
	my ($page) = @_;
	my $database = lc(basename($page, '.md'));
	my $text = $text{$page};
	my $all = () = $text =~ /^```sql$/gm;
	my $written = '';
	my $examples = 0;

	create_database($page, $database) if $all;
	while ($text =~ /\G(.*?)^```sql\n(.*?)^```\n(\s*^```\n(.*?)^```\n)?/gmsc)
	{
		my ($before, $example, $has_output, $expected) = ($1, $2, $3, $4);
		my $output = output_of($database, $example);
		my ($first_line) = $example =~ /^(.*)$/m;

		$examples++;
		$written .= "$before```sql\n$example```\n";
		if (defined $has_output)
		{
			is($output, $expected, "$page: $first_line");
			$written .= "\n```\n$output```\n";
		}
		else
		{
			unlike($output, qr/ERROR|FATAL/, "$page: $first_line") or diag $output;
		}
	}
	$written .= substr($text, pos($text) // 0);
	is($examples, $all, "$page: all $all examples have been run");

	if ($ENV{UPDATE_README})
	{
		open my $file, '>', "$ENV{UPDATE_README}/" . basename($page) or die $!;
		print $file $written;
		close $file;
	}
}

check_page($_) foreach @pages;

# ---- the reference

# The comment of a function that is not for users says so in its first words.
my $is_public = q(d.deptype = 'e' AND e.extname = 'rec' AND p.pronamespace = 'rec'::regnamespace
	AND obj_description(p.oid, 'pg_proc') !~ '^(Support function|For (a trigger|triggers|the view|the event trigger)) ');
my $declared = $node->safe_psql('readme', <<"SQL");
SELECT format('rec.%s(%s)%s', proname, pg_get_function_arguments(p.oid), ' → ' || pg_get_function_result(p.oid))
  FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
  JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
 WHERE $is_public
SQL

# Types and defaults in the usual notation.
$declared =~ s/\bIN (?=\w+ )//g;
$declared =~ s/ DEFAULT / = /g;
$declared =~ s/(?<=['L])::[a-z ]+(\[\])?(?=[,)])//g;
$declared =~ s/'00:30:00'/'30 minutes'/g;
$declared =~ s/double precision/float8/g;
$declared =~ s/boolean/bool/g;
$declared =~ s/integer/int/g;
$declared =~ s/→ TABLE\(/→ (/g;

my %declared = map { $_ => 1 } split /\n/, $declared;
my %names = map { /^(rec\.\w+)/ => 1 } keys %declared;
my %described;

foreach my $block ($text{'docs/reference.md'} =~ /^```\n((?:CALL )?rec\..*?)^```$/gms)
{
	foreach my $signature (split /\n(?=\S)/, $block =~ s/^CALL //gmr)
	{
		$signature =~ s/\s+/ /g;
		$signature =~ s/ $//;
		ok($declared{$signature}, "as declared: $signature");
		$described{ ($signature =~ /^(rec\.\w+)/)[0] } = 1;
	}
}
is_deeply([ sort keys %described ], [ sort keys %names ], 'docs/reference.md has every function');

$names{$_} = 1 foreach split /\n/, $node->safe_psql('readme', <<'SQL');
LOAD 'rec';
SELECT name FROM pg_settings WHERE name LIKE 'rec.%'
UNION SELECT 'rec.' || viewname FROM pg_views WHERE schemaname = 'rec'
SQL
foreach my $page ('README.md', 'docs/reference.md')
{
	is(join(', ', grep { $text{$page} !~ /\b\Q$_\E\b/ } sort keys %names), '', "$page names every function, view and setting");
}

done_testing();
