\echo Use "ALTER EXTENSION rec UPDATE" to load this file. \quit

-- by hand, first: the view of trainings in progress does not need its function for a moment, so that the function is replaced
-- without dropping the view, and without minding views of users upon it
CREATE OR REPLACE VIEW rec.training_progress AS
	SELECT NULL::int AS pid, NULL::regclass AS model, NULL::text AS phase, NULL::int AS iteration, NULL::int AS iterations, NULL::bigint AS done,
		NULL::bigint AS total, NULL::int AS workers, NULL::timestamptz AS started_at;
-- end of what comes first

-- Functions that are dropped below may be used by views and other objects, which nobody but their owners can make again: these are named before anything
-- is touched.
DO $$
DECLARE
	dependents text;
BEGIN
	WITH RECURSIVE dropped AS (
		SELECT pg_catalog.to_regprocedure(signature)::pg_catalog.oid AS function FROM pg_catalog.unnest(ARRAY[
			'rec.list_trainings()'
		]) signature
	), used (class, object) AS (
		SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass::pg_catalog.oid, function FROM dropped
		UNION
		SELECT o.class, o.object
		FROM used u
			JOIN pg_catalog.pg_depend d ON d.refclassid OPERATOR(pg_catalog.=) u.class AND d.refobjid OPERATOR(pg_catalog.=) u.object
			LEFT JOIN pg_catalog.pg_rewrite r ON d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass
				AND r.oid OPERATOR(pg_catalog.=) d.objid AND r.rulename OPERATOR(pg_catalog.=) '_RETURN'
			-- a view instead of its rule, and with a relation the type of its rows
			CROSS JOIN LATERAL (SELECT CASE WHEN r.oid IS NULL THEN d.classid ELSE 'pg_catalog.pg_class'::pg_catalog.regclass END, coalesce(r.ev_class, d.objid)
				) o (class, object)
		WHERE d.deptype OPERATOR(pg_catalog.=) 'n' OR
			(d.deptype OPERATOR(pg_catalog.=) 'i' AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass)
	)
	SELECT pg_catalog.string_agg(pg_catalog.pg_describe_object(class, object, 0), E'\n' ORDER BY object) INTO dependents
	FROM used
	WHERE class OPERATOR(pg_catalog.<>) 'pg_catalog.pg_type'::pg_catalog.regclass AND object NOT IN (SELECT function FROM dropped WHERE function IS NOT NULL)
		AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend m WHERE m.classid OPERATOR(pg_catalog.=) class AND m.objid OPERATOR(pg_catalog.=) object
			AND m.deptype OPERATOR(pg_catalog.=) 'e' AND m.refobjid OPERATOR(pg_catalog.=)
				(SELECT oid FROM pg_catalog.pg_extension WHERE extname OPERATOR(pg_catalog.=) 'rec'));
	IF dependents IS NOT NULL THEN
		RAISE dependent_objects_still_exist USING
			MESSAGE = 'extension "rec" cannot be updated while other objects depend on functions that the update replaces',
			DETAIL = dependents,
			HINT = 'Save the definitions of these objects (pg_dump --schema-only, or pg_get_viewdef and its like), drop them, update, and create them again.';
	END IF;
END $$;

-- by hand
ALTER TABLE rec.iteration ADD COLUMN validation float8;

-- the rest follows from the declarations

DROP FUNCTION rec.list_trainings();

CREATE OR REPLACE VIEW rec.training_log WITH (security_barrier) AS
	SELECT model, version, iteration, loss, seconds, validation
	FROM rec.iteration
	WHERE pg_catalog.has_table_privilege(model, 'SELECT');

COMMENT ON VIEW rec.training_log IS
	'The loss after each iteration of the last five trainings of each model (NULL if the algorithm has none), the seconds that each iteration took, and '
	'validation: the quality on the part of the ratings that the training holds out (NULL if it holds none out)';

CREATE FUNCTION rec.list_trainings() RETURNS TABLE (
	pid int, model regclass, phase text, iteration int, iterations int,
	done bigint, total bigint, workers int, started_at timestamptz, loss float8, validation float8)
	LANGUAGE c VOLATILE PARALLEL RESTRICTED ROWS 1
	AS 'MODULE_PATHNAME', 'rec_list_trainings';

COMMENT ON FUNCTION rec.list_trainings() IS
	'For the view rec.training_progress: trainings of models that the caller may read';

CREATE OR REPLACE VIEW rec.training_progress AS
	SELECT pid, model, phase, iteration, iterations, done, total, workers, started_at, loss, validation
	FROM rec.list_trainings();

COMMENT ON VIEW rec.training_progress IS
	'Trainings in progress in this database, and calls of rec.recommend_all, rec.evaluate, rec.compare (model: the source) and rec.tune, in all sessions. '
	'phase: waiting for another one, reading, training or scoring, writing; iteration: the present one, of at most iterations; done: rows (scoring: users) '
	'done in this phase, of about total; loss: of the iteration before; validation: its quality on the part of the ratings that the training holds out';
