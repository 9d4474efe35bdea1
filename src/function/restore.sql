-- Models whose tables were moved: by pg_dump of these tables, by logical replication, or left by an extension that was dropped.

CREATE FUNCTION rec.follow_description() RETURNS trigger
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_follow_description';

COMMENT ON FUNCTION rec.follow_description() IS
	'For triggers on tables <model>_model, which describe a model: copies what logical replication writes to the table into rec.model, so that questions '
	'use the version that the tables have. The triggers fire in apply workers only. Because of them, DROP EXTENSION without CASCADE is refused';

CREATE FUNCTION rec.adopt(model regclass, source regclass) RETURNS regclass
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'rec_adopt';

COMMENT ON FUNCTION rec.adopt(regclass, regclass) IS
	'Makes tables that were a model a model again: tables that were copied by pg_dump -t or by logical replication, or that were left by DROP EXTENSION ... '
	'CASCADE. model: the table of items, beside which there must be the table <model>_model and, if the algorithm needs it to answer, <model>_users, of the '
	'same owner. The model answers as before, without a training. source: the relation from which it reads profiles, and on which it is trained, from now '
	'on; its columns have the same names as before. If model is a model already, the contents of <model>_model are read again. Only for the owner of the '
	'table, who needs SELECT on the source';
