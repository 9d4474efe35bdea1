\echo Use "ALTER EXTENSION rec UPDATE" to load this file. \quit

-- by hand

ALTER TABLE rec.model ADD COLUMN refreshed bigint, ADD COLUMN refreshed_at timestamptz;

CREATE TABLE rec.unknown_change (
	model regclass,
	transaction xid8,
	PRIMARY KEY (model, transaction)
);

ALTER TABLE rec.model
	ADD COLUMN item_relation regclass,
	ADD COLUMN item_relation_name text,
	ADD COLUMN item_relation_oid oid,
	ADD COLUMN item_relation_owner oid,
	ADD COLUMN item_features bigint,
	ADD COLUMN user_relation regclass,
	ADD COLUMN user_relation_name text,
	ADD COLUMN user_relation_oid oid,
	ADD COLUMN user_relation_owner oid,
	ADD COLUMN user_features bigint,
	ADD COLUMN context_columns name[],
	ADD COLUMN context_features bigint;

-- the rest follows from the declarations



SELECT pg_catalog.pg_extension_config_dump('rec.unknown_change', 'WHERE model::pg_catalog.oid IN (SELECT oid FROM pg_catalog.pg_class)');

GRANT SELECT, INSERT ON rec.model, rec.model_table, rec.iteration, rec.unknown_change TO @extowner@;

COMMENT ON TABLE rec.unknown_change IS
	'Transactions after which anything may have changed in the tracked source of a model. Written by triggers; a training deletes the rows';

COMMENT ON FUNCTION rec.create_model(text, regclass, text, jsonb, name, name, name, name, regclass, regclass, name[], regclass[]) IS
	'Creates a model: a table of this name for the items, and beside it a table of users named <model>_users (or <model>_users1, ... if that is in use), '
	'both empty until CALL rec.train. source: a table, view, materialized view, partitioned or foreign table with one row per rating or event. '
	'rating_column: NULL means the column rating if there is one that the caller may read, and otherwise that every row counts 1; an empty name means none. '
	'time_column: orders several rows of one user and item. options: see rec.algorithms; if they do not say what feedback is, a rating column makes it '
	'explicit, with a notice. items: a table or view with one row per item, whose other columns are attributes; its key is named as item_column, or is its '
	'primary key; for algorithms that learn from attributes, which keep a table <model>_features. users: the same of users, with <model>_user_features. '
	'context_columns: columns of the source that say under which circumstances a rating or event came about (the device, the hour), for algorithms that '
	'learn from them, which keep a table <model>_context_features; integers are categories. inputs: not supported yet, and refused unless left out. Needs '
	'CREATE on the schema and SELECT on the source, on items and on users';

COMMENT ON FUNCTION rec.alter_model(regclass, regclass, text, jsonb, name, name, name, name, regclass, regclass, name[], regclass[]) IS
	'Changes what was given when the model was created; NULL leaves it unchanged. source, and names of columns: take effect from the next question on, '
	'without a training; the types of the ids must be the same, or wider integers. rating_column, time_column: an empty name means none. options: these '
	'replace options of the same names; if the algorithm or the feedback changes, or a rating column is added or removed, all others have their defaults. '
	'After a change of the algorithm, options, items, users or context_columns the model counts as not trained: it answers again after CALL rec.train, which '
	'may be in the same transaction. items, users: ''-'' takes the attributes away; context_columns: ''{}'' takes the context away. inputs: not supported '
	'yet, and refused unless left out. Only for the owner of the model, who needs SELECT on the source, on items and on users, and CREATE on the schema if a '
	'table is created';

CREATE FUNCTION pg_catalog.rec_read_row_accumulate(rows bigint, reading bigint, user_id "any", item_id "any", rating "any", at "any", context "any")
	RETURNS bigint
	LANGUAGE c VOLATILE PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'rec_read_row_accumulate';

COMMENT ON FUNCTION pg_catalog.rec_read_row_accumulate(bigint, bigint, "any", "any", "any", "any", "any") IS
	'Of extension rec: keeps a row with a context for a function that reads a whole source, and counts it; for the aggregate rec_read_row';

