-- Privileges: always those of the caller, at every call.

SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_rec_owner, regress_rec_reader, regress_rec_other;
RESET client_min_messages;
CREATE ROLE regress_rec_owner;
CREATE ROLE regress_rec_reader;
CREATE ROLE regress_rec_other;
CREATE SCHEMA privileges AUTHORIZATION regress_rec_owner;
GRANT USAGE ON SCHEMA privileges TO regress_rec_reader, regress_rec_other;
SET search_path = privileges;
\set SHOW_CONTEXT never

-- ---- an ordinary role needs nothing but its own tables

SET ROLE regress_rec_owner;
CREATE TABLE ratings (user_id int, item_id int, rating real, tenant text DEFAULT 'a', secret text, PRIMARY KEY (user_id, item_id));
INSERT INTO ratings SELECT u, i, 1 + (u * i) % 5, CASE WHEN u <= 6 THEN 'a' ELSE 'b' END FROM generate_series(1, 10) u, generate_series(1, 8) i
    WHERE (u + 3 * i) % 4 > 0;
SELECT rec.create_model('m', 'ratings', options => '{"factors": 2, "iterations": 5, "regularization": 0.5, "seed": 1}');
CALL rec.train('m');
SELECT count(*) FROM rec.recommend('m', 1) r;
SELECT rec.predict('m', 1, 1) BETWEEN 1 AND 5 AS predicted;
SELECT count(*) FROM rec.recommend_for('m', ARRAY[1, 2], n => 3) r;
SELECT count(*) FROM rec.similar_items('m', 1, n => 3) r;
SELECT count(*) FROM rec.similar_users('m', 1, n => 3) r;
SELECT model, version FROM rec.models;
SELECT count(DISTINCT version) AS versions FROM rec.training_log;
SELECT count(*) AS running FROM rec.training_progress;
SELECT count(*) > 0 AS options FROM rec.algorithms;
SELECT round(rec.cosine(ARRAY[1, 0], ARRAY[1, 1])::numeric, 4) AS cosine;
-- it has no access to the extension's own tables
SELECT * FROM rec.model; \echo :SQLSTATE
DELETE FROM rec.iteration; \echo :SQLSTATE
INSERT INTO rec.models DEFAULT VALUES; \echo :SQLSTATE
-- the tables belong to the role
SELECT relname, relowner::regrole FROM pg_class WHERE relname IN ('m', 'm_users') AND relnamespace = 'privileges'::regnamespace ORDER BY relname;
RESET ROLE;

-- ---- asking needs SELECT on the model, and on the source if the profile is read from it

SET ROLE regress_rec_reader;
SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
SELECT rec.predict('m', 1, 1); \echo :SQLSTATE
SELECT * FROM rec.recommend_for('m', ARRAY[1]); \echo :SQLSTATE
SELECT * FROM rec.similar_items('m', 1); \echo :SQLSTATE
SELECT * FROM rec.similar_users('m', 1); \echo :SQLSTATE
SELECT count(*) AS models FROM rec.models;
SELECT count(*) AS iterations FROM rec.training_log;
RESET ROLE;
GRANT SELECT ON m TO regress_rec_reader;
SET ROLE regress_rec_reader;
SELECT count(*) FROM rec.recommend_for('m', ARRAY[1, 2], n => 3) r;
SELECT count(*) FROM rec.similar_items('m', 1, n => 3) r;
SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
SELECT rec.predict('m', 1, 1); \echo :SQLSTATE
SELECT * FROM rec.similar_users('m', 1); \echo :SQLSTATE
SELECT model, source, rows > 0 AS rows FROM rec.models;
SELECT count(*) > 0 AS iterations FROM rec.training_log;
RESET ROLE;
-- SELECT on the columns of the profile is enough
GRANT SELECT (user_id, item_id) ON ratings TO regress_rec_reader;
SET ROLE regress_rec_reader;
SELECT * FROM rec.recommend('m', 1); \echo :SQLSTATE
RESET ROLE;
GRANT SELECT (rating) ON ratings TO regress_rec_reader;
SET ROLE regress_rec_reader;
SELECT count(*) FROM rec.recommend('m', 1, n => 2) r;
SELECT rec.predict('m', 1, 1) BETWEEN 1 AND 5 AS predicted;
SELECT * FROM rec.similar_users('m', 1); \echo :SQLSTATE
RESET ROLE;
GRANT SELECT ON m_users TO regress_rec_reader;
SET ROLE regress_rec_reader;
SELECT count(*) FROM rec.similar_users('m', 1, n => 3) r;

-- ---- a revoked privilege is missing at the next statement, and the cache does not bypass the privileges of another role

