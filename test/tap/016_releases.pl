# A dump of each earlier release is restored into this one: its models give the same answers, and can be trained.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use RecTest;

my $node = new_server('main');
my $current = $node->safe_psql('postgres', q(SELECT extversion FROM pg_extension WHERE extname = 'rec'));

foreach my $release (releases())
{
	my $database = "dump_of_$release";

	restore_release($node, $database, $release);
	is($node->safe_psql($database, q(SELECT extversion FROM pg_extension WHERE extname = 'rec')), $current, "$release: the dump brings this version");
	check_release($node, $database, $release, 'restored');

	# with functions that are newer than the release, too: train, ask, drop
	train_release($node, $database, $release);
	$node->safe_psql($database, 'DROP TABLE als');
	is( $node->safe_psql($database, q(SELECT to_regclass('als_users'), count(*) FROM rec.models WHERE model::text = 'als')),
		'|0', "$release: a model is dropped with its table");
	$node->safe_psql($database, q(SELECT rec.create_model('als', 'ratings'); CALL rec.train('als')));
	is($node->safe_psql($database, q(SELECT count(*) FROM rec.recommend('als', 1, 3))), '3', "$release: and another takes its name");
}

$node->stop;
done_testing();
