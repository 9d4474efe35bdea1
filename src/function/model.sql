-- Creating, altering and training models.

-- ---- the tables of the extension

CREATE TABLE rec.model (
	model regclass PRIMARY KEY,
	user_table regclass, -- used only by dumps of versions before 0.6.0, like user_table_oid and user_table_name: see rec.model_table
	source regclass,
	source_name text NOT NULL,
	algorithm text NOT NULL,
	options jsonb NOT NULL,
	user_column name NOT NULL,
	item_column name NOT NULL,
	rating_column name,
	time_column name,
	version bigint NOT NULL,
	trained_at timestamptz,
	rows bigint,
	users bigint,
	items bigint,
	mean float8,
	minimum float8,
	maximum float8,
	loss float8,
	seconds float8,
	-- source_oid tells, when a dump is restored, whether the source had been dropped
	source_oid oid,
	source_owner oid,
	source_columns int2[],
	user_table_oid oid,
	user_table_name text,
	deviation float8,
	decided jsonb,
	sessions bigint,
	format int,
	refreshed bigint,
	refreshed_at timestamptz,
	item_relation regclass, -- what says what the items are like, as it is with the source
	item_relation_name text,
	item_relation_oid oid,
	item_relation_owner oid,
	item_features bigint,
	user_relation regclass, -- the same of the users
	user_relation_name text,
	user_relation_oid oid,
	user_relation_owner oid,
	user_features bigint,
	context_columns name[],
	context_features bigint
);

CREATE TABLE rec.model_table (
	model regclass,
	side text,
	relation regclass,
	relation_oid oid,
	relation_name text,
	PRIMARY KEY (model, side)
);

CREATE TABLE rec.iteration (
	model regclass,
	version bigint,
	iteration int,
	loss float8,
	seconds float8 NOT NULL,
	validation float8,
	PRIMARY KEY (model, version, iteration)
);

-- A row for each transaction whose changes of a tracked source are not known.
CREATE TABLE rec.unknown_change (
	model regclass,
	transaction xid8,
	PRIMARY KEY (model, transaction)
);

-- The rows are dumped and restored by the extension's owner, who need not be a superuser. A training acts as the owner of the tables that a row names,
-- so a row with tables of another user is refused.
CREATE FUNCTION rec.check_inserted_model() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_check_inserted_model';

COMMENT ON FUNCTION rec.check_inserted_model() IS
	'For a trigger on rec.model: a row that is inserted, for example by a restore, is refused unless its tables belong to the user who inserts it. A row of '
	'a table that does not exist is left out, a source that had been dropped where the row was written becomes NULL, and a table of users in a dump of an '
	'older version is moved to rec.model_table';

CREATE TRIGGER check_inserted_model BEFORE INSERT ON rec.model FOR EACH ROW EXECUTE FUNCTION rec.check_inserted_model();
ALTER TABLE rec.model ENABLE ALWAYS TRIGGER check_inserted_model;
COMMENT ON TRIGGER check_inserted_model ON rec.model IS
	'Refuses rows with tables of other users';

CREATE FUNCTION rec.check_inserted_table() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_check_inserted_table';

COMMENT ON FUNCTION rec.check_inserted_table() IS
	'For a trigger on rec.model_table: a row that is inserted, for example by a restore, is refused unless its tables belong to the user who inserts it; a '
	'row of a table that does not exist is left out';

CREATE TRIGGER check_inserted_table BEFORE INSERT ON rec.model_table FOR EACH ROW EXECUTE FUNCTION rec.check_inserted_table();
ALTER TABLE rec.model_table ENABLE ALWAYS TRIGGER check_inserted_table;
COMMENT ON TRIGGER check_inserted_table ON rec.model_table IS
	'Refuses rows with tables of other users';

-- A dump has no rows of models whose tables do not exist: their OIDs could be those of other tables where the dump is restored.
SELECT pg_catalog.pg_extension_config_dump('rec.model', 'WHERE model::pg_catalog.oid IN (SELECT oid FROM pg_catalog.pg_class)');
SELECT pg_catalog.pg_extension_config_dump('rec.model_table', 'WHERE model::pg_catalog.oid IN (SELECT oid FROM pg_catalog.pg_class)');
SELECT pg_catalog.pg_extension_config_dump('rec.iteration', 'WHERE model::pg_catalog.oid IN (SELECT oid FROM pg_catalog.pg_class)');
SELECT pg_catalog.pg_extension_config_dump('rec.unknown_change', 'WHERE model::pg_catalog.oid IN (SELECT oid FROM pg_catalog.pg_class)');
GRANT SELECT, INSERT ON rec.model, rec.model_table, rec.iteration, rec.unknown_change TO @extowner@;

