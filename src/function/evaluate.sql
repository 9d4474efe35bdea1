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
	'How good the model''s algorithm is with its options (options: others in their place; where these say other feedback, all others are its defaults) on '
	'its source: trained in memory on one part of the ratings, asked about the other; the model''s tables are left as they are. All items are ranked but '
	'those that the user has in the train part, never a sample; ratings of items that were not trained on count as misses. split: time (the last '
	'test_fraction of each user''s ratings, one at least, is the test part), leave_one_out (each user''s last), global_time (what comes after the moment '
	'that leaves test_fraction of all ratings), random (each rating with a chance of test_fraction), user (test_fraction of the users, known by 80 % of '
	'their ratings and asked about the others; nothing of theirs is trained on), column:NAME (rows of the source for which this boolean column is true), '
	'session (the test_fraction of the sessions that ends last), session:NAME (sessions of the rows for which this boolean column is true). A session is '
	'what a user does without a pause of more than session_gap (0: all that a user does); each event after its first is predicted from those before it in '
	'the session, which are all that is known of the user, and no other item is right; figures are means over these predictions. '
	'folds: more than 1, for random and user, tests every rating, or user, in one of so many trainings. Users with fewer than min_ratings are not tested. '
	'relevant_from: ratings from here on are what lists should hold; NULL: all of the test part. k: the length of lists. The same seed gives the same '
	'answer. exclude_seen: false lets items of the train part, or of the session so far, be on lists again, and divides events, not pairs of a user and an '
	'item, so that an item that comes again is tested. value: the metric, by the formulas of rec.metrics; low, high: its 95 % interval by the bootstrap over '
	'users, NULL for metrics of all lists together; baseline: the same of lists of what most users have, at whatever time, and for rmse, mae and mse of '
	'predictions from damped biases; users: who count. Metrics '
	'that are not defined for the algorithm have no row: rmse, mae and mse are for those that predict ratings, cross_entropy for bpr, by the logistic '
	'function of its scores. unseen_users: those tested of whom nothing is known; unseen_items and unseen_ratings: tested, and not trained on; tied_ratings: '
	'the share of the tested ratings that were drawn by lot among others of the user of the same time, for the splits time and leave_one_out, and of the '
	'predicted events those of the time of another of their session; sessions, predictions: how many were tested. diversity, max_per, calibrate, '
	'group_column: not supported yet, and refused unless left out; group_value is NULL. Needs SELECT on the model and on the source';

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
	'Several algorithms on one split of a source, the best by the metric first. algorithms: a JSON array of names, or of objects with the name as '
	'"algorithm" and options as other keys; options: common to all of them, in whose place a candidate''s own are taken. split as for rec.evaluate; NULL: '
	'time where there is a time_column, else random. value, low, high: the metric and its 95 % interval; p_value: how probable so large a difference from '
	'the best is if both are equally good, by the randomization test over users of the difference between the values; metrics: all of them; model_bytes: of '
	'the numbers of the model; error: why a candidate failed, which then comes last and has no value; verdict: what lists, or where the metric is of '
	'predicted ratings these, are like for users, in words, beside lists of what most users have, or ratings predicted from damped biases, on the same '
	'split. items, users, context_columns, inputs, diversity, max_per, calibrate: not supported yet, and refused unless left out. Needs SELECT on the source; '
	'the other arguments are those of rec.evaluate and rec.create_model';

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
	'Tries options of the model''s algorithm, and returns a row for each combination that was tried, the best first. grid: a JSON object, for each option a '
	'list of values, or a range {"min": ..., "max": ...} to draw from (evenly, or where it spans a power of ten by magnitude; whole numbers where both ends '
	'are). method: grid (all combinations), random (as many as trials, drawn), halving (as many as trials: all of them on a few users, and the best third of '
	'each round on three times as many). The source is read once, and split in three: train, validation (the split of the rest), test. value is the metric '
	'of the validation part, by which is chosen, on the share of the users that the combination was tried on; test, low, high: of the best alone, trained on '
	'train and validation, the metric of the test part, which nothing was chosen by, and its 95 % interval; error: why a combination failed. Combinations '
	'that would train as another one does are left out, with a notice. budget: no other trial begins after so long. apply: writes the best options into the '
	'model and trains it with them; where that fails a warning and the error of the first row say why, and the model is as it was; needs the model''s owner. '
	'diversity, max_per, calibrate: not supported yet, and refused unless left out. Needs SELECT on the model and on the source; the other arguments are '
	'those of rec.evaluate';
