#!/usr/bin/perl
# The peak memory of a training beside its limit: 24 bytes a rating (its matrices in both orders take 16), 4 bytes a factor of
# an item or a user, and 64 MB. The memory is that of the kernel's accounting, sampled every few milliseconds: the anonymous
# pages of the backend and its workers, and the dynamic shared memory segments that any of them has mapped. Mapped parts of the
# server's shared buffers and of files do not count.
#
# On the server's machine, as root or as the server's user, with psql's environment set, in an empty database:
#
#   createdb memory && PGDATABASE=memory perl test/bench/memory.pl [ROWS [TABLE [ALGORITHM OPTIONS [TIME_COLUMN]]]]
#
# ROWS is 20,000,000 by default. TABLE is an existing table with the columns user_id, item_id, rating and at, instead of
# generated ratings. ALGORITHM is another one than als, with OPTIONS as JSON, and with a time where
# TIME_COLUMN is named: such a training has no limit.

use strict;
use warnings;
use Time::HiRes qw(sleep time);

my $rows = $ARGV[0] // 20_000_000;
my $table = $ARGV[1] // 'memory_ratings';
my $factors = 64;

sub sql
{
	my ($statement) = @_;

	open(my $psql, '-|', 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', 'SET client_min_messages = warning', '-c', $statement)
	  or die "psql: $!";
	my $out = join('', <$psql>);
	close($psql) or die "failed: $statement\n";
	chomp $out;
	return $out;
}

# The numbers of users and items of MovieLens-20M, in proportion; power laws in both directions, no pair twice.
sub make_table
{
	my $users = int(138_493 * $rows / 20_000_000) || 1;
	my $items = 26_744;

	print "making $table\n";
	sql(<<SQL);
		SELECT setseed(0.5);
		CREATE TABLE $table AS
		WITH sizes AS (SELECT u, least(9254, 20 + round(25300 * (power(u::float8 * 138493 / $users, -0.42) - power(138494, -0.42))))::int AS n
		                 FROM generate_series(1, $users) u)
		SELECT u::bigint AS user_id, item_id::bigint, (0.5 + floor(random() * 10) / 2)::real AS rating,
		       timestamp '2000-01-01' + random() * interval '20 years' AS at
		  FROM (SELECT u, (j + max(floor($items * power((j - random()) / n, 3)) - j) OVER (PARTITION BY u ORDER BY j))::int + 1 AS item_id
		          FROM sizes, generate_series(1, n) j) AS t;
SQL
	sql("VACUUM ANALYZE $table");
	return;
}

sub slurp
{
	my ($path) = @_;

	open(my $file, '<', $path) or return '';
	local $/ = undef;
	my $content = <$file>;
	return $content // '';
}

# Parallel workers of a backend.
sub workers_of
{
	my ($leader) = @_;

	return grep { slurp("/proc/$_/cmdline") =~ /parallel worker for PID $leader\b/ } map { m{/proc/(\d+)$} ? $1 : () } glob('/proc/[0-9]*');
}

# The bytes that a backend and its workers hold now.
sub held
{
	my ($leader) = @_;
	my $bytes = 0;
	my %segments;

	for my $pid ($leader, workers_of($leader))
	{
		$bytes += 1024 * $1 if slurp("/proc/$pid/status") =~ /^RssAnon:\s+(\d+) kB/m;
		$segments{$_} = 1 for slurp("/proc/$pid/maps") =~ m{(/dev/shm/PostgreSQL\.\d+)}g;
	}
	for my $segment (keys %segments)
	{
		my @stat = stat($segment);

		$bytes += 512 * $stat[12] if @stat;
	}
	return $bytes;
}

sub measure
{
	my ($what, $algorithm, $options, $time_column) = @_;
	my $model = 'memory_model';

	sql("SELECT rec.create_model('$model', '$table', '$algorithm', '$options', time_column => $time_column)");
	my $pid = open(my $psql, '-|') // die "fork: $!";
	if ($pid == 0)
	{
		exec('psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', 'SET max_parallel_maintenance_workers = 2', '-c', 'SELECT pg_backend_pid()', '-c', "CALL rec.train('$model')") or die;
	}
	my $backend = <$psql>;
	die "no backend\n" if !defined $backend;
	chomp $backend;

	my $peak = 0;
	my $samples = 0;
	my $began = time;
	while (-d "/proc/$backend")
	{
		my $now = held($backend);

		$peak = $now if $now > $peak;
		$samples++;
		sleep 0.005;
	}
	my $seconds = time - $began;
	close($psql) or die "training failed\n";

	my ($n, $users, $items) = split /\|/, sql("SELECT rows, users, items FROM rec.models WHERE model = '$model'::regclass");
	my $allowed = 4 * $factors * ($users + $items) + 64 * 1024 * 1024;
	my $limit = 24 * $n + $allowed;
	printf "%-28s %11d ratings  peak %5d MB  ", $what, $n, $peak / 1048576;
	printf "limit %5d MB  ratio %.2f  (%.1f bytes a rating without factors and 64 MB; %d samples in %.1f s)\n",
	  $limit / 1048576, $peak / $limit, ($peak - $allowed) / $n, $samples, $seconds
	  if $algorithm eq 'als';
	printf "(%.1f bytes a rating; %d samples in %.1f s)\n", $peak / $n, $samples, $seconds if $algorithm ne 'als';
	sql("DROP TABLE $model");
	return;
}

$| = 1;
sql('CREATE EXTENSION IF NOT EXISTS rec');
make_table() if !defined $ARGV[1];
if (defined $ARGV[2])
{
	measure($ARGV[2], $ARGV[2], $ARGV[3] // '{}', defined $ARGV[4] ? "'$ARGV[4]'" : 'NULL');
}
else
{
	my $options = qq("factors": $factors, "iterations": 1);

	measure('explicit', 'als', qq({"feedback": "explicit", $options}), 'NULL');
	measure('explicit, with a time', 'als', qq({"feedback": "explicit", $options}), q('at'));
	measure('implicit', 'als', qq({"feedback": "implicit", $options}), 'NULL');
}
sql("DROP TABLE $table") if !defined $ARGV[1];
