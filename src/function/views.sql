-- Views of models, trainings, algorithms and metrics. Each view shows the models that the caller may read.

CREATE FUNCTION rec.source_meant(model regclass, source regclass, source_name text, source_owner oid) RETURNS regclass
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_source_meant';

COMMENT ON FUNCTION rec.source_meant(regclass, regclass, text, oid) IS
	'For the view rec.models: the relation that is the source of a row of rec.model now, as for questions and trainings; NULL if there is none';

CREATE FUNCTION rec.pending_changes(model regclass) RETURNS bigint
	LANGUAGE c STABLE PARALLEL RESTRICTED
	AS 'MODULE_PATHNAME', 'rec_pending_changes';

COMMENT ON FUNCTION rec.pending_changes(regclass) IS
	'For the view rec.models: the number of rows of a model''s source, and of tracked attributes of its items and users, that were inserted, updated or '
	'deleted since the last training or refresh; NULL if the source is not tracked, or the changes are not known';

CREATE VIEW rec.models WITH (security_barrier) AS
	SELECT model, rec.source_meant(model, source, source_name, source_owner) AS source, algorithm,
		options OPERATOR(pg_catalog.||) coalesce(decided, '{}') AS options, version, trained_at, rows, users, items, loss, seconds,
		pg_catalog.pg_total_relation_size(model) OPERATOR(pg_catalog.+)
			coalesce((SELECT pg_catalog.sum(pg_catalog.pg_total_relation_size(t.relation))::bigint
				FROM rec.model_table t WHERE t.model OPERATOR(pg_catalog.=) m.model), 0) AS bytes,
		decided, rec.pending_changes(model) AS pending, refreshed, refreshed_at
	FROM rec.model m
	WHERE pg_catalog.has_table_privilege(model, 'SELECT');

COMMENT ON VIEW rec.models IS
	'One row per model. options: with all defaults; options that are left to the source are null before the first training, and then as the training '
	'decided; decided: only these; version: the number of trainings and refreshes; rows: the rows of the last training (several of one user and item count '
	'once); loss: the loss it reached (NULL if the algorithm has none); seconds: the duration of the training; bytes: of the model''s tables on disk; '
	'pending: the number of changed rows of the source and of tracked attributes since then, if they are known; refreshed: the number of those that '
	'rec.refresh has taken in since the last training, and the time of the last refresh';

CREATE VIEW rec.training_log WITH (security_barrier) AS
	SELECT model, version, iteration, loss, seconds, validation
	FROM rec.iteration
	WHERE pg_catalog.has_table_privilege(model, 'SELECT');

COMMENT ON VIEW rec.training_log IS
	'The loss after each iteration of the last five trainings of each model (NULL if the algorithm has none), the seconds that each iteration took, and '
	'validation: the quality on the part of the ratings that the training holds out (NULL if it holds none out)';

CREATE FUNCTION rec.refuse_write() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_refuse_write';

COMMENT ON FUNCTION rec.refuse_write() IS
	'For triggers on the views rec.models and rec.training_log, through which PostgreSQL would let a superuser write: raises an error that says how models '
	'are changed';

CREATE TRIGGER refuse_write INSTEAD OF INSERT OR UPDATE OR DELETE ON rec.models FOR EACH ROW EXECUTE FUNCTION rec.refuse_write();
COMMENT ON TRIGGER refuse_write ON rec.models IS
	'Refuses to write';

CREATE TRIGGER refuse_write INSTEAD OF INSERT OR UPDATE OR DELETE ON rec.training_log FOR EACH ROW EXECUTE FUNCTION rec.refuse_write();
COMMENT ON TRIGGER refuse_write ON rec.training_log IS
	'Refuses to write';

CREATE FUNCTION rec.list_trainings() RETURNS TABLE (
	pid int, model regclass, phase text, iteration int, iterations int,
	done bigint, total bigint, workers int, started_at timestamptz, loss float8, validation float8)
	LANGUAGE c VOLATILE PARALLEL RESTRICTED ROWS 1
	AS 'MODULE_PATHNAME', 'rec_list_trainings';

COMMENT ON FUNCTION rec.list_trainings() IS
	'For the view rec.training_progress: trainings of models that the caller may read';

CREATE VIEW rec.training_progress AS
	SELECT pid, model, phase, iteration, iterations, done, total, workers, started_at, loss, validation
	FROM rec.list_trainings();

COMMENT ON VIEW rec.training_progress IS
	'Trainings in progress in this database, and calls of rec.recommend_all, rec.evaluate, rec.compare (model: the source) and rec.tune, in all sessions. '
	'phase: waiting for another one, reading, training or scoring, writing; iteration: the present one, of at most iterations; done: rows (scoring: users) '
	'done in this phase, of about total; loss: of the iteration before; validation: its quality on the part of the ratings that the training holds out';

CREATE FUNCTION rec.list_shared_models() RETURNS TABLE (model_table regclass, bytes bigint, last_used timestamptz)
	LANGUAGE c VOLATILE PARALLEL RESTRICTED ROWS 10
	AS 'MODULE_PATHNAME', 'rec_list_shared_models';

COMMENT ON FUNCTION rec.list_shared_models() IS
	'For the view rec.shared_models: tables that the caller may read';

CREATE VIEW rec.shared_models AS
	SELECT model_table, bytes, last_used
	FROM rec.list_shared_models();

COMMENT ON VIEW rec.shared_models IS
	'The tables of this database''s models that are in memory shared by all sessions, the bytes of rec.cache_size that each takes, and when a session last '
	'used it. Empty if rec is not in shared_preload_libraries';

CREATE FUNCTION rec.list_algorithms() RETURNS TABLE (
	algorithm text, option text, type text, "default" text, minimum float8, maximum float8, description text)
	LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 10
	AS 'MODULE_PATHNAME', 'rec_list_algorithms';

COMMENT ON FUNCTION rec.list_algorithms() IS
	'For the view rec.algorithms';

CREATE VIEW rec.algorithms AS
	SELECT algorithm, option, type, "default", minimum, maximum, description
	FROM rec.list_algorithms();

COMMENT ON VIEW rec.algorithms IS
	'Every option of every algorithm: its type, default, range and meaning. A default of NULL is decided from the source';

CREATE FUNCTION rec.list_metrics() RETURNS TABLE (
	metric text, kind text, formula text, minimum float8, maximum float8, direction text, source text)
	LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 20
	AS 'MODULE_PATHNAME', 'rec_list_metrics';

COMMENT ON FUNCTION rec.list_metrics() IS
	'For the view rec.metrics';

CREATE VIEW rec.metrics AS
	SELECT metric, kind, formula, minimum, maximum, direction, source
	FROM rec.list_metrics();

COMMENT ON VIEW rec.metrics IS
	'Every metric: its kind (of ranked lists, of predicted ratings or probabilities, or of lists beyond accuracy), its formula and range, whether a higher '
	'or a lower value is better, or neither (beyond accuracy: for equally accurate lists), and its source';

GRANT USAGE ON SCHEMA rec TO PUBLIC;
GRANT SELECT ON rec.models, rec.training_log, rec.training_progress, rec.shared_models, rec.algorithms, rec.metrics TO PUBLIC;
