-- A page to look at.

CREATE FUNCTION rec.report(model regclass) RETURNS text
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 100000
	AS 'MODULE_PATHNAME', 'rec_report';

COMMENT ON FUNCTION rec.report(regclass) IS
	'One HTML page about a trained model that needs nothing beside itself, no script either: what it is and was trained on, the loss of each iteration, '
	'metrics with intervals beside a baseline (rec.evaluate with its defaults, by time where the model has a time column, else at random), how ratings and '
	'recommendations are spread over items, a map of the items where they have vectors, all options. Reads the source once, and trains once more for the '
	'metrics. Needs SELECT on the model and on the source';
