-- Defining and training models.

-- ---- what is known of models

CREATE TABLE rec.model (
	model regclass PRIMARY KEY,
	user_table regclass,
	source regclass NOT NULL,
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
	seconds float8
);

CREATE TABLE rec.iteration (
	model regclass,
	version bigint,
	iteration int,
	loss float8 NOT NULL,
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
	'Of a trigger of rec.model: a row that is inserted, as by a restore, names tables of whoever inserts it, or is refused; one of a table that is gone is left out';

CREATE TRIGGER check_inserted_model BEFORE INSERT ON rec.model FOR EACH ROW EXECUTE FUNCTION rec.check_inserted_model();
ALTER TABLE rec.model ENABLE ALWAYS TRIGGER check_inserted_model;
COMMENT ON TRIGGER check_inserted_model ON rec.model IS
	'Refuses rows that name tables of others than whoever inserts them';

SELECT pg_catalog.pg_extension_config_dump('rec.model', '');
SELECT pg_catalog.pg_extension_config_dump('rec.iteration', '');
GRANT SELECT, INSERT ON rec.model, rec.iteration TO @extowner@;

COMMENT ON SCHEMA rec IS 'recommendations: train on a table of ratings or events, ask in SQL';
COMMENT ON TABLE rec.model IS 'One row per model: what the model''s own tables can''t say. Written by the functions; read it through the view rec.models';
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
	time_column name = NULL
) RETURNS regclass
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'rec_create_model';

COMMENT ON FUNCTION rec.create_model(text, regclass, text, jsonb, name, name, name, name) IS
	'Creates a model: a table of this name for the items, beside it one named <model>_users, both empty until CALL rec.train. source: a table, view, materialized view, partitioned or foreign table with one row per rating or event. rating_column: NULL means the column rating if there is one that the caller may read, else every row counts 1. time_column: orders several rows of one user and item. options: see rec.algorithms. Needs CREATE on the schema and SELECT on the source';

-- ---- train

CREATE PROCEDURE rec.train(model regclass)
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_train';

COMMENT ON PROCEDURE rec.train(regclass) IS
	'Trains a model on its source as it is now, and puts the result in place of the last one in a single commit; until then the old version serves. Blocks no reader and no writer of the source; a second training of the same model waits. Called outside a transaction block, it commits after reading and holds no snapshot while it computes. Only the owner of the model may. Whoever calls it, it reads and writes with the owner''s privileges, who needs SELECT on the source';

-- What a whole source is read with where workers help: an aggregate, so that parallel workers may each keep the rows that they scan. It is called by its name, and
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
	'Of extension rec: what rec.train, rec.recommend_all and evaluations read a whole source with, where parallel workers help; keeps all rows for them, and returns how many there are. An error where none of them calls it';

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
