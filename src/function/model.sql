-- Defining and training models.

-- ---- what is known of models

CREATE TABLE rec.model (
	model regclass PRIMARY KEY,
	user_table regclass, -- of dumps of versions before 0.6.0, as user_table_oid and user_table_name: rec.model_table has it
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
	-- what is known of the source beside its name: the number tells one that is gone where a dump is restored
	source_oid oid,
	source_owner oid,
	source_columns int2[],
	user_table_oid oid,
	user_table_name text,
	deviation float8,
	decided jsonb,
	sessions bigint,
	format int
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
	PRIMARY KEY (model, version, iteration)
);

-- The rows are a dump's, the tables are the extension's. Whoever owns the extension, and so dumps
-- and restores the database, need not be a superuser. A training acts as the owner of the tables that a row names, so nobody
-- inserts one that names a stranger's.
CREATE FUNCTION rec.check_inserted_model() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_check_inserted_model';

COMMENT ON FUNCTION rec.check_inserted_model() IS
	'Of a trigger of rec.model: a row that is inserted, as by a restore, names tables of whoever inserts it, or is refused; one of a table that is gone is '
	'left out, a source that is gone where the row was written is NULL, and a table of users that an older version''s dump names goes to rec.model_table';

CREATE TRIGGER check_inserted_model BEFORE INSERT ON rec.model FOR EACH ROW EXECUTE FUNCTION rec.check_inserted_model();
ALTER TABLE rec.model ENABLE ALWAYS TRIGGER check_inserted_model;
COMMENT ON TRIGGER check_inserted_model ON rec.model IS
	'Refuses rows that name tables of others than whoever inserts them';

CREATE FUNCTION rec.check_inserted_table() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_check_inserted_table';

COMMENT ON FUNCTION rec.check_inserted_table() IS
	'Of a trigger of rec.model_table: a row that is inserted, as by a restore, names tables of whoever inserts it, or is refused; one of a table that is gone '
	'is left out';

CREATE TRIGGER check_inserted_table BEFORE INSERT ON rec.model_table FOR EACH ROW EXECUTE FUNCTION rec.check_inserted_table();
ALTER TABLE rec.model_table ENABLE ALWAYS TRIGGER check_inserted_table;
COMMENT ON TRIGGER check_inserted_table ON rec.model_table IS
	'Refuses rows that name tables of others than whoever inserts them';

-- A dump has no row of a model whose table is gone: its number would mean any table where it is restored.
SELECT pg_catalog.pg_extension_config_dump('rec.model', 'WHERE model::pg_catalog.oid IN (SELECT oid FROM pg_catalog.pg_class)');
SELECT pg_catalog.pg_extension_config_dump('rec.model_table', 'WHERE model::pg_catalog.oid IN (SELECT oid FROM pg_catalog.pg_class)');
SELECT pg_catalog.pg_extension_config_dump('rec.iteration', 'WHERE model::pg_catalog.oid IN (SELECT oid FROM pg_catalog.pg_class)');
GRANT SELECT, INSERT ON rec.model, rec.model_table, rec.iteration TO @extowner@;

COMMENT ON SCHEMA rec IS 'recommendations: train on a table of ratings or events, ask in SQL';
COMMENT ON TABLE rec.model IS 'One row per model: what the model''s own tables can''t say. Written by the functions; read it through the view rec.models';
COMMENT ON TABLE rec.model_table IS 'The tables that models have beside their own: of the users, and of what else an algorithm keeps. Written by the functions';
COMMENT ON TABLE rec.iteration IS 'What the last trainings reported. Written by rec.train; read it through the view rec.training_log';

