-- The lists of the neighbourhood models against brute-force similarities, for each measure, to 1e-5.
SET client_min_messages = warning;
CREATE SCHEMA neighbors;
SET search_path = neighbors, public;

CREATE TABLE ratings AS
SELECT u AS user_id, i AS item_id, (1 + ('x' || substr(md5(u || '/' || i), 1, 7))::bit(28)::int % 9 / 2.0)::real AS rating
  FROM generate_series(1, 40) u, generate_series(1, 30) i WHERE ('x' || substr(md5(u || ':' || i), 1, 7))::bit(28)::int % 4 = 0;
ALTER TABLE ratings ADD PRIMARY KEY (user_id, item_id);
CREATE TABLE matrix (r int, c int, v float8);

-- All pairs of rows with something in common, over a matrix that is given as rows, columns and values; a value that is missing is 0.
-- cosine: of the values; adjusted_cosine: of what they are above the column's mean, pearson: above the row's. With ratings a missing one is no part of a
-- mean, and deviates by nothing; with events it is a 0 as any other. jaccard: columns in common / columns of either. conditional: columns in common / columns
-- of b / (columns of a)^0.5.
CREATE FUNCTION similarities(wanted text, explicit bool) RETURNS TABLE (a int, b int, common bigint, similarity float8) LANGUAGE sql AS $$
	WITH rows AS (SELECT DISTINCT r FROM matrix), columns AS (SELECT DISTINCT c FROM matrix),
		 cells AS (SELECT r, c, v, v IS NOT NULL AS has FROM rows CROSS JOIN columns LEFT JOIN matrix USING (r, c)),
		 means AS (SELECT *, CASE WHEN explicit THEN avg(v) OVER (PARTITION BY r) ELSE avg(coalesce(v, 0)) OVER (PARTITION BY r) END AS row_mean,
						  CASE WHEN explicit THEN avg(v) OVER (PARTITION BY c) ELSE avg(coalesce(v, 0)) OVER (PARTITION BY c) END AS column_mean FROM cells),
		 deviations AS (SELECT r, c, has, CASE WHEN explicit AND NOT has THEN 0
											   ELSE coalesce(v, 0) - CASE wanted WHEN 'adjusted_cosine' THEN column_mean WHEN 'pearson' THEN row_mean ELSE 0
											   	END END AS x FROM means),
		 pairs AS (SELECT p.r AS a, q.r AS b, count(*) FILTER (WHERE p.has AND q.has) AS common, count(*) FILTER (WHERE p.has) AS n_a, count(*)
		 	FILTER (WHERE q.has) AS n_b,
						  sum(p.x * q.x) / nullif(sqrt(sum(p.x * p.x) * sum(q.x * q.x)), 0) AS cosine
					 FROM deviations p JOIN deviations q USING (c) WHERE p.r <> q.r GROUP BY p.r, q.r)
	SELECT a, b, common, CASE wanted WHEN 'jaccard' THEN common::float8 / (n_a + n_b - common) WHEN 'conditional' THEN common::float8 / n_b / sqrt(n_a) ELSE
		cosine END
	  FROM pairs WHERE common > 0 $$;

-- Pairs that are on one side only, or that differ; the number of equal pairs. A similarity of about 0 may be on either side.
CREATE FUNCTION item_differences(feedback text, similarity text, shrinkage float8, min_common int) RETURNS TABLE (differ bigint,
    compared bigint) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM rec.create_model('neighbors.m', 'ratings', 'item_knn', jsonb_build_object('feedback', feedback, 'weight', 'linear', 'weighting', 'none',
		'similarity', similarity, 'shrinkage', shrinkage, 'min_common', min_common, 'neighbors', 1000));
	CALL rec.train('neighbors.m');
	TRUNCATE matrix;
	INSERT INTO matrix SELECT item_id, user_id, rating FROM ratings;
	RETURN QUERY
	WITH listed AS (SELECT item_id AS a, l.b, l.s FROM m, unnest(m.neighbors, m.similarities) AS l (b, s)),
		 expected AS (SELECT a, b, s.similarity * common / (common + shrinkage) AS s FROM similarities(item_differences.similarity, feedback = 'explicit') s
		 	WHERE common >= min_common AND s.similarity > 0)
	SELECT count(*) FILTER (WHERE abs(coalesce(l.s, 0) - coalesce(e.s, 0)) > 1e-5), count(*) FILTER (WHERE l.s > 1e-5 AND e.s > 1e-5) FROM listed l FULL
		JOIN expected e USING (a, b);
	DROP TABLE m;
