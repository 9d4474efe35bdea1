-- Everybody's list.

CREATE PROCEDURE rec.recommend_all(
	model regclass,
	target text,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	users "any" = NULL,
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
)
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_recommend_all';

COMMENT ON PROCEDURE rec.recommend_all(regclass, text, int, bool, "any", "any", "any", float8, jsonb, text) IS
	'Writes what rec.recommend says of every user who has a row in the source now, n items each, into a table (user_id, rank, item_id, score, personal), by '
	'parallel workers. exclude_seen, candidates, exclude: as in rec.recommend, for all users. users: of these alone (an array, as candidates is), whether or '
	'not they have a row in the source; rows of other users stay in the table. target: its name, possibly qualified. Where there is no such table it is '
	'created, with the primary key (user_id, rank); else its rows are replaced in a single commit, until which readers see the old ones; by DELETE and INSERT '
	'where it has triggers or foreign keys, is partitioned, foreign or a table of Citus, or where users are given. Called outside a transaction block, it '
	'commits after reading and holds no snapshot while it scores, or with workers one for some seconds at a time. diversity, max_per, calibrate: not supported '
	'yet, and refused unless left out. Needs SELECT on the model and on the source, and INSERT and DELETE on an existing target (where users are given, SELECT '
	'too), or CREATE on the schema of a new one';
