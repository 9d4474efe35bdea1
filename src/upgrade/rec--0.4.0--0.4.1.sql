\echo Use "ALTER EXTENSION rec UPDATE" to load this file. \quit

COMMENT ON FUNCTION rec.predict(regclass, "any", "any") IS
	'The score of one item for one user, by what the source says of the user now: with explicit feedback a rating, within the range of the ratings unless the option clip is false. An item or a user that the model does not know gets what is known without it. A user''s rows are read once per statement. Needs SELECT on the model and on the source';
