# Every SQL example of the README and of docs/shop.md runs, and gives the output that stands below it.
#
# A block ```sql is run by psql; a block without a language right after it is what
# it prints. With UPDATE_README=DIRECTORY the pages are written there with the outputs as they are now, to be read with care.
# Each page has a database of its own.

use strict;
use warnings;
use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = $ENV{TESTDIR};
my $node = PostgreSQL::Test::Cluster->new('readme');
$node->init;
$node->append_conf('postgresql.conf', "timezone = 'UTC'");
$node->start;

# The tables that the README's examples take for granted; docs/shop.md makes its own.
$node->safe_psql('postgres', <<"SQL");
CREATE TABLE film (id int PRIMARY KEY, title text, genres text);
COPY film FROM '$root/test/data/ml-latest-small/movies.csv' (FORMAT csv, HEADER);
CREATE TABLE file (user_id int, item_id int, rating real, seconds bigint);
COPY file FROM '$root/test/data/ml-latest-small/ratings.csv' (FORMAT csv, HEADER);
CREATE TABLE ratings (user_id int, item_id int, rating real, rated_at timestamptz, PRIMARY KEY (user_id, item_id));
INSERT INTO ratings SELECT user_id, item_id, rating, to_timestamp(seconds) FROM file;
DROP TABLE file;
ANALYZE;
SQL

# A stand-in for the scheduler, which is an extension of its own.
sub create_scheduler
{
	my ($database) = @_;

	$node->safe_psql($database, <<"SQL");
CREATE SCHEMA cron;
CREATE FUNCTION cron.schedule(name text, schedule text, command text) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
SQL
}

# Runs an example; what it prints, notices and errors among it.
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

# Runs a page's examples in a database, and compares what they print.
sub check_page
{
	my ($page, $database) = @_;
	my $text = slurp_file("$root/$page");
	my $written = '';
	my $examples = 0;

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
	cmp_ok($examples, '>', 10, "$page has examples");

	if ($ENV{UPDATE_README})
	{
		open my $file, '>', "$ENV{UPDATE_README}/" . basename($page) or die $!;
		print $file $written;
		close $file;
	}
}

create_scheduler('postgres');
check_page('README.md', 'postgres');

$node->safe_psql('postgres', 'CREATE DATABASE shop');
create_scheduler('shop');
check_page('docs/shop.md', 'shop');

done_testing();
