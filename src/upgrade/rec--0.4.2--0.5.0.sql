\echo Use "ALTER EXTENSION rec UPDATE" to load this file. \quit

ALTER TABLE rec.model ADD COLUMN deviation float8, ADD COLUMN decided jsonb;

CREATE OR REPLACE VIEW rec.models WITH (security_barrier) AS
	SELECT model, source, algorithm, options OPERATOR(pg_catalog.||) coalesce(decided, '{}') AS options, version, trained_at, rows, users, items, loss, seconds,
		pg_catalog.pg_total_relation_size(model) OPERATOR(pg_catalog.+)
			coalesce(pg_catalog.pg_total_relation_size(user_table), 0) AS bytes,
		decided
	FROM rec.model
	WHERE pg_catalog.has_table_privilege(model, 'SELECT');

COMMENT ON VIEW rec.models IS
	'One row per model: its source, algorithm, options with all defaults filled in, those that are left to the source (null before the first training) with what training decided; decided: these alone; how often it was trained (version), when, on how many rows (several of one user and item count once), users and items; the loss it reached, the seconds the training took, and the bytes of its tables on disk';
-- Models of events go on as they were trained: their weights count as they are.
UPDATE rec.model SET options = options || '{"weight": "linear"}' WHERE options ->> 'feedback' = 'implicit' AND algorithm <> 'bpr';
-- privileges on the procedure are to be granted anew
DROP PROCEDURE rec.train(regclass);

CREATE PROCEDURE rec.train(model regclass, wait bool = true)
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'rec_train';

COMMENT ON PROCEDURE rec.train(regclass, bool) IS
	'Trains a model on its source as it is now, and puts the result in place of the last one in a single commit; until then the old version serves. Blocks no reader and no writer of the source. wait: a second training of the same model waits for the first; false: it returns, with a notice, and does nothing. Called outside a transaction block, it commits after reading, and before it waits, and holds no snapshot while it waits or computes. Only the owner of the model may. Whoever calls it, it reads and writes with the owner''s privileges, who needs SELECT on the source';

COMMENT ON FUNCTION rec.tune(regclass, jsonb, text, text, interval, bool, text, real, int, int, int, int, real) IS
	'Tries options of the model''s algorithm, and returns a row for each combination that was tried, the best first. grid: a JSON object, for each option a list of values, or a range {"min": ..., "max": ...} to draw from (evenly, or where it spans a power of ten by magnitude; whole numbers where both ends are). method: grid (all combinations), random (as many as trials, drawn), halving (as many as trials: all of them on a few users, and the best third of each round on three times as many). The source is read once, and split in three: train, validation (the split of the rest), test. value is the metric of the validation part, by which is chosen, on the share of the users that the combination was tried on; test, low, high: of the best alone, trained on train and validation, the metric of the test part, which nothing was chosen by, and its 95 % interval; error: why a combination failed. Combinations that would train as another one does are left out, with a notice. budget: no other trial begins after so long. apply: writes the best options into the model and trains it with them; where that fails a warning and the error of the first row say why, and the model is as it was; needs the model''s owner. Needs SELECT on the model and on the source; the other arguments are those of rec.evaluate';
