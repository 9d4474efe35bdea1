\echo Use "ALTER EXTENSION rec UPDATE" to load this file. \quit

-- by hand

ALTER TABLE rec.model ALTER COLUMN source DROP NOT NULL;
ALTER TABLE rec.model
	ADD COLUMN source_oid oid,
	ADD COLUMN source_owner oid,
	ADD COLUMN source_columns int2[],
	ADD COLUMN user_table_oid oid,
	ADD COLUMN user_table_name text,
	ADD COLUMN deviation float8,
	ADD COLUMN decided jsonb;
UPDATE rec.model m SET
	source_oid = m.source,
	source_owner = (SELECT c.relowner FROM pg_catalog.pg_class c WHERE c.oid OPERATOR(pg_catalog.=) m.source),
	source_columns = ARRAY(SELECT coalesce((SELECT a.attnum FROM pg_catalog.pg_attribute a WHERE a.attrelid OPERATOR(pg_catalog.=) m.source AND a.attname OPERATOR(pg_catalog.=) n.name), 0::pg_catalog.int2)
		FROM ROWS FROM (pg_catalog.unnest(ARRAY[m.user_column, m.item_column, m.rating_column, m.time_column])) WITH ORDINALITY n (name, i) ORDER BY n.i USING OPERATOR(pg_catalog.<)),
	user_table_oid = m.user_table,
	user_table_name = (SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace WHERE c.oid OPERATOR(pg_catalog.=) m.user_table);

-- Models of events go on as they were trained: their weights count as they are.
UPDATE rec.model SET options = options OPERATOR(pg_catalog.||) '{"weight": "linear"}'
	WHERE options OPERATOR(pg_catalog.->>) 'feedback' OPERATOR(pg_catalog.=) 'implicit' AND algorithm OPERATOR(pg_catalog.<>) 'bpr';

-- What lowers no loss has none, where it had 0.
ALTER TABLE rec.iteration ALTER COLUMN loss DROP NOT NULL;
UPDATE rec.iteration SET loss = NULL WHERE model OPERATOR(pg_catalog.=) ANY
	(ARRAY(SELECT m.model FROM rec.model m WHERE m.algorithm OPERATOR(pg_catalog.=) ANY ('{item_knn,user_knn,popular}')));
UPDATE rec.model SET loss = NULL WHERE algorithm OPERATOR(pg_catalog.=) ANY ('{item_knn,user_knn,popular}');

-- the rest follows from the declarations

DROP PROCEDURE rec.train(regclass);
DROP FUNCTION rec.recommend_for(regclass, anyarray, real[], int, bool, "any", "any");
DROP FUNCTION rec.recommend_for(regclass, text[], real[], int, bool, "any", "any");
DROP FUNCTION rec.evaluate(regclass, text, real, int, int, int, int, real, jsonb);
DROP FUNCTION rec.compare(regclass, jsonb, text, text, real, int, int, int, real, name, name, name, name);
DROP FUNCTION rec.tune(regclass, jsonb, text, text, interval, bool, text, real, int, int, int, int, real);

COMMENT ON FUNCTION rec.check_inserted_model() IS
	'Of a trigger of rec.model: a row that is inserted, as by a restore, names tables of whoever inserts it, or is refused; one of a table that is gone is left out, and a source or a table of users that is gone where the row was written is NULL';

SELECT pg_catalog.pg_extension_config_dump('rec.model', 'WHERE model::pg_catalog.oid IN (SELECT oid FROM pg_catalog.pg_class)');

SELECT pg_catalog.pg_extension_config_dump('rec.iteration', 'WHERE model::pg_catalog.oid IN (SELECT oid FROM pg_catalog.pg_class)');

