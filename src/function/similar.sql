-- Similar items and users.

CREATE FUNCTION rec.similar_items(model regclass, id anyelement, n int = 10, candidates "any" = NULL, exclude "any" = NULL)
	RETURNS TABLE (rank int, item_id anyelement, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_items';

COMMENT ON FUNCTION rec.similar_items(regclass, anyelement, int, "any", "any") IS
	'The n items most similar to one item, by the measure of the algorithm. als, fm, svd: the cosine of their factors; with explicit feedback times n / (n '
	'+ 10), where n is the number of ratings of the other item, as a cosine that rests on few ratings says little. bpr: the cosine of their factors. '
	'item_knn: the similarity that its option names, for the items on the item''s list. user_knn: the cosine of the ratings of their users. ease: their '
	'partial correlation. slim: what having the item adds to the score of the other. popular: 1 minus the difference of their scores, as a share of the '
	'largest difference. No rows for an item of which nothing is known. If the model has attributes of items, an item that came after the training is '
	'read from their relation; that needs SELECT on the relation and on the table of features. Needs SELECT on the model';

CREATE FUNCTION rec.similar_items(model regclass, id text, n int = 10, candidates "any" = NULL, exclude "any" = NULL)
	RETURNS TABLE (rank int, item_id text, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_items';

COMMENT ON FUNCTION rec.similar_items(regclass, text, int, "any", "any") IS
	'The same with ids as text';

CREATE FUNCTION rec.similar_items(model regclass, id smallint, n int = 10, candidates "any" = NULL, exclude "any" = NULL)
	RETURNS TABLE (rank int, item_id bigint, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_items';

COMMENT ON FUNCTION rec.similar_items(regclass, smallint, int, "any", "any") IS
	'The same for a smallint, as which some drivers send any small number: ids come back as bigint, which holds every integer';

CREATE FUNCTION rec.similar_users(model regclass, id anyelement, n int = 10)
	RETURNS TABLE (rank int, user_id anyelement, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_users';

COMMENT ON FUNCTION rec.similar_users(regclass, anyelement, int) IS
	'The n users most similar to one user, by the rows that the source has of the user now and the measure of the algorithm. als, fm, svd, bpr, user_knn: '
	'among the users of the last training, the cosine of their factors (als, fm, svd: with explicit feedback times n / (n + 10), where n is the number of '
	'ratings of the other user), or for user_knn the similarity that its option names. The others (item_knn, ease, slim, popular), which have no table of '
	'users: among the present users of the source, the cosine of their ratings of the items in the model, where a missing rating is 0; this reads the '
	'whole source at each call, and users without a common item are not similar. No rows for a user without known items. Needs SELECT on the model, its '
	'table of users if there is one, and the source';

CREATE FUNCTION rec.similar_users(model regclass, id text, n int = 10)
	RETURNS TABLE (rank int, user_id text, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_users';

COMMENT ON FUNCTION rec.similar_users(regclass, text, int) IS
	'The same with ids as text';

CREATE FUNCTION rec.similar_users(model regclass, id smallint, n int = 10)
	RETURNS TABLE (rank int, user_id bigint, similarity real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_similar_users';

COMMENT ON FUNCTION rec.similar_users(regclass, smallint, int) IS
	'The same for a smallint, as which some drivers send any small number: ids come back as bigint, which holds every integer';
