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