END $$;

SELECT feedback, similarity, shrinkage, min_common, d.differ, d.compared > 100 AS many
  FROM unnest('{explicit, implicit}'::text[]) feedback, unnest('{cosine, adjusted_cosine, pearson, jaccard, conditional}'::text[]) similarity,
	   (VALUES (0, 1), (10, 3)) o (shrinkage, min_common), LATERAL item_differences(feedback, similarity, shrinkage, min_common) d
 ORDER BY 1, 2, 3;

-- the same for users, whose neighbours are found at the time of the question
CREATE FUNCTION user_differences(feedback text, similarity text, significance int) RETURNS TABLE (differ bigint, compared bigint) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM rec.create_model('neighbors.m', 'ratings', 'user_knn', jsonb_build_object('feedback', feedback, 'weight', 'linear', 'weighting', 'none',
		'similarity', similarity, 'significance', significance, 'neighbors', 1000));
	CALL rec.train('neighbors.m');
	TRUNCATE matrix;
	INSERT INTO matrix SELECT user_id, item_id, rating FROM ratings;
	RETURN QUERY
	WITH listed AS (SELECT u AS a, l.user_id AS b, l.similarity::float8 AS s FROM generate_series(1, 40) u, LATERAL rec.similar_users('neighbors.m', u,
		n => 1000) l WHERE l.similarity > 0),
		 expected AS (SELECT a, b, s.similarity * least(common, greatest(significance, 1)) / greatest(significance, 1) AS s
		 	FROM similarities(user_differences.similarity, feedback = 'explicit') s WHERE s.similarity > 0)
	SELECT count(*) FILTER (WHERE abs(coalesce(l.s, 0) - coalesce(e.s, 0)) > 1e-5), count(*) FILTER (WHERE l.s > 1e-5 AND e.s > 1e-5) FROM listed l FULL
		JOIN expected e USING (a, b);
	DROP TABLE m;
END $$;

SELECT feedback, similarity, significance, d.differ, d.compared > 100 AS many
  FROM unnest('{explicit, implicit}'::text[]) feedback, unnest('{cosine, adjusted_cosine, pearson, jaccard, conditional}'::text[]) similarity,
	   unnest('{0, 5}'::int[]) significance, LATERAL user_differences(feedback, similarity, significance) d
 ORDER BY 1, 2, 3;

-- ---- scores of the user's own items, if repeats are wanted

-- Everybody bought one article 40 times, beside others a few times: an item is its own nearest neighbour, so that with exclude_seen => false it comes first,
-- and itself is the first
-- reason. What somebody does not have scores as it does without: by the lists, the sum of similarities times weights.
CREATE VIEW buys AS SELECT user_id, item_id, rating AS weight FROM ratings WHERE item_id <> user_id % 30 + 1 UNION ALL SELECT u, u % 30 + 1, 40
    FROM generate_series(1, 40) u;
SELECT rec.create_model('neighbors.' || a, 'buys', a, '{"feedback": "implicit", "weight": "linear"}', rating_column => 'weight')
    FROM unnest('{ease, item_knn, slim, user_knn}'::text[]) a;
CALL rec.train('ease');
CALL rec.train('item_knn');
CALL rec.train('slim');
CALL rec.train('user_knn');
SELECT a AS algorithm, count(*) FILTER (WHERE r.item_id = u % 30 + 1) AS first, count(*) FILTER (WHERE e.known_item_id = r.item_id) AS reason,
    bool_and(r.score = rec.predict(a::regclass, u, r.item_id)) AS predicted
  FROM unnest('{ease, item_knn, slim, user_knn}'::text[]) a, generate_series(1, 40) u, LATERAL rec.recommend(a::regclass, u, n => 1, exclude_seen => false) r,
      LATERAL rec.explain(a::regclass, u, r.item_id, n => 1) e
 GROUP BY a ORDER BY a;
SELECT count(*) AS compared, max(abs(rec.predict('item_knn', u, m.item_id) - (SELECT sum(s * weight) FROM unnest(m.neighbors, m.similarities) AS l (b, s)
    JOIN buys ON user_id = u AND buys.item_id = b)) / 40) < 1e-5 AS same
  FROM generate_series(1, 40) u, item_knn m WHERE NOT EXISTS (SELECT FROM buys WHERE user_id = u AND buys.item_id = m.item_id);

DROP SCHEMA neighbors CASCADE;
