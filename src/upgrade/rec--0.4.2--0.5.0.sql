\echo Use "ALTER EXTENSION rec UPDATE" to load this file. \quit

-- privileges on the procedure are to be granted anew
DROP PROCEDURE rec.train(regclass);

CREATE PROCEDURE rec.train(model regclass, wait bool = true)
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_train';

COMMENT ON PROCEDURE rec.train(regclass, bool) IS
	'Trains a model on its source as it is now, and puts the result in place of the last one in a single commit; until then the old version serves. Blocks no reader and no writer of the source. wait: a second training of the same model waits for the first; false: it returns, with a notice, and does nothing. Called outside a transaction block, it commits after reading, and before it waits, and holds no snapshot while it waits or computes. Only the owner of the model may. Whoever calls it, it reads and writes with the owner''s privileges, who needs SELECT on the source';
