\echo Use "ALTER EXTENSION rec UPDATE" to load this file. \quit

-- ---- sources that move

ALTER TABLE rec.model ALTER COLUMN source DROP NOT NULL;
ALTER TABLE rec.model
	ADD COLUMN source_oid oid,
	ADD COLUMN source_owner oid,
	ADD COLUMN source_columns int2[],
	ADD COLUMN user_table_oid oid,
	ADD COLUMN user_table_name text;
UPDATE rec.model m SET
	source_oid = m.source,
	source_owner = (SELECT c.relowner FROM pg_catalog.pg_class c WHERE c.oid OPERATOR(pg_catalog.=) m.source),
	source_columns = ARRAY(SELECT coalesce((SELECT a.attnum FROM pg_catalog.pg_attribute a WHERE a.attrelid OPERATOR(pg_catalog.=) m.source AND a.attname OPERATOR(pg_catalog.=) n.name), 0::pg_catalog.int2)
		FROM ROWS FROM (pg_catalog.unnest(ARRAY[m.user_column, m.item_column, m.rating_column, m.time_column])) WITH ORDINALITY n (name, i) ORDER BY n.i USING OPERATOR(pg_catalog.<)),
	user_table_oid = m.user_table,
	user_table_name = (SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace WHERE c.oid OPERATOR(pg_catalog.=) m.user_table);

-- A dump has no row of a model whose table is gone: its number would mean any table where it is restored.
SELECT pg_catalog.pg_extension_config_dump('rec.model', 'WHERE model::pg_catalog.oid IN (SELECT oid FROM pg_catalog.pg_class)');
SELECT pg_catalog.pg_extension_config_dump('rec.iteration', 'WHERE model::pg_catalog.oid IN (SELECT oid FROM pg_catalog.pg_class)');

COMMENT ON FUNCTION rec.check_inserted_model() IS
	'Of a trigger of rec.model: a row that is inserted, as by a restore, names tables of whoever inserts it, or is refused; one of a table that is gone is left out, and a source or a table of users that is gone where the row was written is NULL';

COMMENT ON FUNCTION rec.create_model(text, regclass, text, jsonb, name, name, name, name) IS
	'Creates a model: a table of this name for the items, beside it one of the users named <model>_users (or <model>_users1, ... where that is taken), both empty until CALL rec.train. source: a table, view, materialized view, partitioned or foreign table with one row per rating or event. rating_column: NULL means the column rating if there is one that the caller may read, else every row counts 1; an empty name means none. time_column: orders several rows of one user and item. options: see rec.algorithms. Needs CREATE on the schema and SELECT on the source';

CREATE FUNCTION rec.alter_model(
	model regclass,
	source regclass = NULL,
	algorithm text = NULL,
	options jsonb = NULL,
	user_column name = NULL,
	item_column name = NULL,
	rating_column name = NULL,
	time_column name = NULL
) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'rec_alter_model';

COMMENT ON FUNCTION rec.alter_model(regclass, regclass, text, jsonb, name, name, name, name) IS
	'Changes what was said when the model was created; NULL leaves it as it is. source, and names of columns: from the next question on, without a training; the ids'' types must be those of before, or wider integers. rating_column, time_column: an empty name means none. options: in the place of those of these names; where the algorithm changes, or a rating column comes or goes, the others get their defaults. With another algorithm, or other options, the model has not been trained: it answers again after CALL rec.train, which may be in the same transaction. Only the owner of the model may, who needs SELECT on the source, and CREATE on the schema where a table of users is made';

CREATE FUNCTION rec.follow_altered() RETURNS event_trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_follow_altered';

COMMENT ON FUNCTION rec.follow_altered() IS
	'Of the event trigger rec_follow_altered: where a model''s table was renamed, moved to another schema or given to another owner, does the same to its table of users';

CREATE EVENT TRIGGER rec_follow_altered ON ddl_command_end
	WHEN TAG IN ('ALTER TABLE')
	EXECUTE FUNCTION rec.follow_altered();

COMMENT ON EVENT TRIGGER rec_follow_altered IS
	'Lets the table of users follow a recommendation model that is renamed, moved or given away';

-- whatever session_replication_role says: what is left of a dropped model would be of no use to a replica
ALTER EVENT TRIGGER rec_forget_dropped ENABLE ALWAYS;
ALTER EVENT TRIGGER rec_follow_altered ENABLE ALWAYS;

CREATE FUNCTION rec.source_meant(model regclass, source regclass, source_name text, source_owner oid) RETURNS regclass
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_source_meant';

COMMENT ON FUNCTION rec.source_meant(regclass, regclass, text, oid) IS
	'Of the view rec.models: the relation that a row of rec.model means by its source now, as questions and trainings take it; NULL where there is none';

CREATE OR REPLACE VIEW rec.models WITH (security_barrier) AS
	SELECT model, rec.source_meant(model, source, source_name, source_owner) AS source, algorithm, options, version, trained_at, rows, users, items, loss, seconds,
		pg_catalog.pg_total_relation_size(model) OPERATOR(pg_catalog.+)
			coalesce(pg_catalog.pg_total_relation_size(user_table), 0) AS bytes
	FROM rec.model
	WHERE pg_catalog.has_table_privilege(model, 'SELECT');
