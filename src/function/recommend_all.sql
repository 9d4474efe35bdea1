-- Everybody's list.

CREATE PROCEDURE rec.recommend_all(model regclass, target text, n int = 10)
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_recommend_all';

COMMENT ON PROCEDURE rec.recommend_all(regclass, text, int) IS
	'Writes what rec.recommend says of every user who has a row in the source now, n items each without those that the user has there, into a table '
	'(user_id, rank, item_id, score, personal), by parallel workers. target: its name, possibly qualified. Where there is no such table it is created, with '
	'the primary key (user_id, rank); else its rows are replaced in a single commit, until which readers see the old ones; by DELETE and INSERT where it has '
	'triggers or foreign keys, is partitioned, foreign or a table of Citus. Called outside a transaction block, it commits after reading and holds no '
	'snapshot while it scores, or with workers one for some seconds at a time. Needs SELECT on the model and on the source, and INSERT and DELETE on an '
	'existing target, or CREATE on the schema of a new one';
