\echo Use "ALTER EXTENSION rec UPDATE" to load this file. \quit

ALTER TABLE rec.model ADD COLUMN deviation float8, ADD COLUMN decided jsonb;

CREATE OR REPLACE VIEW rec.models WITH (security_barrier) AS
	SELECT model, source, algorithm, options OPERATOR(pg_catalog.||) coalesce(decided, '{}') AS options, version, trained_at, rows, users, items, loss, seconds,
		pg_catalog.pg_total_relation_size(model) OPERATOR(pg_catalog.+)
			coalesce(pg_catalog.pg_total_relation_size(user_table), 0) AS bytes,
		decided
	FROM rec.model
	WHERE pg_catalog.has_table_privilege(model, 'SELECT');

COMMENT ON VIEW rec.models IS
	'One row per model: its source, algorithm, options with all defaults filled in, those that are left to the source (null before the first training) with what training decided; decided: these alone; how often it was trained (version), when, on how many rows (several of one user and item count once), users and items; the loss it reached, the seconds the training took, and the bytes of its tables on disk';
-- Models of events go on as they were trained: their weights count as they are.
UPDATE rec.model SET options = options || '{"weight": "linear"}' WHERE options ->> 'feedback' = 'implicit' AND algorithm <> 'bpr';
