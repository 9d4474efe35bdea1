# Lets memory run out at every point of a statement, or at a sample of points: the statement fails with an error or gives the
# right answer, and the session goes on.
use strict;
use warnings FATAL => 'all';

use Faults;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RecTest qw(parallel_switch);
use Test::More;
use Time::HiRes qw(time sleep);

# All tables of the model are loaded anew in each round, so that memory runs out while loading as well.
my %node = (
	alone => faulty_server('alone'),
	shared => faulty_server('shared', "shared_preload_libraries = 'rec'\n"));
my @kinds = kinds($node{alone});
my $always = parallel_switch($node{alone});

my %log_end = map { $_ => -s $node{$_}->logfile } keys %node;
my ($tried, $reached, $errors, $own_crashes) = (0, 0, 0, 0);

my %statements = (
	train => q(CALL rec.train('MODEL')),
	recommend => q(SELECT count(*) FROM rec.recommend('MODEL', 1)),
	predict => q(SELECT rec.predict('MODEL', 1, 2)),
	explain => q(SELECT count(*) FROM rec.explain('MODEL', 1, 3)),
	similar_items => q(SELECT count(*) FROM rec.similar_items('MODEL', 1)),
	similar_users => q(SELECT count(*) FROM rec.similar_users('MODEL', 1)),
	recommend_users => q(SELECT count(*) FROM rec.recommend_users('MODEL', 1)),
	recommend_all => q(CALL rec.recommend_all('MODEL', 'faults.lists')),
	evaluate => q(SELECT count(*) FROM rec.evaluate('MODEL', 'random')),
	tune => q(SELECT count(*) FROM rec.tune('MODEL', '{"feedback": ["FEEDBACK"]}', split => 'random')),
	report => q(SELECT length(rec.report('MODEL'))),
	create => q(SELECT rec.create_model('faults.created', 'ratings')));

# ---- the cases: a statement, a model, a server, and whether the session's own process or its workers fail

my @cases;
my %segments;
foreach my $place (sort keys %node)
{
	sure($node{$place}, 'SELECT 1');
	$segments{$place} = live_segments($node{$place});
	foreach my $kind (@kinds)
	{
		my $name = $kind->{name};

		sure($node{$place}, $_) foreach model_sql($kind, $name);
		$kind->{answers} = sure($node{$place}, answers($name));
		foreach my $statement (sort keys %statements)
		{
			next if $statement eq 'create' && $kind != $kinds[0];
			push @cases, { place => $place, kind => $kind, what => $statement, sql => $statements{$statement} =~ s/MODEL/$name/r =~ s/FEEDBACK/$kind->{feedback}/r };
			push @cases, { %{ $cases[-1] }, workers => 1, calls => 40 }
			  if $statement =~ /train|recommend_all|evaluate/ && $place eq 'alone';
		}
	}
}
foreach my $case (@cases)
{
	$case->{title} = join ' ', "$case->{what} $case->{kind}{name}", $case->{place}, $case->{workers} ? 'workers' : ();
	$case->{failures} = [];
	$case->{tried} = {};
}

# A session for a case, which has yet to load the model.
sub new_session
{
	my ($case) = @_;
	my $session;

	sure($node{ $case->{place} }, "UPDATE rec.model SET loss = loss WHERE model = '$case->{kind}{name}'::regclass");
	sure($node{ $case->{place} }, 'DROP TABLE IF EXISTS faults.created CASCADE') if $case->{what} eq 'create';
	$session = session($node{ $case->{place} }, 'statement_timeout=30s',
		$case->{workers} ? ("$always=on", 'max_parallel_maintenance_workers=2') : 'max_parallel_maintenance_workers=0');
	# Loading the library is left out, as libgfortran, which OpenBLAS needs, ends the process if it cannot start.
	ask($session, "LOAD 'rec'");
	my ($state, $said) = ask($session, 'SELECT pg_backend_pid(), faults.calls()');
	($session->{pid}) = split /\|/, $said;
	return $session;
}

sub count_calls
{
	my ($case) = @_;
	my $session = new_session($case);

	ask($session, 'SELECT faults.arm(2000000000)');
	my ($state, $said) = ask($session, $case->{sql});
	give_up("$case->{title}: $said") if $state ne '00000';
	($state, $said) = ask($session, 'SELECT faults.calls()');
	finish($session);
	return $said;
}

# The place of the call that failed.
sub failed_place
{
	my ($case, $pid) = @_;
	my $file = directory($node{ $case->{place} }) . "/$pid.place";

	return '' if !-e $file;
	my $place = named_frames(slurp_file($file));
	unlink $file;
	return $place;
}

sub failed
{
	my ($case, $n, $message) = @_;

	push @{ $case->{failures} }, "call $n of $case->{calls}: $message";
	return;
}

