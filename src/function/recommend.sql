-- Recommendations and predictions.

CREATE FUNCTION rec.recommend(
	model regclass,
	user_id anyelement,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	context jsonb = NULL,
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, item_id anyelement, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend';

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
	'diversity, max_per, calibrate: not supported yet, and refused unless left out. Needs SELECT on the model and on the source; if the model has attributes '
	'of users, also on their relation and on the table of their features';

CREATE FUNCTION rec.recommend(
	model regclass,
	user_id text,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	context jsonb = NULL,
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, item_id text, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend';

COMMENT ON FUNCTION rec.recommend(regclass, text, int, bool, "any", "any", jsonb, float8, jsonb, text) IS
	'The same with ids as text, for models whose user and item ids are of different types, and for untyped literals';

CREATE FUNCTION rec.recommend(
	model regclass,
	user_id smallint,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	context jsonb = NULL,
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, item_id bigint, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend';

COMMENT ON FUNCTION rec.recommend(regclass, smallint, int, bool, "any", "any", jsonb, float8, jsonb, text) IS
	'The same for a smallint, as which some drivers send any small number: ids come back as bigint, which holds every integer';

CREATE FUNCTION rec.recommend_for(
	model regclass,
	item_ids anyarray,
	ratings float8[] = NULL,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	context jsonb = NULL,
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, item_id anyelement, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, anyarray, float8[], int, bool, "any", "any", jsonb, float8, jsonb, text) IS
	'The n items that are best for a profile that is given by hand: an anonymous session, a basket. ratings: one for each item; where there is none, the '
	'highest rating of the training data, or a weight of 1 with implicit feedback. The other arguments are those of rec.recommend. Needs SELECT on the '
	'model only';

CREATE FUNCTION rec.recommend_for(
	model regclass,
	item_ids text[],
	ratings float8[] = NULL,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	context jsonb = NULL,
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, item_id text, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, text[], float8[], int, bool, "any", "any", jsonb, float8, jsonb, text) IS
	'The same with ids as text';

CREATE FUNCTION rec.recommend_for(
	model regclass,
	item_ids smallint[],
	ratings float8[] = NULL,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	context jsonb = NULL,
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, item_id bigint, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, smallint[], float8[], int, bool, "any", "any", jsonb, float8, jsonb, text) IS
	'The same for smallint[], as which some drivers send any small numbers: ids come back as bigint, which holds every integer';

CREATE FUNCTION rec.recommend_for(
	model regclass,
	item_ids varchar[],
	ratings float8[] = NULL,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	context jsonb = NULL,
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, item_id text, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, varchar[], float8[], int, bool, "any", "any", jsonb, float8, jsonb, text) IS
	'The same with ids as varchar, which come back as text';

CREATE FUNCTION rec.recommend_for(
	model regclass,
	item_ids text,
	ratings float8[] = NULL,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL,
	context jsonb = NULL,
	diversity float8 = 0,
	max_per jsonb = NULL,
	calibrate text = NULL
) RETURNS TABLE (rank int, item_id text, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, text, float8[], int, bool, "any", "any", jsonb, float8, jsonb, text) IS
	'The same for an array''s literal, as which an untyped literal or parameter is taken, with ids as text';

CREATE FUNCTION rec.predict(model regclass, user_id "any", item_id "any") RETURNS real
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 50
	AS 'MODULE_PATHNAME', 'rec_predict';

COMMENT ON FUNCTION rec.predict(regclass, "any", "any") IS
	'The score of one item for one user, by the rows that the source has of the user now: with explicit feedback a rating, clipped to the range of the '
	'ratings unless the option clip is false. For an item or a user that is not in the model, the score is what is expected without it; for an item whose '
	'attributes are known, what they say (see rec.recommend). A user''s rows are read once per statement. Needs SELECT on the model and on the source';

CREATE FUNCTION rec.predict(model regclass, user_id text, item_id text) RETURNS real
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 50
	AS 'MODULE_PATHNAME', 'rec_predict';

COMMENT ON FUNCTION rec.predict(regclass, text, text) IS
	'The same with ids as text, as which untyped literals and parameters are taken, on both sides';

CREATE FUNCTION rec.predict(model regclass, user_id text, item_id "any") RETURNS real
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 50
	AS 'MODULE_PATHNAME', 'rec_predict';

COMMENT ON FUNCTION rec.predict(regclass, text, "any") IS
	'The same with the user id as text, as which an untyped literal or parameter is taken';

CREATE FUNCTION rec.predict(model regclass, user_id "any", item_id text) RETURNS real
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 50
	AS 'MODULE_PATHNAME', 'rec_predict';

COMMENT ON FUNCTION rec.predict(regclass, "any", text) IS
	'The same with the item id as text, as which an untyped literal or parameter is taken';

CREATE FUNCTION rec.predict(model regclass, user_id "any", item_id "any", context jsonb) RETURNS real
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 50
	AS 'MODULE_PATHNAME', 'rec_predict';

COMMENT ON FUNCTION rec.predict(regclass, "any", "any", jsonb) IS
	'The score of one item for one user, as without context, in the context of which the user asks: an object as in rec.recommend; NULL: it is not known. A '
	'user''s rows are read once per statement and context';

CREATE FUNCTION rec.predict(model regclass, user_id text, item_id text, context jsonb) RETURNS real
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 50
	AS 'MODULE_PATHNAME', 'rec_predict';

COMMENT ON FUNCTION rec.predict(regclass, text, text, jsonb) IS
	'The same with ids as text, as which untyped literals and parameters are taken, on both sides';

CREATE FUNCTION rec.predict(model regclass, user_id text, item_id "any", context jsonb) RETURNS real
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 50
	AS 'MODULE_PATHNAME', 'rec_predict';

COMMENT ON FUNCTION rec.predict(regclass, text, "any", jsonb) IS
	'The same with the user id as text, as which an untyped literal or parameter is taken';

CREATE FUNCTION rec.predict(model regclass, user_id "any", item_id text, context jsonb) RETURNS real
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 50
	AS 'MODULE_PATHNAME', 'rec_predict';

COMMENT ON FUNCTION rec.predict(regclass, "any", text, jsonb) IS
	'The same with the item id as text, as which an untyped literal or parameter is taken';
