# Trains a model and watches: the seconds of each phase, and the memory that the processes take at most, by the
# kernel's accounts. Prints lines "name value".
#
#	watch.pl DATA_DIRECTORY MODEL [SETTING=VALUE ...]
#
# Memory: the anonymous memory of the session and its workers, and the dynamic shared memory that came
# with the training (files in /dev/shm: Linux with dynamic_shared_memory_type = posix), not the server's shared buffers.
# Looked at every 10 ms, so a shorter peak is missed, and the training is slowed down a little.
use strict;
use warnings;
use IPC::Open2;
use POSIX ':sys_wait_h';
use Time::HiRes qw(time sleep);

my ($directory, $model, @settings) = @ARGV;
my @psql = ('psql', '-XAtq', '-v', 'ON_ERROR_STOP=1');
open my $file, '<', "$directory/postmaster.pid" or die "$directory/postmaster.pid: $!";
my $postmaster = <$file> + 0;
close $file;

sub contents
{
	my ($name) = @_;

	open my $file, '<', $name or return '';
	local $/;
	return <$file> // '';
}

# Bytes of memory segments other than the server's own.
sub segments
{
	my $bytes = 0;

	foreach my $file (glob '/dev/shm/PostgreSQL.*')
	{
		my @stat = stat $file;
		$bytes += $stat[12] * 512 if @stat;
	}
	return $bytes;
}

# Of the session and the parallel workers.
sub anonymous
{
	my ($session) = @_;
	my $bytes = 0;

	foreach my $pid (split ' ', contents("/proc/$postmaster/task/$postmaster/children"))
	{
		next if $pid != $session && contents("/proc/$pid/cmdline") !~ /parallel worker/;
		$bytes += 1024 * $1 if contents("/proc/$pid/status") =~ /^RssAnon:\s+(\d+)/m;
	}
	return $bytes;
}

my $watcher = open2(my $answers, my $questions, @psql);

# One row, its columns.
sub ask
{
	print $questions "$_[0];\n\\echo end\n";
	$questions->flush;
	my @lines;
	while (defined(my $line = <$answers>))
	{
		chomp $line;
		return split /\|/, $lines[0] // '' if $line eq 'end';
		push @lines, $line;
	}
	die "the watching session ended\n";
}

ask('SELECT 1');
my $shared_before = segments();
my $training = fork // die $!;
if ($training == 0)
{
	exec @psql, (map { ('-c', "SET $_") } @settings), '-c', "CALL rec.train('$model')" or die $!;
}

my ($phase, $session, %seconds) = ('', 0);
my ($peak, $peak_anonymous, $peak_shared) = (0, 0, 0);
my $last = time;
while (waitpid($training, WNOHANG) == 0)
{
	my ($pid, $now_in) = ask("SELECT pid, phase FROM rec.training_progress WHERE model = '$model'::regclass");
	my $now = time;

	$seconds{$phase} += $now - $last if $phase ne '';
	$last = $now;
	$phase = $now_in // '';
	$session = $pid if defined $pid;
	if ($session)
	{
		my ($anonymous, $shared) = (anonymous($session), segments() - $shared_before);

		($peak, $peak_anonymous, $peak_shared) = ($anonymous + $shared, $anonymous, $shared) if $anonymous + $shared > $peak;
	}
	sleep 0.01;
}
die "the training failed\n" if $? != 0;
close $questions;
waitpid $watcher, 0;

print "seconds_$_ $seconds{$_}\n" foreach sort keys %seconds;
print "peak_bytes $peak\npeak_anonymous $peak_anonymous\npeak_shared $peak_shared\n";