-- ---- define

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
	'Creates a model: a table of this name for the items, beside it one of the users named <model>_users (or <model>_users1, ... where that is taken), both '
	'empty until CALL rec.train. source: a table, view, materialized view, partitioned or foreign table with one row per rating or event. rating_column: '
	'NULL means the column rating if there is one that the caller may read, else every row counts 1; an empty name means none. time_column: orders several '
	'rows of one user and item. options: see rec.algorithms; where they do not say what feedback is, a rating column makes it explicit, with a notice. items, '
	'users, context_columns, inputs: not supported yet, and refused unless left out. Needs CREATE on the schema and SELECT on the source';

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
	'Changes what was said when the model was created; NULL leaves it as it is. source, and names of columns: from the next question on, without a '
	'training; the ids'' types must be those of before, or wider integers. rating_column, time_column: an empty name means none. options: in the place of '
	'those of these names; where the algorithm or the feedback changes, or a rating column comes or goes, the others get their defaults. With another '
	'algorithm, or other options, the model has not been trained: it answers again after CALL rec.train, which may be in the same transaction. items, '
	'users, context_columns, inputs: not supported yet, and refused unless left out. Only the owner of the model may, who needs SELECT on the source, and '
	'CREATE on the schema where a table of users is made';

-- ---- train

CREATE PROCEDURE rec.train(model regclass, wait bool = true)
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_train';

COMMENT ON PROCEDURE rec.train(regclass, bool) IS
	'Trains a model on its source as it is now, and puts the result in place of the last one in a single commit; until then the old version serves. Blocks '
	'no reader and no writer of the source. wait: a second training of the same model waits for the first; false: it returns, with a notice, and does '
	'nothing. Called outside a transaction block, it commits after reading, and before it waits, and holds no snapshot while it waits or computes. Only the '
	'owner of the model may. Whoever calls it, it reads and writes with the owner''s privileges, who needs SELECT on the source';

-- What a whole source is read with where workers help: an aggregate, so that parallel workers may each keep the rows that they scan. It is called by its
-- name, and
-- whoever owns schema rec could put another there that suits the arguments better: in pg_catalog only a superuser can.
CREATE FUNCTION pg_catalog.rec_read_row_accumulate(rows bigint, reading bigint, user_id "any", item_id "any", rating "any", at "any") RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_read_row_accumulate';

COMMENT ON FUNCTION pg_catalog.rec_read_row_accumulate(bigint, bigint, "any", "any", "any", "any") IS
	'Of extension rec: keeps a row for whoever reads a whole source, and counts; for the aggregate rec_read_row';

CREATE AGGREGATE pg_catalog.rec_read_row(reading bigint, user_id "any", item_id "any", rating "any", at "any") (
	SFUNC = pg_catalog.rec_read_row_accumulate,
	STYPE = bigint,
	INITCOND = '0',
	COMBINEFUNC = pg_catalog.int8pl,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE pg_catalog.rec_read_row(bigint, "any", "any", "any", "any") IS
	'Of extension rec: what rec.train, rec.recommend_all and evaluations read a whole source with, where parallel workers help; keeps all rows for them, and '
	'returns how many there are. An error where none of them calls it';

-- ---- drop

CREATE FUNCTION rec.forget_dropped() RETURNS event_trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_forget_dropped';

COMMENT ON FUNCTION rec.forget_dropped() IS
	'Of the event trigger rec_forget_dropped: forgets a model whose table was dropped, and drops its table of users';

CREATE EVENT TRIGGER rec_forget_dropped ON sql_drop
	WHEN TAG IN ('DROP TABLE', 'DROP SCHEMA', 'DROP OWNED', 'DROP EXTENSION', 'DROP TYPE', 'DROP ACCESS METHOD')
	EXECUTE FUNCTION rec.forget_dropped();

COMMENT ON EVENT TRIGGER rec_forget_dropped IS
	'Forgets a recommendation model whose table was dropped';

-- ---- follow

CREATE FUNCTION rec.follow_altered() RETURNS event_trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_follow_altered';

COMMENT ON FUNCTION rec.follow_altered() IS
	'Of the event trigger rec_follow_altered: where a model''s table was renamed, moved to another schema or given to another owner, does the same to its '
	'table of users';

CREATE EVENT TRIGGER rec_follow_altered ON ddl_command_end
	WHEN TAG IN ('ALTER TABLE')
	EXECUTE FUNCTION rec.follow_altered();

COMMENT ON EVENT TRIGGER rec_follow_altered IS
	'Lets the table of users follow a recommendation model that is renamed, moved or given away';

-- whatever session_replication_role says: what is left of a dropped model would be of no use to a replica
ALTER EVENT TRIGGER rec_forget_dropped ENABLE ALWAYS;
ALTER EVENT TRIGGER rec_follow_altered ENABLE ALWAYS;