# Lets call n and the calls after it fail, and checks the outcome.
sub try
{
	my ($case, $n, $count) = @_;
	my $session = new_session($case);
	my $answers = answers($case->{kind}{name});
	my ($state, $said);

	$tried++;
	ask($session, $case->{workers} ? "SET faults.worker_call = $n" : "SELECT faults.arm($n, $count)");
	($state, $said) = ask($session, $case->{sql});
	my $place = failed_place($case, $session->{pid});
	$reached++ if $place ne '';
	$errors++ if $state ne '00000';
	if ($state !~ /^(00000|53...|57...|58...)$/ && !$session->{ended})
	{
		failed($case, $n, "$state $said\n$place");
	}
	if (!$session->{ended})
	{
		ask($session, 'SET faults.worker_call = 0') if $case->{workers};
		($state, $said) = ask($session, $answers);
		failed($case, $n, "afterwards, $state $said\n$place") if $state ne '00000' || $said ne $case->{kind}{answers};
		if (!$session->{ended})
		{
			$said = sure($node{ $case->{place} }, 'SELECT (SELECT count(*) FROM pg_locks WHERE pid <> pg_backend_pid())::text || (SELECT count(*) FROM rec.training_progress)');
			failed($case, $n, "locks and progress are left: $said\n$place") if $said ne '00';
			if ($tried % 4 == 0 && $case->{what} ne 'create')
			{
				($state, $said) = ask($session, $case->{sql});
				failed($case, $n, "the same again, $state $said\n$place") if $state ne '00000' && !$session->{ended};
			}
		}
	}
	if (crashed($session))
	{
		my $where;

		($where, $log_end{ $case->{place} }) = crash_places($node{ $case->{place} }, $log_end{ $case->{place} });
		# Faults of the server itself are left out: a FATAL if a locale cannot be restored, and an incomplete entry of the
		# statistics.
		if ($where =~ /^rec(\.so)?: /m || $where !~ /FATAL:|PgStat Shared Ref|^postgres: /m) { failed($case, $n, "a crash:\n$where\n---- what failed:\n$place"); }
		else { $own_crashes++; diag("the server's own crash, $case->{title}, call $n:\n$where\n---- what failed:\n$place"); }
	}
	elsif ($session->{hangs})
	{
		failed($case, $n, "hangs\n$place");
	}
	finish($session);
	look_for_segments($case, $n, $place) if $case->{place} eq 'shared';
	return;
}

# The server's segments must be shared models, apart from its own. Segments of a session are removed a moment after its end.
sub look_for_segments
{
	my ($case, $n, $place) = @_;
	my $deadline = time + 5;
	my $expected;

	for (;;)
	{
		$expected = $segments{ $case->{place} } + sure($node{ $case->{place} }, 'SELECT count(*) FROM rec.shared_models');
		my $live = live_segments($node{ $case->{place} });

		return if $live == $expected;
		last if time > $deadline;
		sleep 0.02;
	}
	failed($case, $n, "segments: " . live_segments($node{ $case->{place} }) . " in place of $expected\n$place");
	# and is not reported again
	$segments{ $case->{place} } += live_segments($node{ $case->{place} }) - $expected;
	return;
}

# ---- rounds with one call for each case: the calls are spread evenly over all calls of the statement, for any number of rounds

my $round = 0;
my $golden = (sqrt(5) - 1) / 2;

$_->{calls} //= count_calls($_) foreach @cases;
while (remaining() > 0)
{
	my $left = 0;

	$round++;
	foreach my $case (@cases)
	{
		my $at = $round * $golden;
		my $n = 1 + int($case->{calls} * ($at - int $at));

		# the next call that was not tried before, so that all calls are tried in the end
		($n) = grep { !$case->{tried}{$_} } $n .. $case->{calls}, 1 .. $n - 1 or next if $case->{tried}{$n};
		next if !defined $n || keys %{ $case->{tried} } >= $case->{calls};
		$left++;
		last if remaining() < 0;
		$case->{tried}{$n} = 1;
		try($case, $n, $round % 3 == 0 ? 3 : 1);
	}
	last if !$left;
}

foreach my $case (@cases)
{
	my @failures = @{ $case->{failures} };

	is(scalar @failures, 0, $case->{title})
	  or diag(join "\n", @failures[ 0 .. ($#failures < 2 ? $#failures : 2) ]);
}

# Memory and locks of statements that failed are free.
foreach my $place (sort keys %node)
{
	foreach my $kind (@kinds)
	{
		# so that all is shared that can be
		sure($node{$place}, answers($kind->{name}));
		sure($node{$place}, "DROP TABLE $kind->{name}");
	}
	is(sure($node{$place}, 'SELECT count(*) FROM rec.shared_models'), 0, "$place: nothing is shared");
	finish(control($node{$place}));
	# resources of a session are freed a moment after its end
	for (1 .. 100)
	{
		last if live_segments($node{$place}) <= $segments{$place};
		sleep 0.05;
	}
	is(scalar live_segments($node{$place}), $segments{$place}, "$place: no segment is left of what was dropped")
	  or diag(join "\n", map { "$_->{name} by $_->{pid}, " . (-s "/dev/shm/$_->{name}") . ' bytes' } live_segments($node{$place}));
	$node{$place}->stop;
}
note('calls of a statement: ' . join ', ', map { "$_->{what} $_->{kind}{name} $_->{calls}" } grep { $_->{place} eq 'shared' } @cases);
diag("memory: $round rounds, $tried failures, of which $reached took place in the session, $errors errors, $own_crashes crashes of the server itself");
done_testing();
