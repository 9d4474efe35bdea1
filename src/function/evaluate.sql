-- How good models are.

CREATE FUNCTION rec.evaluate(
	model regclass,
	split text = 'time',
	test_fraction float8 = 0.2,
	k int = 10,
	folds int = 1,
	seed int = 0,
	min_ratings int = 1,
	relevant_from float8 = NULL,
	options jsonb = NULL,
	exclude_seen bool = true,
	session_gap interval = '30 minutes',
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL,
	group_column name = NULL
) RETURNS TABLE (metric text, value float8, low float8, high float8, baseline float8, users bigint, group_value text)
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 20
	AS 'MODULE_PATHNAME', 'rec_evaluate';

COMMENT ON FUNCTION rec.evaluate(regclass, text, float8, int, int, int, int, float8, jsonb, bool, interval, float8, jsonb, text, name) IS
	'Measures how good the model''s algorithm is on its source: trains it in memory on one part of the ratings, and asks it about the other part. The '
	'model''s tables do not change. options: these replace options of the model; if they name another feedback, all others have their defaults. All items '
	'are ranked, never a sample, except those that the user has in the train part; ratings of items that were not trained on count as misses. split: time '
	'(the test part is the last test_fraction of each user''s ratings, at least one), leave_one_out (each user''s last rating), global_time (all ratings '
	'after the moment that leaves test_fraction of all ratings), random (each rating with a probability of test_fraction), user (test_fraction of the '
	'users; their profile is 80 % of their ratings, they are asked about the others, and none of their ratings is trained on), item (all ratings of '
	'test_fraction of the items; lists have only items that nobody has rated, and metrics whose names end in _among_all are of lists of all items; for '
	'algorithms that learn from attributes), column:NAME (rows of the source for which '
	'this boolean column is true), session (the test_fraction of the sessions that ends last), session:NAME (sessions of the rows for which this boolean '
	'column is true). A session is a user''s events without a pause longer than session_gap (0: all events of the user). Each event of a tested session '
	'after the first is predicted from the events before it in the session, which are the whole profile; no other item is right, and figures are means '
	'over these predictions. Where the model has context_columns, a user is asked about each different context of the test part by itself: only ratings in '
	'it are relevant, ratings are predicted in their own context, and figures are means over these questions. '
	'folds: if more than 1, for random, user and item, each rating, user or item is tested in one of this many trainings. Users '
	'with fewer than min_ratings are not tested. relevant_from: ratings from here on are relevant; NULL: the whole test part is. k: the length of lists. '
	'The same seed gives the same answer. exclude_seen: if false, items of the train part, or of the session so far, may be on lists, and events are '
	'divided instead of pairs of a user and an item, so that repeated items are tested. value: the metric, by the formula in rec.metrics; low, high: its '
	'95 % interval, by the bootstrap over users, NULL for metrics of all lists together; baseline: the metric for lists of the items that most users have, '
	'at whatever time, and, for rmse, mae and mse, for predictions from damped biases; users: the number of users that count. Metrics that are not defined '
	'for the algorithm have no row: rmse, mae and mse are for algorithms that predict ratings, cross_entropy is for bpr, and fm with events, by the '
	'logistic function of their scores. unseen_users: tested users of whom nothing else is known; unseen_items and unseen_ratings: tested, but not trained '
	'on; tied_ratings: for the splits time and leave_one_out the share of tested ratings that were chosen by lot among ratings of the user with the same '
	'time, and for sessions the share of predicted events with the time of another event of their session; sessions, predictions: the numbers tested. '
	'diversity, max_per, calibrate, group_column: not supported yet, and refused unless left out; group_value is NULL. Needs SELECT on the model and on '
	'the source';

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
	options jsonb = '{}',
	exclude_seen bool = true,
	session_gap interval = '30 minutes',
	items regclass = NULL,
	users regclass = NULL,
	context_columns name[] = '{}',
	inputs regclass[] = '{}',
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, algorithm text, options jsonb, value float8, low float8, high float8, p_value float8, metrics jsonb,
				 users bigint, iterations int, train_seconds float8, score_seconds float8, model_bytes bigint, error text, verdict text)
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_compare';

COMMENT ON FUNCTION rec.compare(regclass, jsonb, text, text, float8, int, int, int, float8, name, name, name, name, jsonb, bool, interval, regclass,
	regclass, name[], regclass[], float8, jsonb, text) IS
	'Compares several algorithms on one split of a source, and returns the best by the metric first. algorithms: a JSON array of names, or of objects with '
	'the name as "algorithm" and options as other keys; options: common to all candidates, unless a candidate has its own. split: as for rec.evaluate; '
	'NULL: time if there is a time_column, otherwise random. value, low, high: the metric and its 95 % interval; p_value: the probability of a difference '
	'at least as large from the best candidate if both are equally good, by the randomization test over users; metrics: all metrics; model_bytes: bytes of '
	'the numbers of the model; error: why a candidate failed, which then comes last and has no value; verdict: in words, how good the lists are for users '
	'or, if the metric is one of predicted ratings, how good these are, beside lists of the items that most users have, or ratings predicted from damped '
	'biases, on the same split. context_columns: if a candidate learns from them, all candidates are asked as rec.evaluate asks a model that has them, and '
	'candidates that do not are trained on ratings without context. inputs, diversity, max_per, calibrate: not supported yet, and refused unless left out. '
	'Needs SELECT on the source; the other arguments are those of rec.evaluate and rec.create_model';

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
	relevant_from float8 = NULL,
	exclude_seen bool = true,
	session_gap interval = '30 minutes',
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, options jsonb, value float8, share float8, test float8, low float8, high float8, iterations int, train_seconds float8, error text)
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 20
	AS 'MODULE_PATHNAME', 'rec_tune';

COMMENT ON FUNCTION rec.tune(regclass, jsonb, text, text, interval, bool, text, float8, int, int, int, int, float8, bool, interval, float8, jsonb, text) IS
	'Tries options of the model''s algorithm, and returns a row for each combination that was tried, the best first. grid: a JSON object with, for each '
	'option, a list of values, or a range {"min": ..., "max": ...} to draw from (evenly, or by magnitude if it spans a power of ten; whole numbers if both '
	'ends are). method: grid (all combinations), random (as many as trials, drawn), halving (as many as trials: all of them on a few users, and the best '
	'third of each round on three times as many). The source is read once, and divided into three parts: train, validation (the split of the rest), test. '
	'value: the metric of the validation part, which decides, on the share of the users that the combination was tried on; test, low, high: only for the '
	'best, trained on train and validation: the metric of the test part, which played no part in the choice, and its 95 % interval; error: why a '
	'combination failed. Combinations that would train in the same way as another one are left out, with a notice. budget: no trial begins after this time. '
	'apply: writes the best options into the model and trains it with them; if that fails, a warning and the error of the first row say why, and the model '
	'is unchanged; needs ownership of the model. diversity, max_per, calibrate: not supported yet, and refused unless left out. Needs SELECT on the model '
	'and on the source; the other arguments are those of rec.evaluate';
