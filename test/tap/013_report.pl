# The page of rec.report in a browser: it is complete, nothing overlaps, ids are plain text, and it supports light and dark
# themes.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use IPC::Run;
use RecTest;

my ($browser) = grep { defined && -x } map { my $name = $_; map { "$_/$name" } split /:/, $ENV{PATH} }
  qw(chromium chromium-browser google-chrome);
die 'there is no Chromium to look at the page with' unless defined $browser;

my $node = new_server('main', '');
my $directory = PostgreSQL::Test::Utils::tempdir();

# Ids with special characters of HTML, CSS and XML, long ids, other scripts, and characters that change the direction of text.
my @hostile = (
	'<script>alert(1);document.title="hacked"</script>', q(&amp;"'), '</style></svg></title><img src=x onerror=alert(2)>', ']]><!--',
	'a' x 3000, "\x{202e}desrever", "\x{5d0}\x{5d1}\x{5d2}", "\x{6620}\x{753b}\x{306e}\x{984c}\x{540d}", "\x{1f600}\x{1f3ac}", "\x{e9}l\x{e8}ve \x{1}\x{fffe}");
my $values = join ', ', map { my $id = $hostile[$_]; $id =~ s/'/''/g; "('$id', $_ + 1)" } 0 .. $#hostile;
utf8::encode($values);

load_ratings($node, 'postgres');
new_model($node, 'postgres', 'plain');
$node->safe_psql('postgres', <<SQL);
	CREATE TABLE hostile_id (id text, item_id int);
	INSERT INTO hostile_id VALUES $values;
	CREATE TABLE "<b>ratings</b>" AS
		SELECT user_id AS "user ""&", coalesce(id, repeat('WM', item_id % 9) || item_id) AS "item'<i>", rating, user_id + item_id AS at
		  FROM ratings LEFT JOIN hostile_id USING (item_id);
	SELECT rec.create_model('"<b>model</b>"', '"<b>ratings</b>"', options => '{"factors": 4}',
		user_column => 'user "&', item_column => 'item''<i>', time_column => 'at');
	CALL rec.train('"<b>model</b>"');
	SELECT rec.create_model('top', 'ratings', 'popular');
	CALL rec.train('top');
	-- numbers that take much room
	CREATE TABLE wide AS SELECT user_id, item_id, (1e30 * sin(user_id * item_id))::real AS rating FROM ratings;
	SELECT rec.create_model('wide_numbers', 'wide', 'popular');
	CALL rec.train('wide_numbers');
SQL
my @models = ('plain', '"<b>model</b>"', 'top', 'wide_numbers');
my @widths = (360, 800, 1200);
my @pages = map { $node->safe_psql('postgres', "SELECT rec.report('$_')") } @models;

# ---- the text

for my $i (0 .. $#models)
{
	unlike($pages[$i], qr/[^\x00-\x7f]/, "$models[$i]: the page is ASCII, so right in any encoding");
	unlike($pages[$i], qr/<script|<link|<img|<iframe|<object|<[^>]*\b(src|href)=|url\(|\@import|https?:/i, "$models[$i]: and names nothing to load");
}

# ---- in the browser: each page in frames of several widths, which print their measurements

# Of a frame's document: texts that overlap, or that leave their chart; the least contrast of a text; the width of the document;
# its parts.
my $look = <<'JAVASCRIPT';
function channels(colour) {
	return colour.match(/[\d.]+/g).map(Number);
}
function luminance(colour) {
	const c = channels(colour).slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4));
	return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
}
function contrast(view, element) {
	const style = view.getComputedStyle(element);
	const front = luminance(element.namespaceURI.endsWith('svg') ? style.fill : style.color);
	let behind = element;
	while (channels(view.getComputedStyle(behind).backgroundColor)[3] === 0)
		behind = behind.parentElement;
	const back = luminance(view.getComputedStyle(behind).backgroundColor);
	return (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
}
function look(frame, name) {
	const document = frame.contentDocument, view = frame.contentWindow, said = [];
	const say = (what, value) => said.push(name + ' ' + what + ' ' + value);
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	const boxes = [];
	let least = 21, smallest = 99;
	for (let node; (node = walker.nextNode());) {
		const element = node.parentElement;
		if (!node.data.trim() || /^(title|desc)$/.test(element.localName))
			continue;
		const svg = element.closest('svg');
		const range = document.createRange();
		range.selectNodeContents(node);
		const all = svg ? [element.getBoundingClientRect()] : [...range.getClientRects()];
		for (const box of all) {
			if (box.width === 0)
				continue;
			boxes.push({text: node.data, box});
			const around = svg ? svg.getBoundingClientRect() : document.documentElement.getBoundingClientRect();
			if (box.left < around.left - 1 || box.right > around.right + 1 || box.top < around.top - 1 || box.bottom > around.bottom + 1)
				say('outside', node.data);
		}
		least = Math.min(least, contrast(view, element));
		const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
		smallest = Math.min(smallest, scale * parseFloat(view.getComputedStyle(element).fontSize));
	}
	for (let i = 0; i < boxes.length; i++)
		for (let j = 0; j < i; j++) {
			const a = boxes[i].box, b = boxes[j].box;
			if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
				say('overlap', boxes[i].text + ' | ' + boxes[j].text);
		}
	const root = document.documentElement;
	const count = selector => document.querySelectorAll(selector).length;
	say('overflow', root.scrollWidth - root.clientWidth);
	say('texts', boxes.length);
	say('contrast', least.toFixed(2));
	say('font', smallest.toFixed(1));
	say('background', view.getComputedStyle(document.body).backgroundColor);
	say('loaded', view.performance.getEntriesByType('resource').length);
	say('foreign', count('script, img, link, b, i, iframe, object'));
	say('heading', document.querySelector('h1').textContent);
	say('title', document.title);
	for (const section of ['metrics', 'ratings', 'exposure', 'map', 'loss', 'options'])
		say('section', section + ' ' + [...document.querySelectorAll('section#' + section + ' svg:not([aria-hidden])')].length);
	say('points', count('#map circle'));
	say('labels', count('#map .label'));
	say('iterations', count('#loss circle'));
	say('bars', count('#ratings rect'));
	say('ids', [...document.querySelectorAll('#map circle title')].map(t => t.textContent).sort().join('|'));
	return said;
}
window.onload = () => {
	const said = [];
	for (const frame of document.querySelectorAll('iframe')) {
		try {
			said.push(...look(frame, frame.id));
		} catch (error) {
			said.push(frame.id + ' failed ' + error);
		}
	}
	const result = document.createElement('pre');
	result.id = 'result';
	result.textContent = said.map(line => encodeURIComponent(line)).join('\n');
	document.body.replaceChildren(result);
};
JAVASCRIPT

# The measurements of the frames: a hash of lists by frame ("page-width") and measurement.
sub show
{
	my ($scheme) = @_;
	my $frames = '';

	for my $i (0 .. $#pages)
	{
		my $page = $pages[$i];

		$page =~ s/&/&amp;/g;
		$page =~ s/"/&quot;/g;
		$frames .= qq(<iframe id="$i-$_" width="$_" height="4000" style="border:0;color-scheme:$scheme" srcdoc="$page"></iframe>\n) for @widths;
	}
	my $file = "$directory/$scheme.html";
	open my $out, '>', $file or die $!;
	print $out qq(<!DOCTYPE html><html><head><meta charset="utf-8"><title>test</title><script>$look</script></head><body>$frames</body></html>);
	close $out or die $!;

	my ($dom, $log) = ('', '');
	my $run = IPC::Run::start(
		[
			$browser, '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking',
			'--no-first-run', '--enable-logging=stderr', "--user-data-dir=$directory/profile",
			'--blink-settings=preferredColorScheme=' . ($scheme eq 'dark' ? 0 : 1), '--dump-dom', "file://$file"
		],
		'<', \undef, '>', \$dom, '2>', \$log, IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	$run->finish;
	my ($result) = $dom =~ m{<pre id="result">(.*?)</pre>}s;
	die "the browser showed nothing: $log" unless defined $result;
	my @console = grep { /CONSOLE/ } split /\n/, $log;
	is(join("\n", @console), '', "$scheme: nothing on the console");

	my %said;
	for my $line (split /\n/, $result)
	{
		$line =~ s/%([0-9A-F]{2})/chr hex $1/ge;
		my ($frame, $what, $value) = split / /, $line, 3;
		push @{ $said{$frame}{$what} }, $value;
	}
	return %said;
}

my %background;
for my $scheme (qw(light dark))
{
	my %said = show($scheme);

	for my $i (0 .. $#models)
	{
		for my $width (@widths)
		{
			my $frame = $said{"$i-$width"};
			my $name = "$models[$i], $width pixels, $scheme";

			is_deeply($frame->{failed} // [], [], "$name: could be looked at");
			cmp_ok($frame->{texts}[0], '>', 100, "$name: there is something to read");
			is_deeply($frame->{overlap} // [], [], "$name: nothing overlaps");
			is_deeply($frame->{outside} // [], [], "$name: nothing is cut off");
			is($frame->{overflow}[0], '0', "$name: as wide as the window");
			# Web Content Accessibility Guidelines 2.2, 1.4.3
			cmp_ok($frame->{contrast}[0], '>=', 4.5, "$name: contrast");
			cmp_ok($frame->{font}[0], '>=', 9, "$name: text is large enough");
			is($frame->{loaded}[0], '0', "$name: nothing is loaded");
			is($frame->{foreign}[0], '0', "$name: no element but the page's own");
			$background{$scheme} = $frame->{background}[0];
		}
	}

	# the parts: charts of 30 items, 3 iterations and ratings of 1 to 5
	my $plain = $said{'0-360'};
	is_deeply($plain->{section}, [ 'metrics 3', 'ratings 1', 'exposure 1', 'map 1', 'loss 1', 'options 0' ], "$scheme: all charts");
	is("@{$plain->{points}} @{$plain->{iterations}} @{$plain->{bars}}", '30 3 5', "$scheme: all points, iterations and bars");
	cmp_ok($plain->{labels}[0], '>=', 10, "$scheme: labels");
	is($said{'0-360'}{heading}[0], 'plain', "$scheme: heading");
	is_deeply([ grep { !/metrics/ } @{ $said{'2-360'}{section} } ], [ 'ratings 1', 'exposure 1', 'map 0', 'loss 0', 'options 0' ], "$scheme: no map without vectors");

	# ids are plain text
	my $hostile = $said{'1-1200'};
	is($hostile->{heading}[0], '<b>model</b>', "$scheme: a name is text");
	is($hostile->{title}[0], '<b>model</b>: a recommendation model', "$scheme: in the title too");
	like($hostile->{ids}[0], qr/<script>alert\(1\);document\.title="hacked"<\/script>: /, "$scheme: a script is text");
	like($hostile->{ids}[0], qr/&amp;"': /, "$scheme: so is a reference");
	like($hostile->{ids}[0], qr/\|a{20,80}\xe2\x80\xa6a+: /, "$scheme: a long id is shortened");
	like($hostile->{ids}[0], qr/\xe6\x98\xa0\xe7\x94\xbb/, "$scheme: ids of any script");
	like($hostile->{ids}[0], qr/\xef\xbf\xbd\xef\xbf\xbd: /, "$scheme: characters that XML has not");
}
isnt($background{light}, $background{dark}, 'light and dark differ');

done_testing();
