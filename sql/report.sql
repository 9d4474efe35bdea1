-- The page of rec.report: it is well-formed, its figures are right, and its text is escaped. test/tap/013_report.pl tests its
-- looks.

CREATE FUNCTION has_xml() RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
  RETURN xmlparse(DOCUMENT '<a/>') IS DOCUMENT;
EXCEPTION WHEN feature_not_supported THEN
  RETURN false;
END $$;
-- the server may have been built without XML
SELECT has_xml();
SELECT NOT has_xml() AS no_xml \gset
DROP FUNCTION has_xml();
\if :no_xml
\quit
\endif

CREATE SCHEMA report;
SET search_path = report;
-- about sources without an index
SET client_min_messages = warning;
\set SHOW_CONTEXT never

-- the text at a path of the page, with references resolved
CREATE FUNCTION at(page text, path text) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT translate(v::text, U&'\00A0', ' ') FROM unnest(xpath(path, xmlparse(DOCUMENT page))) v $$;

-- 12 users, 6 items; user u has rated item k where k divides u: 12, 6, 4, 3, 2 and 2 ratings, 29 in all
CREATE TABLE ratings AS
  SELECT u AS user_id, 'i' || k AS item_id, (1 + (u + k) % 5)::real AS rating
    FROM generate_series(1, 12) u, generate_series(1, 6) k WHERE u % k = 0;
SELECT rec.create_model('m', 'ratings', options => '{"factors": 2, "iterations": 4, "tolerance": 0}');
-- not trained yet
SELECT rec.report('m'); \echo :SQLSTATE
CALL rec.train('m');
SELECT rec.report(NULL) IS NULL AS nothing;
SELECT rec.report('ratings'); \echo :SQLSTATE
CREATE TABLE pages AS SELECT 'm' AS model, rec.report('m') AS page;

-- one document, in ASCII, without links to load
SELECT xmlparse(DOCUMENT page) IS DOCUMENT AS document, page ~ '^[\x01-\x7f]*$' AS ascii, page LIKE '<!DOCTYPE html>%' AS html,
       page ~* '<script|<[^>]*(src|href)=|url\(|@import|https?:' AS loads
  FROM pages;
SELECT at(page, '//section/@id') AS section FROM pages;
-- ids are unique
SELECT id, count(*) FROM pages, at(page, '//@id') id GROUP BY 1 HAVING count(*) > 1;

-- the title and the properties
SELECT name, value FROM pages,
       ROWS FROM (at(page, '//dt/text()'), at(page, '//dd/text()')) f (name, value) WHERE name IN ('algorithm', 'version', 'ratings', 'users', 'items');
SELECT option, value FROM pages,
       ROWS FROM (at(page, '//section[@id="options"]//th[@scope="row"]/text()'), at(page, '//section[@id="options"]//bdi/text()')) f (option, value)
 WHERE option IN ('feedback', 'factors', 'iterations', 'tolerance');
SELECT count(*) AS options, (SELECT count(*) FROM rec.algorithms WHERE algorithm = 'als') AS all_options
  FROM pages, at(page, '//section[@id="options"]//th[@scope="row"]');

-- the distribution is that of the source: bars, and numbers
SELECT array_agg(bar) = (SELECT array_agg(format('%s: %s', rating, n) ORDER BY rating) FROM (SELECT rating, count(*) AS n FROM ratings GROUP BY 1) r) AS same
  FROM pages, at(page, '//section[@id="ratings"]//rect/title/text()') bar;
-- one item is the most popular tenth: 12 of 29 ratings, 41.4 %; all users have it, so it is on no list, and the five others are
SELECT at(page, '//section[@id="exposure"]/p/text()') AS exposure FROM pages;
-- a circle for each item with its ratings, the largest first; only ids are labels
SELECT at(page, '//section[@id="map"]//circle/title/text()') AS circle FROM pages;
SELECT count(*) AS other_labels FROM pages, at(page, '//section[@id="map"]//text[@class="label"]/text()') label WHERE label !~ '^i[1-6]$';
-- with two factors the shares of the variance of two components add up to 1
SELECT round(sum(substring(title FROM '\(([0-9.]+) %')::numeric)) AS percent
  FROM pages, at(page, '//section[@id="map"]//text[@class="axis"]/text()') title;
-- a dot for each iteration, with the loss in the log
SELECT count(*) AS dots, bool_and(replace(split_part(dot, ': ', 2), ',', '')::float8 BETWEEN 0.99 * loss AND 1.01 * loss) AS logged
  FROM pages, at(page, '//section[@id="loss"]//circle/title/text()') dot
  JOIN rec.training_log l ON model = 'm'::regclass AND iteration = split_part(dot, ': ', 1)::int;
-- the metrics in words
SELECT at(page, '//p[@class="verdict"]/text()') AS verdict FROM pages;
-- a row for each metric
SELECT count(*) > 0 AS metrics, count(*) = (SELECT count(*) FROM rec.evaluate('m', split => 'random')) AS all_metrics
  FROM pages, at(page, '//section[@id="metrics"]//th[@scope="row"]');

