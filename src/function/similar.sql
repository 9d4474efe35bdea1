-- Looking for alike.

CREATE FUNCTION rec.similar_items(model regclass, id anyelement, n int = 10)
	RETURNS TABLE (rank int, item_id anyelement, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_items';

COMMENT ON FUNCTION rec.similar_items(regclass, anyelement, int) IS
	'The n items most similar to one, in the measure natural to the algorithm. For als: the cosine of their factors; with explicit feedback times n / (n + 10), where n is the number of ratings of the other item, as a cosine that rests on few ratings says little. No rows for an item that the model does not know. Needs SELECT on the model';

CREATE FUNCTION rec.similar_items(model regclass, id text, n int = 10)
	RETURNS TABLE (rank int, item_id text, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_items';

COMMENT ON FUNCTION rec.similar_items(regclass, text, int) IS
	'The same with ids as text';

CREATE FUNCTION rec.similar_users(model regclass, id anyelement, n int = 10)
	RETURNS TABLE (rank int, user_id anyelement, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_users';

COMMENT ON FUNCTION rec.similar_users(regclass, anyelement, int) IS
	'The n users of the last training most similar to what the source says of one user now, in the measure natural to the algorithm, as in rec.similar_items. No rows for a user without known items. Needs SELECT on the model, its table of users, and the source';

CREATE FUNCTION rec.similar_users(model regclass, id text, n int = 10)
	RETURNS TABLE (rank int, user_id text, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_users';

COMMENT ON FUNCTION rec.similar_users(regclass, text, int) IS
	'The same with ids as text';