PREPARE ask AS SELECT count(*) FROM rec.recommend('m', 1, n => 2) r;
PREPARE score AS SELECT rec.predict('m', 1, 1) > 0 AS predicted;
PREPARE alike AS SELECT count(*) FROM rec.similar_users('m', 1, n => 3) r;
EXECUTE ask;
EXECUTE score;
EXECUTE alike;
RESET ROLE;
REVOKE SELECT ON m FROM regress_rec_reader;
SET ROLE regress_rec_reader;
EXECUTE ask; \echo :SQLSTATE
EXECUTE score; \echo :SQLSTATE
EXECUTE alike; \echo :SQLSTATE
RESET ROLE;
EXECUTE ask;
EXECUTE score;
GRANT SELECT ON m TO regress_rec_reader;
SET ROLE regress_rec_reader;
EXECUTE ask;
RESET ROLE;
REVOKE SELECT (rating) ON ratings FROM regress_rec_reader;
SET ROLE regress_rec_reader;
EXECUTE ask; \echo :SQLSTATE
EXECUTE score; \echo :SQLSTATE
EXECUTE alike; \echo :SQLSTATE
RESET ROLE;
GRANT SELECT (rating) ON ratings TO regress_rec_reader;
REVOKE SELECT ON m_users FROM regress_rec_reader;
SET ROLE regress_rec_reader;
EXECUTE ask;
EXECUTE alike; \echo :SQLSTATE
SET ROLE regress_rec_other;
EXECUTE ask; \echo :SQLSTATE
EXECUTE score; \echo :SQLSTATE
RESET ROLE;
-- within one transaction
BEGIN;
SET LOCAL ROLE regress_rec_reader;
EXECUTE score;
RESET ROLE;
REVOKE SELECT ON m FROM regress_rec_reader;
SET LOCAL ROLE regress_rec_reader;
EXECUTE score; \echo :SQLSTATE
ROLLBACK;
-- within one statement, by SECURITY DEFINER functions
CREATE FUNCTION as_owner(u int, i int) RETURNS real LANGUAGE plpgsql SECURITY DEFINER SET search_path = privileges AS $$ BEGIN RETURN rec.predict('m', u,
    i); END $$;
ALTER FUNCTION as_owner OWNER TO regress_rec_owner;
SET ROLE regress_rec_other;
SELECT count(as_owner(1, i)) AS answers FROM generate_series(1, 8) AS i;
SELECT as_owner(1, 1) > 0, rec.predict('m', 1, 1); \echo :SQLSTATE
RESET ROLE;

-- ---- only the owner can train

SET ROLE regress_rec_reader;
CALL rec.train('m'); \echo :SQLSTATE
RESET ROLE;
GRANT ALL ON m, m_users, ratings TO regress_rec_other;
SET ROLE regress_rec_other;
CALL rec.train('m'); \echo :SQLSTATE
RESET ROLE;
-- and needs SELECT on the source, even as a member of the role that owns the model
CREATE TABLE foreign_ratings AS SELECT * FROM ratings;
GRANT SELECT ON foreign_ratings TO regress_rec_owner;
CREATE INDEX ON foreign_ratings (user_id);
SET ROLE regress_rec_owner;
SELECT rec.create_model('of_foreign', 'foreign_ratings', options => '{"factors": 2, "iterations": 2}');
CALL rec.train('of_foreign');
RESET ROLE;
REVOKE SELECT ON foreign_ratings FROM regress_rec_owner;
SET ROLE regress_rec_owner;
CALL rec.train('of_foreign'); \echo :SQLSTATE
SELECT version FROM rec.models WHERE model = 'of_foreign'::regclass;
SELECT rec.create_model('of_foreign_2', 'foreign_ratings'); \echo :SQLSTATE
RESET ROLE;
GRANT SELECT (user_id, item_id) ON foreign_ratings TO regress_rec_owner;
GRANT regress_rec_owner TO regress_rec_reader;
SET ROLE regress_rec_reader;
CALL rec.train('m');
CALL rec.train('of_foreign'); \echo :SQLSTATE
RESET ROLE;
REVOKE regress_rec_owner FROM regress_rec_reader;
-- creating needs CREATE on the schema
SET ROLE regress_rec_reader;
SELECT rec.create_model('privileges.mine', 'ratings'); \echo :SQLSTATE
RESET ROLE;
-- a view uses its owner's privileges, as usual
CREATE VIEW lent AS SELECT user_id, item_id, rating FROM ratings WHERE user_id <> 2;
ALTER VIEW lent OWNER TO regress_rec_owner;
GRANT SELECT ON lent TO regress_rec_other;
CREATE SCHEMA privileges_other AUTHORIZATION regress_rec_other;
REVOKE ALL ON ratings FROM regress_rec_other;
SET ROLE regress_rec_other;
SELECT rec.create_model('privileges_other.m', 'lent', options => '{"factors": 2, "iterations": 5}');
CALL rec.train('privileges_other.m');
SELECT users FROM rec.models WHERE model = 'privileges_other.m'::regclass;
SELECT count(*) FROM rec.recommend('privileges_other.m', 3, n => 2) r;
SELECT rec.create_model('privileges_other.direct', 'ratings'); \echo :SQLSTATE
-- each role sees the models that it may read: the other role's m was granted to it above
SELECT model FROM rec.models ORDER BY model::text;
RESET ROLE;