-- ---- ids are escaped

CREATE TABLE "<script>""&'" AS
  SELECT user_id, CASE item_id WHEN 'i1' THEN '<script>alert(1)</script>' WHEN 'i2' THEN '&amp;"''' WHEN 'i3' THEN U&'\6620\753B'
                               WHEN 'i4' THEN repeat('x', 100000) WHEN 'i5' THEN E'\x01\n' ELSE ']]>' END AS "item ""<b>", rating AS "R&", user_id AS "at '"
    FROM ratings;
SELECT rec.create_model('"m <i>""&"', '"<script>""&''"', item_column => 'item "<b>', rating_column => 'R&', time_column => 'at ''',
    options => '{"factors": 2}');
CALL rec.train('"m <i>""&"');
INSERT INTO pages SELECT 'text', rec.report('"m <i>""&"');
SELECT page ~ '<script|<i>|<b>' AS markup, length(page) < 100000 AS short FROM pages WHERE model = 'text';
SELECT at(page, '/html/head/title/text()'), at(page, '//h1/bdi/text()') FROM pages WHERE model = 'text';
SELECT at(page, '//header/p/bdi/text()') AS name FROM pages WHERE model = 'text';
SELECT at(page, '//section[@id="map"]//circle/title/text()') AS circle FROM pages WHERE model = 'text';

-- ---- items with attributes are called by the first text column: neither the key, nor an enum or a number; those without a title by their ids

CREATE TYPE shade AS ENUM ('dark', 'light');
CREATE TABLE film (item_id text PRIMARY KEY, shade shade, year int, "ti<b>tle&" varchar(1000), blurb text);
INSERT INTO film VALUES
  ('i1', 'dark', 1990, '<script>alert("1")</script>', 'x'), ('i2', 'light', 1991, U&'&amp;''\6620\753B', 'y'), ('i3', 'dark', 1992, NULL, 'x'),
  ('i4', 'light', 1993, '', 'y'), ('i5', 'dark', 1994, repeat('long ', 200), 'x'), ('i7', 'dark', 1994, 'nobody has it', 'y');
SELECT rec.create_model('named', 'ratings', options => '{"factors": 2, "min_count": 1}', items => 'film');
CALL rec.train('named');
INSERT INTO pages SELECT 'named', rec.report('named');
SELECT at(page, '//section[@id="map"]//circle/title/text()') AS circle FROM pages WHERE model = 'named';
SELECT count(*) > 0 AS labels, bool_and(label ~ '^(&lt;script|&amp;amp;''|i3$|i4$|i6$|long|nobody)') AS titles
  FROM pages, at(page, '//section[@id="map"]//text[@class="label"]/text()') label WHERE model = 'named';
SELECT at(page, '//section[@id="map"]/p//text()') AS map FROM pages WHERE model = 'named';
SELECT page ~ '<script|<b>' AS markup, length(page) < 100000 AS short FROM pages WHERE model = 'named';
-- without a text column there are ids; without the relation also no metrics
ALTER TABLE film DROP COLUMN "ti<b>tle&", DROP COLUMN blurb;
SELECT DISTINCT left(at(rec.report('named'), '//section[@id="map"]//circle/title/text()'), 1) AS "ids alone";
DROP TABLE film CASCADE;
SELECT at(page, '//section[@id="metrics"]/p/bdi/text()') AS metrics, cardinality(xpath('//section[@id="map"]//circle', xmlparse(DOCUMENT page))) AS circles
  FROM rec.report('named') page;

-- ---- models without vectors, and sources of other kinds

-- 2,500 users: every second one's list. Weights of very different sizes in bars of a factor of 2: 1 comes twice, 2 to 501 three times, 502 to 1000
-- twice, so below 2 there are 2, below 4 two times 3, ... below 512 246 * 3 + 10 * 2 = 758, and from there on 489 * 2 = 978
CREATE TABLE events AS SELECT u AS user_id, u % 7 AS item_id, (1 + u % 1000)::real AS weight FROM generate_series(1, 2500) u;
SELECT rec.create_model('top', 'events', 'popular', rating_column => 'weight', options => '{"feedback": "implicit"}');
CALL rec.train('top');
INSERT INTO pages SELECT 'top', rec.report('top');
SELECT at(page, '//section[@id="ratings"]//rect/title/text()') AS bar FROM pages WHERE model = 'top';
-- the page is about events: the word "rating" is only in the names of metrics and options, and in their descriptions
SELECT at(page, '//p[@class="verdict"]/text()') AS verdict FROM pages WHERE model = 'top';
SELECT DISTINCT said FROM pages, at(page, '//body//text()[contains(., "rating")]') said WHERE model = 'top' ORDER BY 1;
SELECT right(p, 82) AS lists FROM pages, at(page, '//section[@id="exposure"]/p/text()') p WHERE model = 'top';
SELECT at(page, '//section[@id="map"]/p/text()') AS map FROM pages WHERE model = 'top';
SELECT at(page, '//section[@id="loss"]/p/text()') AS loss FROM pages WHERE model = 'top';
-- ratings of 100 values in bars 5 wide; an unusable one is counted
CREATE TABLE wide AS SELECT u AS user_id, u % 9 AS item_id, u::real AS rating FROM generate_series(1, 100) u;
SELECT rec.create_model('ease', 'wide', 'ease');
CALL rec.train('ease');
INSERT INTO wide VALUES (101, 0, 'NaN'), (102, 99, 3);
INSERT INTO pages SELECT 'ease', rec.report('ease');
SELECT min(bar) FILTER (WHERE bar LIKE '0 to %') AS first, max(bar) FILTER (WHERE bar LIKE '100 to %') AS last, count(*), sum(split_part(bar, ': ', 2)::int)
  FROM pages, at(page, '//section[@id="ratings"]//rect/title/text()') bar WHERE model = 'ease';
