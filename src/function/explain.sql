-- Why a model gives a score.

CREATE FUNCTION rec.explain(model regclass, user_id "any", item_id anyelement, n int = 10)
	RETURNS TABLE (known_item_id anyelement, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, "any", anyelement, int) IS
	'Which of the items that the source says the user has speak for an item, the n that do so most: known_item_id in the type of item_id, what the user''s '
	'rating is (the weight, with implicit feedback), and what it contributes to the score. All contributions together and the baseline, which is what would '
	'be left without them, are the score: what rec.predict gives, before it is brought into the range of the ratings. What contributes nothing has no row. '
	'No rows for a user without known items, for an item that the model does not know, and where scores are the same for whoever asks (popular). Needs '
	'SELECT on the model and on the source';

CREATE FUNCTION rec.explain(model regclass, user_id "any", item_id text, n int = 10)
	RETURNS TABLE (known_item_id text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, "any", text, int) IS
	'The same with ids as text';

CREATE FUNCTION rec.explain(model regclass, user_id "any", item_id smallint, n int = 10)
	RETURNS TABLE (known_item_id bigint, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, "any", smallint, int) IS
	'The same for a smallint, as which some drivers send any small number: ids come back as bigint, which holds every integer';

CREATE FUNCTION rec.explain(model regclass, user_id text, item_id anyelement, n int = 10)
	RETURNS TABLE (known_item_id anyelement, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, text, anyelement, int) IS
	'The same with the user id as text, as which an untyped literal or parameter is taken';

CREATE FUNCTION rec.explain(model regclass, user_id text, item_id text, n int = 10)
	RETURNS TABLE (known_item_id text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, text, text, int) IS
	'The same with ids as text, as which untyped literals and parameters are taken, on both sides';

CREATE FUNCTION rec.explain(model regclass, user_id text, item_id smallint, n int = 10)
	RETURNS TABLE (known_item_id bigint, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, text, smallint, int) IS
	'The same with the user id as text and the item id as a smallint';
