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

COMMENT ON FUNCTION rec.recommend(regclass, anyelement, int, bool, "any", "any", jsonb, float8, jsonb, text) IS
	'The n items that are best for a user, by the rows that the source has of the user now. exclude_seen: leaves out the items that the user has there. '
	'candidates: only these items (an array of any type that converts to that of the item ids, or an array''s literal; ids that no item can have are '
	'ignored); exclude: not these items. Item ids are returned in the type of user_id. personal: false if nothing that the user has speaks for the item '
	'(because the user has no known items, or the algorithm has no further items to rank). Such rows come last, ranked by the number of users who have the '
	'item, where recent ones count more if there is a time column. After them, in the order of their ids, come candidates of which nothing is known '
	'(because they did not exist when it was trained). The score of such rows is that of rec.predict. There are n rows if there are that many candidates. '
	'If the model has attributes of items, candidates that came after the training are read from their relation, and ranked by what it says of them; that '
	'needs SELECT on the relation and on the table of features. context: of the question, for a model with context_columns: an object with a member for some '
	'or all of them, as ''{"device": "phone"}''; a column that is left out is averaged over, and a value that was not there in training says nothing. '
	'diversity: from 0 (the list as ranked) to 1, how much an item counts less for being like one that is above it, by the similarity of rec.similar_items. '
	'max_per: at most so many items of each value of columns of the model''s items relation, as ''{"genre": 2}''; of an array each element counts, and NULL is '
	'no value; the list ends early only if no item is left that fits. calibrate: a column of that relation whose values are to have the shares on the list '
	'that they have in the profile. They choose among the best 200 items, and then among the next ones. max_per and calibrate need SELECT on the columns, '
	'and row security holds. Needs SELECT on the model and on the source; if the model has attributes of '
	'users, also on their relation and on the table of their features';

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

COMMENT ON PROCEDURE rec.recommend_all(regclass, text, int, bool, "any", "any", "any", float8, jsonb, text) IS
	'Writes the list of rec.recommend for every user who has a row in the source now, n items each, to a table (user_id, rank, item_id, score, personal), '
	'with parallel workers. exclude_seen, candidates, exclude: as in rec.recommend, for all users. users: only these users (an array, as for candidates), '
	'whether they have rows in the source or not; rows of other users stay in the table. target: the name of the table, possibly qualified. If the table '
	'does not exist, it is created with the primary key (user_id, rank). Otherwise its rows are replaced in a single commit, until which readers see the '
	'old ones; this is done with DELETE and INSERT if it has triggers or foreign keys, is partitioned, foreign or a table of Citus, or if users are given. '
	'Called outside a transaction block, it commits after reading and holds no snapshot while it scores, except, with workers, for some seconds at a time. '
	'diversity, max_per, calibrate: as in rec.recommend. Needs SELECT on the model and on the source, and INSERT and DELETE on '
	'an existing target (and SELECT if users are given), or CREATE on the schema of a new one';

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
	'array is a group. diversity, max_per, calibrate: lists, also those of the baseline, are as in rec.recommend with these. Needs SELECT on the model and on '
	'the source, and for group_column on the relation that has it';

COMMENT ON FUNCTION rec.compare(regclass, jsonb, text, text, float8, int, int, int, float8, name, name, name, name, jsonb, bool, interval, regclass,
	regclass, name[], regclass[], float8, jsonb, text) IS
	'Compares several algorithms on one split of a source, and returns the best by the metric first. algorithms: a JSON array of names, or of objects with '
	'the name as "algorithm" and options as other keys; options: common to all candidates, unless a candidate has its own. split: as for rec.evaluate; '
	'NULL: time if there is a time_column, otherwise random. value, low, high: the metric and its 95 % interval; p_value: the probability of a difference '
	'at least as large from the best candidate if both are equally good, by the randomization test over users; metrics: all metrics; model_bytes: bytes of '
	'the numbers of the model; error: why a candidate failed, which then comes last and has no value; verdict: in words, how good the lists are for users '
	'or, if the metric is one of predicted ratings, how good these are, beside lists of the items that most users have, or ratings predicted from damped '
	'biases, on the same split. context_columns: if a candidate learns from them, all candidates are asked as rec.evaluate asks a model that has them, and '
	'candidates that do not are trained on ratings without context. diversity, max_per, calibrate: as for rec.evaluate. inputs: '
	'models of this source, for candidates that need inputs (blend). Needs SELECT on the source and on inputs; the other arguments are those of rec.evaluate '
	'and rec.create_model';

COMMENT ON FUNCTION rec.tune(regclass, jsonb, text, text, interval, bool, text, float8, int, int, int, int, float8, bool, interval, float8, jsonb, text) IS
	'Tries options of the model''s algorithm, and returns a row for each combination that was tried, the best first. grid: a JSON object with, for each '
	'option, a list of values, or a range {"min": ..., "max": ...} to draw from (evenly, or by magnitude if it spans a power of ten; whole numbers if both '
	'ends are). method: grid (all combinations), random (as many as trials, drawn), halving (as many as trials: all of them on a few users, and the best '
	'third of each round on three times as many). The source is read once, and divided into three parts: train, validation (the split of the rest), test. '
	'value: the metric of the validation part, which decides, on the share of the users that the combination was tried on; test, low, high: only for the '
	'best, trained on train and validation: the metric of the test part, which played no part in the choice, and its 95 % interval; error: why a '
	'combination failed. Combinations that would train in the same way as another one are left out, with a notice. budget: no trial begins after this time. '
	'apply: writes the best options into the model and trains it with them; if that fails, a warning and the error of the first row say why, and the model '
	'is unchanged; needs ownership of the model. diversity, max_per, calibrate: as for rec.evaluate. Needs SELECT on the model '
	'and on the source; the other arguments are those of rec.evaluate';

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
