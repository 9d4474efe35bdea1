-- What the models of fill.sql are asked: of items that users don't have, as the scores of those that they have were others
-- before 0.5.0. But is a regular expression: what is not asked.
CREATE FUNCTION pg_temp.ask(but text = '^$') RETURNS TABLE (model text, question text, rank int, item text, score real) LANGUAGE plpgsql AS $$
BEGIN
	FOR model IN SELECT m.model::text FROM rec.models m WHERE m.model::text NOT LIKE 'shop.%' AND m.model::text !~ but LOOP
		RETURN QUERY
		SELECT model, 'recommend ' || u, r.rank, r.item_id::text, r.score
		  FROM generate_series(1, 20, 6) u, LATERAL rec.recommend(model::regclass, u, 3) r
		UNION ALL
		SELECT model, 'recommend_for', r.rank, r.item_id::text, r.score FROM rec.recommend_for(model::regclass, ARRAY[1, 2, 3], n => 3) r
		UNION ALL
		SELECT model, format('predict %s', u), i, i::text, rec.predict(model::regclass, u, i)
		  FROM generate_series(1, 20, 9) u, generate_series(2, 12, 5) i
		 WHERE (u, i) NOT IN (SELECT user_id, item_id FROM ratings)
		UNION ALL
		SELECT model, 'similar_items ' || i, s.rank, s.item_id::text, s.similarity
		  FROM generate_series(1, 12, 6) i, LATERAL rec.similar_items(model::regclass, i, 2) s
		UNION ALL
		SELECT model, 'similar_users ' || u, s.rank, s.user_id::text, s.similarity
		  FROM generate_series(1, 20, 9) u, LATERAL rec.similar_users(model::regclass, u, 2) s WHERE model || ' similar_users' !~ but;
	END LOOP;
	model := 'shop."Al so"';
	RETURN QUERY
	SELECT model, 'recommend ' || u, r.rank, r.item_id, r.score
	  FROM generate_series(1, 20, 6) u, LATERAL rec.recommend(model::regclass, 'user ' || u, 3) r;
END $$;
