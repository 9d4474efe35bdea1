\echo Use "ALTER EXTENSION rec UPDATE" to load this file. \quit

-- They return another column, personal. What depends on them, such as a view, must be dropped before and created again after.
DROP FUNCTION rec.recommend(regclass, anyelement, int, bool, "any", "any");
DROP FUNCTION rec.recommend(regclass, text, int, bool, "any", "any");
DROP FUNCTION rec.recommend_for(regclass, anyarray, real[], int, bool, "any", "any");
DROP FUNCTION rec.recommend_for(regclass, text[], real[], int, bool, "any", "any");

CREATE FUNCTION rec.recommend(
	model regclass,
	user_id anyelement,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL
) RETURNS TABLE (rank int, item_id anyelement, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend';

COMMENT ON FUNCTION rec.recommend(regclass, anyelement, int, bool, "any", "any") IS
	'The n items that suit a user best, by what the source says of the user now. exclude_seen: without the items that the user has there. candidates: only these items (an array of any type that converts to the item ids); exclude: not these. Items come back in the type of user_id. personal: false where nothing that the user has speaks for the item (a user without known items, or an algorithm that has run out of candidates): such rows come last, ranked by the number of users who have the item, and their score is what rec.predict says. Needs SELECT on the model and on the source';

CREATE FUNCTION rec.recommend(
	model regclass,
	user_id text,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL
) RETURNS TABLE (rank int, item_id text, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend';

COMMENT ON FUNCTION rec.recommend(regclass, text, int, bool, "any", "any") IS
	'The same with ids as text, for models whose user and item ids are of different types, and for untyped literals';

CREATE FUNCTION rec.recommend_for(
	model regclass,
	item_ids anyarray,
	ratings real[] = NULL,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL
) RETURNS TABLE (rank int, item_id anyelement, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, anyarray, real[], int, bool, "any", "any") IS
	'The n items that suit a profile given by hand best: an anonymous session, a basket. ratings: one for each item; where there is none, the highest of the training data, or a weight of 1 with implicit feedback. The rest as in rec.recommend. Needs SELECT on the model only';

CREATE FUNCTION rec.recommend_for(
	model regclass,
	item_ids text[],
	ratings real[] = NULL,
	n int = 10,
	exclude_seen bool = true,
	candidates "any" = NULL,
	exclude "any" = NULL
) RETURNS TABLE (rank int, item_id text, score real, personal bool)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_recommend_for';

COMMENT ON FUNCTION rec.recommend_for(regclass, text[], real[], int, bool, "any", "any") IS
	'The same with ids as text';

COMMENT ON PROCEDURE rec.recommend_all(regclass, text, int) IS
	'Writes what rec.recommend says of every user who has a row in the source now, n items each without those that the user has there, into a table (user_id, rank, item_id, score, personal), by parallel workers. target: its name, possibly qualified. Where there is no such table it is created, with the primary key (user_id, rank); else its rows are replaced in a single commit, until which readers see the old ones. Called outside a transaction block, it commits after reading and holds no snapshot while it scores, or with workers one for some seconds at a time. Needs SELECT on the model and on the source, and INSERT and DELETE on an existing target, or CREATE on the schema of a new one';

CREATE FUNCTION rec.explain(model regclass, user_id "any", item_id anyelement, n int = 10)
	RETURNS TABLE (known_item_id anyelement, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, "any", anyelement, int) IS
	'Which of the items that the source says the user has speak for an item, the n that do so most: known_item_id in the type of item_id, what the user''s rating is (the weight, with implicit feedback), and what it contributes to the score. All contributions together and the baseline, which is what would be left without them, are the score: what rec.predict gives, before it is brought into the range of the ratings. No rows for a user without known items, and for an item that the model does not know. Needs SELECT on the model and on the source';

CREATE FUNCTION rec.explain(model regclass, user_id "any", item_id text, n int = 10)
	RETURNS TABLE (known_item_id text, rating real, contribution real, baseline real)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'rec_explain';

COMMENT ON FUNCTION rec.explain(regclass, "any", text, int) IS
	'The same with ids as text';

COMMENT ON FUNCTION rec.similar_items(regclass, anyelement, int) IS
	'The n items most similar to one, in the measure natural to the algorithm. als, svd: the cosine of their factors; with explicit feedback times n / (n + 10), where n is the number of ratings of the other item, as a cosine that rests on few ratings says little. bpr: the cosine of their factors. item_knn: the similarity that its option names, of the items on the item''s list. user_knn: the cosine of what its users say of them. ease: their partial correlation. slim: what having the item adds to the score of the other. popular: 1 less the difference of their scores, as a share of the largest there is. No rows for an item that the model does not know. Needs SELECT on the model';

COMMENT ON FUNCTION rec.similar_users(regclass, anyelement, int) IS
	'The n users most similar to what the source says of one user now, in the measure natural to the algorithm. als, svd, bpr, user_knn: among the users of the last training, the cosine of their factors (als, svd: with explicit feedback times n / (n + 10), where n is the number of ratings of the other user), or for user_knn the similarity that its option names. The others (item_knn, ease, slim, popular), which keep nothing of users: among the users of the source now, the cosine of their ratings of the items that the model knows, where a missing rating is 0; this reads the whole source at each call. Users without a common item are not similar there. No rows for a user without known items. Needs SELECT on the model, its table of users if there is one, and the source';
