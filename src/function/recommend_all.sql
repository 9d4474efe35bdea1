-- The lists of all users.

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
	'Writes the list of rec.recommend for every user who has a row in the source now, n items each, to a table (user_id, rank, item_id, score, personal), '
	'with parallel workers. exclude_seen, candidates, exclude: as in rec.recommend, for all users. users: only these users (an array, as for candidates), '
	'whether they have rows in the source or not; rows of other users stay in the table. target: the name of the table, possibly qualified. If the table '
	'does not exist, it is created with the primary key (user_id, rank). Otherwise its rows are replaced in a single commit, until which readers see the '
	'old ones; this is done with DELETE and INSERT if it has triggers or foreign keys, is partitioned, foreign or a table of Citus, or if users are given. '
	'Called outside a transaction block, it commits after reading and holds no snapshot while it scores, except, with workers, for some seconds at a time. '
	'diversity, max_per, calibrate: not supported yet, and refused unless left out. Needs SELECT on the model and on the source, and INSERT and DELETE on '
	'an existing target (and SELECT if users are given), or CREATE on the schema of a new one';
