-- What there is, and what is going on. Each view shows the models that the caller may read.

CREATE FUNCTION rec.source_meant(model regclass, source regclass, source_name text, source_owner oid) RETURNS regclass
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_source_meant';

COMMENT ON FUNCTION rec.source_meant(regclass, regclass, text, oid) IS
	'Of the view rec.models: the relation that a row of rec.model means by its source now, as questions and trainings take it; NULL where there is none';

CREATE VIEW rec.models WITH (security_barrier) AS
	SELECT model, rec.source_meant(model, source, source_name, source_owner) AS source, algorithm,
		options OPERATOR(pg_catalog.||) coalesce(decided, '{}') AS options, version, trained_at, rows, users, items, loss, seconds,
		pg_catalog.pg_total_relation_size(model) OPERATOR(pg_catalog.+)
			coalesce((SELECT pg_catalog.sum(pg_catalog.pg_total_relation_size(t.relation))::bigint
				FROM rec.model_table t WHERE t.model OPERATOR(pg_catalog.=) m.model), 0) AS bytes,
		decided
	FROM rec.model m
	WHERE pg_catalog.has_table_privilege(model, 'SELECT');

COMMENT ON VIEW rec.models IS
	'One row per model: its source, algorithm, options with all defaults filled in, those that are left to the source (null before the first training) with '
	'what training decided; decided: these alone; how often it was trained (version), when, on how many rows (several of one user and item count once), '
	'users and items; the loss it reached (NULL where the algorithm lowers none), the seconds the training took, and the bytes of its tables on disk';

CREATE VIEW rec.training_log WITH (security_barrier) AS
	SELECT model, version, iteration, loss, seconds
	FROM rec.iteration
	WHERE pg_catalog.has_table_privilege(model, 'SELECT');

COMMENT ON VIEW rec.training_log IS
	'The loss after each iteration of the last five trainings of each model (NULL where the algorithm lowers none), and the seconds each iteration took';

CREATE FUNCTION rec.refuse_write() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_refuse_write';

COMMENT ON FUNCTION rec.refuse_write() IS
	'Of triggers on the views rec.models and rec.training_log, which PostgreSQL would let a superuser write through: an error that says what changes a model';

CREATE TRIGGER refuse_write INSTEAD OF INSERT OR UPDATE OR DELETE ON rec.models FOR EACH ROW EXECUTE FUNCTION rec.refuse_write();
COMMENT ON TRIGGER refuse_write ON rec.models IS
	'Refuses to write';

CREATE TRIGGER refuse_write INSTEAD OF INSERT OR UPDATE OR DELETE ON rec.training_log FOR EACH ROW EXECUTE FUNCTION rec.refuse_write();
COMMENT ON TRIGGER refuse_write ON rec.training_log IS
	'Refuses to write';

CREATE FUNCTION rec.list_trainings() RETURNS TABLE (
	pid int, model regclass, phase text, iteration int, iterations int,
	done bigint, total bigint, workers int, started_at timestamptz)
	LANGUAGE c VOLATILE PARALLEL RESTRICTED ROWS 1
	AS 'MODULE_PATHNAME', 'rec_list_trainings';

COMMENT ON FUNCTION rec.list_trainings() IS
	'Of the view rec.training_progress: trainings of models that the caller may read';

CREATE VIEW rec.training_progress AS
	SELECT pid, model, phase, iteration, iterations, done, total, workers, started_at
	FROM rec.list_trainings();

COMMENT ON VIEW rec.training_progress IS
	'Trainings under way in this database, and calls of rec.recommend_all, rec.evaluate, rec.compare (model: the source) and rec.tune, in any session: the '
	'phase (waiting for another one, reading, training or scoring, writing), the iteration of at most so many, and the rows (scoring: users) done of about '
	'so many in this phase';

CREATE FUNCTION rec.list_shared_models() RETURNS TABLE (model_table regclass, bytes bigint, last_used timestamptz)
	LANGUAGE c VOLATILE PARALLEL RESTRICTED ROWS 10
	AS 'MODULE_PATHNAME', 'rec_list_shared_models';

COMMENT ON FUNCTION rec.list_shared_models() IS
	'Of the view rec.shared_models: tables that the caller may read';

CREATE VIEW rec.shared_models AS
	SELECT model_table, bytes, last_used
	FROM rec.list_shared_models();

COMMENT ON VIEW rec.shared_models IS
	'The tables of this database''s models that all sessions share in memory, the bytes each takes of rec.cache_size, and when a session last asked it. '
	'Empty where rec is not in shared_preload_libraries';

CREATE FUNCTION rec.list_algorithms() RETURNS TABLE (
	algorithm text, option text, type text, "default" text, minimum float8, maximum float8, description text)
	LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 10
	AS 'MODULE_PATHNAME', 'rec_list_algorithms';

COMMENT ON FUNCTION rec.list_algorithms() IS
	'Of the view rec.algorithms';

CREATE VIEW rec.algorithms AS
	SELECT algorithm, option, type, "default", minimum, maximum, description
	FROM rec.list_algorithms();

COMMENT ON VIEW rec.algorithms IS
	'Every option of every algorithm: its type, default and range, and what it means. A default of NULL is decided from the source';

CREATE FUNCTION rec.list_metrics() RETURNS TABLE (
	metric text, kind text, formula text, minimum float8, maximum float8, direction text, source text)
	LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 20
	AS 'MODULE_PATHNAME', 'rec_list_metrics';

COMMENT ON FUNCTION rec.list_metrics() IS
	'Of the view rec.metrics';

CREATE VIEW rec.metrics AS
	SELECT metric, kind, formula, minimum, maximum, direction, source
	FROM rec.list_metrics();

COMMENT ON VIEW rec.metrics IS
	'Every metric: of what kind it is (of ranked lists, of predicted ratings or probabilities, or of lists beyond their accuracy), its formula and range, '
	'whether higher or lower is better or neither (beyond accuracy: of equally accurate lists), and where it is from';

GRANT USAGE ON SCHEMA rec TO PUBLIC;
GRANT SELECT ON rec.models, rec.training_log, rec.training_progress, rec.shared_models, rec.algorithms, rec.metrics TO PUBLIC;
