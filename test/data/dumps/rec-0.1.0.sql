SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA rec;
COMMENT ON SCHEMA rec IS 'recommendations: train on a table of ratings or events, ask in SQL';
CREATE SCHEMA shop;
CREATE EXTENSION IF NOT EXISTS rec WITH SCHEMA rec;
COMMENT ON EXTENSION rec IS 'recommendations: train on a table of ratings or events, ask in SQL';
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.als (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.als ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.als IS 'items of a recommendation model (als) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.als.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.als.bias IS 'what is added to every prediction; 0 with implicit feedback or without biases';
COMMENT ON COLUMN public.als.factors IS 'whose dot product with a user''s factors (an item''s, in a user''s row) says how well they go together';
CREATE TABLE public.als_cg (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.als_cg ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.als_cg IS 'items of a recommendation model (als) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.als_cg.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.als_cg.bias IS 'what is added to every prediction; 0 with implicit feedback or without biases';
COMMENT ON COLUMN public.als_cg.factors IS 'whose dot product with a user''s factors (an item''s, in a user''s row) says how well they go together';
CREATE TABLE public.als_cg_users (
    user_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.als_cg_users ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.als_cg_users IS 'users of the recommendation model public.als_cg, written by rec.train';
COMMENT ON COLUMN public.als_cg_users.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.als_cg_users.bias IS 'what is added to every prediction; 0 with implicit feedback or without biases';
COMMENT ON COLUMN public.als_cg_users.factors IS 'whose dot product with a user''s factors (an item''s, in a user''s row) says how well they go together';
CREATE TABLE public.als_users (
    user_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.als_users ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.als_users IS 'users of the recommendation model public.als, written by rec.train';
COMMENT ON COLUMN public.als_users.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.als_users.bias IS 'what is added to every prediction; 0 with implicit feedback or without biases';
COMMENT ON COLUMN public.als_users.factors IS 'whose dot product with a user''s factors (an item''s, in a user''s row) says how well they go together';
CREATE TABLE public.answers (
    model text,
    question text,
    rank integer,
    item text,
    score real
);
CREATE TABLE public.models (
    model text,
    algorithm text,
    version bigint,
    rows bigint,
    users bigint,
    items bigint
);
CREATE TABLE public.ratings (
    user_id integer NOT NULL,
    item_id integer NOT NULL,
    rating real,
    at date
);
CREATE TABLE shop."Al so" (
    item_id text NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY shop."Al so" ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE shop."Al so" IS 'items of a recommendation model (als) of shop."or ders", written by rec.train';
COMMENT ON COLUMN shop."Al so".n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN shop."Al so".bias IS 'what is added to every prediction; 0 with implicit feedback or without biases';
COMMENT ON COLUMN shop."Al so".factors IS 'whose dot product with a user''s factors (an item''s, in a user''s row) says how well they go together';
CREATE TABLE shop."Al so_users" (
    user_id text NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY shop."Al so_users" ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE shop."Al so_users" IS 'users of the recommendation model shop."Al so", written by rec.train';
COMMENT ON COLUMN shop."Al so_users".n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN shop."Al so_users".bias IS 'what is added to every prediction; 0 with implicit feedback or without biases';
COMMENT ON COLUMN shop."Al so_users".factors IS 'whose dot product with a user''s factors (an item''s, in a user''s row) says how well they go together';
CREATE VIEW shop."or ders" AS
 SELECT ('user '::text || ratings.user_id) AS who,
    ('item '::text || ratings.item_id) AS what,
    ratings.rating
   FROM public.ratings;
CREATE TABLE shop.untrained (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY shop.untrained ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE shop.untrained IS 'items of a recommendation model (als) of public.ratings, written by rec.train';
COMMENT ON COLUMN shop.untrained.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN shop.untrained.bias IS 'what is added to every prediction; 0 with implicit feedback or without biases';
COMMENT ON COLUMN shop.untrained.factors IS 'whose dot product with a user''s factors (an item''s, in a user''s row) says how well they go together';
CREATE TABLE shop.untrained_users (
    user_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY shop.untrained_users ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE shop.untrained_users IS 'users of the recommendation model shop.untrained, written by rec.train';
COMMENT ON COLUMN shop.untrained_users.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN shop.untrained_users.bias IS 'what is added to every prediction; 0 with implicit feedback or without biases';
COMMENT ON COLUMN shop.untrained_users.factors IS 'whose dot product with a user''s factors (an item''s, in a user''s row) says how well they go together';
COPY public.als (item_id, n_ratings, bias, factors) FROM stdin;
1	10	0.44683978	{1.4208066,-0.2732647,0.22098549,-0.8700927}
2	10	-0.049856137	{1.077264,0.84528387,-0.83028895,-0.57233435}
3	11	0.1944856	{0.09631811,-0.51726377,0.23181073,0.0420051}
4	11	-0.02852783	{0.17563179,-0.3200074,-0.14827281,1.9051094}
5	11	0.17736475	{-0.65258276,1.0808815,0.85084414,-0.5032569}
6	11	0.17972866	{-1.4273962,-0.02724783,-0.15151969,-0.38145953}
7	10	0.045955412	{-0.27684814,0.5482885,-1.2427412,-0.27001548}
8	10	-0.29695964	{0.82047695,-0.32441667,-0.3782415,-0.53601986}
9	12	-0.11976915	{2.121852,-1.1209655,-0.08492618,-0.3260772}
10	10	-0.532183	{0.23096938,0.79602623,0.72443247,0.56721735}
11	9	-0.1236872	{-0.8086746,-0.56358653,-0.030178033,0.07744164}
12	20	0.07763341	{-1.1466949,0.8783803,-0.33712405,-0.8677262}
\.
COPY public.als_cg (item_id, n_ratings, bias, factors) FROM stdin;
1	10	0	{0.25641862,0.61450464,-0.48198798,0.084502764}
2	10	0	{0.2711016,0.618017,-0.4024181,0.108614795}
3	11	0	{0.2784056,0.6651482,-0.42252,0.13277093}
4	11	0	{0.27643523,0.6503312,-0.43260607,0.13347928}
5	11	0	{0.27854785,0.66520905,-0.42015225,0.12150307}
6	11	0	{0.27597055,0.6385259,-0.46635893,0.084715314}
7	10	0	{0.26081932,0.60907394,-0.44547933,0.07528691}
8	10	0	{0.26381728,0.6093494,-0.40422344,0.10524091}
9	12	0	{0.284609,0.67531776,-0.45117623,0.13045748}
10	10	0	{0.23413001,0.5632341,-0.43728763,0.07823096}
11	9	0	{0.2330076,0.564008,-0.43306872,0.10146606}
12	20	0	{0.35177135,0.8310806,-0.5818831,0.13758902}
\.
COPY public.als_cg_users (user_id, n_ratings, bias, factors) FROM stdin;
1	6	0	{0.21586706,0.5104824,-0.32173735,0.1025775}
2	6	0	{0.21019672,0.49186832,-0.31324223,0.09306945}
3	7	0	{0.22827265,0.53996533,-0.40543944,0.075822145}
4	7	0	{0.2263383,0.53299475,-0.3561166,0.08872927}
5	6	0	{0.21946667,0.50588894,-0.3451998,0.08566832}
6	7	0	{0.2333678,0.5553988,-0.38711205,0.08720234}
7	6	0	{0.21638694,0.50741094,-0.3296597,0.09481535}
8	6	0	{0.21294767,0.5095048,-0.37107432,0.08555818}
9	8	0	{0.24738465,0.5854843,-0.40578538,0.10668389}
10	7	0	{0.23502766,0.5498943,-0.36923942,0.1014757}
11	7	0	{0.2262177,0.53790206,-0.40567124,0.07347518}
12	8	0	{0.23773946,0.56659436,-0.4015963,0.104700856}
13	7	0	{0.22089218,0.51960725,-0.38014033,0.07767009}
14	12	0	{0.28839225,0.6796576,-0.4794822,0.111004665}
15	4	0	{0.1685551,0.41131136,-0.33955753,0.05796147}
16	6	0	{0.18239708,0.43430984,-0.29526222,0.08037269}
17	6	0	{0.22659697,0.52367467,-0.37998688,0.07075666}
18	6	0	{0.22803654,0.5404209,-0.33720705,0.11176035}
19	6	0	{0.23180574,0.5422727,-0.34918287,0.096790865}
20	7	0	{0.22653703,0.5342964,-0.39617348,0.07823276}
\.
COPY public.als_users (user_id, n_ratings, bias, factors) FROM stdin;
1	6	-0.30877027	{0.79811907,0.63352185,-0.32704127,-0.36668444}
2	6	-0.39759904	{1.1386182,-0.21387608,-0.5653802,0.35515398}
3	7	-0.010431661	{0.31096283,0.84449786,-0.12631167,-0.7475012}
4	7	-0.1774114	{-0.20791273,0.18763751,0.73703426,0.06346321}
5	6	-0.08971358	{0.09371148,-0.20472415,-1.4509244,0.32154953}
6	7	-0.063875064	{-0.88719577,0.27423656,0.44051167,-0.90688115}
7	6	0.17458554	{0.17914914,-0.57589394,0.5915221,0.36190066}
8	6	-0.018689461	{0.7559888,0.4388617,0.15236609,-0.45098624}
9	8	0.13816206	{-0.25014168,-1.0046657,0.32981044,-0.6074036}
10	7	0.26854292	{0.66816473,-0.7485884,0.48882616,-0.27271515}
11	7	-0.21424156	{-0.45251483,-0.097158834,-0.6653295,-0.62297785}
12	8	0.2596418	{-0.9401912,0.13112666,-0.38214925,0.9775685}
13	7	-0.27557293	{0.21637724,0.1447058,-0.11290164,-0.42707357}
14	12	-0.082012996	{-0.2714866,0.13571961,-0.46998644,-0.50778264}
15	4	0.77687657	{-0.017639592,-0.06504922,0.8949321,1.5073644}
16	6	-0.7012341	{0.5820625,-0.7400718,-0.51677346,-0.7952572}
17	6	0.3577084	{-0.21385333,-0.018192237,0.35808808,-0.42632052}
18	6	0.33363566	{0.027801313,-0.07608561,1.0282524,0.92147535}
19	6	0.60083723	{-0.41311142,0.762523,-0.4036393,0.8318719}
20	7	0.12864515	{-0.7147318,0.2632243,0.1683481,0.5226287}
\.
COPY public.answers (model, question, rank, item, score) FROM stdin;
als	recommend 1	1	2	4.510662
als	recommend 1	2	1	4.338294
als	recommend 1	3	7	3.361611
als	recommend 7	1	1	3.8417563
als	recommend 7	2	3	3.8291311
als	recommend 7	3	11	3.2333589
als	recommend 13	1	1	3.7783906
als	recommend 13	2	2	3.3607461
als	recommend 13	3	5	3.0284562
als	recommend 19	1	4	4.892989
als	recommend 19	2	7	4.4488378
als	recommend 19	3	10	3.7522619
als	recommend_for	1	9	4.846292
als	recommend_for	2	7	4.7688875
als	recommend_for	3	4	4.6074476
als	predict 1	2	2	4.510662
als	predict 1	7	7	3.361611
als	predict 19	7	7	4.4488378
als	similar_items 1	1	9	0.47404587
als	similar_items 1	2	8	0.43726674
als	similar_items 7	1	12	0.39894238
als	similar_items 7	2	2	0.28138143
als	similar_users 1	1	3	0.33983216
als	similar_users 1	2	8	0.33201614
als	similar_users 10	1	9	0.28333232
als	similar_users 10	2	7	0.26324606
als	similar_users 19	1	12	0.36066145
als	similar_users 19	2	20	0.29847035
als_cg	recommend 1	1	6	0.5442641
als_cg	recommend 1	2	1	0.5327877
als_cg	recommend 1	3	7	0.5182739
als_cg	recommend 7	1	3	0.54962337
als_cg	recommend 7	2	6	0.5454836
als_cg	recommend 7	3	1	0.5341962
als_cg	recommend 13	1	3	0.5780427
als_cg	recommend 13	2	5	0.5763305
als_cg	recommend 13	3	4	0.5737976
als_cg	recommend 19	1	4	0.5807143
als_cg	recommend 19	2	1	0.5691494
als_cg	recommend 19	3	7	0.55358434
als_cg	recommend_for	1	12	0.28999132
als_cg	recommend_for	2	9	0.23316255
als_cg	recommend_for	3	5	0.22584358
als_cg	predict 1	2	2	0.51462305
als_cg	predict 1	7	7	0.5182739
als_cg	predict 19	7	7	0.55358434
als_cg	similar_items 1	1	10	0.9999881
als_cg	similar_items 1	2	11	0.99942994
als_cg	similar_items 7	1	6	0.99997216
als_cg	similar_items 7	2	10	0.9994664
als_cg	similar_users 1	1	18	0.99997866
als_cg	similar_users 1	2	2	0.99994075
als_cg	similar_users 10	1	16	0.99996364
als_cg	similar_users 10	2	4	0.99990404
als_cg	similar_users 19	1	7	0.9999724
als_cg	similar_users 19	2	2	0.9999505
shop."Al so"	recommend 1	1	item 1	4.0520535
shop."Al so"	recommend 1	2	item 11	2.871037
shop."Al so"	recommend 1	3	item 7	2.7016726
shop."Al so"	recommend 7	1	item 10	3.708959
shop."Al so"	recommend 7	2	item 3	3.5492606
shop."Al so"	recommend 7	3	item 11	3.263098
shop."Al so"	recommend 13	1	item 1	3.7797322
shop."Al so"	recommend 13	2	item 2	3.5752032
shop."Al so"	recommend 13	3	item 4	3.3418174
shop."Al so"	recommend 19	1	item 4	5
shop."Al so"	recommend 19	2	item 7	3.7390342
shop."Al so"	recommend 19	3	item 11	3.5110474
\.
COPY public.models (model, algorithm, version, rows, users, items) FROM stdin;
shop."Al so"	als	1	135	20	12
shop.untrained	als	0	\N	\N	\N
als	als	1	135	20	12
als_cg	als	1	135	20	12
\.
COPY public.ratings (user_id, item_id, rating, at) FROM stdin;
3	1	4	2026-08-01
6	1	3	2026-11-20
8	1	5	2026-02-02
9	1	4	2026-03-11
11	1	3	2026-05-24
12	1	1	2026-06-30
14	1	4	2026-09-12
15	1	3	2026-10-19
17	1	4	2026-01-01
20	1	2	2026-04-22
2	2	4	2026-10-04
4	2	2	2026-12-17
5	2	4	2026-01-23
7	2	2	2026-04-07
9	2	2	2026-06-20
10	2	3	2026-07-27
12	2	2	2026-10-09
14	2	3	2026-12-22
17	2	3	2026-04-12
19	2	4	2026-06-25
1	3	2	2026-12-07
2	3	3	2026-01-13
4	3	3	2026-03-28
6	3	3	2026-06-10
8	3	3	2026-08-23
10	3	4	2026-11-05
12	3	3	2026-01-18
14	3	2	2026-04-02
16	3	3	2026-06-15
18	3	4	2026-08-28
19	3	4	2026-10-04
1	4	2	2026-03-18
3	4	1	2026-05-31
5	4	4	2026-08-13
7	4	4	2026-10-26
9	4	2	2026-01-08
10	4	3	2026-02-14
12	4	5	2026-04-29
14	4	2	2026-07-12
16	4	1	2026-09-24
18	4	5	2026-12-07
20	4	4	2026-02-19
1	5	3	2026-06-27
2	5	1	2026-08-03
4	5	4	2026-10-16
6	5	5	2026-12-29
7	5	3	2026-02-04
9	5	3	2026-04-19
11	5	3	2026-07-02
14	5	3	2026-10-21
16	5	1	2026-01-03
18	5	4	2026-03-18
19	5	4	2026-04-24
2	6	1	2026-11-12
3	6	3	2026-12-19
5	6	3	2026-03-03
8	6	2	2026-06-22
11	6	4	2026-10-11
13	6	3	2026-12-24
14	6	4	2026-01-30
16	6	2	2026-04-14
17	6	4	2026-05-21
19	6	4	2026-08-03
20	6	4	2026-09-09
3	7	4	2026-03-30
4	7	2	2026-05-06
6	7	3	2026-07-19
7	7	2	2026-08-25
10	7	2	2026-12-14
11	7	4	2026-01-20
13	7	3	2026-04-04
14	7	4	2026-05-11
17	7	3	2026-08-30
20	7	3	2026-12-19
1	8	3	2026-04-26
4	8	2	2026-08-15
5	8	3	2026-09-21
6	8	2	2026-10-28
9	8	3	2026-02-16
10	8	4	2026-03-25
13	8	3	2026-07-14
14	8	3	2026-08-20
17	8	3	2026-12-09
18	8	2	2026-01-15
1	9	4	2026-08-05
2	9	5	2026-09-11
3	9	3	2026-10-18
7	9	4	2026-03-15
8	9	4	2026-04-21
9	9	4	2026-05-28
12	9	1	2026-09-16
13	9	3	2026-10-23
14	9	2	2026-11-29
18	9	3	2026-04-26
19	9	1	2026-06-02
20	9	1	2026-07-09
3	10	3	2026-01-27
4	10	3	2026-03-05
5	10	1	2026-04-11
6	10	2	2026-05-18
11	10	1	2026-11-19
12	10	3	2026-12-26
13	10	2	2026-02-01
14	10	2	2026-03-10
15	10	5	2026-04-16
20	10	3	2026-10-18
8	11	2	2026-11-09
9	11	4	2026-12-16
10	11	3	2026-01-22
11	11	3	2026-02-28
12	11	4	2026-04-06
13	11	2	2026-05-13
14	11	3	2026-06-19
15	11	4	2026-07-26
16	11	2	2026-09-01
1	12	3	2026-06-04
2	12	1	2026-07-11
3	12	4	2026-08-17
4	12	3	2026-09-23
5	12	3	2026-10-30
6	12	5	2026-12-06
7	12	2	2026-01-12
8	12	3	2026-02-18
9	12	3	2026-03-27
10	12	2	2026-05-03
11	12	4	2026-06-09
12	12	4	2026-07-16
13	12	3	2026-08-22
14	12	4	2026-09-28
15	12	2	2026-11-04
16	12	2	2026-12-11
17	12	4	2026-01-17
18	12	2	2026-02-23
19	12	4	2026-04-01
20	12	4	2026-05-08
\.
COPY rec.iteration (model, version, iteration, loss, seconds) FROM stdin;
shop."Al so"	1	1	49.783569291265444	5.0526e-05
shop."Al so"	1	2	29.27713516587964	1.2659e-05
shop."Al so"	1	3	23.774979136006383	1.1838e-05
public.als	1	1	46.735445018089436	4.3736e-05
public.als	1	2	31.189685089687504	1.2749e-05
public.als	1	3	26.380578597678692	1.1988e-05
public.als	1	4	23.681694834247093	1.1907e-05
public.als_cg	1	1	473.5432707735407	9.4491e-05
public.als_cg	1	2	309.33655184896315	1.7756e-05
public.als_cg	1	3	307.68841541822553	1.7326e-05
public.als_cg	1	4	307.5714447012891	1.7386e-05
\.
COPY rec.model (model, user_table, source, source_name, algorithm, options, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, mean, minimum, maximum, loss, seconds) FROM stdin;
shop."Al so"	shop."Al so_users"	shop."or ders"	shop."or ders"	als	{"seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "factors": 3, "feedback": "explicit", "tolerance": 0.0001, "iterations": 3, "regularization": 0.3, "regularization_scaling": 0}	who	what	rating	\N	1	2026-11-30 09:51:37.025546+00	135	20	12	2.9925925925925925	1	5	23.774979136006383	0.000839349
shop.untrained	shop.untrained_users	public.ratings	public.ratings	als	{"seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "factors": 7, "feedback": "explicit", "tolerance": 0.0001, "iterations": 15, "regularization": 0.3, "regularization_scaling": 0}	user_id	item_id	rating	\N	0	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.als	public.als_users	public.ratings	public.ratings	als	{"seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "factors": 4, "feedback": "explicit", "tolerance": 0.0001, "iterations": 4, "regularization": 0.3, "regularization_scaling": 0}	user_id	item_id	rating	at	1	2026-11-30 09:51:37.041926+00	135	20	12	2.9925925925925925	1	5	23.681694834247093	0.000693822
public.als_cg	public.als_cg_users	public.ratings	public.ratings	als	{"seed": 0, "alpha": 1, "biases": true, "solver": "cg", "factors": 4, "feedback": "implicit", "tolerance": 0.0001, "iterations": 4, "regularization": 6, "regularization_scaling": 0.25}	user_id	item_id	rating	at	1	2026-11-30 09:51:37.054278+00	135	20	12	2.9925925925925925	1	5	307.5714447012891	0.000873431
\.
COPY shop."Al so" (item_id, n_ratings, bias, factors) FROM stdin;
item 1	10	0.37799668	{-1.0005374,0.96361506,0.48221818}
item 10	10	-0.33149946	{-0.54932845,-1.0725487,-0.42562824}
item 11	9	0.11498992	{0.47038972,-0.25624758,-0.9440866}
item 12	20	0.11111155	{0.7611591,0.93126285,-0.13167128}
item 2	10	-0.14223655	{-0.3546738,0.45249462,1.4836699}
item 3	11	0.1679641	{-0.18649562,-0.496266,0.14428465}
item 4	11	0.036094084	{0.053950924,-1.3033012,1.6144269}
item 5	11	0.08858226	{0.6516125,-0.13377677,-0.7352215}
item 6	11	-0.033849064	{0.8351617,0.5161241,0.06211552}
item 7	10	-0.14930713	{0.2727052,0.9499139,0.5973194}
item 8	10	-0.2556484	{-0.7491413,0.4183887,0.63795197}
item 9	12	-0.07470286	{-1.957109,-0.6880491,0.1592117}
\.
COPY shop."Al so_users" (user_id, n_ratings, bias, factors) FROM stdin;
user 1	6	-0.14401603	{-0.6144405,0.3735618,-0.3095281}
user 10	7	0.23496279	{-1.3669847,-0.30575976,-0.2843277}
user 11	7	-0.15944862	{0.8827969,0.6298107,0.39275438}
user 12	8	0.14767574	{1.4640586,-0.9086576,0.11906019}
user 13	7	-0.22327779	{-0.14454548,0.24040681,0.53116643}
user 14	12	0.029776203	{0.217473,0.84645414,-0.01499154}
user 15	4	0.42679965	{-0.5282715,-1.1575633,-0.4012192}
user 16	6	-0.5990303	{-1.2286056,0.65826917,-0.11020608}
user 17	6	0.5721441	{0.121536344,0.13824286,-0.32716334}
user 18	6	0.14800523	{0.4435582,-1.355075,-0.030888364}
user 19	6	0.4297603	{1.1808276,-0.28446344,0.69340867}
user 2	6	-0.64538115	{-1.1838765,-0.35664818,0.92080915}
user 20	7	0.30795947	{1.1932393,-0.45286345,-0.04558933}
user 3	7	0.32276663	{-0.2065144,0.6909683,-0.7517141}
user 4	7	-0.034294423	{0.3421114,-0.37693942,-0.47013184}
user 5	6	-0.43568826	{0.26771876,0.33755922,1.0569752}
user 6	7	0.33423656	{0.9155337,0.575093,-0.98779875}
user 7	6	-0.06479916	{-0.25616068,-0.85504675,-0.12891433}
user 8	6	-0.16937411	{-0.86652946,0.607774,0.33099464}
user 9	8	0.16172701	{-0.5633614,0.070830636,-0.68703085}
\.
COPY shop.untrained (item_id, n_ratings, bias, factors) FROM stdin;
\.
COPY shop.untrained_users (user_id, n_ratings, bias, factors) FROM stdin;
\.
ALTER TABLE ONLY public.als_cg
    ADD CONSTRAINT als_cg_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.als_cg_users
    ADD CONSTRAINT als_cg_users_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.als
    ADD CONSTRAINT als_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.als_users
    ADD CONSTRAINT als_users_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.ratings
    ADD CONSTRAINT ratings_pkey PRIMARY KEY (user_id, item_id);
ALTER TABLE ONLY shop."Al so"
    ADD CONSTRAINT "Al so_pkey" PRIMARY KEY (item_id);
ALTER TABLE ONLY shop."Al so_users"
    ADD CONSTRAINT "Al so_users_pkey" PRIMARY KEY (user_id);
ALTER TABLE ONLY shop.untrained
    ADD CONSTRAINT untrained_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY shop.untrained_users
    ADD CONSTRAINT untrained_users_pkey PRIMARY KEY (user_id);