COMMENT ON FUNCTION rec.create_model(text, regclass, text, jsonb, name, name, name, name) IS
	'Creates a model: a table of this name for the items, beside it one of the users named <model>_users (or <model>_users1, ... where that is taken), both empty until CALL rec.train. source: a table, view, materialized view, partitioned or foreign table with one row per rating or event. rating_column: NULL means the column rating if there is one that the caller may read, else every row counts 1; an empty name means none. time_column: orders several rows of one user and item. options: see rec.algorithms; where they do not say what feedback is, a rating column makes it explicit, with a notice. Needs CREATE on the schema and SELECT on the source';

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
	'Changes what was said when the model was created; NULL leaves it as it is. source, and names of columns: from the next question on, without a training; the ids'' types must be those of before, or wider integers. rating_column, time_column: an empty name means none. options: in the place of those of these names; where the algorithm or the feedback changes, or a rating column comes or goes, the others get their defaults. With another algorithm, or other options, the model has not been trained: it answers again after CALL rec.train, which may be in the same transaction. Only the owner of the model may, who needs SELECT on the source, and CREATE on the schema where a table of users is made';

CREATE PROCEDURE rec.train(model regclass, wait bool = true)
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_train';

COMMENT ON PROCEDURE rec.train(regclass, bool) IS
	'Trains a model on its source as it is now, and puts the result in place of the last one in a single commit; until then the old version serves. Blocks no reader and no writer of the source. wait: a second training of the same model waits for the first; false: it returns, with a notice, and does nothing. Called outside a transaction block, it commits after reading, and before it waits, and holds no snapshot while it waits or computes. Only the owner of the model may. Whoever calls it, it reads and writes with the owner''s privileges, who needs SELECT on the source';

COMMENT ON AGGREGATE pg_catalog.rec_read_row(bigint, "any", "any", "any", "any") IS
	'Of extension rec: what rec.train, rec.recommend_all and evaluations read a whole source with, where parallel workers help; keeps all rows for them, and returns how many there are. An error where none of them calls it';

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

ALTER EVENT TRIGGER rec_forget_dropped ENABLE ALWAYS;

ALTER EVENT TRIGGER rec_follow_altered ENABLE ALWAYS;

COMMENT ON FUNCTION rec.recommend(regclass, anyelement, int, bool, "any", "any") IS
	'The n items that suit a user best, by what the source says of the user now. exclude_seen: without the items that the user has there. candidates: only these items (an array of any type that converts to the item ids, or its literal; an id that no item can have is none); exclude: not these. Items come back in the type of user_id. personal: false where nothing that the user has speaks for the item (a user without known items, or an algorithm that has run out of candidates): such rows come last, ranked by the number of users who have the item, and behind them, in the order of their ids, the candidates that the model does not know (as they were not there when it was trained); their score is what rec.predict says. There are n rows whenever that many candidates exist. Needs SELECT on the model and on the source';