COMMENT ON SCHEMA rec IS 'recommendations: train on a table of ratings or events, ask in SQL';
COMMENT ON TABLE rec.model IS 'One row per model, with what the model''s own tables cannot hold. Written by the functions; read it through the view rec.models';
COMMENT ON TABLE rec.model_table IS 'The tables that models have beside their own: of users, and of what else an algorithm keeps. Written by the functions';
COMMENT ON TABLE rec.iteration IS 'The reports of the last trainings. Written by rec.train; read it through the view rec.training_log';
COMMENT ON TABLE rec.unknown_change IS
	'Transactions after which anything may have changed in the tracked source of a model. Written by triggers; a training deletes the rows';

-- ---- create and alter

CREATE FUNCTION rec.create_model(
	model text,
	source regclass,
	algorithm text = 'als',
	options jsonb = '{}',
	user_column name = 'user_id',
	item_column name = 'item_id',
	rating_column name = NULL,
	time_column name = NULL,
	items regclass = NULL,
	users regclass = NULL,
	context_columns name[] = '{}',
	inputs regclass[] = '{}'
) RETURNS regclass
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'rec_create_model';

COMMENT ON FUNCTION rec.create_model(text, regclass, text, jsonb, name, name, name, name, regclass, regclass, name[], regclass[]) IS
	'Creates a model: a table of this name for the items, and beside it a table of users named <model>_users (or <model>_users1, ... if that is in use), '
	'both empty until CALL rec.train. source: a table, view, materialized view, partitioned or foreign table with one row per rating or event. '
	'rating_column: NULL means the column rating if there is one that the caller may read, and otherwise that every row counts 1; an empty name means none. '
	'time_column: orders several rows of one user and item. options: see rec.algorithms; if they do not say what feedback is, a rating column makes it '
	'explicit, with a notice. items: a table or view with one row per item, whose other columns are attributes; its key is named as item_column, or is its '
	'primary key; for algorithms that learn from attributes, which keep a table <model>_features. users: the same of users, with <model>_user_features. '
	'context_columns: columns of the source that say under which circumstances a rating or event came about (the device, the hour), for algorithms that '
	'learn from them, which keep a table <model>_context_features; integers are categories. inputs: not supported yet, and refused unless left out. Needs '
	'CREATE on the schema and SELECT on the source, on items and on users';

CREATE FUNCTION rec.alter_model(
	model regclass,
	source regclass = NULL,
	algorithm text = NULL,
	options jsonb = NULL,
	user_column name = NULL,
	item_column name = NULL,
	rating_column name = NULL,
	time_column name = NULL,
	items regclass = NULL,
	users regclass = NULL,
	context_columns name[] = NULL,
	inputs regclass[] = NULL
) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'rec_alter_model';

COMMENT ON FUNCTION rec.alter_model(regclass, regclass, text, jsonb, name, name, name, name, regclass, regclass, name[], regclass[]) IS
	'Changes what was given when the model was created; NULL leaves it unchanged. source, and names of columns: take effect from the next question on, '
	'without a training; the types of the ids must be the same, or wider integers. rating_column, time_column: an empty name means none. options: these '
	'replace options of the same names; if the algorithm or the feedback changes, or a rating column is added or removed, all others have their defaults. '
	'After a change of the algorithm, options, items, users or context_columns the model counts as not trained: it answers again after CALL rec.train, which '
	'may be in the same transaction. items, users: ''-'' takes the attributes away; context_columns: ''{}'' takes the context away. inputs: not supported '
	'yet, and refused unless left out. Only for the owner of the model, who needs SELECT on the source, on items and on users, and CREATE on the schema if a '
	'table is created';

-- ---- train

CREATE PROCEDURE rec.train(model regclass, wait bool = true)
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_train';

