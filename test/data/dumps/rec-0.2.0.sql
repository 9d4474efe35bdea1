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
1	10	0.4468396	{1.4208066,-0.2732641,0.22098555,-0.8700929}
2	10	-0.049856275	{1.0772645,0.84528315,-0.83028936,-0.57233346}
3	11	0.19448549	{0.09631858,-0.51726377,0.2318109,0.04200563}
4	11	-0.028527655	{0.17563125,-0.32000768,-0.1482732,1.9051086}
5	11	0.17736472	{-0.6525836,1.080881,0.8508436,-0.5032564}
6	11	0.17972857	{-1.4273965,-0.02724736,-0.15151954,-0.38145986}
7	10	0.04595535	{-0.27684847,0.54828846,-1.2427411,-0.27001572}
8	10	-0.2969598	{0.8204772,-0.32441643,-0.37824103,-0.5360202}
9	12	-0.11976909	{2.1218524,-1.1209655,-0.08492594,-0.32607788}
10	10	-0.53218347	{0.23096979,0.7960285,0.7244311,0.5672179}
11	9	-0.123687096	{-0.8086748,-0.56358695,-0.03017724,0.077441804}
12	20	0.07763353	{-1.146696,0.8783798,-0.3371241,-0.8677271}
\.
COPY public.als_cg (item_id, n_ratings, bias, factors) FROM stdin;
1	10	0	{0.2564188,0.6145045,-0.48198792,0.08450284}
2	10	0	{0.27110168,0.61801684,-0.40241823,0.10861479}
3	11	0	{0.27840564,0.665148,-0.42252013,0.13277093}
4	11	0	{0.27643526,0.65033114,-0.43260604,0.13347925}
5	11	0	{0.27854794,0.66520876,-0.4201526,0.12150309}
6	11	0	{0.2759707,0.6385255,-0.46635926,0.08471537}
7	10	0	{0.2608195,0.6090738,-0.44547945,0.07528696}
8	10	0	{0.26381725,0.6093493,-0.4042236,0.105240904}
9	12	0	{0.28460902,0.6753176,-0.45117655,0.13045745}
10	10	0	{0.23413025,0.563234,-0.43728775,0.07823099}
11	9	0	{0.23300765,0.5640079,-0.4330687,0.10146609}
12	20	0	{0.35177135,0.83108026,-0.58188355,0.13758901}
\.
COPY public.als_cg_users (user_id, n_ratings, bias, factors) FROM stdin;
1	6	0	{0.21586706,0.5104823,-0.32173747,0.1025775}
2	6	0	{0.21019673,0.4918681,-0.3132425,0.093069494}
3	7	0	{0.22827272,0.5399652,-0.40543956,0.0758222}
4	7	0	{0.22633839,0.53299457,-0.3561169,0.08872923}
5	6	0	{0.21946678,0.5058889,-0.34519982,0.08566832}
6	7	0	{0.23336785,0.55539876,-0.38711217,0.0872024}
7	6	0	{0.21638699,0.5074109,-0.3296598,0.09481534}
8	6	0	{0.21294768,0.5095047,-0.37107447,0.08555823}
9	8	0	{0.2473846,0.58548427,-0.4057855,0.10668392}
10	7	0	{0.23502775,0.5498941,-0.3692396,0.101475716}
11	7	0	{0.22621785,0.5379019,-0.40567133,0.07347519}
12	8	0	{0.23773941,0.5665943,-0.4015964,0.10470085}
13	7	0	{0.22089228,0.51960695,-0.38014057,0.077670105}
14	12	0	{0.28839245,0.67965764,-0.47948205,0.111004725}
15	4	0	{0.16855522,0.41131127,-0.33955756,0.05796152}
16	6	0	{0.18239717,0.43430978,-0.29526225,0.08037271}
17	6	0	{0.22659703,0.5236746,-0.37998697,0.07075673}
18	6	0	{0.22803663,0.54042083,-0.3372072,0.11176034}
19	6	0	{0.23180568,0.5422725,-0.34918317,0.09679084}
20	7	0	{0.22653711,0.53429615,-0.3961738,0.07823275}
\.
COPY public.als_users (user_id, n_ratings, bias, factors) FROM stdin;
1	6	-0.30876988	{0.7981179,0.63352096,-0.3270409,-0.3666848}
2	6	-0.39759907	{1.1386176,-0.21387628,-0.56538,0.35515356}
3	7	-0.010432282	{0.31096292,0.8444983,-0.12631235,-0.7475012}
4	7	-0.17741127	{-0.2079124,0.18763797,0.7370346,0.063463554}
5	6	-0.08971318	{0.093711294,-0.20472589,-1.450924,0.32154864}
6	7	-0.0638746	{-0.88719565,0.27423593,0.44051233,-0.90688026}
7	6	0.17458569	{0.17914893,-0.57589424,0.59152216,0.3619007}
8	6	-0.018689292	{0.7559888,0.43886212,0.15236594,-0.45098588}
9	8	0.13816161	{-0.25014132,-1.0046657,0.32981086,-0.60740376}
10	7	0.2685428	{0.6681648,-0.7485879,0.48882633,-0.27271497}
11	7	-0.21424128	{-0.45251462,-0.09715946,-0.6653293,-0.62297744}
12	8	0.25964186	{-0.9401912,0.13112591,-0.3821496,0.9775684}
13	7	-0.27557302	{0.21637723,0.14470598,-0.11290162,-0.42707366}
14	12	-0.0820131	{-0.2714865,0.13571969,-0.4699864,-0.50778294}
15	4	0.77687705	{-0.01763887,-0.06504761,0.89493114,1.507365}
16	6	-0.70123404	{0.58206266,-0.7400722,-0.5167729,-0.79525775}
17	6	0.35770798	{-0.21385308,-0.018192125,0.35808784,-0.42632085}
18	6	0.3336359	{0.027801597,-0.07608489,1.0282514,0.92147577}
19	6	0.6008377	{-0.41311118,0.76252323,-0.4036401,0.83187324}
20	7	0.1286452	{-0.7147316,0.26322427,0.16834804,0.52262866}
\.
COPY public.answers (model, question, rank, item, score) FROM stdin;
als	recommend 1	1	2	4.5106597
als	recommend 1	2	1	4.3382936
als	recommend 1	3	7	3.3616104
als	recommend 7	1	1	3.8417559
als	recommend 7	2	3	3.8291316
als	recommend 7	3	11	3.2333603
als	recommend 13	1	1	3.7783904
als	recommend 13	2	2	3.360746
als	recommend 13	3	5	3.028456
als	recommend 19	1	4	4.892992
als	recommend 19	2	7	4.4488387
als	recommend 19	3	10	3.752265
als	recommend_for	1	9	4.846295
als	recommend_for	2	7	4.7688856
als	recommend_for	3	4	4.6074514
als	predict 1	2	2	4.5106597
als	predict 1	7	7	3.3616104
als	predict 19	7	7	4.4488387
als	similar_items 1	1	9	0.47404584
als	similar_items 1	2	8	0.43726683
als	similar_items 7	1	12	0.39894244
als	similar_items 7	2	2	0.2813813
als	similar_users 1	1	3	0.33983234
als	similar_users 1	2	8	0.33201626
als	similar_users 10	1	9	0.28333232
als	similar_users 10	2	7	0.26324603
als	similar_users 19	1	12	0.36066136
als	similar_users 19	2	20	0.29847023
als_cg	recommend 1	1	6	0.5442641
als_cg	recommend 1	2	1	0.5327877
als_cg	recommend 1	3	7	0.51827395
als_cg	recommend 7	1	3	0.5496233
als_cg	recommend 7	2	6	0.54548347
als_cg	recommend 7	3	1	0.53419614
als_cg	recommend 13	1	3	0.5780426
als_cg	recommend 13	2	5	0.5763304
als_cg	recommend 13	3	4	0.57379746
als_cg	recommend 19	1	4	0.5807143
als_cg	recommend 19	2	1	0.56914943
als_cg	recommend 19	3	7	0.55358446
als_cg	recommend_for	1	12	0.28999126
als_cg	recommend_for	2	9	0.23316252
als_cg	recommend_for	3	5	0.22584353
als_cg	predict 1	2	2	0.51462305
als_cg	predict 1	7	7	0.51827395
als_cg	predict 19	7	7	0.55358446
als_cg	similar_items 1	1	10	0.9999881
als_cg	similar_items 1	2	11	0.99943
als_cg	similar_items 7	1	6	0.99997216
als_cg	similar_items 7	2	10	0.9994664
als_cg	similar_users 1	1	18	0.9999788
als_cg	similar_users 1	2	2	0.9999408
als_cg	similar_users 10	1	16	0.9999635
als_cg	similar_users 10	2	4	0.999904
als_cg	similar_users 19	1	7	0.99997246
als_cg	similar_users 19	2	2	0.9999506
shop."Al so"	recommend 1	1	item 1	4.052053
shop."Al so"	recommend 1	2	item 11	2.871038
shop."Al so"	recommend 1	3	item 7	2.7016723
shop."Al so"	recommend 7	1	item 10	3.708959
shop."Al so"	recommend 7	2	item 3	3.5492601
shop."Al so"	recommend 7	3	item 11	3.2630975
shop."Al so"	recommend 13	1	item 1	3.779732
shop."Al so"	recommend 13	2	item 2	3.5752032
shop."Al so"	recommend 13	3	item 4	3.3418171
shop."Al so"	recommend 19	1	item 4	5
shop."Al so"	recommend 19	2	item 7	3.7390337
shop."Al so"	recommend 19	3	item 11	3.511047
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
shop."Al so"	1	1	49.783570001358484	4.9174e-05
shop."Al so"	1	2	29.277131500697116	1.4041e-05
shop."Al so"	1	3	23.774974403719533	1.2288e-05
public.als	1	1	46.73544445435815	3.5584e-05
public.als	1	2	31.18968119559053	1.344e-05
public.als	1	3	26.380575385499252	1.2679e-05
public.als	1	4	23.68169133620992	1.2849e-05
public.als_cg	1	1	473.54327075451846	9.4572e-05
public.als_cg	1	2	309.3365524794069	2.038e-05
public.als_cg	1	3	307.6884153244723	1.9489e-05
public.als_cg	1	4	307.57144451060407	1.8598e-05
\.
COPY rec.model (model, user_table, source, source_name, algorithm, options, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, mean, minimum, maximum, loss, seconds) FROM stdin;
shop."Al so"	shop."Al so_users"	shop."or ders"	shop."or ders"	als	{"seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "factors": 3, "feedback": "explicit", "tolerance": 0.0001, "block_size": 32, "iterations": 3, "regularization": 0.3, "regularization_scaling": 0}	who	what	rating	\N	1	2026-11-30 09:51:37.896883+00	135	20	12	2.9925925925925925	1	5	23.774974403719533	0.001012089
shop.untrained	shop.untrained_users	public.ratings	public.ratings	als	{"seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "factors": 7, "feedback": "explicit", "tolerance": 0.0001, "block_size": 32, "iterations": 15, "regularization": 0.3, "regularization_scaling": 0}	user_id	item_id	rating	\N	0	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.als	public.als_users	public.ratings	public.ratings	als	{"seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "factors": 4, "feedback": "explicit", "tolerance": 0.0001, "block_size": 32, "iterations": 4, "regularization": 0.3, "regularization_scaling": 0}	user_id	item_id	rating	at	1	2026-11-30 09:51:37.911256+00	135	20	12	2.9925925925925925	1	5	23.68169133620992	0.000625208
public.als_cg	public.als_cg_users	public.ratings	public.ratings	als	{"seed": 0, "alpha": 1, "biases": true, "solver": "cg", "factors": 4, "feedback": "implicit", "tolerance": 0.0001, "block_size": 32, "iterations": 4, "regularization": 6, "regularization_scaling": 0.25}	user_id	item_id	rating	at	1	2026-11-30 09:51:37.927197+00	135	20	12	2.9925925925925925	1	5	307.57144451060407	0.000749054
\.
COPY shop."Al so" (item_id, n_ratings, bias, factors) FROM stdin;
item 1	10	0.37799618	{-1.0005369,0.96361554,0.48221794}
item 10	10	-0.3314994	{-0.54932874,-1.0725484,-0.42562804}
item 11	9	0.11499006	{0.47038972,-0.25624746,-0.94408685}
item 12	20	0.11111152	{0.76115966,0.9312627,-0.13167143}
item 2	10	-0.14223664	{-0.3546735,0.45249432,1.4836696}
item 3	11	0.16796412	{-0.18649572,-0.49626562,0.14428501}
item 4	11	0.036094084	{0.05395169,-1.3033009,1.6144257}
item 5	11	0.0885823	{0.6516128,-0.13377725,-0.7352218}
item 6	11	-0.033849064	{0.8351617,0.51612407,0.06211568}
item 7	10	-0.14930719	{0.27270544,0.94991386,0.5973191}
item 8	10	-0.25564846	{-0.7491413,0.41838878,0.63795173}
item 9	12	-0.07470296	{-1.9571093,-0.688049,0.15921168}
\.
COPY shop."Al so_users" (user_id, n_ratings, bias, factors) FROM stdin;
user 1	6	-0.14401591	{-0.61444044,0.3735616,-0.3095286}
user 10	7	0.2349629	{-1.3669844,-0.3057597,-0.28432736}
user 11	7	-0.15944861	{0.882797,0.6298104,0.3927547}
user 12	8	0.14767572	{1.4640583,-0.9086581,0.11905978}
user 13	7	-0.22327775	{-0.1445455,0.24040689,0.5311667}
user 14	12	0.029776156	{0.2174729,0.8464545,-0.014991632}
user 15	4	0.42679977	{-0.5282723,-1.157563,-0.40121955}
user 16	6	-0.59903	{-1.2286057,0.6582696,-0.11020566}
user 17	6	0.5721436	{0.12153631,0.13824353,-0.32716328}
user 18	6	0.14800507	{0.44355798,-1.3550748,-0.030887878}
user 19	6	0.42976025	{1.1808276,-0.28446406,0.6934089}
user 2	6	-0.64538103	{-1.1838763,-0.3566478,0.9208094}
user 20	7	0.30795944	{1.1932391,-0.4528635,-0.045589745}
user 3	7	0.32276654	{-0.2065145,0.69096845,-0.7517145}
user 4	7	-0.034294486	{0.34211114,-0.37693956,-0.47013193}
user 5	6	-0.43568844	{0.26771903,0.3375591,1.056976}
user 6	7	0.33423644	{0.91553396,0.5750924,-0.9877983}
user 7	6	-0.06479925	{-0.25616083,-0.8550467,-0.12891422}
user 8	6	-0.16937406	{-0.8665294,0.60777426,0.33099476}
user 9	8	0.1617269	{-0.56336164,0.07083106,-0.6870309}
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
