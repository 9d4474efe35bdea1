-- The reasons for a score.

CREATE FUNCTION rec.explain(model regclass, user_id "any", item_id anyelement, n int = 10)
	RETURNS TABLE (known_item_id anyelement, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, "any", anyelement, int) IS
	'The reasons for a score: the n items which, by the source, the user has, that contribute most to the score of an item. known_item_id: in the type of '
	'item_id; rating: the user''s rating (the weight, with implicit feedback); contribution: what it adds to the score. All contributions and the baseline, '
	'which is what would remain without them, add up to the score: that of rec.predict, before it is clipped to the range of the ratings. An item that '
	'contributes nothing has no row. feature: NULL. If the model has attributes of items, and the caller has SELECT on their relation and on the table of '
	'features, the n features of the item follow that contribute most: known_item_id and rating are NULL, and contributions and baseline add up to the score '
	'likewise. No rows for a user without known items, for an item of which nothing is known, and for an algorithm whose scores are the same for everybody '
	'(popular). An item that the user has in several contexts has a row for each of them. Needs SELECT on the model and on the source';

CREATE FUNCTION rec.explain(model regclass, user_id "any", item_id text, n int = 10)
	RETURNS TABLE (known_item_id text, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, "any", text, int) IS
	'The same with ids as text';

CREATE FUNCTION rec.explain(model regclass, user_id "any", item_id smallint, n int = 10)
	RETURNS TABLE (known_item_id bigint, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, "any", smallint, int) IS
	'The same for a smallint, as which some drivers send any small number: ids come back as bigint, which holds every integer';

CREATE FUNCTION rec.explain(model regclass, user_id text, item_id anyelement, n int = 10)
	RETURNS TABLE (known_item_id anyelement, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, text, anyelement, int) IS
	'The same with the user id as text, as which an untyped literal or parameter is taken';

CREATE FUNCTION rec.explain(model regclass, user_id text, item_id text, n int = 10)
	RETURNS TABLE (known_item_id text, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, text, text, int) IS
	'The same with ids as text, as which untyped literals and parameters are taken, on both sides';

CREATE FUNCTION rec.explain(model regclass, user_id text, item_id smallint, n int = 10)
	RETURNS TABLE (known_item_id bigint, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, text, smallint, int) IS
	'The same with the user id as text and the item id as a smallint';

CREATE FUNCTION rec.explain(model regclass, user_id "any", item_id anyelement, n int, context jsonb)
	RETURNS TABLE (known_item_id anyelement, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, "any", anyelement, int, jsonb) IS
	'The reasons for a score in a context, which is an object as in rec.recommend: the rows of the explanation without context, where contributions and '
	'baseline add up to the score in this context, and then the n features of the context that contribute most, in the same form as features of the item';

CREATE FUNCTION rec.explain(model regclass, user_id "any", item_id text, n int, context jsonb)
	RETURNS TABLE (known_item_id text, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, "any", text, int, jsonb) IS
	'The same with ids as text';

CREATE FUNCTION rec.explain(model regclass, user_id "any", item_id smallint, n int, context jsonb)
	RETURNS TABLE (known_item_id bigint, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, "any", smallint, int, jsonb) IS
	'The same for a smallint, as which some drivers send any small number: ids come back as bigint, which holds every integer';

CREATE FUNCTION rec.explain(model regclass, user_id text, item_id anyelement, n int, context jsonb)
	RETURNS TABLE (known_item_id anyelement, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, text, anyelement, int, jsonb) IS
	'The same with the user id as text, as which an untyped literal or parameter is taken';

CREATE FUNCTION rec.explain(model regclass, user_id text, item_id text, n int, context jsonb)
	RETURNS TABLE (known_item_id text, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, text, text, int, jsonb) IS
	'The same with ids as text, as which untyped literals and parameters are taken, on both sides';

CREATE FUNCTION rec.explain(model regclass, user_id text, item_id smallint, n int, context jsonb)
	RETURNS TABLE (known_item_id bigint, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, text, smallint, int, jsonb) IS
	'The same with the user id as text and the item id as a smallint';

CREATE FUNCTION rec.explain_for(model regclass, item_ids "any", item_id anyelement, ratings float8[] = NULL, n int = 10)
	RETURNS TABLE (known_item_id anyelement, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain_for';

COMMENT ON FUNCTION rec.explain_for(regclass, "any", anyelement, float8[], int) IS
	'The reasons for a score, as in rec.explain, for a profile that is given by hand: the items of item_ids that contribute most to the score of the item '
	'item_id. item_ids and ratings: as in rec.recommend_for. Needs SELECT on the model only';

CREATE FUNCTION rec.explain_for(model regclass, item_ids "any", item_id text, ratings float8[] = NULL, n int = 10)
	RETURNS TABLE (known_item_id text, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain_for';

COMMENT ON FUNCTION rec.explain_for(regclass, "any", text, float8[], int) IS
	'The same with ids as text';

CREATE FUNCTION rec.explain_for(model regclass, item_ids "any", item_id smallint, ratings float8[] = NULL, n int = 10)
	RETURNS TABLE (known_item_id bigint, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain_for';

COMMENT ON FUNCTION rec.explain_for(regclass, "any", smallint, float8[], int) IS
	'The same for a smallint, as which some drivers send any small number: ids come back as bigint, which holds every integer';

CREATE FUNCTION rec.explain_for(model regclass, item_ids text, item_id anyelement, ratings float8[] = NULL, n int = 10)
	RETURNS TABLE (known_item_id anyelement, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain_for';

COMMENT ON FUNCTION rec.explain_for(regclass, text, anyelement, float8[], int) IS
	'The same for an array''s literal, as which an untyped literal or parameter is taken';

CREATE FUNCTION rec.explain_for(model regclass, item_ids text, item_id text, ratings float8[] = NULL, n int = 10)
	RETURNS TABLE (known_item_id text, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain_for';

COMMENT ON FUNCTION rec.explain_for(regclass, text, text, float8[], int) IS
	'The same with an array''s literal and an id as text, as which untyped literals and parameters are taken';

CREATE FUNCTION rec.explain_for(model regclass, item_ids text, item_id smallint, ratings float8[] = NULL, n int = 10)
	RETURNS TABLE (known_item_id bigint, feature text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain_for';

COMMENT ON FUNCTION rec.explain_for(regclass, text, smallint, float8[], int) IS
	'The same for an array''s literal and a smallint';