COMMENT ON PROCEDURE rec.train(regclass, bool) IS
	'Trains a model on the present rows of its source, and replaces the last result in a single commit; until then the old version serves. Blocks no reader '
	'of the model, and no writer of the source. wait: if true, a second training of the same model waits for the first; if false, it returns with a notice '
	'and does nothing. Called outside a transaction block, it commits after reading and before it waits, and holds no snapshot while it waits or computes. '
	'Only for the owner of the model. Whoever calls it, it reads and writes with the privileges of the owner, who needs SELECT on the source';

-- Parallel workers read a whole source with an aggregate, so that each worker keeps the rows that it scans. The aggregate is called by its name, and the
-- owner of schema rec could create another one there that fits the arguments better; in pg_catalog only a superuser can.
CREATE FUNCTION pg_catalog.rec_read_row_accumulate(rows bigint, reading bigint, user_id "any", item_id "any", rating "any", at "any") RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_read_row_accumulate';

COMMENT ON FUNCTION pg_catalog.rec_read_row_accumulate(bigint, bigint, "any", "any", "any", "any") IS
	'Of extension rec: keeps a row for a function that reads a whole source, and counts it; for the aggregate rec_read_row';

CREATE AGGREGATE pg_catalog.rec_read_row(reading bigint, user_id "any", item_id "any", rating "any", at "any") (
	SFUNC = pg_catalog.rec_read_row_accumulate,
	STYPE = bigint,
	INITCOND = '0',
	COMBINEFUNC = pg_catalog.int8pl,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE pg_catalog.rec_read_row(bigint, "any", "any", "any", "any") IS
	'Of extension rec: used by rec.train, rec.recommend_all and evaluations to read a whole source with parallel workers. Keeps all rows for them, and '
	'returns the number of rows. Raises an error if called by anything else';

-- the same of rows with a context
CREATE FUNCTION pg_catalog.rec_read_row_accumulate(rows bigint, reading bigint, user_id "any", item_id "any", rating "any", at "any", context "any")
	RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_read_row_accumulate';

COMMENT ON FUNCTION pg_catalog.rec_read_row_accumulate(bigint, bigint, "any", "any", "any", "any", "any") IS
	'Of extension rec: keeps a row with a context for a function that reads a whole source, and counts it; for the aggregate rec_read_row';

CREATE AGGREGATE pg_catalog.rec_read_row(reading bigint, user_id "any", item_id "any", rating "any", at "any", context "any") (
	SFUNC = pg_catalog.rec_read_row_accumulate,
	STYPE = bigint,
	INITCOND = '0',
	COMBINEFUNC = pg_catalog.int8pl,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE pg_catalog.rec_read_row(bigint, "any", "any", "any", "any", "any") IS
	'Of extension rec: as the aggregate without context, for sources with context_columns';

-- ---- drop

CREATE FUNCTION rec.forget_dropped() RETURNS event_trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_forget_dropped';

COMMENT ON FUNCTION rec.forget_dropped() IS
	'For the event trigger rec_forget_dropped: removes the rows of a model whose table was dropped, and drops its table of users';

CREATE EVENT TRIGGER rec_forget_dropped ON sql_drop
	WHEN TAG IN ('DROP TABLE', 'DROP SCHEMA', 'DROP OWNED', 'DROP EXTENSION', 'DROP TYPE', 'DROP ACCESS METHOD')
	EXECUTE FUNCTION rec.forget_dropped();

COMMENT ON EVENT TRIGGER rec_forget_dropped IS
	'Removes the rows of a recommendation model whose table was dropped';

-- ---- follow

CREATE FUNCTION rec.follow_altered() RETURNS event_trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_follow_altered';

COMMENT ON FUNCTION rec.follow_altered() IS
	'For the event trigger rec_follow_altered: if a model''s table was renamed, moved to another schema or given another owner, does the same to its table '
	'of users';

CREATE EVENT TRIGGER rec_follow_altered ON ddl_command_end
	WHEN TAG IN ('ALTER TABLE')
	EXECUTE FUNCTION rec.follow_altered();

COMMENT ON EVENT TRIGGER rec_follow_altered IS
	'Makes the table of users follow a recommendation model that is renamed, moved or given another owner';

-- also with session_replication_role = replica: a replica has no use for the remains of a dropped model
ALTER EVENT TRIGGER rec_forget_dropped ENABLE ALWAYS;
ALTER EVENT TRIGGER rec_follow_altered ENABLE ALWAYS;
