-- Models whose tables come from elsewhere: by pg_dump of these tables, by logical replication, or left by an extension that was dropped.

CREATE FUNCTION rec.follow_description() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_follow_description';

COMMENT ON FUNCTION rec.follow_description() IS
	'Of triggers of tables <model>_model, which say what a model is: takes over what logical replication writes to the table, so that the model is asked as '
	'its tables are. They fire in apply workers only. DROP EXTENSION without CASCADE is refused because of them';

CREATE FUNCTION rec.adopt(model regclass, source regclass) RETURNS regclass
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'rec_adopt';

COMMENT ON FUNCTION rec.adopt(regclass, regclass) IS
	'Makes a model of tables that were one: brought by pg_dump -t or by logical replication, or left by DROP EXTENSION ... CASCADE. model: the table of items, '
	'beside which the table <model>_model must be, and <model>_users where the algorithm asks it, of the same owner. It answers as before, without a '
	'training. source: what it reads profiles from, and is trained on, here; its columns are called as they were. Of a model: reads again what <model>_model '
	'says. '
	'Only the owner of the table may, who needs SELECT on the source';
