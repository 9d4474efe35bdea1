\echo Use "ALTER EXTENSION rec UPDATE" to load this file. \quit

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

COMMENT ON FUNCTION rec.explain(regclass, "any", anyelement, int) IS
	'Which of the items that the source says the user has speak for an item, the n that do so most: known_item_id in the type of item_id, what the user''s rating is (the weight, with implicit feedback), and what it contributes to the score. All contributions together and the baseline, which is what would be left without them, are the score: what rec.predict gives, before it is brought into the range of the ratings. What contributes nothing has no row. No rows for a user without known items, for an item that the model does not know, and where scores are the same for whoever asks (popular). Needs SELECT on the model and on the source';

COMMENT ON FUNCTION rec.recommend(regclass, anyelement, int, bool, "any", "any") IS
	'The n items that suit a user best, by what the source says of the user now. exclude_seen: without the items that the user has there. candidates: only these items (an array of any type that converts to the item ids); exclude: not these. Items come back in the type of user_id. personal: false where nothing that the user has speaks for the item (a user without known items, or an algorithm that has run out of candidates): such rows come last, ranked by the number of users who have the item, and behind them, in the order of their ids, the candidates that the model does not know (as they were not there when it was trained); their score is what rec.predict says. There are n rows whenever that many candidates exist. Needs SELECT on the model and on the source';

DROP FUNCTION rec.compare(regclass, jsonb, text, text, real, int, int, int, real, name, name, name, name);

CREATE FUNCTION rec.compare(
	source regclass,
	algorithms jsonb,
	metric text = 'ndcg',
	split text = NULL,
	test_fraction real = 0.2,
	k int = 10,
	seed int = 0,
	min_ratings int = 1,
	relevant_from real = NULL,
	user_column name = 'user_id',
	item_column name = 'item_id',
	rating_column name = NULL,
	time_column name = NULL,
	options jsonb = '{}'
) RETURNS TABLE (rank int, algorithm text, options jsonb, value float8, low float8, high float8, p_value float8, metrics jsonb,
				 users bigint, iterations int, train_seconds float8, score_seconds float8, model_bytes bigint, error text, verdict text)
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_compare';

COMMENT ON FUNCTION rec.compare(regclass, jsonb, text, text, real, int, int, int, real, name, name, name, name, jsonb) IS
	'Several algorithms on one split of a source, the best by the metric first. algorithms: a JSON array of names, or of objects with the name as "algorithm" and options as other keys; options: common to all of them, in whose place a candidate''s own are taken. split as for rec.evaluate; NULL: time where there is a time_column, else random. value, low, high: the metric and its 95 % interval; p_value: how probable so large a difference from the best is if both are equally good, by the randomization test over users of the difference between the values; metrics: all of them; model_bytes: of the numbers of the model; error: why a candidate failed, which then comes last and has no value; verdict: what lists, or where the metric is of predicted ratings these, are like for users, in words, beside lists of what most users have, or ratings predicted from damped biases, on the same split. Needs SELECT on the source; the other arguments are those of rec.evaluate and rec.create_model';

COMMENT ON FUNCTION rec.create_model(text, regclass, text, jsonb, name, name, name, name) IS
	'Creates a model: a table of this name for the items, beside it one named <model>_users, both empty until CALL rec.train. source: a table, view, materialized view, partitioned or foreign table with one row per rating or event. rating_column: NULL means the column rating if there is one that the caller may read, else every row counts 1. time_column: orders several rows of one user and item. options: see rec.algorithms; where they do not say what feedback is, a rating column makes it explicit, with a notice. Needs CREATE on the schema and SELECT on the source';
