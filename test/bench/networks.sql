-- Events for measuring the questions to networks over histories: 27,000 items, and 10,000 users with 50 different items each,
-- popular ones more often. User 0 has every item, so that all are in the model.

SET client_min_messages = warning;
CREATE TABLE events AS
SELECT u AS user_id, item_id, timestamp '2020-01-01' + i * interval '1 hour' AS at
  FROM generate_series(1, 10000) u,
       LATERAL (SELECT floor(27000 * power(abs(hashint8(u::bigint * 1000 + i)) / 2147483648.0, 2))::int AS item_id, min(i) AS i
                  FROM generate_series(1, 90) i GROUP BY 1 ORDER BY 2 LIMIT 50) t;
INSERT INTO events SELECT 0, i, timestamp '2020-01-01' + i * interval '1 minute' FROM generate_series(0, 26999) i;
ALTER TABLE events ADD PRIMARY KEY (user_id, item_id);
ANALYZE events;
