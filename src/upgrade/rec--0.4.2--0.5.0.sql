\echo Use "ALTER EXTENSION rec UPDATE" to load this file. \quit

-- Models of events go on as they were trained: their weights count as they are.
UPDATE rec.model SET options = options || '{"weight": "linear"}' WHERE options ->> 'feedback' = 'implicit' AND algorithm <> 'bpr';
