# Common parts of the TAP tests: servers, a small data set, and trainings that stop where a test wants them to.
package RecTest;

use strict;
use warnings FATAL => 'all';

use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);

our @EXPORT = qw(new_server parallel_switch with_workers load_ratings new_model answers versions
  releases restore_release check_release train_release
  start_sql is_running finish_sql processor_time finish_measured wait_for_phase training_pid kill_process wait_for_recovery close_gate open_gate hold_writing);

# A data directory is a copy of the one that `make tap` has made, which PostgreSQL 17 sees to by itself.
if (defined $ENV{INITDB_TEMPLATE})
{
	my $system_or_bail = \&PostgreSQL::Test::Utils::system_or_bail;

	no warnings 'redefine';
	*PostgreSQL::Test::Utils::system_or_bail = sub {
		my ($program, undef, $directory, @options) = @_;

		return $system_or_bail->(@_) if $program ne 'initdb' || "@options" ne '-A trust -N';
		return $system_or_bail->('cp', '-RPp', $ENV{INITDB_TEMPLATE}, $directory);
	};
}

# A started server with the extension in its database postgres; settings are lines of postgresql.conf.
sub new_server
{
	my ($name, $settings, %init) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(%init);
	$node->append_conf('postgresql.conf', "autovacuum = off\n" . ($settings // ''));
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION rec');
	return $node;
}

# The setting for tests with which the server uses parallel workers for any amount of work.
sub parallel_switch
{
	my ($node) = @_;

	return $node->pg_version >= 16 ? 'debug_parallel_query' : 'force_parallel_mode';
}

# The result of the SQL with this many workers, all of which have helped at least once.
sub with_workers
{
	my ($node, $workers, $sql) = @_;
	my $always = parallel_switch($node);
	my ($out, $messages);

	$node->psql('postgres', "SET $always = on; SET max_parallel_maintenance_workers = $workers; SET client_min_messages = debug1; $sql",
		stdout => \$out, stderr => \$messages, on_error_die => 1);
	my $most = 0;
	while ($messages =~ /(\d+) workers help/g)
	{
		$most = $1 if $1 > $most;
	}
	is($most, $workers, "$workers workers have helped");
	return $out;
}

# The table ratings: each of 60 users has rated about a third of 30 items, each at another time. The view source shows all
# ratings, or those of the first users, and has a gate: a session in which gate.stop is 'yes' waits there while another one
# holds the advisory lock 1.
sub load_ratings
{
	my ($node, $database, %options) = @_;
	my $users = $options{users} // 60;
	my $items = $options{items} // 30;

	$node->safe_psql($database, <<SQL, connstr => $options{connstr});
		CREATE TABLE ratings (user_id int, item_id int, rating real, at date, PRIMARY KEY (user_id, item_id));
		INSERT INTO ratings SELECT u, i, 1 + (u * u + 3 * i * u + i) % 5, date '2026-01-01' + (37 * u + 101 * i) % 1009
		  FROM generate_series(1, $users) u, generate_series(1, $items) i WHERE (7 * u + 11 * i) % 13 % 3 = 0;
		CREATE TABLE shown (users int);
		INSERT INTO shown VALUES ($users);
		CREATE FUNCTION gate() RETURNS bool LANGUAGE plpgsql AS \$\$
		BEGIN
			IF current_setting('gate.stop', true) = 'yes' THEN
				PERFORM pg_advisory_xact_lock_shared(1);
			END IF;
			RETURN true;
		END \$\$;
		CREATE VIEW source AS SELECT user_id, item_id, rating, at FROM ratings
			WHERE gate() AND user_id <= (SELECT users FROM shown);
SQL
	return;
}

# A trained model of the source.
sub new_model
{
	my ($node, $database, $name, $options) = @_;

	$options //= '{"warm_start": false, "factors": 4, "iterations": 3}';
	$node->safe_psql($database, "SELECT rec.create_model('$name', 'source', options => '$options')");
	$node->safe_psql($database, "CALL rec.train('$name')");
	return;
}

# All answers of a model, to the last digit.
sub answers
{
	my ($node, $database, $name) = @_;

	return $node->safe_psql($database, <<SQL);
		SELECT u, rank, item_id, score FROM generate_series(0, 60) u, LATERAL rec.recommend('$name', u, n => 5) ORDER BY 1, 2;
		SELECT u, i, rec.predict('$name', u, i) FROM generate_series(0, 60, 7) u, generate_series(1, 31, 3) i ORDER BY 1, 2;
		SELECT i, s.* FROM generate_series(1, 30, 4) i, LATERAL rec.similar_items('$name', i, n => 3) s ORDER BY 1, 2;
		SELECT u, s.* FROM generate_series(1, 60, 9) u, LATERAL rec.similar_users('$name', u, n => 3) s ORDER BY 1, 2;
		SELECT rank, item_id, score FROM rec.recommend_for('$name', ARRAY[1, 2, 3], ratings => ARRAY[5, 1, 3]);
		SELECT i, r.* FROM generate_series(1, 30, 4) i, LATERAL rec.recommend_users('$name', i, n => 3) r
			WHERE (SELECT algorithm FROM rec.models WHERE model = '$name'::regclass) <> 'popular' ORDER BY 1, 2;
SQL
}

# "name:version" of every model.
sub versions
{
	my ($node, $database) = @_;

	return $node->safe_psql($database,
		q(SELECT string_agg(format('%s:%s', model, version), ' ' ORDER BY model::text) FROM rec.models));
}

# ---- models of earlier releases: test/data/dumps/, which each release made with fill.sql

sub dumps
{
	return ($ENV{TESTDIR} // '.') . '/test/data/dumps';
}

# The releases with a dump.
sub releases
{
	return map { /rec-([0-9.]+)\.sql$/ } sort glob dumps() . '/rec-*.sql';
}

# The database of a release's dump, with the extension of that version, or of the installed version.
sub restore_release
{
	my ($node, $database, $release, $version) = @_;
	my $dump = slurp_file(dumps() . "/rec-$release.sql");
	my $file = PostgreSQL::Test::Utils::tempdir() . '/dump.sql';

	!defined $version
	  or $dump =~ s/^CREATE EXTENSION IF NOT EXISTS rec WITH SCHEMA rec\K;$/ VERSION '$version';/m
	  or die "the dump of $release creates no extension";
	PostgreSQL::Test::Utils::append_to_file($file, $dump);
	$node->safe_psql('postgres', qq(CREATE DATABASE "$database" TEMPLATE template0));
	$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', $file, $node->connstr($database) ], "$release: its dump is restored");
	return;
}

# The models are those of the release, and give the same answers, except to the questions that a regular expression excludes.
# Processors differ in the last digits.
sub check_release
{
	my ($node, $database, $release, $when, $but) = @_;

	$but //= '^$';

	is( $node->safe_psql($database, q(
			SELECT 'now', * FROM (SELECT model::text, algorithm, version, rows, users, items FROM rec.models EXCEPT TABLE models) a
			UNION ALL
			SELECT 'then', * FROM (TABLE models EXCEPT SELECT model::text, algorithm, version, rows, users, items FROM rec.models) a)),
		'', "$release, $when: the models are those of the release");
	is( $node->safe_psql($database, slurp_file(dumps() . '/ask.sql') . qq(
			SELECT model, question, rank, item, t.score AS then, n.score AS now
			  FROM (SELECT * FROM answers WHERE model || ' ' || question !~ '$but') t
			  FULL JOIN pg_temp.ask('$but') n USING (model, question, rank, item)
			 WHERE (abs(n.score - t.score) <= 1e-4 * greatest(1, abs(t.score))) IS NOT TRUE
			 ORDER BY 1, 2, 3)),
		'', "$release, $when: the models answer as before");
	is( $node->safe_psql($database, q(SELECT string_agg(DISTINCT algorithm, ' ' ORDER BY algorithm) FROM answers JOIN models USING (model))),
		$release lt '0.3' ? 'als'
		: $release lt '0.6' ? 'als bpr ease item_knn popular slim svd user_knn'
		: $release lt '0.7' ? 'als bpr ease item_knn markov popular session_knn slim svd user_knn'
		: $release lt '0.8' ? 'als bpr content ease fm item_knn markov popular session_knn slim svd user_knn'
		: 'als bpr caser content ease fm gru item_knn lstm markov popular sasrec session_knn slim svd user_knn', "$release: with models of every algorithm it had");
	return;
}

# Trains all models, which adds a version to each, and asks them.
sub train_release
{
	my ($node, $database, $release) = @_;

	foreach my $model (split /\n/, $node->safe_psql($database, 'SELECT model FROM rec.models'))
	{
		$node->safe_psql($database, "CALL rec.train(\$\$$model\$\$)");
	}
	is( $node->safe_psql($database, q(
			SELECT m.model, m.version, t.model, t.version FROM rec.models m FULL JOIN models t ON m.model::text = t.model
			 WHERE (m.version = t.version + 1 AND m.trained_at > now() - interval '1 hour') IS NOT TRUE)),
		'', "$release: every model can be trained");
	is( $node->safe_psql($database, slurp_file(dumps() . '/ask.sql') . q(
			SELECT question, model FROM (SELECT DISTINCT question, model FROM answers) t
			 WHERE (question, model) NOT IN (SELECT question, model FROM pg_temp.ask()))),
		'', "$release: and answers every question then");
	return;
}

# ---- statements that run in the background

sub start_sql
{
	my ($node, $database, @statements) = @_;
	my %sql = (out => '', err => '');

	$sql{run} = IPC::Run::start(
		[
			'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose',
			'-d', $node->connstr($database), map { ('-c', $_) } @statements
		],
		'<', \undef, '>', \$sql{out}, '2>', \$sql{err},
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	return \%sql;
}

# Whether statements that start_sql started are still running. That the process ends between two looks at it is no error.
sub is_running
{
	my ($sql) = @_;
	my $running = eval { $sql->{run}->pumpable && $sql->{run}->pump_nb };

	die $@ if $@ && $@ !~ /process ended prematurely/;
	return $running;
}

# Waits for the end of the statements, and returns their output on stderr.
sub finish_sql
{
	my ($sql) = @_;

	$sql->{run}->finish;
	return $sql->{err};
}

# The CPU time of a process in milliseconds, in steps of ten; undefined if the process has ended, or the system does not report
# it.
sub processor_time
{
	my ($pid) = @_;

	open(my $stat, '<', "/proc/$pid/stat") or return undef;
	my $line = <$stat>;

	# the text after the program's name in parentheses; the 14th and 15th fields are user and system time
	my @fields = split ' ', defined $line ? $line =~ s/.*\) //r : '';
	return @fields ? 10 * ($fields[11] + $fields[12]) : undef;
}

# Waits for the end of statements, and of their parallel workers; returns the greatest CPU time of a process until then.
# Processes are polled, so their last moments may be missing.
sub finish_measured
{
	my ($sql, @pids) = @_;
	my %began = map { $_ => processor_time($_) } @pids;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	my $most = 0;

	while (@pids && time < $deadline)
	{
		@pids = grep {
			my $now = processor_time($_);

			$most = $now - $began{$_} if defined $now && defined $began{$_} && $now - $began{$_} > $most;
			kill 0, $_;
		} @pids;
		is_running($sql);
		sleep 0.001;
	}
	die 'processes do not end' if @pids;
	finish_sql($sql);
	return $most;
}

# ---- a training that is stopped

# Waits until a training of the model is in this phase and, in training, has reached this iteration.
sub wait_for_phase
{
	my ($node, $database, $name, $phase, $iteration) = @_;

	$iteration //= 0;
	$node->poll_query_until($database,
		"SELECT count(*) = 1 FROM rec.training_progress WHERE model = '$name'::regclass AND phase = '$phase' AND iteration >= $iteration")
	  or die "no training of $name is $phase";
	return;
}

sub training_pid
{
	my ($node, $database, $name) = @_;

	return $node->safe_psql($database, "SELECT pid FROM rec.training_progress WHERE model = '$name'::regclass");
}

# After a process of the server was killed: waits until the log, from this position on, says that the server is ready. That the
# server answers is no proof, as it also does until the postmaster notices the kill.
sub wait_for_recovery
{
	my ($node, $log_end) = @_;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;

	while (time < $deadline)
	{
		return if slurp_file($node->logfile, $log_end) =~ /reinitializing.*ready to accept connections/s;
		sleep 0.02;
	}
	die 'the server does not come back';
}

# kill -9 of the leader or of a worker of statements that start_sql started and that train the model; returns when the server is
# ready again. A worker that has just ended by itself can receive the signal without effect, so workers are killed until the
# leader notices.
sub kill_process
{
	my ($node, $database, $victim, $name, $sql) = @_;
	my $log_end = -s $node->logfile;

	kill 'KILL', training_pid($node, $database, $name) if $victim eq 'leader';
	while ($victim eq 'worker' && is_running($sql))
	{
		my ($status, $pid) = $node->psql($database, q(SELECT pid FROM pg_stat_activity WHERE backend_type = 'parallel worker' LIMIT 1));

		kill 'KILL', $pid if $status == 0 && $pid ne '';
	}
	finish_sql($sql);
	wait_for_recovery($node, $log_end);
	return;
}

# Keeps the gate closed until open_gate, or until the server dies.
sub close_gate
{
	my ($node, $database) = @_;
	my $keeper = $node->background_psql($database);

	$keeper->query_safe('SELECT pg_advisory_lock(1)');
	return $keeper;
}

# Also ends hold_writing.
sub open_gate
{
	my ($keeper) = @_;

	eval { $keeper->quit; };
	return;
}

# Lets trainings of the model write its items, but blocks writing its users.
sub hold_writing
{
	my ($node, $database, $name) = @_;
	my $keeper = $node->background_psql($database);

	$keeper->query_safe('BEGIN');
	$keeper->query_safe("LOCK TABLE ${name}_users IN SHARE MODE");
	return $keeper;
}

1;
