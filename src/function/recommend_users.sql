-- Asking a model whom to show an item.

CREATE FUNCTION rec.recommend_users(model regclass, item_id anyelement, n int = 10, exclude_seen bool = true)
	RETURNS TABLE (rank int, user_id anyelement, score real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_users';

COMMENT ON FUNCTION rec.recommend_users(regclass, anyelement, int, bool) IS
	'The n users with the highest score of an item. A user is on the list if rec.recommend would have the item among the user''s personal rows. '
	'exclude_seen: leaves out the users who have the item in the source now. User ids are returned in the type of item_id. als, fm, svd, bpr: among the '
	'users of the last training or refresh, as they were then; the score is that of rec.predict if nothing of the user has changed since. The others: '
	'among the present users of the source; this reads the whole source at each call. An error for popular, whose scores are the same for every user. No '
	'rows for an item that is not in the model. Needs SELECT on the model, its table of users if there is one, and the source';

CREATE FUNCTION rec.recommend_users(model regclass, item_id text, n int = 10, exclude_seen bool = true)
	RETURNS TABLE (rank int, user_id text, score real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_users';

COMMENT ON FUNCTION rec.recommend_users(regclass, text, int, bool) IS
	'The same with ids as text, for models whose user and item ids are of different types, and for untyped literals';

CREATE FUNCTION rec.recommend_users(model regclass, item_id smallint, n int = 10, exclude_seen bool = true)
	RETURNS TABLE (rank int, user_id bigint, score real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_users';

COMMENT ON FUNCTION rec.recommend_users(regclass, smallint, int, bool) IS
	'The same for a smallint, as which some drivers send any small number: ids come back as bigint, which holds every integer';
