\echo Use "ALTER EXTENSION rec UPDATE" to load this file. \quit

-- by hand

ALTER TABLE rec.model ADD COLUMN refreshed bigint, ADD COLUMN refreshed_at timestamptz;

CREATE TABLE rec.unknown_change (
	model regclass,
	transaction xid8,
	PRIMARY KEY (model, transaction)
);

-- the rest follows from the declarations



SELECT pg_catalog.pg_extension_config_dump('rec.unknown_change', 'WHERE model::pg_catalog.oid IN (SELECT oid FROM pg_catalog.pg_class)');

GRANT SELECT, INSERT ON rec.model, rec.model_table, rec.iteration, rec.unknown_change TO @extowner@;

COMMENT ON TABLE rec.unknown_change IS
	'Transactions after which anything may have changed in the tracked source of a model. Written by triggers; a training deletes the rows';

CREATE FUNCTION rec.note_change() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_note_change';

COMMENT ON FUNCTION rec.note_change() IS
	'For triggers of rec.track: notes changes of a source in the tables <model>_changes of the models that track it. Does nothing for other tables';

CREATE FUNCTION rec.track(model regclass) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'rec_track';

COMMENT ON FUNCTION rec.track(regclass) IS
	'Starts to note changes of the model''s source, which must be a table or a partitioned table, in a table <model>_changes: the ids of the user and the '
	'item of each row that is inserted, updated or deleted. Creates again what is missing. Waits for transactions that write to the source, and blocks writers '
	'until the transaction ends. Only the model''s owner may call it, and needs SELECT on the source, and TRIGGER on the source and its partitions';

CREATE FUNCTION rec.untrack(model regclass) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'rec_untrack';

COMMENT ON FUNCTION rec.untrack(regclass) IS
	'Stops what rec.track started: drops the table <model>_changes and, if no other model tracks the source, the triggers. Then it waits for transactions that '
	'read or write the source. Only the model''s owner may call it';

CREATE PROCEDURE rec.refresh(model regclass, item_share float8 = 0.05)
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_refresh';

COMMENT ON PROCEDURE rec.refresh(regclass, float8) IS
	'Updates a model without a training: computes again the users whose rows have changed, the new items, and the items of whose rows at least the share '
	'item_share has changed since they were last computed, each from all of its rows. If the source is not tracked, its time column tells which rows are '
	'new. If it is not known what has changed, trains the model, with a notice. If a training of the model is in progress, does nothing, with a notice. '
	'Raises an error if the algorithm cannot refresh. Only the model''s owner may call it, and needs SELECT on the source';

CREATE FUNCTION rec.follow_partitions() RETURNS event_trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_follow_partitions';

COMMENT ON FUNCTION rec.follow_partitions() IS
	'For the event trigger rec_follow_partitions: creates the triggers of new partitions of a tracked source. If a partition with rows is attached, or one is '
	'detached, notes that anything may have changed';

CREATE EVENT TRIGGER rec_follow_partitions ON ddl_command_end
	WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE')
	EXECUTE FUNCTION rec.follow_partitions();

COMMENT ON EVENT TRIGGER rec_follow_partitions IS
	'Keeps track of partitions of the sources of recommendation models';

ALTER EVENT TRIGGER rec_follow_partitions ENABLE ALWAYS;

CREATE FUNCTION rec.pending_changes(model regclass) RETURNS bigint
	LANGUAGE c STABLE PARALLEL RESTRICTED
	AS 'MODULE_PATHNAME', 'rec_pending_changes';

COMMENT ON FUNCTION rec.pending_changes(regclass) IS
	'For the view rec.models: the number of rows of a model''s source that were inserted, updated or deleted since the last training; NULL if the source is '
	'not tracked, or the changes are not known';

CREATE OR REPLACE VIEW rec.models WITH (security_barrier) AS
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
	'pending: the number of changed rows of the source since then, if it is tracked and they are known; refreshed: the number of those that rec.refresh has '
	'taken in since the last training, and the time of the last refresh';