CREATE FUNCTION rec.recommend(
	model regclass,
	user_id smallint,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL
) RETURNS TABLE (rank int, item_id bigint, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend';

COMMENT ON FUNCTION rec.recommend(regclass, smallint, int, bool, "any", "any") IS
	'The same for a smallint, as which some drivers send any small number: ids come back as bigint, which holds every integer';

CREATE FUNCTION rec.recommend_for(
	model regclass,
	item_ids anyarray,
	ratings float8[] = NULL,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL
) RETURNS TABLE (rank int, item_id anyelement, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, anyarray, float8[], int, bool, "any", "any") IS
	'The n items that suit a profile given by hand best: an anonymous session, a basket. ratings: one for each item; where there is none, the highest of the training data, or a weight of 1 with implicit feedback. The rest as in rec.recommend. Needs SELECT on the model only';

CREATE FUNCTION rec.recommend_for(
	model regclass,
	item_ids text[],
	ratings float8[] = NULL,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL
) RETURNS TABLE (rank int, item_id text, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, text[], float8[], int, bool, "any", "any") IS
	'The same with ids as text';

CREATE FUNCTION rec.recommend_for(
	model regclass,
	item_ids smallint[],
	ratings float8[] = NULL,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL
) RETURNS TABLE (rank int, item_id bigint, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, smallint[], float8[], int, bool, "any", "any") IS
	'The same for smallint[], as which some drivers send any small numbers: ids come back as bigint, which holds every integer';

CREATE FUNCTION rec.recommend_for(
	model regclass,
	item_ids varchar[],
	ratings float8[] = NULL,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL
) RETURNS TABLE (rank int, item_id text, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, varchar[], float8[], int, bool, "any", "any") IS
	'The same with ids as varchar, which come back as text';

CREATE FUNCTION rec.recommend_for(
	model regclass,
	item_ids text,
	ratings float8[] = NULL,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL
) RETURNS TABLE (rank int, item_id text, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, text, float8[], int, bool, "any", "any") IS
	'The same for an array''s literal, as which an untyped literal or parameter is taken, with ids as text';

CREATE FUNCTION rec.predict(model regclass, user_id text, item_id text) RETURNS real
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 50
	AS 'MODULE_PATHNAME', 'rec_predict';

COMMENT ON FUNCTION rec.predict(regclass, text, text) IS
	'The same with ids as text, as which untyped literals and parameters are taken, on both sides';

CREATE FUNCTION rec.predict(model regclass, user_id text, item_id "any") RETURNS real
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 50
	AS 'MODULE_PATHNAME', 'rec_predict';

COMMENT ON FUNCTION rec.predict(regclass, text, "any") IS
	'The same with the user id as text, as which an untyped literal or parameter is taken';

CREATE FUNCTION rec.predict(model regclass, user_id "any", item_id text) RETURNS real
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 50
	AS 'MODULE_PATHNAME', 'rec_predict';

COMMENT ON FUNCTION rec.predict(regclass, "any", text) IS
	'The same with the item id as text, as which an untyped literal or parameter is taken';

COMMENT ON PROCEDURE rec.recommend_all(regclass, text, int) IS
	'Writes what rec.recommend says of every user who has a row in the source now, n items each without those that the user has there, into a table (user_id, rank, item_id, score, personal), by parallel workers. target: its name, possibly qualified. Where there is no such table it is created, with the primary key (user_id, rank); else its rows are replaced in a single commit, until which readers see the old ones; by DELETE and INSERT where it has triggers or foreign keys, is partitioned, foreign or a table of Citus. Called outside a transaction block, it commits after reading and holds no snapshot while it scores, or with workers one for some seconds at a time. Needs SELECT on the model and on the source, and INSERT and DELETE on an existing target, or CREATE on the schema of a new one';

CREATE FUNCTION rec.similar_items(model regclass, id smallint, n int = 10)
	RETURNS TABLE (rank int, item_id bigint, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_items';

COMMENT ON FUNCTION rec.similar_items(regclass, smallint, int) IS
	'The same for a smallint, as which some drivers send any small number: ids come back as bigint, which holds every integer';

CREATE FUNCTION rec.similar_users(model regclass, id smallint, n int = 10)
	RETURNS TABLE (rank int, user_id bigint, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_users';

COMMENT ON FUNCTION rec.similar_users(regclass, smallint, int) IS
	'The same for a smallint, as which some drivers send any small number: ids come back as bigint, which holds every integer';

COMMENT ON FUNCTION rec.explain(regclass, "any", anyelement, int) IS
	'Which of the items that the source says the user has speak for an item, the n that do so most: known_item_id in the type of item_id, what the user''s rating is (the weight, with implicit feedback), and what it contributes to the score. All contributions together and the baseline, which is what would be left without them, are the score: what rec.predict gives, before it is brought into the range of the ratings. What contributes nothing has no row. No rows for a user without known items, for an item that the model does not know, and where scores are the same for whoever asks (popular). Needs SELECT on the model and on the source';

CREATE FUNCTION rec.explain(model regclass, user_id "any", item_id smallint, n int = 10)
	RETURNS TABLE (known_item_id bigint, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, "any", smallint, int) IS
	'The same for a smallint, as which some drivers send any small number: ids come back as bigint, which holds every integer';

CREATE FUNCTION rec.explain(model regclass, user_id text, item_id anyelement, n int = 10)
	RETURNS TABLE (known_item_id anyelement, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, text, anyelement, int) IS
	'The same with the user id as text, as which an untyped literal or parameter is taken';

CREATE FUNCTION rec.explain(model regclass, user_id text, item_id text, n int = 10)
	RETURNS TABLE (known_item_id text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, text, text, int) IS
	'The same with ids as text, as which untyped literals and parameters are taken, on both sides';

CREATE FUNCTION rec.explain(model regclass, user_id text, item_id smallint, n int = 10)
	RETURNS TABLE (known_item_id bigint, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, text, smallint, int) IS
	'The same with the user id as text and the item id as a smallint';

CREATE FUNCTION rec.source_meant(model regclass, source regclass, source_name text, source_owner oid) RETURNS regclass
	LANGUAGE c STABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_source_meant';

COMMENT ON FUNCTION rec.source_meant(regclass, regclass, text, oid) IS
	'Of the view rec.models: the relation that a row of rec.model means by its source now, as questions and trainings take it; NULL where there is none';

CREATE OR REPLACE VIEW rec.models WITH (security_barrier) AS
	SELECT model, rec.source_meant(model, source, source_name, source_owner) AS source, algorithm,
		options OPERATOR(pg_catalog.||) coalesce(decided, '{}') AS options, version, trained_at, rows, users, items, loss, seconds,
		pg_catalog.pg_total_relation_size(model) OPERATOR(pg_catalog.+)
			coalesce(pg_catalog.pg_total_relation_size(user_table), 0) AS bytes,
		decided
	FROM rec.model
	WHERE pg_catalog.has_table_privilege(model, 'SELECT');

COMMENT ON VIEW rec.models IS
	'One row per model: its source, algorithm, options with all defaults filled in, those that are left to the source (null before the first training) with what training decided; decided: these alone; how often it was trained (version), when, on how many rows (several of one user and item count once), users and items; the loss it reached (NULL where the algorithm lowers none), the seconds the training took, and the bytes of its tables on disk';

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

CREATE FUNCTION rec.cosine(x smallint[], y smallint[]) RETURNS float8
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN rec.cosine(x::float8[], y::float8[]);

COMMENT ON FUNCTION rec.cosine(smallint[], smallint[]) IS
	'The same as rec.cosine(float8[], float8[]), after conversion to float8';

CREATE FUNCTION rec.pearson(x smallint[], y smallint[]) RETURNS float8
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN rec.pearson(x::float8[], y::float8[]);

COMMENT ON FUNCTION rec.pearson(smallint[], smallint[]) IS
	'The same as rec.pearson(float8[], float8[]), after conversion to float8';

CREATE FUNCTION rec.evaluate(
	model regclass,
	split text = 'time',
	test_fraction float8 = 0.2,
	k int = 10,
	folds int = 1,
	seed int = 0,
	min_ratings int = 1,
	relevant_from float8 = NULL,
	options jsonb = NULL
) RETURNS TABLE (metric text, value float8, low float8, high float8, baseline float8, users bigint)
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 20
	AS 'MODULE_PATHNAME', 'rec_evaluate';

COMMENT ON FUNCTION rec.evaluate(regclass, text, float8, int, int, int, int, float8, jsonb) IS
	'How good the model''s algorithm is with its options (options: others in their place; where these say other feedback, all others are its defaults) on its source: trained in memory on one part of the ratings, asked about the other; the model''s tables are left as they are. All items are ranked but those that the user has in the train part, never a sample; ratings of items that were not trained on count as misses.
split: time (the last test_fraction of each user''s ratings, one at least, is the test part), leave_one_out (each user''s last), global_time (what comes after the moment that leaves test_fraction of all ratings), random (each rating with a chance of test_fraction), user (test_fraction of the users, known by 80 % of their ratings and asked about the others; nothing of theirs is trained on), column:NAME (rows of the source for which this boolean column is true). folds: more than 1, for random and user, tests every rating, or user, in one of so many trainings. Users with fewer than min_ratings are not tested. relevant_from: ratings from here on are what lists should hold; NULL: all of the test part. k: the length of lists. The same seed gives the same answer.
value: the metric, by the formulas of rec.metrics; low, high: its 95 % interval by the bootstrap over users, NULL for metrics of all lists together; baseline: the same of lists of what most users have, and for rmse, mae and mse of predictions from damped biases; users: who count. Metrics that are not defined for the algorithm have no row: rmse, mae and mse are for those that predict ratings, cross_entropy for bpr, by the logistic function of its scores. unseen_users: those tested of whom nothing is known; unseen_items and unseen_ratings: tested, and not trained on; tied_ratings: the share of the tested ratings that were drawn by lot among others of the user of the same time, for the splits time and leave_one_out. Needs SELECT on the model and on the source';

CREATE FUNCTION rec.compare(
	source regclass,
	algorithms jsonb,
	metric text = 'ndcg',
	split text = NULL,
	test_fraction float8 = 0.2,
	k int = 10,
	seed int = 0,
	min_ratings int = 1,
	relevant_from float8 = NULL,
	user_column name = 'user_id',
	item_column name = 'item_id',
	rating_column name = NULL,
	time_column name = NULL,
	options jsonb = '{}'
) RETURNS TABLE (rank int, algorithm text, options jsonb, value float8, low float8, high float8, p_value float8, metrics jsonb,
				 users bigint, iterations int, train_seconds float8, score_seconds float8, model_bytes bigint, error text, verdict text)
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_compare';

COMMENT ON FUNCTION rec.compare(regclass, jsonb, text, text, float8, int, int, int, float8, name, name, name, name, jsonb) IS
	'Several algorithms on one split of a source, the best by the metric first. algorithms: a JSON array of names, or of objects with the name as "algorithm" and options as other keys; options: common to all of them, in whose place a candidate''s own are taken. split as for rec.evaluate; NULL: time where there is a time_column, else random. value, low, high: the metric and its 95 % interval; p_value: how probable so large a difference from the best is if both are equally good, by the randomization test over users of the difference between the values; metrics: all of them; model_bytes: of the numbers of the model; error: why a candidate failed, which then comes last and has no value; verdict: what lists, or where the metric is of predicted ratings these, are like for users, in words, beside lists of what most users have, or ratings predicted from damped biases, on the same split. Needs SELECT on the source; the other arguments are those of rec.evaluate and rec.create_model';

CREATE FUNCTION rec.tune(
	model regclass,
	grid jsonb,
	metric text = 'ndcg',
	method text = 'grid',
	budget interval = NULL,
	apply bool = false,
	split text = 'time',
	test_fraction float8 = 0.2,
	k int = 10,
	seed int = 0,
	trials int = 20,
	min_ratings int = 1,
	relevant_from float8 = NULL
) RETURNS TABLE (rank int, options jsonb, value float8, share float8, test float8, low float8, high float8, iterations int, train_seconds float8, error text)
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 20
	AS 'MODULE_PATHNAME', 'rec_tune';

COMMENT ON FUNCTION rec.tune(regclass, jsonb, text, text, interval, bool, text, float8, int, int, int, int, float8) IS
	'Tries options of the model''s algorithm, and returns a row for each combination that was tried, the best first. grid: a JSON object, for each option a list of values, or a range {"min": ..., "max": ...} to draw from (evenly, or where it spans a power of ten by magnitude; whole numbers where both ends are). method: grid (all combinations), random (as many as trials, drawn), halving (as many as trials: all of them on a few users, and the best third of each round on three times as many). The source is read once, and split in three: train, validation (the split of the rest), test. value is the metric of the validation part, by which is chosen, on the share of the users that the combination was tried on; test, low, high: of the best alone, trained on train and validation, the metric of the test part, which nothing was chosen by, and its 95 % interval; error: why a combination failed. Combinations that would train as another one does are left out, with a notice. budget: no other trial begins after so long. apply: writes the best options into the model and trains it with them; where that fails a warning and the error of the first row say why, and the model is as it was; needs the model''s owner. Needs SELECT on the model and on the source; the other arguments are those of rec.evaluate';
