\echo Use "ALTER EXTENSION rec UPDATE" to load this file. \quit

-- by hand

-- the rest follows from the declarations



COMMENT ON FUNCTION rec.evaluate(regclass, text, float8, int, int, int, int, float8, jsonb) IS
	'How good the model''s algorithm is with its options (options: others in their place; where these say other feedback, all others are its defaults) on '
	'its source: trained in memory on one part of the ratings, asked about the other; the model''s tables are left as they are. All items are ranked but '
	'those that the user has in the train part, never a sample; ratings of items that were not trained on count as misses. split: time (the last '
	'test_fraction of each user''s ratings, one at least, is the test part), leave_one_out (each user''s last), global_time (what comes after the moment '
	'that leaves test_fraction of all ratings), random (each rating with a chance of test_fraction), user (test_fraction of the users, known by 80 % of '
	'their ratings and asked about the others; nothing of theirs is trained on), column:NAME (rows of the source for which this boolean column is true). '
	'folds: more than 1, for random and user, tests every rating, or user, in one of so many trainings. Users with fewer than min_ratings are not tested. '
	'relevant_from: ratings from here on are what lists should hold; NULL: all of the test part. k: the length of lists. The same seed gives the same '
	'answer. value: the metric, by the formulas of rec.metrics; low, high: its 95 % interval by the bootstrap over users, NULL for metrics of all lists '
	'together; baseline: the same of lists of what most users have, and for rmse, mae and mse of predictions from damped biases; users: who count. Metrics '
	'that are not defined for the algorithm have no row: rmse, mae and mse are for those that predict ratings, cross_entropy for bpr, by the logistic '
	'function of its scores. unseen_users: those tested of whom nothing is known; unseen_items and unseen_ratings: tested, and not trained on; tied_ratings: '
	'the share of the tested ratings that were drawn by lot among others of the user of the same time, for the splits time and leave_one_out. Needs SELECT '
	'on the model and on the source';
