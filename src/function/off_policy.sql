-- What reward another policy would have had.

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
