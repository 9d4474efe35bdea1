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
CREATE TABLE public.bpr (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.bpr ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.bpr IS 'items of a recommendation model (bpr) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.bpr.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.bpr.bias IS 'what is added to the item''s score for everyone';
COMMENT ON COLUMN public.bpr.factors IS 'whose dot product with a user''s factors says how well they go together';
CREATE TABLE public.bpr_users (
    user_id integer NOT NULL,
    n_ratings integer NOT NULL,
    factors real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.bpr_users ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.bpr_users IS 'users of the recommendation model public.bpr, written by rec.train';
COMMENT ON COLUMN public.bpr_users.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.bpr_users.factors IS 'what folding in the user''s events gives';
CREATE TABLE public.ease (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    variance real NOT NULL,
    weights real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.ease ALTER COLUMN weights SET STORAGE EXTERNAL;
COMMENT ON TABLE public.ease IS 'items of a recommendation model (ease) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.ease.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.ease.variance IS 'the item''s element of the diagonal of the inverse of X''X + regularization';
COMMENT ON COLUMN public.ease.weights IS 'what having the item adds to the score of each item, in the order of item_id';
CREATE TABLE public.item_knn (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    neighbors integer[] NOT NULL,
    similarities real[] NOT NULL,
    bias real NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.item_knn ALTER COLUMN neighbors SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.item_knn ALTER COLUMN similarities SET STORAGE EXTERNAL;
COMMENT ON TABLE public.item_knn IS 'items of a recommendation model (item_knn) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.item_knn.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.item_knn.neighbors IS 'the most similar items';
COMMENT ON COLUMN public.item_knn.similarities IS 'how similar each of them is; above 0';
COMMENT ON COLUMN public.item_knn.bias IS 'how far the item''s ratings are above the mean; 0 with implicit feedback';
CREATE TABLE public.models (
    model text,
    algorithm text,
    version bigint,
    rows bigint,
    users bigint,
    items bigint
);
CREATE TABLE public.popular (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    score real NOT NULL
)
WITH (fillfactor='50');
COMMENT ON TABLE public.popular IS 'items of a recommendation model (popular) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.popular.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.popular.score IS 'what items are ranked by';
CREATE TABLE public.ratings (
    user_id integer NOT NULL,
    item_id integer NOT NULL,
    rating real,
    at date
);
CREATE TABLE public.slim (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    neighbors integer[] NOT NULL,
    weights real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.slim ALTER COLUMN neighbors SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.slim ALTER COLUMN weights SET STORAGE EXTERNAL;
COMMENT ON TABLE public.slim IS 'items of a recommendation model (slim) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.slim.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.slim.neighbors IS 'the items that speak for the item';
COMMENT ON COLUMN public.slim.weights IS 'what having each of the neighbors adds to the item''s score';
CREATE TABLE public.svd (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.svd ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.svd IS 'items of a recommendation model (svd) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.svd.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.svd.bias IS 'what centering adds to every prediction for the item, beside the mean';
COMMENT ON COLUMN public.svd.factors IS 'the item''s row of the right singular vectors, the largest singular value''s first';
CREATE TABLE public.svd_users (
    user_id integer NOT NULL,
    n_ratings integer NOT NULL,
    factors real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.svd_users ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.svd_users IS 'users of the recommendation model public.svd, written by rec.train';
COMMENT ON COLUMN public.svd_users.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.svd_users.factors IS 'the projection of the user''s row to the right singular vectors';
CREATE TABLE public.user_knn (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL
)
WITH (fillfactor='50');
COMMENT ON TABLE public.user_knn IS 'items of a recommendation model (user_knn) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.user_knn.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.user_knn.bias IS 'how far the item''s ratings are above the mean; 0 with implicit feedback';
CREATE TABLE public.user_knn_users (
    user_id integer NOT NULL,
    n_ratings integer NOT NULL,
    items integer[] NOT NULL,
    ratings real[] NOT NULL,
    bias real NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.user_knn_users ALTER COLUMN items SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.user_knn_users ALTER COLUMN ratings SET STORAGE EXTERNAL;
COMMENT ON TABLE public.user_knn_users IS 'users of the recommendation model public.user_knn, written by rec.train';
COMMENT ON COLUMN public.user_knn_users.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.user_knn_users.items IS 'what the user had rated when the model was trained';
COMMENT ON COLUMN public.user_knn_users.ratings IS 'the ratings of these items';
COMMENT ON COLUMN public.user_knn_users.bias IS 'how far the user''s ratings are above the mean; 0 with implicit feedback';
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
svd	recommend 1	1	1	3.70371
svd	recommend 1	2	7	2.9524703
svd	recommend 1	3	6	2.7844183
svd	recommend 7	1	3	3.1654682
svd	recommend 7	2	1	3.0529823
svd	recommend 7	3	11	2.937403
svd	recommend 13	1	1	3.161199
svd	recommend 13	2	2	3.0311928
svd	recommend 13	3	3	2.9133344
svd	recommend 19	1	7	3.589766
svd	recommend 19	2	11	3.4759443
svd	recommend 19	3	4	3.4381886
svd	recommend_for	1	9	3.9126039
svd	recommend_for	2	7	3.8724308
svd	recommend_for	3	8	3.7045007
svd	predict 1	2	2	2.7404404
svd	predict 1	7	7	2.9524703
svd	predict 19	7	7	3.589766
svd	similar_items 1	1	9	0.3809351
svd	similar_items 1	2	5	0.13530116
svd	similar_items 7	1	8	0.32364973
svd	similar_items 7	2	2	0.32168978
svd	similar_users 1	1	9	0.412779
svd	similar_users 1	2	8	0.31644928
svd	similar_users 10	1	2	0.284202
svd	similar_users 10	2	7	0.21881753
svd	similar_users 19	1	20	0.3846399
svd	similar_users 19	2	12	0.33145523
bpr	recommend 1	1	11	-0.1378093
bpr	recommend 1	2	7	-0.15021907
bpr	recommend 1	3	2	-0.1649712
bpr	recommend 7	1	11	-0.12863366
bpr	recommend 7	2	8	-0.17753913
bpr	recommend 7	3	6	-0.18446094
bpr	recommend 13	1	4	-0.14371982
bpr	recommend 13	2	1	-0.17511414
bpr	recommend 13	3	2	-0.18104075
bpr	recommend 19	1	4	-0.0492524
bpr	recommend 19	2	11	-0.113863915
bpr	recommend 19	3	7	-0.17455237
bpr	recommend_for	1	12	1.9011581
bpr	recommend_for	2	4	-0.051831402
bpr	recommend_for	3	11	-0.13870378
bpr	predict 1	2	2	-0.1649712
bpr	predict 1	7	7	-0.15021907
bpr	predict 19	7	7	-0.17455237
bpr	similar_items 1	1	10	0.64734054
bpr	similar_items 1	2	3	0.32204482
bpr	similar_items 7	1	10	0.7366223
bpr	similar_items 7	2	12	0.7029594
bpr	similar_users 1	1	18	1
bpr	similar_users 1	2	9	0.5028574
bpr	similar_users 10	1	12	0.49851647
bpr	similar_users 10	2	7	0.48641482
bpr	similar_users 19	1	2	1
bpr	similar_users 19	2	16	0.740516
item_knn	recommend 1	1	2	7.2397237
item_knn	recommend 1	2	7	5.4175854
item_knn	recommend 1	3	11	4.9324408
item_knn	recommend 7	1	3	8.485162
item_knn	recommend 7	2	8	7.311847
item_knn	recommend 7	3	1	4.750499
item_knn	recommend 13	1	1	9.8894825
item_knn	recommend 13	2	5	6.746537
item_knn	recommend 13	3	4	5.8281717
item_knn	recommend 19	1	8	9.236397
item_knn	recommend 19	2	7	7.978118
item_knn	recommend 19	3	4	6.9951963
item_knn	recommend_for	1	9	1.4359528
item_knn	recommend_for	2	6	1.1696641
item_knn	recommend_for	3	5	1.1391039
item_knn	predict 1	2	2	7.2397237
item_knn	predict 1	7	7	5.4175854
item_knn	predict 19	7	7	7.978118
item_knn	similar_items 1	1	12	0.74923944
item_knn	similar_items 1	2	7	0.65876436
item_knn	similar_items 7	1	12	0.7710617
item_knn	similar_items 7	2	6	0.7296694
item_knn	similar_users 1	1	18	0.879008
item_knn	similar_users 1	2	7	0.7501387
item_knn	similar_users 10	1	12	0.7194423
item_knn	similar_users 10	2	14	0.6805889
item_knn	similar_users 19	1	16	0.74138457
item_knn	similar_users 19	2	4	0.71914655
user_knn	recommend 1	1	1	3.28313
user_knn	recommend 1	2	7	2.9976883
user_knn	recommend 1	3	11	2.9743252
user_knn	recommend 7	1	3	3.1469927
user_knn	recommend 7	2	1	3.093484
user_knn	recommend 7	3	11	2.9683855
user_knn	recommend 13	1	1	3.1421027
user_knn	recommend 13	2	5	3.0003767
user_knn	recommend 13	3	2	2.9073813
user_knn	recommend 19	1	4	3.4841967
user_knn	recommend 19	2	11	3.376347
user_knn	recommend 19	3	7	3.325044
user_knn	recommend_for	1	12	3.8097582
user_knn	recommend_for	2	9	3.67012
user_knn	recommend_for	3	4	3.7615232
user_knn	predict 1	2	2	2.7863526
user_knn	predict 1	7	7	2.9976883
user_knn	predict 19	7	7	3.325044
user_knn	similar_items 1	1	9	0.44265062
user_knn	similar_items 1	2	7	0.20212348
user_knn	similar_items 7	1	12	0.40688664
user_knn	similar_items 7	2	2	0.26519042
user_knn	similar_users 1	1	9	0.051011022
user_knn	similar_users 1	2	2	0.024143782
user_knn	similar_users 10	1	7	0.030323919
user_knn	similar_users 10	2	16	0.023763541
user_knn	similar_users 19	1	14	0.0464758
user_knn	similar_users 19	2	20	0.0464758
ease	recommend 1	1	2	1.0681266
ease	recommend 1	2	1	0.86720073
ease	recommend 1	3	7	0.8021816
ease	recommend 7	1	3	1.2343208
ease	recommend 7	2	8	0.991768
ease	recommend 7	3	6	0.91485214
ease	recommend 13	1	1	1.5840043
ease	recommend 13	2	4	1.0869578
ease	recommend 13	3	5	1.0406669
ease	recommend 19	1	4	1.2916236
ease	recommend 19	2	7	1.208551
ease	recommend 19	3	8	1.1923621
ease	recommend_for	1	12	0.347395
ease	recommend_for	2	5	0.19209138
ease	recommend_for	3	9	0.18759647
ease	predict 1	2	2	1.0681266
ease	predict 1	7	7	0.8021816
ease	predict 19	7	7	1.208551
ease	similar_items 1	1	12	0.14436671
ease	similar_items 1	2	11	0.093458675
ease	similar_items 7	1	12	0.12904105
ease	similar_items 7	2	6	0.11045679
ease	similar_users 1	1	18	0.879008
ease	similar_users 1	2	7	0.7501387
ease	similar_users 10	1	12	0.7194423
ease	similar_users 10	2	14	0.6805889
ease	similar_users 19	1	16	0.74138457
ease	similar_users 19	2	4	0.71914655
slim	recommend 1	1	2	1.52688
slim	recommend 1	2	1	1.0040693
slim	recommend 1	3	7	0.9284812
slim	recommend 7	1	3	2.0366633
slim	recommend 7	2	8	1.556272
slim	recommend 7	3	6	1.3747122
slim	recommend 13	1	1	2.3951464
slim	recommend 13	2	4	1.6368531
slim	recommend 13	3	5	1.4882137
slim	recommend 19	1	7	1.7984726
slim	recommend 19	2	8	1.6755399
slim	recommend 19	3	4	1.6568387
slim	recommend_for	1	12	0.4918623
slim	recommend_for	2	9	0.37748456
slim	recommend_for	3	11	0.37271237
slim	predict 1	2	2	1.52688
slim	predict 1	7	7	0.9284812
slim	predict 19	7	7	1.7984726
slim	similar_items 1	1	11	0.2532294
slim	similar_items 1	2	12	0.23875372
slim	similar_items 7	1	6	0.26637796
slim	similar_items 7	2	12	0.17453453
slim	similar_users 1	1	18	0.879008
slim	similar_users 1	2	7	0.7501387
slim	similar_users 10	1	12	0.7194423
slim	similar_users 10	2	14	0.6805889
slim	similar_users 19	1	16	0.74138457
slim	similar_users 19	2	4	0.71914655
popular	recommend 1	1	6	34
popular	recommend 1	2	1	33
popular	recommend 1	3	7	30
popular	recommend 7	1	3	34
popular	recommend 7	2	6	34
popular	recommend 7	3	1	33
popular	recommend 13	1	3	34
popular	recommend 13	2	5	34
popular	recommend 13	3	1	33
popular	recommend 19	1	1	33
popular	recommend 19	2	4	33
popular	recommend 19	3	7	30
popular	recommend_for	1	12	62
popular	recommend_for	2	9	35
popular	recommend_for	3	5	34
popular	predict 1	2	2	29
popular	predict 1	7	7	30
popular	predict 19	7	7	30
popular	similar_items 1	1	4	1
popular	similar_items 1	2	3	0.972973
popular	similar_items 7	1	2	0.972973
popular	similar_items 7	2	8	0.9459459
popular	similar_users 1	1	18	0.879008
popular	similar_users 1	2	7	0.7501387
popular	similar_users 10	1	12	0.7194423
popular	similar_users 10	2	14	0.6805889
popular	similar_users 19	1	16	0.74138457
popular	similar_users 19	2	4	0.71914655
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
COPY public.bpr (item_id, n_ratings, bias, factors) FROM stdin;
1	10	-0.1832523	{0.11180978,0.07945026,-0.012073673,0.003565992}
2	10	-0.1372846	{0.012368449,0.051831488,0.036768224,0.115543626}
3	11	-0.26989785	{0.035354577,-0.0053233835,-0.09953292,0.02504607}
4	11	-0.06358522	{-0.09796145,-0.06629966,0.05983378,0.16303335}
5	11	-0.23067078	{0.008458479,-0.08119162,0.0096724415,-0.13238432}
6	11	-0.1758288	{0.06522973,0.0033431554,0.1807921,-0.054976568}
7	10	-0.12800297	{-0.066274,0.0968894,-0.06566123,-0.109662026}
8	10	-0.16791798	{-0.010551171,-0.018077716,-0.105306335,-0.0422839}
9	12	-0.14373153	{0.03994747,-0.018018732,0.042620745,0.007819171}
10	10	-0.24998131	{0.01753161,0.053450078,-0.041391842,-0.025097203}
11	9	-0.11753224	{0.008408401,0.024404697,0.037730884,-0.07215609}
12	20	1.919453	{-0.0056474074,-0.008346777,-0.056112416,-0.0764866}
\.
COPY public.bpr_users (user_id, n_ratings, factors) FROM stdin;
1	6	{-0.13072106,-0.42088345,-0.19052553,0.023804992}
2	6	{0.16130395,-0.186651,0.22935224,0.02475862}
3	7	{0.008775303,0.15841444,0.1894706,0.0664885}
4	7	{-0.12918124,0.05215442,-0.5521888,-0.246538}
5	6	{-0.10619353,-0.029645067,0.1405588,0.38231128}
6	7	{0.0712845,0.08212805,-0.62931794,-0.50605667}
7	6	{-0.28220782,-0.13910654,0.09408444,0.12311562}
8	6	{0.31062016,0.03726193,0.16666925,-0.06806387}
9	8	{1.3305781e-05,-0.24516247,0.11346411,0.23945333}
10	7	{-0.34154725,0.08023451,-0.29938993,0.2956957}
11	7	{0.15848485,0.18458019,0.10781564,-0.69761944}
12	8	{0.11066357,0.12059959,-0.06264755,0.68269724}
13	7	{-0.018849656,0.14684401,-0.011893151,-0.4387681}
14	12	{0,0,0,0}
15	4	{0.141011,0.17678198,-0.07914383,-0.0639554}
16	6	{-0.05767148,-0.3384313,0.24705517,-0.09188584}
17	6	{0.11403481,0.30186397,-0.0071588517,-0.019038655}
18	6	{-0.13072106,-0.42088345,-0.19052553,0.023804992}
19	6	{0.16130395,-0.186651,0.22935224,0.02475862}
20	7	{0.008775303,0.15841444,0.1894706,0.0664885}
\.
COPY public.ease (item_id, n_ratings, variance, weights) FROM stdin;
1	10	0.0026699365	{0,0.0069788476,0.0022543326,-0.0066579226,0.029407315,0.08937327,0.086072326,0.027700296,0.070451975,0.062034927,0.09185439,0.14598185}
2	10	0.0027625388	{0.0072208974,0,0.079454884,0.06653833,0.046039242,0.07492807,0.015344198,0.07177181,0.05048128,0.0011442296,0.02887499,0.08764411}
3	11	0.0026830186	{0.0022653784,0.07716776,0,0.06723103,0.11664481,0.0147916125,-0.002741891,0.04735991,0.06666322,0.013063812,0.044893607,0.11376905}
4	11	0.0025853554	{-0.006447006,0.062270697,0.06478379,0,0.039739136,0.019014468,0.018213587,0.060350593,0.08407775,0.04000227,0.05034192,0.1067363}
5	11	0.0026408422	{0.029086864,0.0440111,0.11481118,0.040592015,0,0.011930543,0.052242007,0.056355473,0.075185955,0.013296875,0.006761771,0.13276783}
6	11	0.0026906792	{0.09006761,0.072979026,0.014833846,0.01978909,0.012155691,0,0.10815708,0.02576012,0.033444982,0.03312719,0.01941235,0.15425746}
7	10	0.0028063173	{0.09046891,0.015587361,-0.0028678952,0.019770242,0.05551549,0.11280538,0,0.055097092,0.020308306,0.06830697,0.019264651,0.13377582}
8	10	0.00282668	{0.029326491,0.07343822,0.04989578,0.06598389,0.06032124,0.02706217,0.055496875,0,0.041953336,0.0061812447,0.043278933,0.09448384}
9	12	0.0025771614	{0.06800391,0.047093783,0.064033054,0.083811276,0.07337294,0.032033965,0.018649988,0.038250003,0,-0.00054061,0.033028778,0.09069999}
10	10	0.0028387217	{0.065956585,0.0011757842,0.013821942,0.043922517,0.014293216,0.034949865,0.06909571,0.006207577,-0.0005954774,0,0.06805954,0.11528214}
11	9	0.0027640145	{0.095090985,0.028890412,0.04624887,0.05382076,0.007077149,0.01994144,0.018974254,0.04231947,0.03542348,0.06626841,0,0.08479318}
12	20	0.002611183	{0.14276944,0.08284221,0.11072298,0.1078026,0.13127671,0.14969993,0.12447387,0.0872807,0.091897346,0.10604166,0.08010469,0}
\.
COPY public.item_knn (item_id, n_ratings, neighbors, similarities, bias) FROM stdin;
1	10	{12,7,6,11,10,9}	{0.74923944,0.65876436,0.6246116,0.6140281,0.5563557,0.4836228}	0
2	10	{12,8,3,6,4,5}	{0.6191699,0.60197127,0.5797102,0.54505247,0.5050827,0.46890488}	0
3	11	{5,12,2,8,4,9}	{0.670199,0.65484077,0.5797102,0.50540316,0.5027348,0.4986308}	0
4	11	{12,8,9,2,3,11}	{0.6118789,0.52203995,0.51641077,0.5050827,0.5027348,0.4385915}	0
5	11	{12,3,8,9,7,2}	{0.7021978,0.670199,0.53429157,0.518558,0.49379835,0.46890488}	0
6	11	{12,7,1,2,10,8}	{0.7715933,0.7296694,0.6246116,0.54505247,0.45028722,0.43063903}	0
7	10	{12,6,1,10,8,5}	{0.7710617,0.7296694,0.65876436,0.6010408,0.5410018,0.49379835}	0
8	10	{12,2,7,5,4,3}	{0.6674332,0.60197127,0.5410018,0.53429157,0.52203995,0.50540316}	0
9	12	{12,5,4,3,1,2}	{0.59449846,0.518558,0.51641077,0.4986308,0.4836228,0.45369917}	0
10	10	{12,7,11,1,6,4}	{0.6820243,0.6010408,0.557086,0.5563557,0.45028722,0.39889655}	0
11	9	{1,12,10,8,4,3}	{0.6140281,0.6037905,0.557086,0.46174058,0.4385915,0.42933205}	0
12	20	{6,7,1,5,10,8}	{0.7715933,0.7710617,0.74923944,0.7021978,0.6820243,0.6674332}	0
\.
COPY public.models (model, algorithm, version, rows, users, items) FROM stdin;
shop."Al so"	als	1	135	20	12
shop.untrained	als	0	\N	\N	\N
als	als	1	135	20	12
als_cg	als	1	135	20	12
svd	svd	1	135	20	12
bpr	bpr	1	135	20	12
item_knn	item_knn	1	135	20	12
user_knn	user_knn	1	135	20	12
ease	ease	1	135	20	12
slim	slim	1	135	20	12
popular	popular	1	135	20	12
\.
COPY public.popular (item_id, n_ratings, score) FROM stdin;
1	10	33
2	10	29
3	11	34
4	11	33
5	11	34
6	11	34
7	10	30
8	10	28
9	12	35
10	10	25
11	9	27
12	20	62
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
COPY public.slim (item_id, n_ratings, neighbors, weights) FROM stdin;
1	10	{11,12,7,6,9,10}	{0.23052545,0.2132495,0.17140651,0.12414905,0.09108019,0.06721989}
2	10	{8,6,3,4,9,12,5,11}	{0.19860925,0.18910745,0.18712823,0.10304013,0.0467673,0.03750317,0.017045626,0.00068848766}
3	11	{5,2,12,4,11,9,8}	{0.27623364,0.17849958,0.12669286,0.08485791,0.07458286,0.06453645,0.014781194}
4	11	{9,12,8,2,3,10,11}	{0.16473542,0.15696546,0.12889783,0.11762806,0.098432295,0.07337387,0.06915464}
5	11	{3,12,9,8,7}	{0.28592867,0.23694217,0.10545207,0.083446205,0.07023077}
6	11	{7,12,2,1}	{0.26637796,0.2615833,0.15939488,0.114524424}
7	10	{6,10,12,1,8,5}	{0.24354571,0.15211716,0.14834175,0.12618098,0.103421316,0.0577307}
8	10	{2,7,12,4,5,11,3,9}	{0.18320256,0.123123534,0.111048825,0.09705324,0.08391668,0.0758493,0.03561945,0.02038981}
9	12	{4,1,5,3,2,12,8}	{0.19760486,0.19052698,0.14278722,0.107991494,0.078966096,0.06969857,0.024387345}
10	10	{12,11,7,1,4}	{0.19965145,0.15838893,0.14424407,0.047137707,0.021654548}
11	9	{1,10,4,3,8,2,12,9}	{0.2532294,0.18525653,0.09831861,0.09397596,0.08562863,0.025507005,0.02263858,0.0034815571}
12	20	{6,1,10,5,3,7,4,8,2,11,9}	{0.28879908,0.23875372,0.23543069,0.22193766,0.18126644,0.17453453,0.15503766,0.118004195,0.07184211,0.059526004,0.059282847}
\.
COPY public.svd (item_id, n_ratings, bias, factors) FROM stdin;
1	10	0.14282924	{0.2942317,-0.34992126,-0.06568254,0.24654388}
2	10	-0.06458614	{0.09233728,-0.023731025,-0.21930073,-0.4529881}
3	11	0.10506722	{0.009840258,0.1930391,0.01905908,-0.12169168}
4	11	0.03908554	{-0.2744102,0.6614842,-0.46081892,0.054528486}
5	11	0.10107349	{-0.28004178,-0.0368151,-0.12572214,0.636718}
6	11	0.08591176	{-0.31906706,-0.14537355,0.0683338,0.010165665}
7	10	-0.013072855	{-0.04241499,-0.2682865,-0.015753338,-0.26151702}
8	10	-0.15287088	{0.06905189,-0.02806845,0.118873596,-0.2930859}
9	12	-0.052316904	{0.662969,0.018127533,-0.256903,0.32712096}
10	10	-0.34829205	{0.045491643,0.26837015,0.7536754,0.19296335}
11	9	0.034850426	{-0.09124557,0.123236366,0.23257293,0.020701729}
12	20	0.08732451	{-0.4390743,-0.46837378,-0.10911052,0.10844631}
\.
COPY public.svd_users (user_id, n_ratings, factors) FROM stdin;
1	6	{1.0224779,-0.80532694,0.14160143,0.37879527}
2	6	{3.5464153,1.2109759,-0.6004165,-1.2311529}
3	7	{0.4521437,-2.2169502,1.0183372,-0.04010515}
4	7	{-0.3811212,0.338636,0.33855286,1.5450938}
5	6	{-0.14046451,0.20859364,-1.903656,-0.79278535}
6	7	{-1.4450203,-0.97332644,-1.1299858,1.4267199}
7	6	{0.866232,1.4425497,-0.48361132,0.93871576}
8	6	{1.7163222,-0.5478425,-0.6940033,0.74289846}
9	8	{1.1356068,-0.78010994,0.67860603,0.7827369}
10	7	{0.6234577,0.8839182,0.28139365,-0.34446308}
11	7	{-0.76054543,-1.1622499,-1.3376186,-0.64502925}
12	8	{-2.9975488,1.8303466,0.3199671,-0.40747726}
13	7	{0.15923092,-0.32588205,-0.6129289,-0.17397259}
14	12	{-0.8188489,-2.2312357,0.10927842,-0.44236362}
15	4	{0.49748766,1.4054188,1.9378442,0.1906944}
16	6	{1.11599,-0.52934575,0.7497343,-1.1038747}
17	6	{-0.33398604,-0.53382057,-0.031378888,0.41016996}
18	6	{-0.28542462,1.9141417,-0.8591497,0.5990423}
19	6	{-2.0612407,-0.3675678,0.28692716,-0.6723047}
20	7	{-2.5681634,0.5303384,0.35795033,-0.6956457}
\.
COPY public.user_knn (item_id, n_ratings, bias) FROM stdin;
1	10	0.14280076
2	10	-0.064614944
3	11	0.10503776
4	11	0.03905579
5	11	0.10104401
6	11	0.085882574
7	10	-0.013101753
8	10	-0.15289967
9	12	-0.052347347
10	10	-0.34832057
11	9	0.034823004
12	20	0.08729081
\.
COPY public.user_knn_users (user_id, n_ratings, items, ratings, bias) FROM stdin;
1	6	{9,5,8,12,3,4}	{4,3,3,3,2,2}	-0.098430626
2	6	{9,2,3,5,6,12}	{5,4,3,1,1,1}	-0.29253167
3	7	{1,7,12,6,9,10,4}	{4,4,4,3,3,3,1}	0.0925493
4	7	{5,3,10,12,2,7,8}	{4,3,3,3,2,2,2}	-0.13854864
5	6	{2,4,6,8,12,10}	{4,4,3,3,3,1}	0.036186405
6	7	{5,12,1,3,7,8,10}	{5,5,3,3,3,2,2}	0.17750004
7	6	{4,9,5,2,7,12}	{4,4,3,2,2,2}	-0.09571656
8	6	{1,9,3,12,6,11}	{5,4,3,3,2,2}	0.058268808
9	8	{1,9,11,5,8,12,2,4}	{4,4,4,3,3,3,2,2}	0.07108514
10	7	{3,8,2,4,11,7,12}	{4,4,3,3,3,2,2}	0.0013550707
11	7	{6,7,12,1,5,11,10}	{4,4,4,3,3,3,1}	0.080119416
12	8	{4,11,12,3,10,2,1,9}	{5,4,4,3,3,2,1,1}	-0.06803585
13	7	{6,7,8,9,12,10,11}	{3,3,3,3,3,2,2}	-0.13245627
14	12	{1,6,7,12,2,5,8,11,3,4,9,10}	{4,4,4,4,3,3,3,3,2,2,2,2}	0.007308145
15	4	{10,11,1,12}	{5,4,3,2}	0.23478174
16	6	{3,6,11,12,4,5}	{3,2,2,2,1,1}	-0.6735172
17	6	{1,6,12,2,7,8}	{4,4,4,3,3,3}	0.2690079
18	6	{4,3,5,9,8,12}	{5,4,4,3,2,2}	0.17429665
19	6	{2,3,5,6,12,9}	{4,4,4,4,4,1}	0.25292286
20	7	{4,6,12,7,10,1,9}	{4,4,4,3,3,2,1}	0.009215966
\.
COPY rec.iteration (model, version, iteration, loss, seconds) FROM stdin;
shop."Al so"	1	1	49.783570001358484	3.8969e-05
shop."Al so"	1	2	29.277131500697116	1.2659e-05
shop."Al so"	1	3	23.774974403719533	1.2148e-05
public.als	1	1	46.73544445435815	3.7526e-05
public.als	1	2	31.18968119559053	1.3981e-05
public.als	1	3	26.380575385499252	1.338e-05
public.als	1	4	23.68169133620992	1.326e-05
public.als_cg	1	1	473.54327075451846	0.000100841
public.als_cg	1	2	309.3365524794069	1.9569e-05
public.als_cg	1	3	307.6884153244723	1.8809e-05
public.als_cg	1	4	307.57144451060407	1.8688e-05
public.svd	1	1	26.856854053823497	0.000257146
public.bpr	1	1	0.6196058467030525	3.8087e-05
public.bpr	1	2	0.6107846172526479	1.985e-05
public.bpr	1	3	0.6525492463260889	1.8308e-05
public.bpr	1	4	0.5805315049365163	1.9429e-05
public.bpr	1	5	0.59594008885324	1.9769e-05
public.bpr	1	6	0.6119809518568218	1.96e-05
public.bpr	1	7	0.6291350657120347	1.8978e-05
public.bpr	1	8	0.5806545112282038	1.9179e-05
public.bpr	1	9	0.5826349509879947	1.9219e-05
public.bpr	1	10	0.6105088475160301	1.8297e-05
public.item_knn	1	1	0	2.5849e-05
public.user_knn	1	1	0	4.047e-06
public.ease	1	1	841.5222189402243	5.7737e-05
public.slim	1	1	298.7559292562395	4.3796e-05
\.
COPY rec.model (model, user_table, source, source_name, algorithm, options, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, mean, minimum, maximum, loss, seconds) FROM stdin;
shop."Al so"	shop."Al so_users"	shop."or ders"	shop."or ders"	als	{"clip": true, "seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "factors": 3, "feedback": "explicit", "tolerance": 0.0001, "block_size": 32, "iterations": 3, "warm_start": true, "regularization": 0.3, "regularization_scaling": 0}	who	what	rating	\N	1	2026-11-30 09:51:40.869145+00	135	20	12	2.9925925925925925	1	5	23.774974403719533	0.001018148
shop.untrained	shop.untrained_users	public.ratings	public.ratings	als	{"clip": true, "seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "factors": 7, "feedback": "explicit", "tolerance": 0.0001, "block_size": 32, "iterations": 15, "warm_start": true, "regularization": 0.3, "regularization_scaling": 0}	user_id	item_id	rating	\N	0	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.als	public.als_users	public.ratings	public.ratings	als	{"clip": true, "seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "factors": 4, "feedback": "explicit", "tolerance": 0.0001, "block_size": 32, "iterations": 4, "warm_start": true, "regularization": 0.3, "regularization_scaling": 0}	user_id	item_id	rating	at	1	2026-11-30 09:51:40.892955+00	135	20	12	2.9925925925925925	1	5	23.68169133620992	0.000841654
public.als_cg	public.als_cg_users	public.ratings	public.ratings	als	{"clip": true, "seed": 0, "alpha": 1, "biases": true, "solver": "cg", "factors": 4, "feedback": "implicit", "tolerance": 0.0001, "block_size": 32, "iterations": 4, "warm_start": true, "regularization": 6, "regularization_scaling": 0.25}	user_id	item_id	rating	at	1	2026-11-30 09:51:40.905191+00	135	20	12	2.9925925925925925	1	5	307.57144451060407	0.000869215
public.svd	public.svd_users	public.ratings	public.ratings	svd	{"clip": true, "seed": 0, "damping": 5, "factors": 4, "feedback": "explicit", "centering": "double", "power_iterations": 15}	user_id	item_id	rating	at	1	2026-11-30 09:51:40.91788+00	135	20	12	2.9925925925925925	1	5	26.856854053823497	0.002372911
public.bpr	public.bpr_users	public.ratings	public.ratings	bpr	{"seed": 0, "factors": 4, "feedback": "implicit", "negatives": 5, "iterations": 10, "warm_start": true, "learning_rate": 0.1, "regularization": 0.025}	user_id	item_id	rating	at	1	2026-11-30 09:51:40.930894+00	135	20	12	2.9925925925925925	1	5	0.6105088475160301	0.00092626
public.item_knn	\N	public.ratings	public.ratings	item_knn	{"clip": true, "alpha": 0.5, "prior": 0, "damping": 5, "feedback": "implicit", "neighbors": 6, "normalize": false, "shrinkage": 0, "weighting": "none", "min_common": 1, "similarity": "cosine"}	user_id	item_id	rating	at	1	2026-11-30 09:51:40.941628+00	135	20	12	2.9925925925925925	1	5	0	0.000575264
public.user_knn	public.user_knn_users	public.ratings	public.ratings	user_knn	{"clip": true, "alpha": 0.5, "prior": 0.3, "damping": 5, "feedback": "explicit", "neighbors": 6, "normalize": true, "shrinkage": 0, "weighting": "none", "min_common": 1, "similarity": "pearson", "significance": 50}	user_id	item_id	rating	at	1	2026-11-30 09:51:40.953303+00	135	20	12	2.9925925925925925	1	5	0	0.000678438
public.ease	\N	public.ratings	public.ratings	ease	{"feedback": "implicit", "max_items": 20000, "regularization": 300}	user_id	item_id	rating	at	1	2026-11-30 09:51:40.955247+00	135	20	12	2.9925925925925925	1	5	841.5222189402243	0.000447561
public.slim	\N	public.ratings	public.ratings	slim	{"l1": 1, "l2": 30, "feedback": "implicit", "neighbors": 50, "tolerance": 0.003, "candidates": 100, "iterations": 100}	user_id	item_id	rating	at	1	2026-11-30 09:51:40.965928+00	135	20	12	2.9925925925925925	1	5	298.7559292562395	0.000566269
public.popular	\N	public.ratings	public.ratings	popular	{"by": "count", "damping": 5, "feedback": "implicit", "half_life": "0"}	user_id	item_id	rating	at	1	2026-11-30 09:51:40.967214+00	135	20	12	2.9925925925925925	1	5	0	0.000372169
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
ALTER TABLE ONLY public.bpr
    ADD CONSTRAINT bpr_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.bpr_users
    ADD CONSTRAINT bpr_users_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.ease
    ADD CONSTRAINT ease_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.item_knn
    ADD CONSTRAINT item_knn_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.popular
    ADD CONSTRAINT popular_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.ratings
    ADD CONSTRAINT ratings_pkey PRIMARY KEY (user_id, item_id);
ALTER TABLE ONLY public.slim
    ADD CONSTRAINT slim_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.svd
    ADD CONSTRAINT svd_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.svd_users
    ADD CONSTRAINT svd_users_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.user_knn
    ADD CONSTRAINT user_knn_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.user_knn_users
    ADD CONSTRAINT user_knn_users_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY shop."Al so"
    ADD CONSTRAINT "Al so_pkey" PRIMARY KEY (item_id);
ALTER TABLE ONLY shop."Al so_users"
    ADD CONSTRAINT "Al so_users_pkey" PRIMARY KEY (user_id);
ALTER TABLE ONLY shop.untrained
    ADD CONSTRAINT untrained_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY shop.untrained_users
    ADD CONSTRAINT untrained_users_pkey PRIMARY KEY (user_id);
