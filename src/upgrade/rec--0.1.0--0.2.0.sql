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

-- What rec.train reads its source with: an aggregate, so that parallel workers may each keep the rows that they scan.
CREATE FUNCTION rec.read_row_accumulate(rows bigint, reading bigint, user_id "any", item_id "any", rating "any", at "any") RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_read_row_accumulate';

COMMENT ON FUNCTION rec.read_row_accumulate(bigint, bigint, "any", "any", "any", "any") IS
	'Keeps a row for the training that reads it, and counts; for the aggregate rec.read_row';

CREATE AGGREGATE rec.read_row(reading bigint, user_id "any", item_id "any", rating "any", at "any") (
	SFUNC = rec.read_row_accumulate,
	STYPE = bigint,
	INITCOND = '0',
	COMBINEFUNC = pg_catalog.int8pl,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE rec.read_row(bigint, "any", "any", "any", "any") IS
	'What rec.train reads its source with: keeps all rows for the training, and returns how many there are. An error where no training calls it';