-- ---- row security of the source

-- the reader sees only rows of tenant a, users 1 to 6, in a profile and in training
ALTER TABLE ratings ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenants ON ratings TO regress_rec_reader, regress_rec_other USING (tenant = current_setting('rec_test.tenant', true));
CREATE SCHEMA privileges_reader AUTHORIZATION regress_rec_reader;
GRANT SELECT ON ratings TO regress_rec_reader;
SET ROLE regress_rec_reader;
SET rec_test.tenant = 'a';
SELECT rec.create_model('privileges_reader.m', 'ratings', options => '{"factors": 2, "iterations": 5}');
CALL rec.train('privileges_reader.m');
SELECT users, rows = (SELECT count(*) FROM ratings) AS rows FROM rec.models WHERE model = 'privileges_reader.m'::regclass;
-- user 7 is of tenant b: unknown, as long as the reader is of tenant a
SELECT rec.predict('m', 7, 1) = rec.predict('m', 1000, 1) AS user_7_is_nobody, rec.predict('m', 1, 1) = rec.predict('m', 1000, 1) AS user_1_is_nobody;
SELECT count(*) AS all_items FROM rec.recommend('m', 7, n => 100) r;
SET rec_test.tenant = 'b';
SELECT rec.predict('m', 7, 1) = rec.predict('m', 1000, 1) AS user_7_is_nobody, rec.predict('m', 1, 1) = rec.predict('m', 1000, 1) AS user_1_is_nobody;
SELECT count(*) AS left_over FROM rec.recommend('m', 7, n => 100) r;
PREPARE tenant_score AS SELECT rec.predict('m', 7, 1) = rec.predict('m', 1000, 1) AS user_7_is_nobody;
EXECUTE tenant_score;
SET rec_test.tenant = 'a';
EXECUTE tenant_score;
-- no visible rows, so nothing to train on
SET rec_test.tenant = 'c';
CALL rec.train('privileges_reader.m'); \echo :SQLSTATE
SELECT version, users FROM rec.models WHERE model = 'privileges_reader.m'::regclass;
RESET rec_test.tenant;
RESET ROLE;
-- the owner sees all rows, in the same session
SET ROLE regress_rec_owner;
SELECT rec.predict('m', 7, 1) = rec.predict('m', 1000, 1) AS user_7_is_nobody;
RESET ROLE;
-- a function that runs as the owner answers for all tenants
SET ROLE regress_rec_other;
SELECT as_owner(7, 1) = as_owner(1000, 1) AS user_7_is_nobody;
RESET ROLE;
-- with row_security off, a role that is subject to it gets an error, not another answer
SET ROLE regress_rec_reader;
SET row_security = off;
SELECT rec.predict('m', 7, 1); \echo :SQLSTATE
RESET row_security;
RESET ROLE;

-- ---- row security of the model's table is refused, as questions read all rows

ALTER TABLE m ENABLE ROW LEVEL SECURITY;
CREATE POLICY nothing ON m TO regress_rec_reader USING (false);
SET ROLE regress_rec_reader;
SELECT * FROM rec.recommend_for('m', ARRAY[1]); \echo :SQLSTATE
SELECT rec.predict('m', 1, 1); \echo :SQLSTATE
RESET ROLE;
-- but not for its owner, who is exempt
SET ROLE regress_rec_owner;
SELECT count(*) FROM rec.recommend_for('m', ARRAY[1], n => 2) r;
RESET ROLE;
ALTER TABLE m DISABLE ROW LEVEL SECURITY;
ALTER TABLE m_users ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON m_users TO regress_rec_reader;
SET ROLE regress_rec_reader;
SET rec_test.tenant = 'a';
SELECT * FROM rec.similar_users('m', 1); \echo :SQLSTATE
SELECT count(*) FROM rec.recommend('m', 1, n => 2) r;
RESET rec_test.tenant;
RESET ROLE;
ALTER TABLE m_users DISABLE ROW LEVEL SECURITY;

-- ---- internal functions of the extension

SET ROLE regress_rec_other;
-- a list that any role may read, of the models that it may see
SELECT count(*) FROM rec.list_trainings();
SELECT rec.forget_dropped(); \echo :SQLSTATE
-- only superusers can change the limit on memory
SET rec.max_memory = '1TB'; \echo :SQLSTATE
RESET ROLE;

SET client_min_messages = warning;
DROP SCHEMA privileges, privileges_other, privileges_reader CASCADE;
DROP ROLE regress_rec_owner, regress_rec_reader, regress_rec_other;
SELECT count(*) AS models FROM rec.model;
