# Model tables and the extension's own tables hold rows that no training wrote: every question gets a well-formed answer or an
# error, never a crash, and another training repairs the model or says why it cannot.
use strict;
use warnings FATAL => 'all';

use Faults;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

# The same is done on both servers, and compared: shared copies must equal what each session would read.
my $timeout = "statement_timeout = 30s\n";
my %node = (
	alone => faulty_server('alone', $timeout),
	shared => faulty_server('shared', "shared_preload_libraries = 'rec'\n$timeout"));
my @places = ('alone', 'shared');
my @kinds = kinds($node{alone});

my %log_end = map { $_ => -s $node{$_}->logfile } @places;
my %failures;
my %failed;
my %count = (cases => 0, questions => 0, errors => 0, trainings => 0, refused => 0);

# ---- ways to spoil a table: a name, and statements for each, all of which the owner can run

# For the columns of a table, [name, type] each, of which the first is the id. Parameters have names instead of numbers.
sub ways_to_spoil
{
	my ($table, @columns) = @_;
	my $id = $columns[0][0];
	my @values = map { $_->[0] } @columns[ 1 .. $#columns ];
	my $others = join ', ', @values;
	my ($one_id, $two) = $id eq 'name' ? map { "(SELECT name FROM $table ORDER BY name OFFSET $_ LIMIT 1)" } 0, 1 : (1, 2);
	my $new = $id eq 'name' ? "'another'" : 1001;
	my $no_key = "ALTER TABLE $table DROP CONSTRAINT ${table}_pkey, ALTER $id DROP NOT NULL";
	my @ways = (
		[ 'a row deleted', "DELETE FROM $table WHERE $id = $two" ],
		[ 'most rows deleted', "DELETE FROM $table WHERE $id > $two" ],
		[ 'all rows deleted', "DELETE FROM $table" ],
		[ 'truncated', "TRUNCATE $table" ],
		[ 'a row added', "INSERT INTO $table ($id, $others) SELECT $new, $others FROM $table WHERE $id = $one_id" ],
		[ 'rows doubled', "INSERT INTO $table ($id, $others) SELECT " . ($id eq 'name' ? "$id || $id" : "1000 + $id") . ", $others FROM $table" ],
		[ 'an id changed', "UPDATE $table SET $id = $new WHERE $id = $one_id" ],
		[ 'all ids changed', "UPDATE $table SET $id = " . ($id eq 'name' ? "upper($id)" : "-$id") ],
		[ 'ids moved', $no_key, "UPDATE $table SET $id = $id + 1" ],
		[ 'ids swapped', $no_key, "UPDATE $table SET $id = CASE $id WHEN $one_id THEN $two ELSE $one_id END WHERE $id IN ($one_id, $two)" ],
		[ 'an id NULL', $no_key, "UPDATE $table SET $id = NULL WHERE $id = $one_id" ],
		[ 'ids twice', $no_key, "UPDATE $table SET $id = $one_id WHERE $id = $two" ],
		[ 'a row twice', $no_key, "INSERT INTO $table SELECT * FROM $table WHERE $id = $one_id" ],
		[ 'ids of another type', "ALTER TABLE $table ALTER $id TYPE bigint" ],
		[ 'ids as text', "ALTER TABLE $table ALTER $id TYPE text" ],
		[ 'id renamed', "ALTER TABLE $table RENAME $id TO other" ],
		[ 'a column added', "ALTER TABLE $table ADD extra int NOT NULL DEFAULT 3" ],
		[ 'a column added and dropped', "ALTER TABLE $table ADD extra int, DROP extra" ],
		[ 'rewritten', "DELETE FROM $table WHERE $id = $two", "VACUUM FULL $table" ],
		[ 'a row deleted, a column added', "DELETE FROM $table WHERE $id = $one_id", "ALTER TABLE $table ADD extra int" ],
		[ 'rows in another order', "CLUSTER $table USING ${table}_pkey", "UPDATE $table SET $id = $id WHERE $id < $two", "VACUUM FULL $table" ],
		[ 'unlogged', "ALTER TABLE $table SET UNLOGGED" ],
		[ 'with a child', "CREATE TABLE child () INHERITS ($table)", "INSERT INTO child ($id, $others) SELECT $new, $others FROM ONLY $table WHERE $id = $one_id" ],
		[ 'with a trigger', "CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'", "CREATE TRIGGER fire BEFORE INSERT OR UPDATE ON $table FOR EACH ROW EXECUTE FUNCTION fire()" ],
		[ 'with row security', "ALTER TABLE $table ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY" ],
		[ 'renamed', "ALTER TABLE $table RENAME TO elsewhere" ],
		[ 'swapped with another model\'s', "ALTER TABLE $table RENAME TO elsewhere", 'ALTER TABLE other' . ($table =~ s/^m//r) . " RENAME TO $table" ],
		[ 'without a primary key', "ALTER TABLE $table DROP CONSTRAINT ${table}_pkey" ],
		[ 'compressed', (map { "ALTER TABLE $table ALTER $_->[0] SET STORAGE MAIN" } grep { $_->[1] =~ /\[\]/ } @columns), "VACUUM FULL $table" ]);

	foreach my $column (@columns[ 1 .. $#columns ])
	{
		my ($name, $type) = @$column;
		my $all = "UPDATE $table SET $name =";
		my $one = sub { return "UPDATE $table SET $name = $_[0] WHERE $id = $two" };

		push @ways,
		  [ "$name: a NULL", "ALTER TABLE $table ALTER $name DROP NOT NULL", $one->('NULL') ],
		  [ "$name: all NULL", "ALTER TABLE $table ALTER $name DROP NOT NULL", "$all NULL" ],
		  [ "$name dropped", "ALTER TABLE $table DROP $name" ],
		  [ "$name renamed", "ALTER TABLE $table RENAME $name TO other" ],
		  [ "$name of another type", "ALTER TABLE $table ALTER $name TYPE text" ],
		  [ "$name of a wider type", "ALTER TABLE $table ALTER $name TYPE " . ($type =~ s/real/float8/r =~ s/integer/bigint/r) ],
		  [ "$name dropped and added", "ALTER TABLE $table DROP $name, ADD $name $type" ];
		if ($type eq 'integer')
		{
			push @ways, map { [ "$name: one $_", $one->($_) ], [ "$name: all $_", "$all $_" ] } -2147483648, -1, 0, 2147483647;
		}
		elsif ($type eq 'bigint')
		{
			push @ways, map { [ "$name: one $_", $one->("'$_'") ], [ "$name: all $_", "$all '$_'" ] } '-9223372036854775808', -1, 0, '9223372036854775807';
		}
		elsif ($type eq 'real')
		{
			push @ways, map { [ "$name: one $_", $one->("'$_'") ], [ "$name: all $_", "$all '$_'" ] } qw(NaN infinity -infinity 3e38 -3e38 -0 1e-45);
			push @ways, [ "$name: of both signs and large", "$all CASE WHEN $id % 2 = 0 THEN 3e38 ELSE -3e38 END" ];
		}
		else
		{
			my $last = "cardinality($name)";

			push @ways,
			  [ "$name: one empty", $one->("'{}'") ],
			  [ "$name: all empty", "$all '{}'" ],
			  [ "$name: one shortened", $one->("trim_array($name, least(1, $last))") ],
			  [ "$name: all shortened", "$all trim_array($name, least(1, $last))" ],
			  [ "$name: one lengthened", $one->("$name || $name\[1]") ],
			  [ "$name: all lengthened", "$all $name || $name\[1]" ],
			  [ "$name: two dimensions", $one->("ARRAY[$name, $name]") ],
			  [ "$name: as one row", $one->("ARRAY[$name]") ],
			  [ "$name: lower bound 0", "$all (format('[0:%s]=', $last - 1) || $name\::text)::$type WHERE $last > 0" ],
			  [ "$name: an element NULL", "$all $name\[:$last - 1] || NULL::" . ($type =~ s/\[\]//r) ],
			  [ "$name: all elements NULL", $one->("array_fill(NULL::" . ($type =~ s/\[\]//r) . ", ARRAY[$last])") ],
			  [ "$name: of another row", "$all (SELECT $name FROM $table WHERE $id = $one_id)" ],
			  [ "$name: very long", $one->("array_fill(($name || '{1}')[1], ARRAY[100000])") ];
			if ($type eq 'real[]')
			{
				push @ways, map {
					[ "$name: an element $_", "UPDATE $table SET $name\[1] = '$_' WHERE $id = $two AND $last > 0" ],
					[ "$name: all $_", "$all array_fill('$_'::real, ARRAY[$last])" ]
				} qw(NaN infinity 3e38 -3e38 -0 1e-45);
				push @ways, [ "$name: of both signs and large", "$all ARRAY(SELECT CASE WHEN ($id + i) % 2 = 0 THEN 3e38 ELSE -3e38 END FROM generate_series(1, $last) i)" ];
			}
			else
			{
				# a list without weights has an order of its own, and holds items, or numbers of sessions
				my ($weights) = map { $_->[0] } grep { $_->[1] eq 'real[]' } @columns;
				my $weigh = sub { return defined $weights ? ", $weights = $_[0]" : '' };

				push @ways,
				  [ "$name: an unknown item", "UPDATE $table SET $name\[1] = 1001 WHERE $last > 0" ],
				  [ "$name: an item twice", "UPDATE $table SET $name\[1] = $name\[2] WHERE $last > 1" ],
				  [ "$name: one item many times", "$all array_fill(1, ARRAY[$last])" ],
				  [ "$name: one negative", "UPDATE $table SET $name\[1] = -1 WHERE $last > 0" ],
				  [ "$name: itself", "$all ARRAY[$id]" . $weigh->("'{1}'") ],
				  [ "$name: everything", "$all ARRAY(SELECT generate_series(1, 24))" . $weigh->('array_fill(0.5::real, ARRAY[24])') ],
				  [ "$name: nothing", "$all '{}'" . $weigh->("'{}'") ],
				  [ "$name: in another order", "$all ARRAY(SELECT e FROM unnest($name) e ORDER BY 1 DESC)" ],
				  [ "$name: much more than there is", $one->('ARRAY(SELECT 1 + i % 24 FROM generate_series(1, 50000) i)' . $weigh->('array_fill(0.5::real, ARRAY[50000])')) ];
			}
		}
	}
	return @ways;
}

# For the extension's rows, which its owner can insert, and a superuser can change.
sub ways_to_spoil_the_catalog
{
	my @ways;
	my $set = sub { return "UPDATE rec.model SET $_[0] = $_[1] WHERE model = 'm'::regclass" };
	my %values = (
		version => [ -1, 0, '9223372036854775807' ],
		rows => [ -1, 0, 1, 2147483648, '9223372036854775807' ],
		users => [ -1, 0, 1, 39, 41, 2147483647, 2147483648, '9223372036854775807' ],
		items => [ -1, 0, 1, 23, 25, 2147483647, 2147483648, '9223372036854775807' ],
		(map { $_ => [ q('NaN'), q('infinity'), q('-infinity'), '1e308', '3.4e38', '-1e300', '0' ] } qw(mean minimum maximum loss seconds)),
		trained_at => [ q('infinity'), q('-infinity'), q('4714-11-24 BC') ],
		algorithm => [ q(''), q('nonsense'), q('ALS'), "'" . 'x' x 100 . "'", map { "'$_'" } qw(als fm svd bpr user_knn item_knn ease slim popular) ],
		options => [ map { "'$_'" } '{}', '[]', '1', 'null', '"text"', '{"factors": -1}', '{"factors": 2147483648}', '{"factors": "four"}', '{"factors": 5}', '{"factors": 1000}', '{"nonsense": 1}',
			'{"feedback": "nonsense"}', '{"feedback": "implicit"}', '{"feedback": "explicit"}', '{"factors": 1e400}', '{"iterations": 1e300, "neighbors": 0.5}', '{"similarity": "jaccard", "centering": "none"}', '{"by": "trend"}', '{"half_life": "1 day"}' ],
		source => [ q(0), q(999999), q('m'), q('pg_class'), q('rec.model'), q('pg_class_oid_index'), q('a_view'), q('a_sequence') ],
		source_name => [ q(''), q('a.b.c.d'), q('"'), q('nothing'), "'" . 'x' x 1000 . "'" ],
		user_column => [ q(''), q('nothing'), q('item_id'), q('rating'), q('ctid'), q('at') ],
		item_column => [ q(''), q('nothing'), q('user_id'), q('rating'), q('tableoid'), q('at') ],
		rating_column => [ q(''), q('nothing'), q('user_id'), q('at'), q('ctid') ],
		time_column => [ q(''), q('nothing'), q('user_id'), q('rating'), q('xmin') ]);

	foreach my $column (sort keys %values)
	{
		# a name that was given by the user
		my @values = map { /^[a-z_.]+$/ ? "'$_'" : $_ } @{ $values{$column} };

		push @ways, [ "rec.model.$column: NULL", "ALTER TABLE rec.model ALTER $column DROP NOT NULL", $set->($column, 'NULL') ];
		push @ways, map { [ "rec.model.$column: " . substr($_, 0, 40), $set->($column, $_) ] } @values;
	}
	# the table beside the model that describes it: changed by its owner; and by logical replication, which rec.model follows
	foreach my $column (grep { !/^source$/ } sort keys %values)
	{
		my ($value) = map { /^[a-z_.]+$/ ? "'$_'" : $_ } $values{$column}[0];

		push @ways,
		  [ "m_model.$column: $value", "UPDATE m_model SET $column = $value" ],
		  map { [ "rec.model by m_model.$column: $_", "SET session_replication_role = replica; UPDATE m_model SET $column = $_; RESET session_replication_role" ] } 'NULL', $value;
	}
	push @ways,
	  [ 'm_model: dropped', 'DROP TABLE m_model' ],
	  [ 'm_model: no row', 'DELETE FROM m_model' ],
	  [ 'm_model: two rows', 'ALTER TABLE m_model DROP CONSTRAINT m_model_pkey', 'INSERT INTO m_model TABLE m_model' ],
	  [ 'm_model: a column dropped', 'ALTER TABLE m_model DROP loss' ],
	  [ 'm_model: a column of another type', 'ALTER TABLE m_model ALTER version TYPE text' ],
	  [ 'm_model: a column added', 'ALTER TABLE m_model ADD extra int NOT NULL DEFAULT 1' ],
	  [ 'm_model: without the trigger', 'DROP TRIGGER rec_follow ON m_model' ],
	  [ 'm_model: renamed', 'ALTER TABLE m_model RENAME TO kept' ],
	  [ 'm_model: a table that rec.model_table calls so', "UPDATE rec.model_table SET relation = 'other_model'::regclass WHERE model = 'm'::regclass AND side = 'model'" ],
	  [ 'rec.model_table: NULL', "UPDATE rec.model_table SET relation = NULL WHERE model = 'm'::regclass" ],
	  [ 'rec.model_table: no row', "DELETE FROM rec.model_table WHERE model = 'm'::regclass" ],
	  (map { [ "rec.model_table: relation $_", "UPDATE rec.model_table SET relation = $_ WHERE model = 'm'::regclass" ] }
		qw(0 999999 'm' 'other_users' 'ratings' 'pg_class' 'rec.model' 'pg_class_oid_index' 'a_view' 'a_sequence')),
	  [ 'rec.model: no row', "DELETE FROM rec.model WHERE model = 'm'::regclass" ],
	  [ 'rec.model: minimum above maximum', "UPDATE rec.model SET minimum = 5, maximum = 1 WHERE model = 'm'::regclass" ],
	  [ 'rec.model: another one\'s row', "UPDATE rec.model SET (algorithm, options, users, items) = (SELECT algorithm, options, users, items FROM rec.model WHERE model = 'other'::regclass) WHERE model = 'm'::regclass" ],
	  [ 'the source dropped', "CREATE TABLE kept AS TABLE ratings", "ALTER TABLE ratings RENAME TO away", "UPDATE rec.model SET source = 'kept'::regclass WHERE model = 'm'::regclass", 'DROP TABLE kept', 'ALTER TABLE away RENAME TO ratings' ],
	  (map { [ "rec.iteration: loss $_", "UPDATE rec.iteration SET loss = '$_' WHERE model = 'm'::regclass" ] } qw(NaN infinity -infinity 1e308 -1)),
	  (map { [ "rec.iteration: validation $_", "UPDATE rec.iteration SET validation = '$_' WHERE model = 'm'::regclass" ] } qw(NaN infinity -infinity 1e308 -1)),
	  (map { [ "rec.iteration: seconds $_", "UPDATE rec.iteration SET seconds = '$_' WHERE model = 'm'::regclass" ] } qw(NaN infinity -1 1e308)),
	  [ 'rec.iteration: both ends', "INSERT INTO rec.iteration VALUES ('m'::regclass, 1, -2147483648, 1e308, 1), ('m'::regclass, 1, 2147483647, -1e308, 1)" ],
	  [ 'rec.iteration: later versions', "INSERT INTO rec.iteration VALUES ('m'::regclass, 2, 1, 1, 1), ('m'::regclass, 9223372036854775807, 1, 1, 1)" ],
	  [ 'rec.iteration: NULL', 'ALTER TABLE rec.iteration ALTER loss DROP NOT NULL, ALTER seconds DROP NOT NULL', "UPDATE rec.iteration SET loss = NULL, seconds = NULL WHERE model = 'm'::regclass" ],
	  [ 'rec.iteration: many', "INSERT INTO rec.iteration SELECT 'm'::regclass, 1, 10 + i, i, 0 FROM generate_series(1, 5000) i" ];
	return @ways;
}

# ---- a case

# The answers of each function as one digest, or the error.
sub digests
{
	my ($session) = @_;
	my %digests = (
		recommend => q(SELECT md5(string_agg(concat_ws(' ', u, rank, item_id, score), ',' ORDER BY u, rank)) FROM generate_series(0, 40, 5) u, LATERAL rec.recommend('m', u, n => 5)),
		predict => q(SELECT md5(string_agg(concat_ws(' ', u, i, rec.predict('m', u, i)), ',' ORDER BY u, i)) FROM generate_series(0, 40, 7) u, generate_series(1, 25, 4) i),
		similar_items => q(SELECT md5(string_agg(concat_ws(' ', i, rank, item_id, similarity), ',' ORDER BY i, rank)) FROM generate_series(1, 24, 4) i, LATERAL rec.similar_items('m', i, n => 3)),
		similar_users => q(SELECT md5(string_agg(concat_ws(' ', u, rank, user_id, similarity), ',' ORDER BY u, rank)) FROM generate_series(1, 40, 9) u, LATERAL rec.similar_users('m', u, n => 3)),
		recommend_users => q(SELECT md5(string_agg(concat_ws(' ', i, rank, user_id, score), ',' ORDER BY i, rank)) FROM generate_series(1, 24, 4) i, LATERAL rec.recommend_users('m', i, n => 3)));

	foreach my $function (keys %digests)
	{
		my ($state, $said) = ask($session, $digests{$function});

		$digests{$function} = $state eq '00000' ? $said : $state;
	}
	return \%digests;
}

sub failed
{
	my ($case, $what, $said) = @_;

	$failed{ $case->{kind}{name} }++;
	$said = substr($said =~ s/\s+/ /gr, 0, 200);
	# a finding for several kinds and functions is reported once
	my $like = $said =~ s/\b[0-9a-f]{32}\b/X/gr =~ s/-?[0-9][-+.e0-9]*(?![0-9]*:)/0/gr;
	my $failure = $failures{ $case->{way}[0] }{$like} //= { said => $said, kinds => {}, what => {} };

	$failure->{kinds}{ $case->{kind}{name} } = 1;
	$failure->{what}{$what} = 1;
	return;
}

# Whether the statement had a forbidden outcome: an internal error, no answer, or a crash.
sub is_fault
{
	my ($case, $place, $session, $what, $state, $said) = @_;

	if (crashed($session))
	{
		my $where;

		($where, $log_end{$place}) = crash_places($node{$place}, $log_end{$place});
		failed($case, "$place, $what", 'a crash');
		# the other session is gone too, without having noticed
		finish(control($node{$place}));
		diag("$case->{kind}{name}, $case->{way}[0]: $what:\n$where");
		return 1;
	}
	if ($state =~ /^(XX000|HANGS|57014|08006)$/)
	{
		failed($case, "$place, $what", $said);
		return 1;
	}
	return 0;
}

# All questions, in a session that has asked nothing before.
sub ask_everything
{
	my ($case, $place, $when) = @_;
	my $session = session($node{$place});
	my $digests = digests($session);
	my $well = !grep { length $_ == 5 } values %$digests;

	foreach my $question (questions('m'))
	{
		my ($name, @statements) = @$question;
		my ($state, $said);

		# if the digests must be those of before
		last if $place eq 'shared' && $when eq 'trained again' && $well && !$case->{thorough};
		# the most expensive questions, only in thorough cases
		next if $name =~ /report|evaluate/ && !$case->{thorough};
		foreach my $statement (@statements)
		{
			($state, $said) = ask($session, $statement);
			$count{questions}++;
			last if $state ne '00000';
		}
		$count{errors}++ if $state ne '00000';
		$well = 0 if $state ne '00000';
		if (is_fault($case, $place, $session, "$name $when", $state, $said))
		{
			finish($session);
			$session = session($node{$place});
		}
		elsif ($state eq '00000' && $said ne '')
		{
			failed($case, "$place, $name $when", $said);
		}
	}
	finish($session);
	return ($digests, $well);
}

sub try
{
	my ($case) = @_;
	my (%before, %after);

	$count{cases}++;
	foreach my $place (@places)
	{
		my ($state, $said);
		# without a warm start, another training gives the same model to the last digit
		my $options = $place eq 'alone' ? $case->{kind}{options} =~ s/"warm_start": false/"warm_start": true/r : $case->{kind}{options};

		sure($node{$place}, $_) foreach model_sql($case->{kind}, 'm', options => $options);
		# the model is shared before it is spoilt
		if ($place eq 'shared')
		{
			my $session = session($node{$place});

			$before{$place} = digests($session);
			finish($session);
		}
		foreach my $statement (@{ $case->{way} }[ 1 .. $#{ $case->{way} } ])
		{
			($state, $said) = ask(control($node{$place}), $statement);
			last if $state ne '00000';
		}
		if (is_fault($case, $place, control($node{$place}), 'the spoiling itself', $state, $said)) { }
		elsif ($state ne '00000')
		{
			# for example because a column is missing
			$count{refused}++;
			cleanup($case, $place);
			next;
		}

		($after{$place}) = ask_everything($case, $place, 'spoilt');

		my $trainer = session($node{$place});
		($state, $said) = ask($trainer, q(CALL rec.train('m')));
		if (is_fault($case, $place, $trainer, 'train', $state, $said)) { }
		elsif ($state eq '00000')
		{
			my ($digests, $well) = ask_everything($case, $place, 'trained again');

			$count{trainings}++;
			# an error that remains after a successful training, unless it concerns objects that training leaves alone
			failed($case, "$place, trained again", 'errors all the same')
			  if !$well && $case->{way}[0] !~ /row security|child|swapped|renamed|rec\.|ids of another|ids as text/;
			failed($case, "$place, trained again", 'another model: ' . join ' ', grep { $digests->{$_} ne $before{$place}{$_} } sort keys %$digests)
			  if $place eq 'shared' && $well && $case->{way}[0] !~ /rec\.model|swapped|with a child/ && grep { $digests->{$_} ne $before{$place}{$_} } keys %$digests;
		}
		else
		{
			# damage in what a training replaces must not make it fail
			failed($case, "$place, train", $said) if !$case->{catalog} && !grep { !/^(UPDATE|DELETE|INSERT|TRUNCATE)|DROP NOT NULL$/ } @{ $case->{way} }[ 1 .. $#{ $case->{way} } ];
		}
		finish($trainer);
		cleanup($case, $place);
	}
	return if grep { !defined $after{$_} } @places;
	foreach my $function (sort keys %{ $after{alone} })
	{
		my ($alone, $shared) = ($after{alone}{$function}, $after{shared}{$function});

		next if length $alone == 5 && length $shared == 5;
		# the old copy, if sessions were not notified of a change, or the present tables, but never a mixture
		failed($case, "$function of what is shared", "neither the answer of before nor the one of now: $shared, $alone")
		  if $shared ne $alone && $shared ne $before{shared}{$function} && !$case->{catalog};
	}
	return;
}

# The model, and what spoiling has left of it.
sub cleanup
{
	my ($case, $place) = @_;
	my ($state, $said);

	($state, $said) = ask(control($node{$place}), 'DROP TABLE IF EXISTS m CASCADE');
	is_fault($case, $place, control($node{$place}), 'DROP TABLE', $state, $said);
	sure($node{$place}, <<'SQL');
		DO $$
		DECLARE
			statement text;
		BEGIN
			DELETE FROM rec.model WHERE model = to_regclass('m');
			DELETE FROM rec.model_table WHERE model = to_regclass('m');
			FOREACH statement IN ARRAY ARRAY['DROP TABLE IF EXISTS m, m_users, m_sessions, m_parameters, m_model, child, elsewhere, elsewhere_users, elsewhere_sessions, elsewhere_parameters, elsewhere_model, kept CASCADE', 'DROP FUNCTION IF EXISTS fire CASCADE', 'DROP TABLE IF EXISTS faults.lists'] LOOP
				EXECUTE statement;
			END LOOP;
			DELETE FROM rec.model r WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = r.model);
			DELETE FROM rec.model_table r WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = r.model);
			DELETE FROM rec.iteration r WHERE NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = r.model);
		END $$
SQL
	prepare($case, $place) if $case->{way}[0] =~ /swapped|model_table|renamed/;
	return;
}

# Another model of the same kind, whose tables will be taken for those of the model.
sub prepare
{
	my ($case, $place) = @_;

	sure($node{$place}, 'DROP TABLE IF EXISTS other, other_users, other_sessions, other_parameters, other_model CASCADE');
	sure($node{$place}, $_) foreach model_sql($case->{kind}, 'other', source => 'others', options => $case->{kind}{options} =~ s/"factors": 4/"factors": 3/r);
	sure($node{$place}, 'CREATE OR REPLACE VIEW a_view AS SELECT user_id, item_id, rating, at FROM ratings');
	sure($node{$place}, 'CREATE SEQUENCE IF NOT EXISTS a_sequence');
	return;
}

# ---- all cases, with kinds and ways in mixed order, so that each has its share of the time

sure($node{$_}, 'CREATE TABLE others AS SELECT user_id + 1 AS user_id, item_id + 2 AS item_id, rating, at FROM ratings WHERE user_id < 30') foreach @places;

my @cases;
foreach my $kind (@kinds)
{
	my $n = 0;

	prepare({ kind => $kind }, 'alone');
	foreach my $table ('m', 'm_users', 'm_sessions', 'm_parameters')
	{
		my $model = $table =~ s/^m/other/r;
		my @columns = map { [ split /\|/ ] } split /\n/, sure($node{alone}, "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = to_regclass('$model') AND attnum > 0 ORDER BY attnum");

		push @cases, map { { kind => $kind, way => [ "$table, $_->[0]", @$_[ 1 .. $#$_ ] ], catalog => 0 } } ways_to_spoil($table, @columns) if @columns;
		push @cases, { kind => $kind, way => [ "$table, dropped", "DROP TABLE $table CASCADE" ], catalog => 0 } if @columns;
	}
	push @cases, map { { kind => $kind, way => $_, catalog => 1 } } ways_to_spoil_the_catalog();
}
my $all = @cases;
my %prepared;

# a stride without a divisor in common with the number of cases visits each case once
my $stride = int($all * (sqrt(5) - 1) / 2);
$stride++ while gcd($stride, $all) > 1;

sub gcd
{
	my ($x, $y) = @_;

	($x, $y) = ($y, $x % $y) while $y;
	return $x;
}

for my $number (0 .. $all - 1)
{
	my $case = $cases[ $number * $stride % $all ];

	last if remaining() < 0;
	$case->{thorough} = $number % 4 == 0 || $case->{way}[0] =~ /iteration/;
	if (($prepared{name} // '') ne $case->{kind}{name} && $case->{way}[0] =~ /swapped|other/)
	{
		prepare($case, $_) foreach @places;
		$prepared{name} = $case->{kind}{name};
	}
	try($case);
}

# ---- users of one version beside items of another

# The copies of both tables are of one moment; then the items change, but not the users.
sub paired
{
	my ($kind, $how, @statements) = @_;
	my $case = { kind => $kind, way => [ "old users beside new items, $how" ] };
	my %digests;

	foreach my $place (@places)
	{
		sure($node{$place}, $_) foreach model_sql($kind, 'm');
		my $session = session($node{$place});
		$digests{"$place before"} = digests($session);
		finish($session);
		# both are last used in one statement
		$session = session($node{$place});
		ask($session, q(SELECT count(*) FROM rec.recommend('m', 1)));
		finish($session);
		ref $_ ? $_->($place) : sure($node{$place}, $_) foreach @statements;
		$session = session($node{$place});
		$digests{"$place after"} = digests($session);
		finish($session);
	}
	foreach my $function (sort keys %{ $digests{'alone after'} })
	{
		my ($now, $before, $shared) = map { $digests{$_}{$function} } 'alone after', 'shared before', 'shared after';

		failed($case, $function, "neither the answer of before nor the one of now: $shared, $now") if $shared ne $now && $shared ne $before;
	}
	cleanup($case, $_) foreach @places;
	return;
}

# Shares other models until there is no room for the items of m, which were used before its users; then leaves room for one
# table, so that the items, when they are read again, do not replace the users.
sub evict_items
{
	my ($place) = @_;
	my $shared = q(SELECT string_agg(model_table::text, ' ' ORDER BY model_table::text) FROM rec.shared_models WHERE model_table IN ('m'::regclass, 'm_users'::regclass));
	my $n = 0;

	sure($node{$place}, q(SELECT rec.create_model('filler0', 'ratings', 'popular')));
	return if $place eq 'alone';
	while (sure($node{$place}, $shared) eq 'm m_users' && $n++ < 1000)
	{
		sure($node{$place}, $_) foreach (
			"SELECT rec.create_model('filler$n', 'ratings', 'popular')",
			"CALL rec.train('filler$n')",
			"SELECT count(*) FROM rec.recommend_for('filler$n', ARRAY[1])");
	}
	is(sure($node{$place}, $shared), '', 'the items are evicted, and the users that were loaded beside them');
	sure($node{$place}, "DROP TABLE filler$n");
	return;
}

foreach my $kind (grep { $_->{algorithm} eq 'user_knn' } @kinds)
{
	sure($node{$_}, 'DROP TABLE IF EXISTS other, other_users, other_sessions, other_parameters, other_model CASCADE') foreach @places;
	paired($kind, 'by a column and VACUUM FULL', 'DELETE FROM m WHERE item_id IN (1, 2, 3)', 'ALTER TABLE m ADD extra int', 'VACUUM FULL m');
	paired($kind, 'by VACUUM FULL', 'DELETE FROM m WHERE item_id IN (1, 2, 3)', 'VACUUM FULL m');
	paired($kind, 'the items evicted', 'DELETE FROM m WHERE item_id IN (1, 2, 3)', \&evict_items);
	sure($node{$_}, q(DO $$ BEGIN EXECUTE (SELECT format('DROP TABLE %s', string_agg(model::text, ', ')) FROM rec.model WHERE model::text LIKE 'filler%'); END $$)) foreach @places;
}

# ---- each of these was a bug once, and is always tried

# A column that the algorithm needs and the source lacks: without a time column.
{
	my %popular = (name => 'popular without times', algorithm => 'popular');

	foreach my $options ('{"by": "trend"}', '{"half_life": "1 day"}')
	{
		my $case = { kind => \%popular, way => [ "options $options" ] };

		foreach my $place (@places)
		{
			sure($node{$place}, $_) foreach (q(SELECT rec.create_model('m', 'ratings', 'popular')), q(CALL rec.train('m')));
			foreach my $statement (
				"SELECT count(*) FROM rec.evaluate('m', 'random', options => '$options')",
				"SELECT count(*) FROM rec.compare('ratings', jsonb_build_array('$options'::jsonb || '{\"algorithm\": \"popular\"}'))",
				"SELECT count(*) FROM rec.tune('m', (SELECT jsonb_object_agg(key, jsonb_build_array(value)) FROM jsonb_each('$options')), split => 'random')")
			{
				my $session = session($node{$place});
				my ($state, $said) = ask($session, $statement);

				is_fault($case, $place, $session, $statement =~ s/.*rec\.(\w+).*/$1/sr, $state, $said);
				finish($session);
			}
			cleanup($case, $place);
		}
	}
	push @kinds, \%popular;
}

# The largest ratings, with several of one user and item.
foreach my $kind (@kinds[ 0 .. $#kinds - 1 ])
{
	my $case = { kind => $kind, way => ['a source of the largest numbers, twice'], thorough => 1 };

	foreach my $place (@places)
	{
		sure($node{$place}, 'CREATE TABLE kept AS SELECT user_id, item_id, 3e38::real AS rating, at FROM ratings, generate_series(1, 2)');
		sure($node{$place}, (model_sql($kind, 'm', source => 'kept'))[0]);
		my ($state, $said) = ask(control($node{$place}), q(CALL rec.train('m')));

		ask_everything($case, $place, 'trained') if !is_fault($case, $place, control($node{$place}), 'train', $state, $said) && $state eq '00000';
		cleanup($case, $place);
	}
}

# The catalog says that a table of another user is the model's: it is neither written nor dropped.
foreach my $kind (grep { $_->{algorithm} eq 'als' } @kinds)
{
	my $case = { kind => $kind, way => ['users in the table of another owner'] };
	my $table = q(SELECT md5(string_agg(u::text, ',' ORDER BY user_id)) FROM other_users u);

	foreach my $place (@places)
	{
		prepare($case, $place);
		sure($node{$place}, $_) foreach (
			'DROP ROLE IF EXISTS faults_owner', 'CREATE ROLE faults_owner', 'GRANT CREATE ON SCHEMA public TO faults_owner', 'GRANT SELECT ON ratings TO faults_owner',
			model_sql($kind, 'm'), 'ALTER TABLE m OWNER TO faults_owner', 'ALTER TABLE m_users OWNER TO faults_owner',
			q(UPDATE rec.model_table SET relation = 'other_users'::regclass WHERE model = 'm'::regclass));
		my $before = sure($node{$place}, $table);

		foreach my $statement (q(CALL rec.train('m')), q(DROP TABLE m))
		{
			my $session = session($node{$place}, 'role=faults_owner');
			my ($state, $said) = ask($session, $statement);

			is_fault($case, $place, $session, $statement, $state, $said);
			finish($session);
			($state, $said) = ask(control($node{$place}), $table);
			failed($case, "$place, $statement", "the other one's table has changed") if $said ne $before;
		}
		cleanup($case, $place);
		sure($node{$place}, $_) foreach ('DROP OWNED BY faults_owner', 'DROP ROLE faults_owner');
	}
}

foreach my $way (sort keys %failures)
{
	diag("$way\n" . join "\n", map {
		'  ' . join(', ', sort keys %{ $_->{what} }) . "\n  of " . join(', ', sort keys %{ $_->{kinds} }) . "\n    $_->{said}"
	} map { $failures{$way}{$_} } sort keys %{ $failures{$way} });
}
is($failed{ $_->{name} } // 0, 0, $_->{name}) foreach @kinds;
$node{$_}->stop foreach @places;
diag("spoilt: $count{cases} of $all cases, $count{questions} questions with $count{errors} errors, $count{trainings} trainings that mended, $count{refused} ways there are not");
done_testing();
