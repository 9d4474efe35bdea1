\echo Use "ALTER EXTENSION rec UPDATE" to load this file. \quit

CREATE FUNCTION rec.list_shared_models() RETURNS TABLE (model_table regclass, bytes bigint, last_used timestamptz)
	LANGUAGE c VOLATILE PARALLEL RESTRICTED ROWS 10
	AS 'MODULE_PATHNAME', 'rec_list_shared_models';

COMMENT ON FUNCTION rec.list_shared_models() IS
	'Of the view rec.shared_models: tables that the caller may read';

CREATE VIEW rec.shared_models AS
	SELECT model_table, bytes, last_used
	FROM rec.list_shared_models();

COMMENT ON VIEW rec.shared_models IS
	'The tables of this database''s models that all sessions share in memory, the bytes each takes of rec.cache_size, and when a session last asked it. Empty where rec is not in shared_preload_libraries';

GRANT SELECT ON rec.shared_models TO PUBLIC;

-- What rec.train and rec.recommend_all read the source with: an aggregate, so that parallel workers may each keep the rows that they scan.
CREATE FUNCTION rec.read_row_accumulate(rows bigint, reading bigint, user_id "any", item_id "any", rating "any", at "any") RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_read_row_accumulate';

COMMENT ON FUNCTION rec.read_row_accumulate(bigint, bigint, "any", "any", "any", "any") IS
	'Keeps a row for the procedure that reads it, and counts; for the aggregate rec.read_row';

CREATE AGGREGATE rec.read_row(reading bigint, user_id "any", item_id "any", rating "any", at "any") (
	SFUNC = rec.read_row_accumulate,
	STYPE = bigint,
	INITCOND = '0',
	COMBINEFUNC = pg_catalog.int8pl,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE rec.read_row(bigint, "any", "any", "any", "any") IS
	'What rec.train and rec.recommend_all read the source with: keeps all rows for them, and returns how many there are. An error where neither calls it';

CREATE PROCEDURE rec.recommend_all(model regclass, target text, n int = 10)
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_recommend_all';

COMMENT ON PROCEDURE rec.recommend_all(regclass, text, int) IS
	'Writes what rec.recommend says of every user who has a row in the source now, n items each without those that the user has there, into a table (user_id, rank, item_id, score), by parallel workers. target: its name, possibly qualified. Where there is no such table it is created, with the primary key (user_id, rank); else its rows are replaced in a single commit, until which readers see the old ones. Called outside a transaction block, it commits after reading and holds no snapshot while it scores, or with workers one for some seconds at a time. Needs SELECT on the model and on the source, and INSERT and DELETE on an existing target, or CREATE on the schema of a new one';

COMMENT ON VIEW rec.training_progress IS
	'Trainings under way in this database, and calls of rec.recommend_all, in any session: the phase (waiting for another one, reading, training or scoring, writing), the iteration of at most so many, and the rows (scoring: users) done of about so many in this phase';
