-- Repeated training does not enlarge the tables: a row's next version finds room on its page, and so does a new item that
-- replaces a deleted one.

CREATE SCHEMA retraining;
SET search_path = retraining;
SET client_min_messages = warning;

-- 400 items of 200 users; at each training 20 items are deleted and 20 are new
CREATE TABLE now (training int);
INSERT INTO now VALUES (0);
CREATE VIEW ratings AS
SELECT (i * 7 + k * 11) % 200 AS user_id, i AS item_id, (1 + (i + k) % 5)::real AS rating
  FROM now, generate_series(training * 20, training * 20 + 399) i, generate_series(1, 5) k;
SELECT rec.create_model('m', 'ratings', options => '{"factors": 32, "iterations": 1}');
CREATE VIEW sizes AS SELECT t::text AS model_table, pg_relation_size(t) AS heap, pg_indexes_size(t) AS indexes FROM unnest('{m, m_users}'::regclass[]) t;
-- the owner's columns are not passed on to an item that replaces another one
ALTER TABLE m ADD COLUMN note text DEFAULT 'none', ADD COLUMN twice int GENERATED ALWAYS AS (2 * item_id) STORED;
CALL rec.train('m');
UPDATE m SET note = 'first' WHERE item_id < 30;
VACUUM m;
CREATE TABLE first AS SELECT * FROM sizes;
UPDATE now SET training = training + 1;
CALL rec.train('m');
SELECT note, count(*), min(item_id), max(item_id), bool_and(twice = 2 * item_id) AS generated FROM m GROUP BY note ORDER BY note;
SET enable_seqscan = off;
SELECT item_id, note FROM m WHERE item_id IN (19, 20, 399, 400, 419, 420) ORDER BY item_id;
RESET enable_seqscan;

-- 15 more trainings without a vacuum: the heaps do not grow, the index keeps entries of deleted items
CREATE PROCEDURE train_often(times int) LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1..times LOOP
		UPDATE retraining.now SET training = training + 1;
		COMMIT;
		CALL rec.train('retraining.m');
		COMMIT;
	END LOOP;
END $$;
CALL train_often(15);
SELECT model_table, s.heap <= 1.5 * f.heap AS heap FROM sizes s JOIN first f USING (model_table) ORDER BY 1;
-- with an occasional vacuum, the entries are removed too
VACUUM m, m_users;
CALL train_often(5);
VACUUM m, m_users;
CALL train_often(5);
VACUUM m, m_users;
CALL train_often(5);
VACUUM m, m_users;
SELECT model_table, s.heap <= 1.5 * f.heap AS heap, s.indexes <= 6 * f.indexes AS indexes FROM sizes s JOIN first f USING (model_table) ORDER BY 1;
-- more items than before, then fewer
UPDATE now SET training = 100;
CREATE OR REPLACE VIEW ratings AS
SELECT (i * 7 + k * 11) % 200 AS user_id, i AS item_id, (1 + (i + k) % 5)::real AS rating
  FROM now, generate_series(training * 20, training * 20 + 799) i, generate_series(1, 5) k;
CALL rec.train('m');
SELECT count(*), min(item_id), max(item_id) FROM m;
CREATE OR REPLACE VIEW ratings AS
SELECT (i * 7 + k * 11) % 200 AS user_id, i AS item_id, (1 + (i + k) % 5)::real AS rating
  FROM now, generate_series(training * 20 + 790, training * 20 + 899) i, generate_series(1, 5) k;
CALL rec.train('m');
SELECT count(*), min(item_id), max(item_id) FROM m;
SELECT count(*) FROM rec.recommend('m', 1, n => 1000, exclude_seen => false);

DROP SCHEMA retraining CASCADE;
