\echo Use "ALTER EXTENSION rec UPDATE" to load this file. \quit

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
	'Every metric: of what kind it is (of ranked lists, of predicted ratings or probabilities, or of lists beyond their accuracy), its formula and range, whether higher or lower is better or neither (beyond accuracy: of equally accurate lists), and where it is from';

GRANT SELECT ON rec.metrics TO PUBLIC;

COMMENT ON VIEW rec.training_progress IS
	'Trainings under way in this database, and calls of rec.recommend_all, rec.evaluate, rec.compare (model: the source) and rec.tune, in any session: the phase (waiting for another one, reading, training or scoring, writing), the iteration of at most so many, and the rows (scoring: users) done of about so many in this phase';

-- Metrics of anybody's lists and predictions; no model is needed.

-- ---- a list of recommended items, the best first, and the set of relevant ones

CREATE FUNCTION rec.precision(recommended anycompatiblearray, relevant anycompatiblearray, k int = NULL) RETURNS float8
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_precision';

COMMENT ON FUNCTION rec.precision(anycompatiblearray, anycompatiblearray, int) IS
	'Precision at k: the relevant among the first k recommended items, over k: from 0 to 1, though no list has more than (number of relevant items) / k. k: how many items of the list count; NULL: all. Where the list is shorter than k, the division is still by k. An item that is named again keeps its rank, but is no second hit, and counts once among the relevant; a NULL keeps its rank and is no hit, and among the relevant it is none. Items are equal as by the = of their type, under the collation of the call. NULL where an array is NULL, or nothing is relevant; else 0 where the list is empty. An array of several dimensions is an error, and k below 1';

CREATE FUNCTION rec.recall(recommended anycompatiblearray, relevant anycompatiblearray, k int = NULL) RETURNS float8
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_recall';

COMMENT ON FUNCTION rec.recall(anycompatiblearray, anycompatiblearray, int) IS
	'Recall at k: the relevant among the first k recommended items, over min(k, number of relevant items): from 0 to 1, which the best list of k items has whatever k is. k: how many items of the list count; NULL: all. An item that is named again keeps its rank, but is no second hit, and counts once among the relevant; a NULL keeps its rank and is no hit, and among the relevant it is none. Items are equal as by the = of their type, under the collation of the call. NULL where an array is NULL, or nothing is relevant; else 0 where the list is empty. An array of several dimensions is an error, and k below 1';

CREATE FUNCTION rec.ndcg(recommended anycompatiblearray, relevant anycompatiblearray, k int = NULL) RETURNS float8
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_ndcg';

COMMENT ON FUNCTION rec.ndcg(anycompatiblearray, anycompatiblearray, int) IS
	'Normalized discounted cumulative gain at k, of binary relevance: the sum over the ranks r of hits of 1 / log2(r + 1), over the same sum where the first min(k, number of relevant items) ranks are hits: from 0 to 1. k: how many items of the list count; NULL: all. An item that is named again keeps its rank, but is no second hit, and counts once among the relevant; a NULL keeps its rank and is no hit, and among the relevant it is none. Items are equal as by the = of their type, under the collation of the call. NULL where an array is NULL, or nothing is relevant; else 0 where the list is empty. An array of several dimensions is an error, and k below 1';

CREATE FUNCTION rec.average_precision(recommended anycompatiblearray, relevant anycompatiblearray, k int = NULL) RETURNS float8
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_average_precision';

COMMENT ON FUNCTION rec.average_precision(anycompatiblearray, anycompatiblearray, int) IS
	'Average precision at k: the sum over the ranks r of hits of (hits up to r) / r, over min(k, number of relevant items): from 0 to 1. Its mean over users is MAP. k: how many items of the list count; NULL: all. An item that is named again keeps its rank, but is no second hit, and counts once among the relevant; a NULL keeps its rank and is no hit, and among the relevant it is none. Items are equal as by the = of their type, under the collation of the call. NULL where an array is NULL, or nothing is relevant; else 0 where the list is empty. An array of several dimensions is an error, and k below 1';

CREATE FUNCTION rec.reciprocal_rank(recommended anycompatiblearray, relevant anycompatiblearray, k int = NULL) RETURNS float8
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_reciprocal_rank';

