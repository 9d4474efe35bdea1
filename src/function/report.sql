-- A page about a model.

CREATE FUNCTION rec.report(model regclass) RETURNS text
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 100000
	AS 'MODULE_PATHNAME', 'rec_report';

COMMENT ON FUNCTION rec.report(regclass) IS
	'One HTML page about a trained model, complete in itself and without scripts: what it is and was trained on, the loss of each iteration, metrics with '
	'intervals beside a baseline (rec.evaluate with its defaults, by time if the model has a time column, otherwise at random), how ratings and '
	'recommendations are distributed over items, a map of the items if they have vectors, all options. Reads the source once, and trains once more for the '
	'metrics. Items are called by the first text column of their attributes, where the model has some and the caller may read them, else by their ids. Needs '
	'SELECT on the model and on the source';
