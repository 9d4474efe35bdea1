-- Metrics of any lists and predictions; no model is needed.

-- ---- metrics of a list of recommended items, the best first, and a set of relevant items

CREATE FUNCTION rec.precision(recommended anycompatiblearray, relevant anycompatiblearray, k int = NULL) RETURNS float8
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_precision';

COMMENT ON FUNCTION rec.precision(anycompatiblearray, anycompatiblearray, int) IS
	'Precision at k: the number of relevant items among the first k recommended ones, over k: from 0 to 1, but at most (number of relevant items) / k. k: '
	'the number of items of the list that count; NULL: all. If the list is shorter than k, the division is still by k. A repeated item keeps its rank, but '
	'is a hit only once, and counts once among the relevant items. A NULL keeps its rank and is no hit; among the relevant items it is ignored. Items are '
	'compared with the = operator of their type, under the collation of the call. NULL if an array is NULL, or nothing is relevant; otherwise 0 if the list '
	'is empty. An array of several dimensions, or k below 1, is an error';

CREATE FUNCTION rec.recall(recommended anycompatiblearray, relevant anycompatiblearray, k int = NULL) RETURNS float8
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_recall';

COMMENT ON FUNCTION rec.recall(anycompatiblearray, anycompatiblearray, int) IS
	'Recall at k: the number of relevant items among the first k recommended ones, over min(k, number of relevant items): from 0 to 1, so that the best '
	'list of k items has 1 whatever k is. k: the number of items of the list that count; NULL: all. A repeated item keeps its rank, but is a hit only once, '
	'and counts once among the relevant items. A NULL keeps its rank and is no hit; among the relevant items it is ignored. Items are compared with the = '
	'operator of their type, under the collation of the call. NULL if an array is NULL, or nothing is relevant; otherwise 0 if the list is empty. An array '
	'of several dimensions, or k below 1, is an error';

CREATE FUNCTION rec.ndcg(recommended anycompatiblearray, relevant anycompatiblearray, k int = NULL) RETURNS float8
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_ndcg';

COMMENT ON FUNCTION rec.ndcg(anycompatiblearray, anycompatiblearray, int) IS
	'Normalized discounted cumulative gain at k, of binary relevance: the sum over the ranks r of hits of 1 / log2(r + 1), over the same sum for a list '
	'whose first min(k, number of relevant items) ranks are hits: from 0 to 1. k: the number of items of the list that count; NULL: all. A repeated item '
	'keeps its rank, but is a hit only once, and counts once among the relevant items. A NULL keeps its rank and is no hit; among the relevant items it is '
	'ignored. Items are compared with the = operator of their type, under the collation of the call. NULL if an array is NULL, or nothing is relevant; '
	'otherwise 0 if the list is empty. An array of several dimensions, or k below 1, is an error';

CREATE FUNCTION rec.average_precision(recommended anycompatiblearray, relevant anycompatiblearray, k int = NULL) RETURNS float8
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_average_precision';

COMMENT ON FUNCTION rec.average_precision(anycompatiblearray, anycompatiblearray, int) IS
	'Average precision at k: the sum over the ranks r of hits of (hits up to r) / r, over min(k, number of relevant items): from 0 to 1. Its mean over '
	'users is MAP. k: the number of items of the list that count; NULL: all. A repeated item keeps its rank, but is a hit only once, and counts once among '
	'the relevant items. A NULL keeps its rank and is no hit; among the relevant items it is ignored. Items are compared with the = operator of their type, '
	'under the collation of the call. NULL if an array is NULL, or nothing is relevant; otherwise 0 if the list is empty. An array of several dimensions, '
	'or k below 1, is an error';

CREATE FUNCTION rec.reciprocal_rank(recommended anycompatiblearray, relevant anycompatiblearray, k int = NULL) RETURNS float8
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_reciprocal_rank';

COMMENT ON FUNCTION rec.reciprocal_rank(anycompatiblearray, anycompatiblearray, int) IS
	'1 over the rank of the first relevant item; 0 if there is none among the first k. Its mean over users is MRR. k: the number of items of the list that '
	'count; NULL: all. A repeated item keeps its rank, but is a hit only once, and counts once among the relevant items. A NULL keeps its rank and is no '
	'hit; among the relevant items it is ignored. Items are compared with the = operator of their type, under the collation of the call. NULL if an array '
	'is NULL, or nothing is relevant; otherwise 0 if the list is empty. An array of several dimensions, or k below 1, is an error';

CREATE FUNCTION rec.hit_rate(recommended anycompatiblearray, relevant anycompatiblearray, k int = NULL) RETURNS float8
	LANGUAGE c IMMUTABLE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_hit_rate';

COMMENT ON FUNCTION rec.hit_rate(anycompatiblearray, anycompatiblearray, int) IS
	'1 if a relevant item is among the first k recommended ones, otherwise 0. Its mean over users is the hit rate. k: the number of items of the list that '
	'count; NULL: all. A repeated item keeps its rank, but is a hit only once, and counts once among the relevant items. A NULL keeps its rank and is no '
	'hit; among the relevant items it is ignored. Items are compared with the = operator of their type, under the collation of the call. NULL if an array '
	'is NULL, or nothing is relevant; otherwise 0 if the list is empty. An array of several dimensions, or k below 1, is an error';