COMMENT ON FUNCTION rec.reciprocal_rank(anycompatiblearray, anycompatiblearray, int) IS
	'1 over the rank of the first relevant item, 0 where none is among the first k. Its mean over users is MRR. k: how many items of the list count; NULL: all. An item that is named again keeps its rank, but is no second hit, and counts once among the relevant; a NULL keeps its rank and is no hit, and among the relevant it is none. Items are equal as by the = of their type, under the collation of the call. NULL where an array is NULL, or nothing is relevant; else 0 where the list is empty. An array of several dimensions is an error, and k below 1';

CREATE FUNCTION rec.hit_rate(recommended anycompatiblearray, relevant anycompatiblearray, k int = NULL) RETURNS float8
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_hit_rate';

COMMENT ON FUNCTION rec.hit_rate(anycompatiblearray, anycompatiblearray, int) IS
	'1 where a relevant item is among the first k recommended ones, else 0. Its mean over users is the hit rate. k: how many items of the list count; NULL: all. An item that is named again keeps its rank, but is no second hit, and counts once among the relevant; a NULL keeps its rank and is no hit, and among the relevant it is none. Items are equal as by the = of their type, under the collation of the call. NULL where an array is NULL, or nothing is relevant; else 0 where the list is empty. An array of several dimensions is an error, and k below 1';

-- ---- aggregates over pairs of a predicted and an actual value

CREATE FUNCTION rec.squared_error_accumulate(state float8[], predicted float8, actual float8) RETURNS float8[]
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_squared_error_accumulate';

COMMENT ON FUNCTION rec.squared_error_accumulate(float8[], float8, float8) IS
	'Support function of the aggregates rec.mse and rec.rmse: adds the squared error of a pair to the state, which is the number of pairs and the sum of their losses';

CREATE FUNCTION rec.absolute_error_accumulate(state float8[], predicted float8, actual float8) RETURNS float8[]
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_absolute_error_accumulate';

COMMENT ON FUNCTION rec.absolute_error_accumulate(float8[], float8, float8) IS
	'Support function of the aggregate rec.mae: adds the absolute error of a pair to the state, which is the number of pairs and the sum of their losses';

CREATE FUNCTION rec.cross_entropy_accumulate(state float8[], predicted float8, actual float8) RETURNS float8[]
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_cross_entropy_accumulate';

COMMENT ON FUNCTION rec.cross_entropy_accumulate(float8[], float8, float8) IS
	'Support function of the aggregate rec.cross_entropy: adds the binary cross-entropy of a pair to the state, which is the number of pairs and the sum of their losses';

CREATE FUNCTION rec.categorical_cross_entropy_accumulate(state float8[], predicted float8, actual float8) RETURNS float8[]
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_categorical_cross_entropy_accumulate';

COMMENT ON FUNCTION rec.categorical_cross_entropy_accumulate(float8[], float8, float8) IS
	'Support function of the aggregate rec.categorical_cross_entropy: adds the term of a pair in the categorical cross-entropy to the state, which is the number of pairs and the sum of their losses';

CREATE FUNCTION rec.loss_combine(state float8[], other float8[]) RETURNS float8[]
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_loss_combine';

COMMENT ON FUNCTION rec.loss_combine(float8[], float8[]) IS
	'Support function of the aggregates of losses, such as rec.rmse: adds two states';

CREATE FUNCTION rec.loss_mean(state float8[]) RETURNS float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_loss_mean';

COMMENT ON FUNCTION rec.loss_mean(float8[]) IS
	'Support function of the aggregates of losses, such as rec.rmse: the mean loss of the pairs, NULL without any';

CREATE FUNCTION rec.loss_root_mean(state float8[]) RETURNS float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_loss_root_mean';

COMMENT ON FUNCTION rec.loss_root_mean(float8[]) IS
	'Support function of the aggregates of losses, such as rec.rmse: the square root of the mean loss of the pairs, NULL without any';

CREATE FUNCTION rec.loss_total(state float8[]) RETURNS float8
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_loss_total';

COMMENT ON FUNCTION rec.loss_total(float8[]) IS
	'Support function of the aggregates of losses, such as rec.rmse: the sum of the losses of the pairs, NULL without any';