SELECT at(page, '//section[@id="ratings"]/p/text()') AS ratings FROM pages WHERE model = 'ease';
SELECT at(page, '//section[@id="map"]/p/text()') AS map FROM pages WHERE model = 'ease';
-- one rating: nothing to evaluate, as the page says, and nothing to draw
CREATE TABLE one AS SELECT 1 AS user_id, 1 AS item_id, 3::real AS rating;
SELECT rec.create_model('single', 'one', options => '{"factors": 2}');
CALL rec.train('single');
INSERT INTO pages SELECT 'single', rec.report('single');
SELECT at(page, '//section[@id="metrics"]/p//text()') AS metrics FROM pages WHERE model = 'single';
SELECT at(page, '//section[@id="exposure" or @id="map"]/p/text()') AS text FROM pages WHERE model = 'single';
-- all pages are well-formed documents
SELECT model, xmlparse(DOCUMENT page) IS DOCUMENT AS document FROM pages ORDER BY model;

-- ---- privileges on the model and on the source

DROP ROLE IF EXISTS regress_rec_reporter;
CREATE ROLE regress_rec_reporter;
GRANT USAGE ON SCHEMA report TO regress_rec_reporter;
SET ROLE regress_rec_reporter;
SELECT rec.report('top'); \echo :SQLSTATE
RESET ROLE;
GRANT SELECT ON top TO regress_rec_reporter;
SET ROLE regress_rec_reporter;
SELECT rec.report('top'); \echo :SQLSTATE
RESET ROLE;
GRANT SELECT ON events TO regress_rec_reporter;
SET ROLE regress_rec_reporter;
SELECT rec.report('top') LIKE '%</html>%' AS reported;
RESET ROLE;
-- the titles are read as the caller, whose row security holds; without the privilege there are ids, and no metrics
CREATE TABLE film AS SELECT 'i' || i AS item_id, 'title ' || i AS title FROM generate_series(1, 6) i;
SELECT rec.alter_model('named', items => 'film');
CALL rec.train('named');
GRANT SELECT ON named, ratings TO regress_rec_reporter;
SET ROLE regress_rec_reporter;
CREATE TEMPORARY TABLE seen AS SELECT rec.report('named') AS page;
SELECT at(page, '//section[@id="metrics"]/p//text()') AS metrics FROM seen;
SELECT at(page, '//section[@id="map"]//circle/title/text()') AS circle FROM seen;
SELECT right(at(page, '//section[@id="map"]/p//text()'), 130) AS map FROM seen;
RESET ROLE;
GRANT SELECT (item_id, title) ON film TO regress_rec_reporter;
ALTER TABLE film ENABLE ROW LEVEL SECURITY;
CREATE POLICY other ON film USING (item_id <> 'i3');
SET ROLE regress_rec_reporter;
SELECT at(rec.report('named'), '//section[@id="map"]//circle/title/text()') AS circle;
RESET ROLE;
DROP TABLE seen;
DROP TABLE events;
SELECT rec.report('top'); \echo :SQLSTATE

-- the model was dropped before the page is written
CREATE FUNCTION drop_model() RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
	IF current_setting('report.drop', true) = 'yes' THEN
		DROP TABLE IF EXISTS gone;
	END IF;
	RETURN true;
END $$;
CREATE TABLE few AS SELECT u AS user_id, i AS item_id FROM generate_series(1, 9) u, generate_series(1, 9) i WHERE (u + i) % 3 > 0;
CREATE VIEW dropping AS SELECT * FROM few WHERE drop_model();
SELECT rec.create_model('gone', 'dropping', 'popular');
CALL rec.train('gone');
SELECT count(*) FROM rec.recommend('gone', 1);
SET report.drop = 'yes';
SELECT rec.report('gone') LIKE '%<title>gone: a recommendation model%</html>%' AS reported, to_regclass('gone') AS gone;

DROP SCHEMA report CASCADE;
DROP ROLE regress_rec_reporter;