CREATE AGGREGATE pg_catalog.rec_read_row(reading bigint, user_id "any", item_id "any", rating "any", at "any", context "any") (
	SFUNC = pg_catalog.rec_read_row_accumulate,
	STYPE = bigint,
	INITCOND = '0',
	COMBINEFUNC = pg_catalog.int8pl,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE pg_catalog.rec_read_row(bigint, "any", "any", "any", "any", "any") IS
	'Of extension rec: as the aggregate without context, for sources with context_columns';

CREATE FUNCTION rec.note_change() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_note_change';

COMMENT ON FUNCTION rec.note_change() IS
	'For triggers of rec.track: notes changes of a source, or of attributes, in the tables <model>_changes of the models that track it. Does nothing for '
	'other tables';

CREATE FUNCTION rec.track(model regclass) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'rec_track';

COMMENT ON FUNCTION rec.track(regclass) IS
	'Starts to note changes of the model''s source, which must be a table or a partitioned table, in a table <model>_changes: the ids of the user and the '
	'item of each row that is inserted, updated or deleted; likewise, in the relations of attributes of items and users that are such tables, the id of each '
	'item or user whose row changes. A notice names relations of attributes that cannot be tracked. Creates again what is missing. Waits for transactions that '
	'write to these tables, and blocks writers until the transaction ends. Only the model''s owner may call it, and needs SELECT on the source, and TRIGGER on '
	'the source and its partitions, and on relations of attributes that are to be tracked';

CREATE FUNCTION rec.untrack(model regclass) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'rec_untrack';

COMMENT ON FUNCTION rec.untrack(regclass) IS
	'Stops what rec.track started: drops the table <model>_changes and the triggers, but for those of relations that other models track. Then it waits for '
	'transactions that read or write the source or the attributes. Only the model''s owner may call it';

CREATE PROCEDURE rec.refresh(model regclass, item_share float8 = 0.05)
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_refresh';

COMMENT ON PROCEDURE rec.refresh(regclass, float8) IS
	'Updates a model without a training: computes again the users whose rows have changed, the new items, and the items of whose rows at least the share '
	'item_share has changed since they were last computed, each from all of its rows, and from its present attributes if the model has any; and users and '
	'items whose attributes have changed, if rec.track tracks these. If the source is not tracked, its time column tells which rows are new. If it is not '
	'known what has changed, trains the model, with a notice. If a training of the model is in progress, does nothing, with a notice. Raises an error if the '
	'algorithm cannot refresh. Only the model''s owner may call it, and needs SELECT on the source and on the relations of attributes';

CREATE FUNCTION rec.follow_partitions() RETURNS event_trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_follow_partitions';

COMMENT ON FUNCTION rec.follow_partitions() IS
	'For the event trigger rec_follow_partitions: creates the triggers of new partitions of a tracked table. If a partition with rows is attached, or one is '
	'detached, notes that anything may have changed';

CREATE EVENT TRIGGER rec_follow_partitions ON ddl_command_end
	WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE')
	EXECUTE FUNCTION rec.follow_partitions();

COMMENT ON EVENT TRIGGER rec_follow_partitions IS
	'Keeps track of partitions of the sources and attributes of recommendation models';

ALTER EVENT TRIGGER rec_follow_partitions ENABLE ALWAYS;

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

COMMENT ON FUNCTION rec.predict(regclass, "any", "any") IS
	'The score of one item for one user, by the rows that the source has of the user now: with explicit feedback a rating, clipped to the range of the '
	'ratings unless the option clip is false. For an item or a user that is not in the model, the score is what is expected without it; for an item whose '
	'attributes are known, what they say (see rec.recommend). A user''s rows are read once per statement. Needs SELECT on the model and on the source';

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

COMMENT ON FUNCTION rec.similar_items(regclass, anyelement, int, "any", "any") IS
	'The n items most similar to one item, by the measure of the algorithm. als, fm, svd: the cosine of their factors; with explicit feedback times n / (n '
	'+ 10), where n is the number of ratings of the other item, as a cosine that rests on few ratings says little. bpr: the cosine of their factors. '
	'item_knn: the similarity that its option names, for the items on the item''s list. user_knn: the cosine of the ratings of their users. ease: their '
	'partial correlation. slim: what having the item adds to the score of the other. popular: 1 minus the difference of their scores, as a share of the '
	'largest difference. No rows for an item of which nothing is known. If the model has attributes of items, an item that came after the training is '
	'read from their relation; that needs SELECT on the relation and on the table of features. Needs SELECT on the model';

COMMENT ON FUNCTION rec.similar_users(regclass, anyelement, int) IS
	'The n users most similar to one user, by the rows that the source has of the user now and the measure of the algorithm. als, fm, svd, bpr, user_knn: '
	'among the users of the last training, the cosine of their factors (als, fm, svd: with explicit feedback times n / (n + 10), where n is the number of '
	'ratings of the other user), or for user_knn the similarity that its option names. The others (item_knn, ease, slim, popular), which have no table of '
	'users: among the present users of the source, the cosine of their ratings of the items in the model, where a missing rating is 0; this reads the '
	'whole source at each call, and users without a common item are not similar. No rows for a user without known items. Needs SELECT on the model, its '
	'table of users if there is one, and the source';

COMMENT ON FUNCTION rec.explain(regclass, "any", anyelement, int) IS
	'The reasons for a score: the n items which, by the source, the user has, that contribute most to the score of an item. known_item_id: in the type of '
	'item_id; rating: the user''s rating (the weight, with implicit feedback); contribution: what it adds to the score. All contributions and the baseline, '
	'which is what would remain without them, add up to the score: that of rec.predict, before it is clipped to the range of the ratings. An item that '
	'contributes nothing has no row. feature: NULL. If the model has attributes of items, and the caller has SELECT on their relation and on the table of '
	'features, the n features of the item follow that contribute most: known_item_id and rating are NULL, and contributions and baseline add up to the score '
	'likewise. No rows for a user without known items, for an item of which nothing is known, and for an algorithm whose scores are the same for everybody '
	'(popular). An item that the user has in several contexts has a row for each of them. Needs SELECT on the model and on the source';

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

CREATE FUNCTION rec.pending_changes(model regclass) RETURNS bigint
	LANGUAGE c STABLE PARALLEL RESTRICTED
	AS 'MODULE_PATHNAME', 'rec_pending_changes';

COMMENT ON FUNCTION rec.pending_changes(regclass) IS
	'For the view rec.models: the number of rows of a model''s source, and of tracked attributes of its items and users, that were inserted, updated or '
	'deleted since the last training or refresh; NULL if the source is not tracked, or the changes are not known';

CREATE OR REPLACE VIEW rec.models WITH (security_barrier) AS
	SELECT model, rec.source_meant(model, source, source_name, source_owner) AS source, algorithm,
		options OPERATOR(pg_catalog.||) coalesce(decided, '{}') AS options, version, trained_at, rows, users, items, loss, seconds,
		pg_catalog.pg_total_relation_size(model) OPERATOR(pg_catalog.+)
			coalesce((SELECT pg_catalog.sum(pg_catalog.pg_total_relation_size(t.relation))::bigint
				FROM rec.model_table t WHERE t.model OPERATOR(pg_catalog.=) m.model), 0) AS bytes,
		decided, rec.pending_changes(model) AS pending, refreshed, refreshed_at
	FROM rec.model m
	WHERE pg_catalog.has_table_privilege(model, 'SELECT');

COMMENT ON VIEW rec.models IS
	'One row per model. options: with all defaults; options that are left to the source are null before the first training, and then as the training '
	'decided; decided: only these; version: the number of trainings and refreshes; rows: the rows of the last training (several of one user and item count '
	'once); loss: the loss it reached (NULL if the algorithm has none); seconds: the duration of the training; bytes: of the model''s tables on disk; '
	'pending: the number of changed rows of the source and of tracked attributes since then, if they are known; refreshed: the number of those that '
	'rec.refresh has taken in since the last training, and the time of the last refresh';

COMMENT ON FUNCTION rec.evaluate(regclass, text, float8, int, int, int, int, float8, jsonb, bool, interval, float8, jsonb, text, name) IS
	'Measures how good the model''s algorithm is on its source: trains it in memory on one part of the ratings, and asks it about the other part. The '
	'model''s tables do not change. options: these replace options of the model; if they name another feedback, all others have their defaults. All items '
	'are ranked, never a sample, except those that the user has in the train part; ratings of items that were not trained on count as misses. split: time '
	'(the test part is the last test_fraction of each user''s ratings, at least one), leave_one_out (each user''s last rating), global_time (all ratings '
	'after the moment that leaves test_fraction of all ratings), random (each rating with a probability of test_fraction), user (test_fraction of the '
	'users; their profile is 80 % of their ratings, they are asked about the others, and none of their ratings is trained on), item (all ratings of '
	'test_fraction of the items; lists have only items that nobody has rated, and metrics whose names end in _among_all are of lists of all items; for '
	'algorithms that learn from attributes), column:NAME (rows of the source for which '
	'this boolean column is true), session (the test_fraction of the sessions that ends last), session:NAME (sessions of the rows for which this boolean '
	'column is true). A session is a user''s events without a pause longer than session_gap (0: all events of the user). Each event of a tested session '
	'after the first is predicted from the events before it in the session, which are the whole profile; no other item is right, and figures are means '
	'over these predictions. Where the model has context_columns, a user is asked about each different context of the test part by itself: only ratings in '
	'it are relevant, ratings are predicted in their own context, and figures are means over these questions. '
	'folds: if more than 1, for random, user and item, each rating, user or item is tested in one of this many trainings. Users '
	'with fewer than min_ratings are not tested. relevant_from: ratings from here on are relevant; NULL: the whole test part is. k: the length of lists. '
	'The same seed gives the same answer. exclude_seen: if false, items of the train part, or of the session so far, may be on lists, and events are '
	'divided instead of pairs of a user and an item, so that repeated items are tested. value: the metric, by the formula in rec.metrics; low, high: its '
	'95 % interval, by the bootstrap over users, NULL for metrics of all lists together; baseline: the metric for lists of the items that most users have, '
	'at whatever time, and, for rmse, mae and mse, for predictions from damped biases; users: the number of users that count. Metrics that are not defined '
	'for the algorithm have no row: rmse, mae and mse are for algorithms that predict ratings, cross_entropy is for bpr, and fm with events, by the '
	'logistic function of their scores. unseen_users: tested users of whom nothing else is known; unseen_items and unseen_ratings: tested, but not trained '
	'on; tied_ratings: for the splits time and leave_one_out the share of tested ratings that were chosen by lot among ratings of the user with the same '
	'time, and for sessions the share of predicted events with the time of another event of their session; sessions, predictions: the numbers tested. '
	'diversity, max_per, calibrate, group_column: not supported yet, and refused unless left out; group_value is NULL. Needs SELECT on the model and on '
	'the source';

COMMENT ON FUNCTION rec.compare(regclass, jsonb, text, text, float8, int, int, int, float8, name, name, name, name, jsonb, bool, interval, regclass,
	regclass, name[], regclass[], float8, jsonb, text) IS
	'Compares several algorithms on one split of a source, and returns the best by the metric first. algorithms: a JSON array of names, or of objects with '
	'the name as "algorithm" and options as other keys; options: common to all candidates, unless a candidate has its own. split: as for rec.evaluate; '
	'NULL: time if there is a time_column, otherwise random. value, low, high: the metric and its 95 % interval; p_value: the probability of a difference '
	'at least as large from the best candidate if both are equally good, by the randomization test over users; metrics: all metrics; model_bytes: bytes of '
	'the numbers of the model; error: why a candidate failed, which then comes last and has no value; verdict: in words, how good the lists are for users '
	'or, if the metric is one of predicted ratings, how good these are, beside lists of the items that most users have, or ratings predicted from damped '
	'biases, on the same split. context_columns: if a candidate learns from them, all candidates are asked as rec.evaluate asks a model that has them, and '
	'candidates that do not are trained on ratings without context. inputs, diversity, max_per, calibrate: not supported yet, and refused unless left out. '
	'Needs SELECT on the source; the other arguments are those of rec.evaluate and rec.create_model';

COMMENT ON FUNCTION rec.report(regclass) IS
	'One HTML page about a trained model, complete in itself and without scripts: what it is and was trained on, the loss of each iteration, metrics with '
	'intervals beside a baseline (rec.evaluate with its defaults, by time if the model has a time column, otherwise at random), how ratings and '
	'recommendations are distributed over items, a map of the items if they have vectors, all options. Reads the source once, and trains once more for the '
	'metrics. Items are called by the first text column of their attributes, where the model has some and the caller may read them, else by their ids. Needs '
	'SELECT on the model and on the source';