CREATE AGGREGATE rec.rmse(predicted float8, actual float8) (
	SFUNC = rec.squared_error_accumulate,
	STYPE = float8[],
	INITCOND = '{0,0}',
	FINALFUNC = rec.loss_root_mean,
	COMBINEFUNC = rec.loss_combine,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE rec.rmse(float8, float8) IS
	'Root mean square error: the square root of the mean of (predicted - actual)^2. A pair with a NULL is left out; NULL without a pair. NaN and infinity follow float8: an infinite error gives infinity, and what can''t be computed from finite values is an error (numeric_value_out_of_range) (errors from 1.3e154)';

CREATE AGGREGATE rec.mse(predicted float8, actual float8) (
	SFUNC = rec.squared_error_accumulate,
	STYPE = float8[],
	INITCOND = '{0,0}',
	FINALFUNC = rec.loss_mean,
	COMBINEFUNC = rec.loss_combine,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE rec.mse(float8, float8) IS
	'Mean square error: the mean of (predicted - actual)^2. A pair with a NULL is left out; NULL without a pair. NaN and infinity follow float8: an infinite error gives infinity, and what can''t be computed from finite values is an error (numeric_value_out_of_range) (errors from 1.3e154)';

CREATE AGGREGATE rec.mae(predicted float8, actual float8) (
	SFUNC = rec.absolute_error_accumulate,
	STYPE = float8[],
	INITCOND = '{0,0}',
	FINALFUNC = rec.loss_mean,
	COMBINEFUNC = rec.loss_combine,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE rec.mae(float8, float8) IS
	'Mean absolute error: the mean of |predicted - actual|. A pair with a NULL is left out; NULL without a pair. NaN and infinity follow float8: an infinite error gives infinity, and what can''t be computed from finite values is an error (numeric_value_out_of_range)';

CREATE AGGREGATE rec.cross_entropy(predicted float8, actual float8) (
	SFUNC = rec.cross_entropy_accumulate,
	STYPE = float8[],
	INITCOND = '{0,0}',
	FINALFUNC = rec.loss_mean,
	COMBINEFUNC = rec.loss_combine,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE rec.cross_entropy(float8, float8) IS
	'Binary cross-entropy, also called log loss, in nats: the mean over all pairs of -(y ln p + (1 - y) ln(1 - p)), p predicted and y actual, 0 ln 0 being 0. Predicted and actual values are from 0 to 1, anything else is an error (numeric_value_out_of_range); an actual value between is a share of positives. Nothing is clipped: a prediction of exactly 0 or 1 that is not the truth makes it infinite; clip your predictions where that is not meant. A pair with a NULL is left out; NULL without a pair. For the sum of -y ln p see rec.categorical_cross_entropy';

CREATE AGGREGATE rec.categorical_cross_entropy(predicted float8, actual float8) (
	SFUNC = rec.categorical_cross_entropy_accumulate,
	STYPE = float8[],
	INITCOND = '{0,0}',
	FINALFUNC = rec.loss_total,
	COMBINEFUNC = rec.loss_combine,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE rec.categorical_cross_entropy(float8, float8) IS
	'Categorical cross-entropy in nats: the sum over all pairs of -y ln p, p predicted and y actual, 0 ln 0 being 0. So only what is positive counts: with labels of 0 and 1 it is the sum over the positives of -ln p, and with one row for each class of one case, whose probabilities add up to 1, the cross-entropy of the two distributions. Predicted and actual values are from 0 to 1, anything else is an error (numeric_value_out_of_range); an actual value between is a share of positives. Nothing is clipped: a prediction of exactly 0 for a positive makes it infinite. A pair with a NULL is left out; NULL without a pair. For the mean over positives and negatives see rec.cross_entropy';

-- How good models are.

CREATE FUNCTION rec.evaluate(
	model regclass,
	split text = 'time',
	test_fraction real = 0.2,
	k int = 10,
	folds int = 1,
	seed int = 0,
	min_ratings int = 1,
	relevant_from real = NULL,
	options jsonb = NULL
) RETURNS TABLE (metric text, value float8, low float8, high float8, baseline float8, users bigint)
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 20
	AS 'MODULE_PATHNAME', 'rec_evaluate';

COMMENT ON FUNCTION rec.evaluate(regclass, text, real, int, int, int, int, real, jsonb) IS
	'How good the model''s algorithm is with its options (options: others in their place) on its source: trained in memory on one part of the ratings, asked about the other; the model''s tables are left as they are. All items are ranked but those that the user has in the train part, never a sample; ratings of items that were not trained on count as misses.
split: time (the last test_fraction of each user''s ratings, one at least, is the test part), leave_one_out (each user''s last), global_time (what comes after the moment that leaves test_fraction of all ratings), random (each rating with a chance of test_fraction), user (test_fraction of the users, known by 80 % of their ratings and asked about the others; nothing of theirs is trained on), column:NAME (rows of the source for which this boolean column is true). folds: more than 1, for random and user, tests every rating, or user, in one of so many trainings. Users with fewer than min_ratings are not tested. relevant_from: ratings from here on are what lists should hold; NULL: all of the test part. k: the length of lists. The same seed gives the same answer.
value: the metric, by the formulas of rec.metrics; low, high: its 95 % interval by the bootstrap over users, NULL for metrics of all lists together; baseline: the same of lists of what most users have, and for rmse, mae and mse of predictions from damped biases; users: who count. Metrics that are not defined for the algorithm have no row: rmse, mae and mse are for those that predict ratings, cross_entropy for bpr, by the logistic function of its scores. unseen_users: those tested of whom nothing is known; unseen_items and unseen_ratings: tested, and not trained on. Needs SELECT on the model and on the source';

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
	time_column name = NULL
) RETURNS TABLE (rank int, algorithm text, options jsonb, value float8, low float8, high float8, p_value float8, metrics jsonb,
				 users bigint, iterations int, train_seconds float8, score_seconds float8, model_bytes bigint)
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_compare';

COMMENT ON FUNCTION rec.compare(regclass, jsonb, text, text, real, int, int, int, real, name, name, name, name) IS
	'Several algorithms on one split of a source, the best by the metric first. algorithms: a JSON array of names, or of objects with the name as "algorithm" and options as other keys. split as for rec.evaluate; NULL: time where there is a time_column, else random. value, low, high: the metric and its 95 % interval; p_value: how probable so large a difference from the best is if both are equally good, by the randomization test over users; metrics: all of them; model_bytes: of the numbers of the model. Needs SELECT on the source; the other arguments are those of rec.evaluate and rec.create_model';

CREATE FUNCTION rec.tune(
	model regclass,
	grid jsonb,
	metric text = 'ndcg',
	method text = 'grid',
	budget interval = NULL,
	apply bool = false,
	split text = 'time',
	test_fraction real = 0.2,
	k int = 10,
	seed int = 0,
	trials int = 20,
	min_ratings int = 1,
	relevant_from real = NULL
) RETURNS TABLE (rank int, options jsonb, value float8, share float8, test float8, low float8, high float8, iterations int, train_seconds float8)
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 20
	AS 'MODULE_PATHNAME', 'rec_tune';

COMMENT ON FUNCTION rec.tune(regclass, jsonb, text, text, interval, bool, text, real, int, int, int, int, real) IS
	'Tries options of the model''s algorithm, and returns a row for each combination that was tried, the best first. grid: a JSON object, for each option a list of values, or a range {"min": ..., "max": ...} to draw from (evenly, or where it spans a power of ten by magnitude; whole numbers where both ends are). method: grid (all combinations), random (as many as trials, drawn), halving (as many as trials: all of them on a few users, and the best third of each round on three times as many). The source is read once, and split in three: train, validation (the split of the rest), test. value is the metric of the validation part, by which is chosen, on the share of the users that the combination was tried on; test, low, high: of the best alone, trained on train and validation, the metric of the test part, which nothing was chosen by, and its 95 % interval. budget: no other trial begins after so long. apply: writes the best options into the model and trains it with them; needs the model''s owner. Needs SELECT on the model and on the source; the other arguments are those of rec.evaluate';

-- A page to look at.

CREATE FUNCTION rec.report(model regclass) RETURNS text
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 100000
	AS 'MODULE_PATHNAME', 'rec_report';

COMMENT ON FUNCTION rec.report(regclass) IS
	'One HTML page about a trained model that needs nothing beside itself, no script either: what it is and was trained on, the loss of each iteration, metrics with intervals beside a baseline (rec.evaluate with its defaults, by time where the model has a time column, else at random), how ratings and recommendations are spread over items, a map of the items where they have vectors, all options. Reads the source once, and trains once more for the metrics. Needs SELECT on the model and on the source';
