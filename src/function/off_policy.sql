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
	seed int = 0
) RETURNS TABLE (estimator text, value float8, low float8, high float8, effective_size float8)
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000 ROWS 4
	AS 'MODULE_PATHNAME', 'rec_off_policy';

COMMENT ON FUNCTION rec.off_policy(regclass, regclass, name, name, name, name, name, name, name, name, name, int) IS
	'What mean reward of a row a policy would have had, from a log of what another policy has shown. log: a relation with a row for each item shown: user, '
	'item, rank on the list, propensity (the probability with which the item was drawn, given those above it), time, reward (a number or boolean); the names '
	'of these columns are arguments. A list is what was shown to a user at a time, with ranks from 1 on; rank_column NULL: each row is a list of its own; '
	'time_column NULL: each user has one list; user_column NULL: each row is of another user. target_column: the policy''s probability of the item, given '
	'those above it. predicted_column and expected_column: a reward predicted for the item, and the sum over all items of the policy''s probability times the '
	'predicted reward; NULL, both: the mean reward at the rank of all other users, whatever the item. estimator: logged (the mean reward of the log), ips '
	'(each reward times the product of the probabilities over propensities down to the row), snips (the same over the sum of these weights), dr (doubly '
	'robust: weighs what the prediction leaves, and adds the expected reward). low, high: 95 % intervals by the bootstrap over users, NULL with one user; the '
	'same seed and rows give the same. effective_size: (sum of weights)^2 / (sum of their squares), in rows. A row with propensity 0 has no weight. Warns '
	'where the log does not cover the policy, or the mean weight is far from 1. A NULL, NaN or impossible value is an error that names the row. Needs SELECT '
	'on the columns of the log';
