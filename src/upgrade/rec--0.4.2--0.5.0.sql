\echo Use "ALTER EXTENSION rec UPDATE" to load this file. \quit

CREATE FUNCTION rec.refuse_write() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_refuse_write';

COMMENT ON FUNCTION rec.refuse_write() IS
	'Of triggers on the views rec.models and rec.training_log, which PostgreSQL would let a superuser write through: an error that says what changes a model';

CREATE TRIGGER refuse_write INSTEAD OF INSERT OR UPDATE OR DELETE ON rec.models FOR EACH ROW EXECUTE FUNCTION rec.refuse_write();
COMMENT ON TRIGGER refuse_write ON rec.models IS
	'Refuses to write';

CREATE TRIGGER refuse_write INSTEAD OF INSERT OR UPDATE OR DELETE ON rec.training_log FOR EACH ROW EXECUTE FUNCTION rec.refuse_write();
COMMENT ON TRIGGER refuse_write ON rec.training_log IS
	'Refuses to write';

COMMENT ON FUNCTION rec.explain(regclass, "any", anyelement, int) IS
	'Which of the items that the source says the user has speak for an item, the n that do so most: known_item_id in the type of item_id, what the user''s rating is (the weight, with implicit feedback), and what it contributes to the score. All contributions together and the baseline, which is what would be left without them, are the score: what rec.predict gives, before it is brought into the range of the ratings. What contributes nothing has no row. No rows for a user without known items, for an item that the model does not know, and where scores are the same for whoever asks (popular). Needs SELECT on the model and on the source';

COMMENT ON FUNCTION rec.recommend(regclass, anyelement, int, bool, "any", "any") IS
	'The n items that suit a user best, by what the source says of the user now. exclude_seen: without the items that the user has there. candidates: only these items (an array of any type that converts to the item ids); exclude: not these. Items come back in the type of user_id. personal: false where nothing that the user has speaks for the item (a user without known items, or an algorithm that has run out of candidates): such rows come last, ranked by the number of users who have the item, and behind them, in the order of their ids, the candidates that the model does not know (as they were not there when it was trained); their score is what rec.predict says. There are n rows whenever that many candidates exist. Needs SELECT on the model and on the source';
