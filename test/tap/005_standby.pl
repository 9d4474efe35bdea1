# A physical standby gives the answers of its primary, and notices trainings.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use RecTest;

my $primary = new_server('primary', undef, allows_streaming => 1);

load_ratings($primary, 'postgres');
new_model($primary, 'postgres', 'm');
$primary->backup('backup');

my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;
$primary->wait_for_catchup($standby);

sub ask
{
	my ($session) = @_;

	return $session->query_safe(q(
		SELECT count(*) FROM rec.recommend('m', 0, n => 1000);
		SELECT count(*) FROM rec.recommend_for('m', ARRAY[1], n => 1000);
		SELECT count(*) FROM rec.similar_items('m', 1, n => 1000);
		SELECT count(*) FROM rec.similar_users('m', 1, n => 1000);
		SELECT rec.predict('m', 0, 99) = rec.predict('m', 0, 1000);
		SELECT version FROM rec.models));
}

# ---- questions

is(answers($standby, 'postgres', 'm'), answers($primary, 'postgres', 'm'), 'the same answers');
is($standby->safe_psql('postgres', 'SELECT * FROM rec.training_log ORDER BY 2, 3'),
	$primary->safe_psql('postgres', 'SELECT * FROM rec.training_log ORDER BY 2, 3'), 'the same log');
my ($status, $out, $error) = $standby->psql('postgres', q(CALL rec.train('m')), extra_params => [ '-v', 'VERBOSITY=verbose' ]);
like($error, qr/ERROR:  25006: cannot execute rec\.train in a read-only transaction|ERROR:  25006: cannot execute rec\.train during recovery/, 'no training');
($status, $out, $error) = $standby->psql('postgres', q(SELECT rec.create_model('n', 'ratings')), extra_params => [ '-v', 'VERBOSITY=verbose' ]);
like($error, qr/ERROR:  25006: cannot execute rec\.create_model/, 'no new model');
is($standby->safe_psql('postgres', 'SELECT count(*) FROM rec.training_progress'), '0', 'no training to see');

# and evaluation, with workers too
my $evaluate = 'SET ' . parallel_switch($primary) . q( = on; SELECT * FROM rec.evaluate('m', 'random'); SELECT rank, options, value, test FROM rec.tune('m', '{"factors": [2, 4]}', 'rmse', split => 'random'));
is($standby->safe_psql('postgres', $evaluate), $primary->safe_psql('postgres', $evaluate), 'the same evaluation');
my ($tuned, $rows, $refused) = $standby->psql('postgres', q(SELECT * FROM rec.tune('m', '{"factors": [2, 4]}', 'rmse', split => 'random', apply => true)));
like($refused, qr/cannot execute rec.tune with apply in a read-only transaction/, 'but nothing is applied');

# ---- a training on the primary while sessions of the standby have the old version in memory

my $session = $standby->background_psql('postgres', on_error_stop => 0);
my $block = $standby->background_psql('postgres');
my $before = ask($session);
$block->query_safe('BEGIN');
is(ask($block), $before, 'the same in a transaction block');

# one more item, one more user, and a rating that counts before any training
$primary->safe_psql('postgres', 'INSERT INTO ratings SELECT u, 99, 5 FROM generate_series(1, 61) u; UPDATE shown SET users = 61');
$primary->wait_for_catchup($standby);
is(ask($session), $before, 'no new version before a training');
is(answers($standby, 'postgres', 'm'), answers($primary, 'postgres', 'm'), 'the same answers of new ratings');

# nor while a training is under way
my $keeper = hold_writing($primary, 'postgres', 'm');
my $training = start_sql($primary, 'postgres', q(CALL rec.train('m')));
wait_for_phase($primary, 'postgres', 'm', 'writing');
$primary->wait_for_catchup($standby);
is(ask($session), $before, 'nor while one is writing');
is($standby->safe_psql('postgres', 'SELECT count(*) FROM rec.training_progress'), '0', 'which is not seen');
open_gate($keeper);
is(finish_sql($training), '', 'it goes on');

$primary->wait_for_catchup($standby);
is($before, "30\n29\n29\n59\nt\n1", 'the old version');
is(ask($session), "31\n30\n30\n60\nf\n2", 'the new version in the same session');
is(ask($block), "31\n30\n30\n60\nf\n2", 'and in the same transaction');
is(answers($standby, 'postgres', 'm'), answers($primary, 'postgres', 'm'), 'the same answers of the new version');
$block->query_safe('COMMIT');

# ---- dropping a model

$primary->safe_psql('postgres', 'DROP TABLE m');
$primary->wait_for_catchup($standby);
is($session->query_safe('SELECT count(*) FROM rec.models'), '0', 'the model is gone');
like($session->query(q(SELECT count(*) FROM rec.recommend('m', 1))) . $session->{stderr}, qr/relation "m" does not exist/, 'and says so');
$session->{stderr} = '';
open_gate($_) foreach $session, $block;

# ---- training after promotion

new_model($primary, 'postgres', 'm');
$primary->wait_for_catchup($standby);
my $answers = answers($primary, 'postgres', 'm');
$primary->stop;
$standby->promote;
is(answers($standby, 'postgres', 'm'), $answers, 'promoted: the same answers');
$standby->safe_psql('postgres', q(CALL rec.train('m')));
is(versions($standby, 'postgres'), 'm:2', 'promoted: it trains');
is(answers($standby, 'postgres', 'm'), $answers, 'promoted: and gives the same again');

$standby->stop;
done_testing();
