-- Changes of a model's source and of its attributes since its last training.

CREATE FUNCTION rec.note_change() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_note_change';

COMMENT ON FUNCTION rec.note_change() IS
	'For triggers of rec.track: notes changes of a source, or of attributes, in the tables <model>_changes of the models that track it. Does nothing for '
	'other tables';

CREATE FUNCTION rec.track(model regclass) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'rec_track';

COMMENT ON FUNCTION rec.track(regclass) IS
	'Starts to note changes of the model''s source, which must be a table or a partitioned table, in a table <model>_changes: the ids of the user and the '
	'item of each row that is inserted, updated or deleted; likewise, in the relations of attributes of items and users that are such tables, the id of each '
	'item or user whose row changes. A notice names relations of attributes that cannot be tracked. Creates again what is missing. Waits for transactions that '
	'write to these tables, and blocks writers until the transaction ends. Only the model''s owner may call it, and needs SELECT on the source, and TRIGGER on '
	'the source and its partitions, and on relations of attributes that are to be tracked';

CREATE FUNCTION rec.untrack(model regclass) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'rec_untrack';

COMMENT ON FUNCTION rec.untrack(regclass) IS
	'Stops what rec.track started: drops the table <model>_changes and the triggers, but for those of relations that other models track. Then it waits for '
	'transactions that read or write the source or the attributes. Only the model''s owner may call it';

CREATE PROCEDURE rec.refresh(model regclass, item_share float8 = 0.05)
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_refresh';

COMMENT ON PROCEDURE rec.refresh(regclass, float8) IS
	'Updates a model without a training: computes again the users whose rows have changed, the new items, and the items of whose rows at least the share '
	'item_share has changed since they were last computed, each from all of its rows, and from its present attributes if the model has any; and users and '
	'items whose attributes have changed, if rec.track tracks these. If the source is not tracked, its time column tells which rows are new. If it is not '
	'known what has changed, trains the model, with a notice. If a training of the model is in progress, does nothing, with a notice. Raises an error if the '
	'algorithm cannot refresh. Only the model''s owner may call it, and needs SELECT on the source and on the relations of attributes';

CREATE FUNCTION rec.follow_partitions() RETURNS event_trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_follow_partitions';

COMMENT ON FUNCTION rec.follow_partitions() IS
	'For the event trigger rec_follow_partitions: creates the triggers of new partitions of a tracked table. If a partition with rows is attached, or one is '
	'detached, notes that anything may have changed';

CREATE EVENT TRIGGER rec_follow_partitions ON ddl_command_end
	WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE')
	EXECUTE FUNCTION rec.follow_partitions();

COMMENT ON EVENT TRIGGER rec_follow_partitions IS
	'Keeps track of partitions of the sources and attributes of recommendation models';

ALTER EVENT TRIGGER rec_follow_partitions ENABLE ALWAYS;
