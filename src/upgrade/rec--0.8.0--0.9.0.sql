\echo Use "ALTER EXTENSION rec UPDATE" to load this file. \quit

-- by hand
ALTER TABLE rec.model
	ADD COLUMN inputs text[],
	ADD COLUMN input_oids oid[],
	ADD COLUMN input_owners oid[];

-- the rest follows from the declarations

COMMENT ON FUNCTION rec.create_model(text, regclass, text, jsonb, name, name, name, name, regclass, regclass, name[], regclass[]) IS
	'Creates a model: a table of this name for the items, and beside it a table of users named <model>_users (or <model>_users1, ... if that is in use), '
	'both empty until CALL rec.train. source: a table, view, materialized view, partitioned or foreign table with one row per rating or event. '
	'rating_column: NULL means the column rating if there is one that the caller may read, and otherwise that every row counts 1; an empty name means none. '
	'time_column: orders several rows of one user and item. options: see rec.algorithms; if they do not say what feedback is, a rating column makes it '
	'explicit, with a notice. items: a table or view with one row per item, whose other columns are attributes; its key is named as item_column, or is its '
	'primary key; for algorithms that learn from attributes, which keep a table <model>_features. users: the same of users, with <model>_user_features. '
	'context_columns: columns of the source that say under which circumstances a rating or event came about (the device, the hour), for algorithms that '
	'learn from them, which keep a table <model>_context_features; integers are categories. inputs: models whose lists this one is made of, for algorithms '
	'that need them (blend), at most 16; their ids must be of the same types. Needs CREATE on the schema and SELECT on the source, on items, on users and on '
	'inputs';