-- ---- aggregates over pairs of a predicted and an actual value

CREATE FUNCTION rec.squared_error_accumulate(state float8[], predicted float8, actual float8) RETURNS float8[]
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_squared_error_accumulate';

COMMENT ON FUNCTION rec.squared_error_accumulate(float8[], float8, float8) IS
	'Support function of the aggregates rec.mse and rec.rmse: adds the squared error of a pair to the state, which is the number of pairs and the sum of '
	'their losses';

CREATE FUNCTION rec.absolute_error_accumulate(state float8[], predicted float8, actual float8) RETURNS float8[]
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_absolute_error_accumulate';

COMMENT ON FUNCTION rec.absolute_error_accumulate(float8[], float8, float8) IS
	'Support function of the aggregate rec.mae: adds the absolute error of a pair to the state, which is the number of pairs and the sum of their losses';

CREATE FUNCTION rec.cross_entropy_accumulate(state float8[], predicted float8, actual float8) RETURNS float8[]
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_cross_entropy_accumulate';

COMMENT ON FUNCTION rec.cross_entropy_accumulate(float8[], float8, float8) IS
	'Support function of the aggregate rec.cross_entropy: adds the binary cross-entropy of a pair to the state, which is the number of pairs and the sum of '
	'their losses';

CREATE FUNCTION rec.categorical_cross_entropy_accumulate(state float8[], predicted float8, actual float8) RETURNS float8[]
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_categorical_cross_entropy_accumulate';

COMMENT ON FUNCTION rec.categorical_cross_entropy_accumulate(float8[], float8, float8) IS
	'Support function of the aggregate rec.categorical_cross_entropy: adds the term of a pair in the categorical cross-entropy to the state, which is the '
	'number of pairs and the sum of their losses';

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
	'Root mean square error: the square root of the mean of (predicted - actual)^2. A pair with a NULL is left out; NULL if there is no pair. NaN and '
	'infinity follow float8: an infinite error gives infinity, and a result that cannot be computed from finite values is an error '
	'(numeric_value_out_of_range) (errors from 1.3e154)';

CREATE AGGREGATE rec.mse(predicted float8, actual float8) (
	SFUNC = rec.squared_error_accumulate,
	STYPE = float8[],
	INITCOND = '{0,0}',
	FINALFUNC = rec.loss_mean,
	COMBINEFUNC = rec.loss_combine,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE rec.mse(float8, float8) IS
	'Mean square error: the mean of (predicted - actual)^2. A pair with a NULL is left out; NULL if there is no pair. NaN and infinity follow float8: an '
	'infinite error gives infinity, and a result that cannot be computed from finite values is an error (numeric_value_out_of_range) (errors from 1.3e154)';

CREATE AGGREGATE rec.mae(predicted float8, actual float8) (
	SFUNC = rec.absolute_error_accumulate,
	STYPE = float8[],
	INITCOND = '{0,0}',
	FINALFUNC = rec.loss_mean,
	COMBINEFUNC = rec.loss_combine,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE rec.mae(float8, float8) IS
	'Mean absolute error: the mean of |predicted - actual|. A pair with a NULL is left out; NULL if there is no pair. NaN and infinity follow float8: an '
	'infinite error gives infinity, and a result that cannot be computed from finite values is an error (numeric_value_out_of_range)';

CREATE AGGREGATE rec.cross_entropy(predicted float8, actual float8) (
	SFUNC = rec.cross_entropy_accumulate,
	STYPE = float8[],
	INITCOND = '{0,0}',
	FINALFUNC = rec.loss_mean,
	COMBINEFUNC = rec.loss_combine,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE rec.cross_entropy(float8, float8) IS
	'Binary cross-entropy, also called log loss, in nats: the mean over all pairs of -(y ln p + (1 - y) ln(1 - p)), p predicted and y actual, 0 ln 0 being '
	'0. Predicted and actual values must be from 0 to 1, anything else is an error (numeric_value_out_of_range); an actual value in between is a share of '
	'positives. Nothing is clipped: a prediction of exactly 0 or 1 that is wrong makes it infinite; clip the predictions if that is not intended. A pair '
	'with a NULL is left out; NULL if there is no pair. For the sum of -y ln p see rec.categorical_cross_entropy';

CREATE AGGREGATE rec.categorical_cross_entropy(predicted float8, actual float8) (
	SFUNC = rec.categorical_cross_entropy_accumulate,
	STYPE = float8[],
	INITCOND = '{0,0}',
	FINALFUNC = rec.loss_total,
	COMBINEFUNC = rec.loss_combine,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE rec.categorical_cross_entropy(float8, float8) IS
	'Categorical cross-entropy in nats: the sum over all pairs of -y ln p, p predicted and y actual, 0 ln 0 being 0. So only positives count: with labels '
	'of 0 and 1 it is the sum over the positives of -ln p, and with one row for each class of one case, whose probabilities add up to 1, the cross-entropy '
	'of the two distributions. Predicted and actual values must be from 0 to 1, anything else is an error (numeric_value_out_of_range); an actual value in '
	'between is a share of positives. Nothing is clipped: a prediction of exactly 0 for a positive makes it infinite. A pair with a NULL is left out; NULL '
	'if there is no pair. For the mean over positives and negatives see rec.cross_entropy';
