# Every SQL example of the README runs, and gives the output that stands below it.
#
# A block ```sql is run by psql; a block without a language right after it is what
# it prints. With UPDATE_README=1 the outputs are written anew instead, to be read with care.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $root = $ENV{TESTDIR};
my $node = PostgreSQL::Test::Cluster->new('readme');
$node->init;
$node->append_conf('postgresql.conf', "timezone = 'UTC'");
$node->start;

# The tables that the examples take for granted, and a stand-in for the scheduler, which is an extension of its own.
$node->safe_psql('postgres', <<"SQL");
CREATE TABLE film (id int PRIMARY KEY, title text, genres text);
COPY film FROM '$root/test/data/ml-latest-small/movies.csv' (FORMAT csv, HEADER);
CREATE TABLE file (user_id int, item_id int, rating real, seconds bigint);
COPY file FROM '$root/test/data/ml-latest-small/ratings.csv' (FORMAT csv, HEADER);
CREATE TABLE ratings (user_id int, item_id int, rating real, rated_at timestamptz, PRIMARY KEY (user_id, item_id));
INSERT INTO ratings SELECT user_id, item_id, rating, to_timestamp(seconds) FROM file;
DROP TABLE file;
ANALYZE;
CREATE SCHEMA cron;
CREATE FUNCTION cron.schedule(name text, schedule text, command text) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
SQL

# Runs an example; what it prints, notices and errors among it.
sub output_of
{
	my ($example) = @_;
	my ($stdout, $stderr) = ('', '');
	my @psql = ('psql', '-X', '-q', '-P', 'footer=off', '-v', 'SHOW_CONTEXT=never',
		'-d', $node->connstr('postgres'), '-f', '-');

	IPC::Run::run \@psql, '<', \$example, '>', \$stdout, '2>', \$stderr;
	$stderr =~ s/^psql:<stdin>:\d+: //mg;
	my $output = $stderr . $stdout;
	$output =~ s/[ \t]+$//mg;
	$output =~ s/\n+\z/\n/;
	return $output;
}

my $readme = slurp_file("$root/README.md");
my $written = '';
my $examples = 0;
while ($readme =~ /\G(.*?)^```sql\n(.*?)^```\n(\s*^```\n(.*?)^```\n)?/gmsc)
{
	my ($before, $example, $has_output, $expected) = ($1, $2, $3, $4);
	my $output = output_of($example);
	my ($first_line) = $example =~ /^(.*)$/m;

	$examples++;
	$written .= "$before```sql\n$example```\n";
	if (defined $has_output)
	{
		is($output, $expected, $first_line);
		$written .= "\n```\n$output```\n";
	}
	else
	{
		unlike($output, qr/ERROR|FATAL/, $first_line) or diag $output;
	}
}
$written .= substr($readme, pos($readme) // 0);
cmp_ok($examples, '>', 10, 'the README has examples');

if ($ENV{UPDATE_README})
{
	open my $file, '>', $ENV{UPDATE_README} or die $!;
	print $file $written;
	close $file;
}

done_testing();