COMMENT ON FUNCTION rec.alter_model(regclass, regclass, text, jsonb, name, name, name, name, regclass, regclass, name[], regclass[]) IS
	'Changes what was given when the model was created; NULL leaves it unchanged. source, and names of columns: take effect from the next question on, '
	'without a training; the types of the ids must be the same, or wider integers. rating_column, time_column: an empty name means none. options: these '
	'replace options of the same names; if the algorithm or the feedback changes, or a rating column is added or removed, all others have their defaults. '
	'After a change of the algorithm, options, items, users, context_columns or inputs the model counts as not trained: it answers again after CALL '
	'rec.train, which may be in the same transaction. items, users: ''-'' takes the attributes away; context_columns: ''{}'' takes the context away; inputs: '
	'''{}'' takes the inputs away. Only for the owner of the model, who needs SELECT on the source, on items, on users and on inputs, and CREATE on the schema '
	'if a table is created';

CREATE FUNCTION rec.explore(
	model regclass,
	user_id anyelement,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	context jsonb = NULL,
	method text = 'softmax',
	exploration float8 = 1,
	seed bigint = NULL
) RETURNS TABLE (rank int, item_id anyelement, score real, propensity float8)
	LANGUAGE c VOLATILE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explore';

COMMENT ON FUNCTION rec.explore(regclass, anyelement, int, bool, "any", "any", jsonb, text, float8, bigint) IS
	'A list for a user that is drawn at random, so that what is shown also tells of items that are not the best known, with the probability of each row. The '
	'200 items with the best scores take part; no other item that is ranked by scores has a chance (a propensity of 0) of one of the first 200 ranks. method '
	'softmax: items are drawn one after the other, each with a probability that grows with exp(score / temperature); the temperature is exploration times the '
	'standard deviation of the best 100 scores; propensity is the exact probability of the row given those above it. method thompson, for models of als and '
	'fm: each score is drawn from a normal distribution, whose deviation is exploration times what the model does not know of the user and of the item, and '
	'the items are ranked by it; propensity is (k + 1) / (1000 + m), where k is in how many of 1,000 such lists the item has this rank, and m is the number of '
	'items that take part. exploration 0: the list of rec.recommend, with a propensity of 1. Rows that are not ranked by scores (rec.recommend: not personal) '
	'come last, in their order there, and so have a propensity of 1; likewise those beyond the rank of 200. score: that of rec.recommend, not what was drawn. '
	'seed: the same seed gives the same list for the same model and rows; NULL: random numbers as those of random(). The other arguments are those of '
	'rec.recommend. Needs the privileges of rec.recommend';

CREATE FUNCTION rec.explore(
	model regclass,
	user_id text,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	context jsonb = NULL,
	method text = 'softmax',
	exploration float8 = 1,
	seed bigint = NULL
) RETURNS TABLE (rank int, item_id text, score real, propensity float8)
	LANGUAGE c VOLATILE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explore';

COMMENT ON FUNCTION rec.explore(regclass, text, int, bool, "any", "any", jsonb, text, float8, bigint) IS
	'The same with ids as text, for models whose user and item ids are of different types, and for untyped literals';

CREATE FUNCTION rec.explore(
	model regclass,
	user_id smallint,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	context jsonb = NULL,
	method text = 'softmax',
	exploration float8 = 1,
	seed bigint = NULL
) RETURNS TABLE (rank int, item_id bigint, score real, propensity float8)
	LANGUAGE c VOLATILE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explore';

COMMENT ON FUNCTION rec.explore(regclass, smallint, int, bool, "any", "any", jsonb, text, float8, bigint) IS
	'The same for a smallint, as which some drivers send any small number: ids come back as bigint, which holds every integer';

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
	'group_column: a column of the model''s relation of items or of users, whichever has it; figures of all have the group_value NULL. Of users: the metrics '
	'of the users with each value, but for those of all lists together. Of items: exposure, the share of the items with each value in the places of the '
	'lists, where rank r counts 1 / log2(r + 1), and relevance, their share in the relevant tested ratings of items that were trained on. Each value of an '
	'array is a group. diversity, max_per, calibrate: not supported yet, and refused unless left out. Needs SELECT on the model and on '
	'the source, and for group_column on the relation that has it';

CREATE FUNCTION rec.off_policy(
	log regclass,
	model regclass = NULL,
	target_column name = NULL,
	user_column name = 'user_id',
	item_column name = 'item_id',
	rank_column name = 'rank',
	propensity_column name = 'propensity',
	time_column name = 'shown_at',
	reward_column name = 'reward',
	predicted_column name = NULL,
	expected_column name = NULL,
	exploration float8 = 1,
	exclude_seen bool = true,
	seed int = 0
) RETURNS TABLE (estimator text, value float8, low float8, high float8, effective_size float8)
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 4
	AS 'MODULE_PATHNAME', 'rec_off_policy';

COMMENT ON FUNCTION rec.off_policy(regclass, regclass, name, name, name, name, name, name, name, name, name, float8, bool, int) IS
	'What mean reward of a row a policy would have had, from a log of what another policy has shown. log: a relation with a row for each item shown: user, '
	'item, rank on the list, propensity (the probability with which the item was drawn, given those above it), time, reward (a number or boolean); the names '
	'of these columns are arguments. A list is what was shown to a user at a time, with ranks from 1 on; rank_column NULL: each row is a list of its own; '
	'time_column NULL: each user has one list; user_column NULL: each row is of another user. Which policy: target_column has its probability of the item, '
	'given those above it; or model: its probability is that of rec.explore by softmax, with this exploration and exclude_seen, where the user''s rows of the '
	'source are those before the time of the list; the model and attributes are those of now. estimator: logged (the mean reward of the log), ips (each reward '
	'times its weight, the product of probability over propensity of this row and those above it), snips (the same over the sum of weights), dr (doubly '
	'robust: weighs what a prediction leaves, and adds the expected reward). Predictions: predicted_column and expected_column, a reward predicted for the '
	'item, and the sum over all items of the policy''s probability, given the items above, times the predicted reward; NULL, both: for a model the mean reward '
	'of the item in the rows of all other users, shrunk to the mean of all with ten rows, else that at the rank, whatever the item. low, high: 95 % intervals '
	'by the bootstrap over users, NULL with one user; the same seed and rows give the same. effective_size: (sum of weights)^2 / (sum of their squares), in '
	'rows. A row with propensity 0 has no weight. Warns where the log does not cover the policy, the mean weight is far from 1, the model was trained after '
	'the log began, or it has no time column. A NULL, NaN or impossible value is an error that names the row. Needs SELECT on the columns of the log; with a '
	'model on it and on its source';
