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
CREATE TABLE public.account (
    user_id integer,
    home text
);
CREATE TABLE public.als (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL,
    popularity real
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.als ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.als IS 'items of a recommendation model (als) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.als.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.als.bias IS 'what is added to every prediction; 0 with implicit feedback or without biases';
COMMENT ON COLUMN public.als.factors IS 'the dot product with a user''s factors (an item''s, in a user''s row) says how well they fit';
COMMENT ON COLUMN public.als.popularity IS 'the share of the users who have the item, by recency, which ranks the items that fill lists up';
CREATE TABLE public.als_cg (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL,
    popularity real
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.als_cg ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.als_cg IS 'items of a recommendation model (als) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.als_cg.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.als_cg.bias IS 'what is added to every prediction; 0 with implicit feedback or without biases';
COMMENT ON COLUMN public.als_cg.factors IS 'the dot product with a user''s factors (an item''s, in a user''s row) says how well they fit';
COMMENT ON COLUMN public.als_cg.popularity IS 'the share of the users who have the item, by recency, which ranks the items that fill lists up';
CREATE TABLE public.als_cg_model (
    one boolean DEFAULT true NOT NULL,
    format integer,
    algorithm text,
    options jsonb,
    decided jsonb,
    source_name text,
    user_column name,
    item_column name,
    rating_column name,
    time_column name,
    version bigint,
    trained_at timestamp with time zone,
    rows bigint,
    users bigint,
    items bigint,
    sessions bigint,
    mean double precision,
    deviation double precision,
    minimum double precision,
    maximum double precision,
    loss double precision,
    seconds double precision,
    item_relation_name text,
    item_features bigint,
    user_relation_name text,
    user_features bigint,
    context_columns name[],
    context_features bigint,
    CONSTRAINT als_cg_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.als_cg_model IS 'description of the recommendation model public.als_cg, written by rec.train; rec.adopt makes tables that were moved a model again';
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
COMMENT ON COLUMN public.als_cg_users.factors IS 'the dot product with a user''s factors (an item''s, in a user''s row) says how well they fit';
CREATE TABLE public.als_described (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.als_described ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.als_described IS 'items of a recommendation model (als) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.als_described.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.als_described.bias IS 'what is added to every prediction; 0 with implicit feedback or without biases';
COMMENT ON COLUMN public.als_described.factors IS 'the dot product with a user''s factors (an item''s, in a user''s row) says how well they fit';
CREATE TABLE public.als_described_features (
    feature text NOT NULL COLLATE pg_catalog."C",
    n_rows integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL,
    number integer NOT NULL,
    low double precision,
    high double precision,
    mean double precision,
    scale double precision
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.als_described_features ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.als_described_features IS 'features of the recommendation model public.als_described, written by rec.train';
COMMENT ON COLUMN public.als_described_features.n_rows IS 'items that have the feature';
COMMENT ON COLUMN public.als_described_features.bias IS 'what is added to every prediction; 0 with implicit feedback or without biases';
COMMENT ON COLUMN public.als_described_features.factors IS 'the dot product with a user''s factors (an item''s, in a user''s row) says how well they fit';
COMMENT ON COLUMN public.als_described_features.number IS 'the feature''s place among the others, by which lists refer to it';
COMMENT ON COLUMN public.als_described_features.low IS 'of a column of numbers: lower ones are taken for this';
COMMENT ON COLUMN public.als_described_features.high IS 'of a column of numbers: higher ones are taken for this';
COMMENT ON COLUMN public.als_described_features.mean IS 'of a column of numbers: their mean, which is taken for 0';
COMMENT ON COLUMN public.als_described_features.scale IS 'of a column of numbers: 1 / their standard deviation; of a category or word: its inverse document frequency';
CREATE TABLE public.als_described_model (
    one boolean DEFAULT true NOT NULL,
    format integer,
    algorithm text,
    options jsonb,
    decided jsonb,
    source_name text,
    user_column name,
    item_column name,
    rating_column name,
    time_column name,
    version bigint,
    trained_at timestamp with time zone,
    rows bigint,
    users bigint,
    items bigint,
    sessions bigint,
    mean double precision,
    deviation double precision,
    minimum double precision,
    maximum double precision,
    loss double precision,
    seconds double precision,
    item_relation_name text,
    item_features bigint,
    user_relation_name text,
    user_features bigint,
    context_columns name[],
    context_features bigint,
    CONSTRAINT als_described_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.als_described_model IS 'description of the recommendation model public.als_described, written by rec.train; rec.adopt makes tables that were moved a model again';
CREATE TABLE public.als_described_user_features (
    feature text NOT NULL COLLATE pg_catalog."C",
    n_rows integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL,
    number integer NOT NULL,
    low double precision,
    high double precision,
    mean double precision,
    scale double precision
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.als_described_user_features ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.als_described_user_features IS 'user_features of the recommendation model public.als_described, written by rec.train';
COMMENT ON COLUMN public.als_described_user_features.n_rows IS 'users that have the feature';
COMMENT ON COLUMN public.als_described_user_features.bias IS 'what is added to every prediction; 0 with implicit feedback or without biases';
COMMENT ON COLUMN public.als_described_user_features.factors IS 'the dot product with a user''s factors (an item''s, in a user''s row) says how well they fit';
COMMENT ON COLUMN public.als_described_user_features.number IS 'the feature''s place among the others, by which lists refer to it';
COMMENT ON COLUMN public.als_described_user_features.low IS 'of a column of numbers: lower ones are taken for this';
COMMENT ON COLUMN public.als_described_user_features.high IS 'of a column of numbers: higher ones are taken for this';
COMMENT ON COLUMN public.als_described_user_features.mean IS 'of a column of numbers: their mean, which is taken for 0';
COMMENT ON COLUMN public.als_described_user_features.scale IS 'of a column of numbers: 1 / their standard deviation; of a category or word: its inverse document frequency';
CREATE TABLE public.als_described_users (
    user_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.als_described_users ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.als_described_users IS 'users of the recommendation model public.als_described, written by rec.train';
COMMENT ON COLUMN public.als_described_users.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.als_described_users.bias IS 'what is added to every prediction; 0 with implicit feedback or without biases';
COMMENT ON COLUMN public.als_described_users.factors IS 'the dot product with a user''s factors (an item''s, in a user''s row) says how well they fit';
CREATE TABLE public.als_model (
    one boolean DEFAULT true NOT NULL,
    format integer,
    algorithm text,
    options jsonb,
    decided jsonb,
    source_name text,
    user_column name,
    item_column name,
    rating_column name,
    time_column name,
    version bigint,
    trained_at timestamp with time zone,
    rows bigint,
    users bigint,
    items bigint,
    sessions bigint,
    mean double precision,
    deviation double precision,
    minimum double precision,
    maximum double precision,
    loss double precision,
    seconds double precision,
    item_relation_name text,
    item_features bigint,
    user_relation_name text,
    user_features bigint,
    context_columns name[],
    context_features bigint,
    CONSTRAINT als_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.als_model IS 'description of the recommendation model public.als, written by rec.train; rec.adopt makes tables that were moved a model again';
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
COMMENT ON COLUMN public.als_users.factors IS 'the dot product with a user''s factors (an item''s, in a user''s row) says how well they fit';
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
    factors real[] NOT NULL,
    popularity real
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.bpr ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.bpr IS 'items of a recommendation model (bpr) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.bpr.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.bpr.bias IS 'what is added to the item''s score for everyone';
COMMENT ON COLUMN public.bpr.factors IS 'the dot product with a user''s factors says how well they fit';
COMMENT ON COLUMN public.bpr.popularity IS 'the share of the users who have the item, by recency, which ranks the items that fill lists up';
CREATE TABLE public.bpr_model (
    one boolean DEFAULT true NOT NULL,
    format integer,
    algorithm text,
    options jsonb,
    decided jsonb,
    source_name text,
    user_column name,
    item_column name,
    rating_column name,
    time_column name,
    version bigint,
    trained_at timestamp with time zone,
    rows bigint,
    users bigint,
    items bigint,
    sessions bigint,
    mean double precision,
    deviation double precision,
    minimum double precision,
    maximum double precision,
    loss double precision,
    seconds double precision,
    item_relation_name text,
    item_features bigint,
    user_relation_name text,
    user_features bigint,
    context_columns name[],
    context_features bigint,
    CONSTRAINT bpr_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.bpr_model IS 'description of the recommendation model public.bpr, written by rec.train; rec.adopt makes tables that were moved a model again';
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
CREATE TABLE public.content (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    features integer[] NOT NULL,
    weights real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.content ALTER COLUMN features SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.content ALTER COLUMN weights SET STORAGE EXTERNAL;
COMMENT ON TABLE public.content IS 'items of a recommendation model (content) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.content.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.content.features IS 'the item''s features, by their numbers in the table of features, the weightiest first';
COMMENT ON COLUMN public.content.weights IS 'of each of the features: a vector of unit length';
CREATE TABLE public.content_features (
    feature text NOT NULL COLLATE pg_catalog."C",
    n_rows integer NOT NULL,
    number integer NOT NULL,
    low double precision,
    high double precision,
    mean double precision,
    scale double precision
)
WITH (fillfactor='50');
COMMENT ON TABLE public.content_features IS 'features of the recommendation model public.content, written by rec.train';
COMMENT ON COLUMN public.content_features.n_rows IS 'items that have the feature';
COMMENT ON COLUMN public.content_features.number IS 'the feature''s place among the others, by which lists refer to it';
COMMENT ON COLUMN public.content_features.low IS 'of a column of numbers: lower ones are taken for this';
COMMENT ON COLUMN public.content_features.high IS 'of a column of numbers: higher ones are taken for this';
COMMENT ON COLUMN public.content_features.mean IS 'of a column of numbers: their mean, which is taken for 0';
COMMENT ON COLUMN public.content_features.scale IS 'of a column of numbers: 1 / their standard deviation; of a category or word: its inverse document frequency';
CREATE TABLE public.content_model (
    one boolean DEFAULT true NOT NULL,
    format integer,
    algorithm text,
    options jsonb,
    decided jsonb,
    source_name text,
    user_column name,
    item_column name,
    rating_column name,
    time_column name,
    version bigint,
    trained_at timestamp with time zone,
    rows bigint,
    users bigint,
    items bigint,
    sessions bigint,
    mean double precision,
    deviation double precision,
    minimum double precision,
    maximum double precision,
    loss double precision,
    seconds double precision,
    item_relation_name text,
    item_features bigint,
    user_relation_name text,
    user_features bigint,
    context_columns name[],
    context_features bigint,
    CONSTRAINT content_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.content_model IS 'description of the recommendation model public.content, written by rec.train; rec.adopt makes tables that were moved a model again';
CREATE TABLE public.ease (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    variance real NOT NULL,
    weights real[] NOT NULL,
    popularity real
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.ease ALTER COLUMN weights SET STORAGE EXTERNAL;
COMMENT ON TABLE public.ease IS 'items of a recommendation model (ease) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.ease.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.ease.variance IS 'the item''s element of the diagonal of the inverse of X''X + regularization';
COMMENT ON COLUMN public.ease.weights IS 'what having the item adds to the score of each item, in the order of item_id';
COMMENT ON COLUMN public.ease.popularity IS 'the share of the users who have the item, by recency, which ranks the items that fill lists up';
CREATE TABLE public.ease_model (
    one boolean DEFAULT true NOT NULL,
    format integer,
    algorithm text,
    options jsonb,
    decided jsonb,
    source_name text,
    user_column name,
    item_column name,
    rating_column name,
    time_column name,
    version bigint,
    trained_at timestamp with time zone,
    rows bigint,
    users bigint,
    items bigint,
    sessions bigint,
    mean double precision,
    deviation double precision,
    minimum double precision,
    maximum double precision,
    loss double precision,
    seconds double precision,
    item_relation_name text,
    item_features bigint,
    user_relation_name text,
    user_features bigint,
    context_columns name[],
    context_features bigint,
    CONSTRAINT ease_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.ease_model IS 'description of the recommendation model public.ease, written by rec.train; rec.adopt makes tables that were moved a model again';
CREATE TABLE public.film (
    item_id integer,
    kind text,
    year integer
);
CREATE TABLE public.fm (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL,
    missing real NOT NULL,
    popularity real
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.fm ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.fm IS 'items of a recommendation model (fm) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.fm.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.fm.bias IS 'what is added to the item''s score for everyone';
COMMENT ON COLUMN public.fm.factors IS 'the item''s own factors and those of its features: the dot product with a user''s factors says how well they fit';
COMMENT ON COLUMN public.fm.missing IS 'the curvature of the loss of a missing event: how much it weighs for a user';
COMMENT ON COLUMN public.fm.popularity IS 'the share of the users who have the item, by recency, which ranks the items that fill lists up';
CREATE TABLE public.fm_in_context (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL,
    missing real NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.fm_in_context ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.fm_in_context IS 'items of a recommendation model (fm) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.fm_in_context.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.fm_in_context.bias IS 'what is added to the item''s score for everyone';
COMMENT ON COLUMN public.fm_in_context.factors IS 'the item''s own factors and those of its features: the dot product with a user''s factors says how well they fit';
COMMENT ON COLUMN public.fm_in_context.missing IS 'the curvature of the loss of a missing event: how much it weighs for a user';
CREATE TABLE public.fm_in_context_context_features (
    feature text NOT NULL COLLATE pg_catalog."C",
    n_rows integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL,
    number integer NOT NULL,
    low double precision,
    high double precision,
    mean double precision,
    scale double precision
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.fm_in_context_context_features ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.fm_in_context_context_features IS 'context_features of the recommendation model public.fm_in_context, written by rec.train';
COMMENT ON COLUMN public.fm_in_context_context_features.n_rows IS 'ratings or events whose context has the feature';
COMMENT ON COLUMN public.fm_in_context_context_features.bias IS 'what is added to all scores in the context, times its value';
COMMENT ON COLUMN public.fm_in_context_context_features.factors IS 'what is added to the factors of users in the context, times its value';
COMMENT ON COLUMN public.fm_in_context_context_features.number IS 'the feature''s place among the others, by which lists refer to it';
COMMENT ON COLUMN public.fm_in_context_context_features.low IS 'of a column of numbers: lower ones are taken for this';
COMMENT ON COLUMN public.fm_in_context_context_features.high IS 'of a column of numbers: higher ones are taken for this';
COMMENT ON COLUMN public.fm_in_context_context_features.mean IS 'of a column of numbers: their mean, which is taken for 0';
COMMENT ON COLUMN public.fm_in_context_context_features.scale IS 'of a column of numbers: 1 / their standard deviation; of a category or word: its inverse document frequency';
CREATE TABLE public.fm_in_context_features (
    feature text NOT NULL COLLATE pg_catalog."C",
    n_rows integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL,
    number integer NOT NULL,
    low double precision,
    high double precision,
    mean double precision,
    scale double precision
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.fm_in_context_features ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.fm_in_context_features IS 'features of the recommendation model public.fm_in_context, written by rec.train';
COMMENT ON COLUMN public.fm_in_context_features.n_rows IS 'items that have the feature';
COMMENT ON COLUMN public.fm_in_context_features.bias IS 'what is added to the bias of items, times its value';
COMMENT ON COLUMN public.fm_in_context_features.factors IS 'what is added to the factors of items, times its value';
COMMENT ON COLUMN public.fm_in_context_features.number IS 'the feature''s place among the others, by which lists refer to it';
COMMENT ON COLUMN public.fm_in_context_features.low IS 'of a column of numbers: lower ones are taken for this';
COMMENT ON COLUMN public.fm_in_context_features.high IS 'of a column of numbers: higher ones are taken for this';
COMMENT ON COLUMN public.fm_in_context_features.mean IS 'of a column of numbers: their mean, which is taken for 0';
COMMENT ON COLUMN public.fm_in_context_features.scale IS 'of a column of numbers: 1 / their standard deviation; of a category or word: its inverse document frequency';
CREATE TABLE public.fm_in_context_model (
    one boolean DEFAULT true NOT NULL,
    format integer,
    algorithm text,
    options jsonb,
    decided jsonb,
    source_name text,
    user_column name,
    item_column name,
    rating_column name,
    time_column name,
    version bigint,
    trained_at timestamp with time zone,
    rows bigint,
    users bigint,
    items bigint,
    sessions bigint,
    mean double precision,
    deviation double precision,
    minimum double precision,
    maximum double precision,
    loss double precision,
    seconds double precision,
    item_relation_name text,
    item_features bigint,
    user_relation_name text,
    user_features bigint,
    context_columns name[],
    context_features bigint,
    CONSTRAINT fm_in_context_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.fm_in_context_model IS 'description of the recommendation model public.fm_in_context, written by rec.train; rec.adopt makes tables that were moved a model again';
CREATE TABLE public.fm_in_context_users (
    user_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.fm_in_context_users ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.fm_in_context_users IS 'users of the recommendation model public.fm_in_context, written by rec.train';
COMMENT ON COLUMN public.fm_in_context_users.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.fm_in_context_users.bias IS 'what is added to all scores of the user';
COMMENT ON COLUMN public.fm_in_context_users.factors IS 'what folding in the user''s ratings or events gives: the user''s own factors and those of the user''s features';
CREATE TABLE public.fm_model (
    one boolean DEFAULT true NOT NULL,
    format integer,
    algorithm text,
    options jsonb,
    decided jsonb,
    source_name text,
    user_column name,
    item_column name,
    rating_column name,
    time_column name,
    version bigint,
    trained_at timestamp with time zone,
    rows bigint,
    users bigint,
    items bigint,
    sessions bigint,
    mean double precision,
    deviation double precision,
    minimum double precision,
    maximum double precision,
    loss double precision,
    seconds double precision,
    item_relation_name text,
    item_features bigint,
    user_relation_name text,
    user_features bigint,
    context_columns name[],
    context_features bigint,
    CONSTRAINT fm_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.fm_model IS 'description of the recommendation model public.fm, written by rec.train; rec.adopt makes tables that were moved a model again';
CREATE TABLE public.fm_users (
    user_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.fm_users ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.fm_users IS 'users of the recommendation model public.fm, written by rec.train';
COMMENT ON COLUMN public.fm_users.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.fm_users.bias IS 'what is added to all scores of the user';
COMMENT ON COLUMN public.fm_users.factors IS 'what folding in the user''s ratings or events gives: the user''s own factors and those of the user''s features';
CREATE TABLE public.item_knn (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    neighbors integer[] NOT NULL,
    similarities real[] NOT NULL,
    bias real NOT NULL,
    norm real,
    popularity real
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.item_knn ALTER COLUMN neighbors SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.item_knn ALTER COLUMN similarities SET STORAGE EXTERNAL;
COMMENT ON TABLE public.item_knn IS 'items of a recommendation model (item_knn) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.item_knn.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.item_knn.neighbors IS 'the most similar items';
COMMENT ON COLUMN public.item_knn.similarities IS 'the similarity of each of these items; above 0';
COMMENT ON COLUMN public.item_knn.bias IS 'how far the item''s ratings are above the mean; 0 with implicit feedback';
COMMENT ON COLUMN public.item_knn.norm IS 'the root of the sum of the squares of the values by which the item is compared';
COMMENT ON COLUMN public.item_knn.popularity IS 'the share of the users who have the item, by recency, which ranks the items that fill lists up';
CREATE TABLE public.item_knn_model (
    one boolean DEFAULT true NOT NULL,
    format integer,
    algorithm text,
    options jsonb,
    decided jsonb,
    source_name text,
    user_column name,
    item_column name,
    rating_column name,
    time_column name,
    version bigint,
    trained_at timestamp with time zone,
    rows bigint,
    users bigint,
    items bigint,
    sessions bigint,
    mean double precision,
    deviation double precision,
    minimum double precision,
    maximum double precision,
    loss double precision,
    seconds double precision,
    item_relation_name text,
    item_features bigint,
    user_relation_name text,
    user_features bigint,
    context_columns name[],
    context_features bigint,
    CONSTRAINT item_knn_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.item_knn_model IS 'description of the recommendation model public.item_knn, written by rec.train; rec.adopt makes tables that were moved a model again';
CREATE TABLE public.markov (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    share real NOT NULL,
    transitions real NOT NULL,
    events real,
    next_items integer[] NOT NULL,
    next_weights real[] NOT NULL,
    popularity real
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.markov ALTER COLUMN next_items SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.markov ALTER COLUMN next_weights SET STORAGE EXTERNAL;
COMMENT ON TABLE public.markov IS 'items of a recommendation model (markov) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.markov.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.markov.share IS 'the share of the item in all events';
COMMENT ON COLUMN public.markov.transitions IS 'the sum of the weights of all events that came after the item';
COMMENT ON COLUMN public.markov.events IS 'the weight of the item''s events';
COMMENT ON COLUMN public.markov.next_items IS 'the items that came after the item';
COMMENT ON COLUMN public.markov.next_weights IS 'the weight of each of the next items';
COMMENT ON COLUMN public.markov.popularity IS 'the share of the users who have the item, by recency, which ranks the items that fill lists up';
CREATE TABLE public.markov_model (
    one boolean DEFAULT true NOT NULL,
    format integer,
    algorithm text,
    options jsonb,
    decided jsonb,
    source_name text,
    user_column name,
    item_column name,
    rating_column name,
    time_column name,
    version bigint,
    trained_at timestamp with time zone,
    rows bigint,
    users bigint,
    items bigint,
    sessions bigint,
    mean double precision,
    deviation double precision,
    minimum double precision,
    maximum double precision,
    loss double precision,
    seconds double precision,
    item_relation_name text,
    item_features bigint,
    user_relation_name text,
    user_features bigint,
    context_columns name[],
    context_features bigint,
    CONSTRAINT markov_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.markov_model IS 'description of the recommendation model public.markov, written by rec.train; rec.adopt makes tables that were moved a model again';
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
    score real NOT NULL,
    popularity real
)
WITH (fillfactor='50');
COMMENT ON TABLE public.popular IS 'items of a recommendation model (popular) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.popular.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.popular.score IS 'what items are ranked by';
COMMENT ON COLUMN public.popular.popularity IS 'the share of the users who have the item, by recency, which ranks the items that fill lists up';
CREATE TABLE public.popular_model (
    one boolean DEFAULT true NOT NULL,
    format integer,
    algorithm text,
    options jsonb,
    decided jsonb,
    source_name text,
    user_column name,
    item_column name,
    rating_column name,
    time_column name,
    version bigint,
    trained_at timestamp with time zone,
    rows bigint,
    users bigint,
    items bigint,
    sessions bigint,
    mean double precision,
    deviation double precision,
    minimum double precision,
    maximum double precision,
    loss double precision,
    seconds double precision,
    item_relation_name text,
    item_features bigint,
    user_relation_name text,
    user_features bigint,
    context_columns name[],
    context_features bigint,
    CONSTRAINT popular_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.popular_model IS 'description of the recommendation model public.popular, written by rec.train; rec.adopt makes tables that were moved a model again';
CREATE TABLE public.ratings (
    user_id integer NOT NULL,
    item_id integer NOT NULL,
    rating real,
    at date
);
CREATE TABLE public.session_knn (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    idf real NOT NULL,
    sessions integer[] NOT NULL,
    popularity real
)
WITH (fillfactor='50');
COMMENT ON TABLE public.session_knn IS 'items of a recommendation model (session_knn) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.session_knn.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.session_knn.idf IS 'log(users / users with the item)';
COMMENT ON COLUMN public.session_knn.sessions IS 'the latest sessions with the item';
COMMENT ON COLUMN public.session_knn.popularity IS 'the share of the users who have the item, by recency, which ranks the items that fill lists up';
CREATE TABLE public.session_knn_model (
    one boolean DEFAULT true NOT NULL,
    format integer,
    algorithm text,
    options jsonb,
    decided jsonb,
    source_name text,
    user_column name,
    item_column name,
    rating_column name,
    time_column name,
    version bigint,
    trained_at timestamp with time zone,
    rows bigint,
    users bigint,
    items bigint,
    sessions bigint,
    mean double precision,
    deviation double precision,
    minimum double precision,
    maximum double precision,
    loss double precision,
    seconds double precision,
    item_relation_name text,
    item_features bigint,
    user_relation_name text,
    user_features bigint,
    context_columns name[],
    context_features bigint,
    CONSTRAINT session_knn_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.session_knn_model IS 'description of the recommendation model public.session_knn, written by rec.train; rec.adopt makes tables that were moved a model again';
CREATE TABLE public.session_knn_sessions (
    session_id integer NOT NULL,
    n_ratings integer NOT NULL,
    began bigint NOT NULL,
    items integer[] NOT NULL
)
WITH (fillfactor='50');
COMMENT ON TABLE public.session_knn_sessions IS 'sessions of the recommendation model public.session_knn, written by rec.train';
COMMENT ON COLUMN public.session_knn_sessions.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.session_knn_sessions.began IS 'the time of its first event';
COMMENT ON COLUMN public.session_knn_sessions.items IS 'the items of its events, in the order of time';
CREATE TABLE public.session_knn_users (
    user_id integer NOT NULL,
    n_ratings integer NOT NULL,
    sessions integer[] NOT NULL
)
WITH (fillfactor='50');
COMMENT ON TABLE public.session_knn_users IS 'users of the recommendation model public.session_knn, written by rec.train';
COMMENT ON COLUMN public.session_knn_users.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.session_knn_users.sessions IS 'those of the user''s sessions that are stored';
CREATE TABLE public.slim (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    neighbors integer[] NOT NULL,
    weights real[] NOT NULL,
    popularity real
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.slim ALTER COLUMN neighbors SET STORAGE EXTERNAL;
ALTER TABLE ONLY public.slim ALTER COLUMN weights SET STORAGE EXTERNAL;
COMMENT ON TABLE public.slim IS 'items of a recommendation model (slim) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.slim.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.slim.neighbors IS 'the items that speak for the item';
COMMENT ON COLUMN public.slim.weights IS 'what having each of the neighbors adds to the item''s score';
COMMENT ON COLUMN public.slim.popularity IS 'the share of the users who have the item, by recency, which ranks the items that fill lists up';
CREATE TABLE public.slim_model (
    one boolean DEFAULT true NOT NULL,
    format integer,
    algorithm text,
    options jsonb,
    decided jsonb,
    source_name text,
    user_column name,
    item_column name,
    rating_column name,
    time_column name,
    version bigint,
    trained_at timestamp with time zone,
    rows bigint,
    users bigint,
    items bigint,
    sessions bigint,
    mean double precision,
    deviation double precision,
    minimum double precision,
    maximum double precision,
    loss double precision,
    seconds double precision,
    item_relation_name text,
    item_features bigint,
    user_relation_name text,
    user_features bigint,
    context_columns name[],
    context_features bigint,
    CONSTRAINT slim_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.slim_model IS 'description of the recommendation model public.slim, written by rec.train; rec.adopt makes tables that were moved a model again';
CREATE TABLE public.svd (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL,
    popularity real
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.svd ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.svd IS 'items of a recommendation model (svd) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.svd.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.svd.bias IS 'what centering adds to every prediction for the item, beside the mean';
COMMENT ON COLUMN public.svd.factors IS 'the item''s row of the right singular vectors, the largest singular value''s first';
COMMENT ON COLUMN public.svd.popularity IS 'the share of the users who have the item, by recency, which ranks the items that fill lists up';
CREATE TABLE public.svd_model (
    one boolean DEFAULT true NOT NULL,
    format integer,
    algorithm text,
    options jsonb,
    decided jsonb,
    source_name text,
    user_column name,
    item_column name,
    rating_column name,
    time_column name,
    version bigint,
    trained_at timestamp with time zone,
    rows bigint,
    users bigint,
    items bigint,
    sessions bigint,
    mean double precision,
    deviation double precision,
    minimum double precision,
    maximum double precision,
    loss double precision,
    seconds double precision,
    item_relation_name text,
    item_features bigint,
    user_relation_name text,
    user_features bigint,
    context_columns name[],
    context_features bigint,
    CONSTRAINT svd_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.svd_model IS 'description of the recommendation model public.svd, written by rec.train; rec.adopt makes tables that were moved a model again';
CREATE TABLE public.svd_users (
    user_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real,
    factors real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.svd_users ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.svd_users IS 'users of the recommendation model public.svd, written by rec.train';
COMMENT ON COLUMN public.svd_users.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.svd_users.bias IS 'what centering adds to every prediction for the user, beside the mean';
COMMENT ON COLUMN public.svd_users.factors IS 'the projection of the user''s row to the right singular vectors';
CREATE TABLE public.user_knn (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    popularity real
)
WITH (fillfactor='50');
COMMENT ON TABLE public.user_knn IS 'items of a recommendation model (user_knn) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.user_knn.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.user_knn.bias IS 'how far the item''s ratings are above the mean; 0 with implicit feedback';
COMMENT ON COLUMN public.user_knn.popularity IS 'the share of the users who have the item, by recency, which ranks the items that fill lists up';
CREATE TABLE public.user_knn_model (
    one boolean DEFAULT true NOT NULL,
    format integer,
    algorithm text,
    options jsonb,
    decided jsonb,
    source_name text,
    user_column name,
    item_column name,
    rating_column name,
    time_column name,
    version bigint,
    trained_at timestamp with time zone,
    rows bigint,
    users bigint,
    items bigint,
    sessions bigint,
    mean double precision,
    deviation double precision,
    minimum double precision,
    maximum double precision,
    loss double precision,
    seconds double precision,
    item_relation_name text,
    item_features bigint,
    user_relation_name text,
    user_features bigint,
    context_columns name[],
    context_features bigint,
    CONSTRAINT user_knn_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.user_knn_model IS 'description of the recommendation model public.user_knn, written by rec.train; rec.adopt makes tables that were moved a model again';
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
COMMENT ON COLUMN shop."Al so".factors IS 'the dot product with a user''s factors (an item''s, in a user''s row) says how well they fit';
CREATE TABLE shop."Al so_model" (
    one boolean DEFAULT true NOT NULL,
    format integer,
    algorithm text,
    options jsonb,
    decided jsonb,
    source_name text,
    user_column name,
    item_column name,
    rating_column name,
    time_column name,
    version bigint,
    trained_at timestamp with time zone,
    rows bigint,
    users bigint,
    items bigint,
    sessions bigint,
    mean double precision,
    deviation double precision,
    minimum double precision,
    maximum double precision,
    loss double precision,
    seconds double precision,
    item_relation_name text,
    item_features bigint,
    user_relation_name text,
    user_features bigint,
    context_columns name[],
    context_features bigint,
    CONSTRAINT "Al so_model_one_check" CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE shop."Al so_model" IS 'description of the recommendation model shop."Al so", written by rec.train; rec.adopt makes tables that were moved a model again';
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
COMMENT ON COLUMN shop."Al so_users".factors IS 'the dot product with a user''s factors (an item''s, in a user''s row) says how well they fit';
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
COMMENT ON COLUMN shop.untrained.factors IS 'the dot product with a user''s factors (an item''s, in a user''s row) says how well they fit';
CREATE TABLE shop.untrained_model (
    one boolean DEFAULT true NOT NULL,
    format integer,
    algorithm text,
    options jsonb,
    decided jsonb,
    source_name text,
    user_column name,
    item_column name,
    rating_column name,
    time_column name,
    version bigint,
    trained_at timestamp with time zone,
    rows bigint,
    users bigint,
    items bigint,
    sessions bigint,
    mean double precision,
    deviation double precision,
    minimum double precision,
    maximum double precision,
    loss double precision,
    seconds double precision,
    item_relation_name text,
    item_features bigint,
    user_relation_name text,
    user_features bigint,
    context_columns name[],
    context_features bigint,
    CONSTRAINT untrained_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE shop.untrained_model IS 'description of the recommendation model shop.untrained, written by rec.train; rec.adopt makes tables that were moved a model again';
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
COMMENT ON COLUMN shop.untrained_users.factors IS 'the dot product with a user''s factors (an item''s, in a user''s row) says how well they fit';
COPY public.account (user_id, home) FROM stdin;
1	from 1
2	from 2
3	from 3
4	from 0
5	from 1
6	from 2
7	from 3
8	from 0
9	from 1
10	from 2
11	from 3
12	from 0
13	from 1
14	from 2
15	from 3
16	from 0
17	from 1
18	from 2
19	from 3
20	from 0
21	from 1
22	from 2
\.
COPY public.als (item_id, n_ratings, bias, factors, popularity) FROM stdin;
1	10	0.44453365	{1.4014881,-0.2736172,0.20844707,-0.87670326}	0.15971923
2	10	-0.053747453	{1.0641202,0.82515436,-0.8292038,-0.5334531}	0.21589287
3	11	0.1912789	{0.103745826,-0.51196563,0.23549296,0.07025939}	0.19984514
4	11	-0.026490398	{0.16893448,-0.31058383,-0.15589812,1.893839}	0.17851439
5	11	0.18108933	{-0.6564241,1.0652035,0.8493859,-0.47534093}	0.18462457
6	11	0.18101768	{-1.4096967,-0.035991665,-0.1463211,-0.370814}	0.2493977
7	10	0.0409079	{-0.27234358,0.5461035,-1.2311774,-0.28209886}	0.18775249
8	10	-0.2966172	{0.80895025,-0.3244358,-0.374709,-0.5361121}	0.18576884
9	12	-0.116319686	{2.080204,-1.1121327,-0.063286856,-0.3431737}	0.23673098
10	10	-0.5300371	{0.24347441,0.7778453,0.73102254,0.5684612}	0.16551383
11	9	-0.121360615	{-0.8040636,-0.56582284,-0.016904188,0.081881315}	0.16211636
12	20	0.07913881	{-1.1344883,0.8647296,-0.3351118,-0.8674638}	0.36084485
\.
COPY public.als_cg (item_id, n_ratings, bias, factors, popularity) FROM stdin;
1	10	0	{0.27861425,0.64443713,-0.4528522,0.110027894}	0.15971923
2	10	0	{0.2760764,0.63597524,-0.43880156,0.110692}	0.21589287
3	11	0	{0.28572655,0.66136587,-0.45570496,0.11678352}	0.19984514
4	11	0	{0.27958977,0.64592236,-0.4465882,0.11401497}	0.17851439
5	11	0	{0.2824174,0.6534579,-0.44990337,0.114329845}	0.18462457
6	11	0	{0.2834715,0.6537559,-0.45597982,0.11148744}	0.2493977
7	10	0	{0.2763522,0.6375205,-0.44469142,0.10798653}	0.18775249
8	10	0	{0.27406436,0.6319338,-0.4368473,0.109785594}	0.18576884
9	12	0	{0.28366804,0.6561171,-0.45376983,0.11531502}	0.23673098
10	10	0	{0.26322463,0.6088475,-0.42729348,0.10397439}	0.16551383
11	9	0	{0.26856688,0.6220003,-0.43622547,0.10865289}	0.16211636
12	20	0	{0.31857345,0.7361915,-0.5116988,0.12751882}	0.36084485
\.
COPY public.als_cg_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	als	{"clip": true, "seed": 0, "alpha": null, "biases": true, "solver": "cg", "weight": "log", "factors": 4, "feedback": "implicit", "validate": false, "min_count": 5, "tolerance": 0.0001, "block_size": 32, "iterations": 4, "warm_start": true, "nonnegative": false, "regularization": null, "regularization_scaling": null, "attribute_regularization": 10}	{"alpha": 11.441699708522412, "regularization": 23.22222222222222, "regularization_scaling": 0.5}	public.ratings	user_id	item_id	rating	at	1	2026-11-30 23:38:08.088401+00	135	20	12	\N	1.9422133763631184	0.414139148689175	1	2.5849626064300537	1789.8544339021253	0.064541862	\N	\N	\N	\N	\N	\N
\.
COPY public.als_cg_users (user_id, n_ratings, bias, factors) FROM stdin;
1	6	0	{0.24073254,0.5564462,-0.38429764,0.09755563}
2	6	0	{0.22841828,0.5277053,-0.36457884,0.09223559}
3	7	0	{0.25237384,0.5830982,-0.4068109,0.1002034}
4	7	0	{0.24758644,0.57197297,-0.39639986,0.09913712}
5	6	0	{0.2424938,0.55953014,-0.38807425,0.09703885}
6	7	0	{0.2545212,0.5883074,-0.40878958,0.10165293}
7	6	0	{0.24054137,0.5556465,-0.3843368,0.0969017}
8	6	0	{0.24434859,0.56511164,-0.39356765,0.09810167}
9	8	0	{0.2610805,0.6034071,-0.41896412,0.10513694}
10	7	0	{0.25276697,0.58380145,-0.40468132,0.10177366}
11	7	0	{0.2523256,0.5831718,-0.4069998,0.10021479}
12	8	0	{0.25359234,0.5863206,-0.40771428,0.10220852}
13	7	0	{0.24799117,0.57284266,-0.3990256,0.098779775}
14	12	0	{0.2798702,0.6466014,-0.4494716,0.11196969}
15	4	0	{0.22669244,0.52456117,-0.36811584,0.0902614}
16	6	0	{0.21657632,0.50079286,-0.34752312,0.087386385}
17	6	0	{0.25127172,0.5797844,-0.4035428,0.09952476}
18	6	0	{0.24758515,0.5723708,-0.3951069,0.10052087}
19	6	0	{0.24842802,0.57387006,-0.39682162,0.09993473}
20	7	0	{0.24990898,0.57731146,-0.40250036,0.09936784}
\.
COPY public.als_described (item_id, n_ratings, bias, factors) FROM stdin;
1	10	0.4339481	{1.5955579,0.6346036,0.10870924}
2	10	-0.3418359	{-0.5778998,0.7483669,0.77149075}
3	11	0.12574796	{0.062420383,-0.545416,0.256143}
4	11	0.008692414	{-0.8593075,-1.977139,-0.4608715}
5	11	0.30566493	{-0.21948494,0.039439585,-1.4030851}
6	11	0.061024796	{-0.87948304,0.3531395,-0.78105855}
7	10	-0.23319036	{-0.3224079,1.1802602,-0.2855675}
8	10	-0.2579354	{0.25423798,0.5972152,0.7747913}
9	12	-0.30593264	{1.4071076,0.76223093,0.7326902}
10	10	-0.48619354	{0.4784718,-1.1348203,-1.21005}
11	9	0.11274737	{-0.59952074,-0.4975215,-0.25585365}
12	20	0.20249626	{-0.83288336,0.82089657,-1.0362623}
13	0	-0.09466642	{-0.05021279,-0.059281733,-0.39101392}
14	0	-0.09506805	{-0.2067774,0.0974789,-0.28743175}
\.
COPY public.als_described_features (feature, n_rows, bias, factors, number, low, high, mean, scale) FROM stdin;
(intercept)	14	-0.019072598	{-0.026208205,0.03820015,-0.12041868}	0	\N	\N	\N	\N
kind=kind 0	4	0.01140663	{-0.009855322,0.08841872,-0.024772247}	1	\N	\N	\N	1.2527629137039185
kind=kind 1	5	-0.020083787	{0.062263444,-0.10298798,-0.11386272}	2	\N	\N	\N	1.0296194553375244
kind=kind 2	5	-0.010392679	{-0.07861606,0.052771535,0.018216282}	3	\N	\N	\N	1.0296194553375244
year	14	-0.040685114	{-0.063228644,0.0040356023,-0.11487436}	4	1981	1994	1987.5	0.24806946917841693
\.
COPY public.als_described_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	als	{"clip": true, "seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "weight": "log", "factors": 3, "feedback": "explicit", "validate": false, "min_count": 1, "tolerance": 0.0001, "block_size": 32, "iterations": 4, "warm_start": true, "nonnegative": false, "regularization": 0.3, "regularization_scaling": 0, "attribute_regularization": 10}	\N	public.ratings	user_id	item_id	rating	\N	1	2026-11-30 23:38:08.292753+00	135	20	14	\N	2.9925925925925925	1.0363489780906694	1	5	25.67111695757636	0.00764964	public.film	5	public.account	4	\N	\N
\.
COPY public.als_described_user_features (feature, n_rows, bias, factors, number, low, high, mean, scale) FROM stdin;
home=from 0	5	-0.075981826	{-0.03152214,0.0009954493,-0.008355235}	0	\N	\N	\N	1.3862943649291992
home=from 1	5	0.026402913	{0.007425887,0.038763884,0.05557692}	1	\N	\N	\N	1.3862943649291992
home=from 2	5	0.006814397	{0.11319001,0.028914092,0.06032986}	2	\N	\N	\N	1.3862943649291992
home=from 3	5	0.07087979	{-0.014464401,-0.08156234,-0.023012154}	3	\N	\N	\N	1.3862943649291992
\.
COPY public.als_described_users (user_id, n_ratings, bias, factors) FROM stdin;
1	6	-0.12952468	{0.543277,0.38546884,-0.00742019}
2	6	-0.15764308	{0.6870301,0.44415864,1.5482217}
3	7	-0.23251486	{0.42588663,0.7597023,-0.8027628}
4	7	-0.20755325	{-0.08870031,-0.38657993,-0.36869207}
5	6	0.027608586	{-0.9704819,-0.18837169,0.90883464}
6	7	-0.034938462	{-0.5019014,0.416826,-0.73860395}
7	6	0.3286445	{0.8259122,-0.6900212,0.23442556}
8	6	-0.14012492	{0.817274,0.4590887,0.043686125}
9	8	0.0886785	{0.46441138,0.11258827,0.041174352}
10	7	0.35310167	{0.641376,-0.31084785,0.82470906}
11	7	0.08599336	{-0.6255817,0.7636992,0.30947998}
12	8	-0.14752138	{-0.901867,-0.5313886,-0.44544446}
13	7	-0.26889592	{0.26855987,0.47155505,-0.039294686}
14	12	-0.08256745	{-0.24339728,0.69504297,-0.24354286}
15	4	0.17130691	{0.27510816,-1.4921703,-0.2552297}
16	6	-0.3673094	{0.09782341,0.48504254,1.1624093}
17	6	0.5942427	{-0.0064864736,-0.15665507,-0.26389766}
18	6	0.21693668	{0.77816296,-1.1261315,-0.35748637}
19	6	0.50465566	{-1.1891046,-0.50746167,0.20008226}
20	7	-0.10305624	{-0.6869683,-0.15065941,-0.54566324}
\.
COPY public.als_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	als	{"clip": true, "seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "weight": "log", "factors": 4, "feedback": "explicit", "validate": false, "min_count": 5, "tolerance": 0.0001, "block_size": 32, "iterations": 4, "warm_start": true, "nonnegative": false, "regularization": 0.3, "regularization_scaling": 0, "attribute_regularization": 10}	\N	public.ratings	user_id	item_id	rating	at	1	2026-11-30 23:38:08.017668+00	135	20	12	\N	2.9925925925925925	1.0363489780906694	1	5	24.023472492819497	0.002566242	\N	\N	\N	\N	\N	\N
\.
COPY public.als_users (user_id, n_ratings, bias, factors) FROM stdin;
1	6	-0.30111915	{0.78619707,0.60576195,-0.30439064,-0.3816176}
2	6	-0.40349013	{1.1558841,-0.22643279,-0.5566159,0.3348542}
3	7	-0.0069861133	{0.30393708,0.8406296,-0.110380046,-0.75346637}
4	7	-0.178701	{-0.20889038,0.18811028,0.73366857,0.06453786}
5	6	-0.08798591	{0.09385371,-0.20772381,-1.4358065,0.31678677}
6	7	-0.047578435	{-0.9031987,0.26419997,0.44901153,-0.88853323}
7	6	0.17102067	{0.1752439,-0.58647877,0.5845312,0.36707106}
8	6	-0.01921875	{0.75978035,0.43131512,0.14346316,-0.4549059}
9	8	0.13294467	{-0.24681374,-0.9935596,0.3329091,-0.600437}
10	7	0.26739314	{0.6775406,-0.74650323,0.4892327,-0.26606148}
11	7	-0.20968963	{-0.46147713,-0.09442412,-0.6645482,-0.6105464}
12	8	0.2563749	{-0.95046264,0.13130082,-0.35246673,0.97439736}
13	7	-0.2745659	{0.21555635,0.14246675,-0.11777209,-0.41961813}
14	12	-0.07908351	{-0.2757722,0.1393343,-0.4714816,-0.5172748}
15	4	0.7693647	{-0.005267435,-0.06335408,0.89354235,1.486978}
16	6	-0.69755536	{0.5873427,-0.74613494,-0.4928828,-0.7948964}
17	6	0.36443877	{-0.21110618,-0.011602698,0.35849637,-0.4152032}
18	6	0.32543325	{0.033612378,-0.0644987,0.99652106,0.9322277}
19	6	0.60698843	{-0.4191631,0.7622057,-0.42023265,0.86438}
20	7	0.12820505	{-0.71818,0.27602163,0.16469538,0.5232418}
\.
COPY public.answers (model, question, rank, item, score) FROM stdin;
als	recommend 1	1	2	4.4301586
als	recommend 1	2	1	4.343222
als	recommend 1	3	7	3.3314872
als	recommend 7	1	3	3.8367732
als	recommend 7	2	1	3.8142512
als	recommend 7	3	11	3.2533638
als	recommend 13	1	1	3.7690098
als	recommend 13	2	2	3.332718
als	recommend 13	3	5	3.0088034
als	recommend 19	1	4	4.9680605
als	recommend 19	2	7	4.444429
als	recommend 19	3	10	3.7445335
als	recommend_for	1	9	4.8613167
als	recommend_for	2	7	4.734857
als	recommend_for	3	4	4.690909
als	predict 1	2	2	4.4301586
als	predict 1	7	7	3.3314872
als	predict 19	7	7	4.444429
als	similar_items 1	1	9	0.47515333
als	similar_items 1	2	8	0.43869677
als	similar_items 7	1	12	0.40147546
als	similar_items 7	2	2	0.28451684
als	similar_users 1	1	3	0.3390067
als	similar_users 1	2	8	0.33670986
als	similar_users 10	1	9	0.28084466
als	similar_users 10	2	7	0.2628853
als	similar_users 19	1	12	0.36146367
als	similar_users 19	2	20	0.30069184
als_cg	recommend 1	1	6	0.618129
als_cg	recommend 1	2	1	0.61042994
als_cg	recommend 1	3	7	0.60270137
als_cg	recommend 7	1	3	0.6226754
als_cg	recommend 7	2	6	0.61749697
als_cg	recommend 7	3	1	0.60980713
als_cg	recommend 13	1	3	0.64309
als_cg	recommend 13	2	5	0.635182
als_cg	recommend 13	3	1	0.6298231
als_cg	recommend 19	1	1	0.62973595
als_cg	recommend 19	2	4	0.62874335
als_cg	recommend 19	3	7	0.62176234
als_cg	recommend_for	1	12	0.4125837
als_cg	recommend_for	2	9	0.36724702
als_cg	recommend_for	3	6	0.36672646
als_cg	predict 1	2	2	0.5997756
als_cg	predict 1	7	7	0.60270137
als_cg	predict 19	7	7	0.62176234
als_cg	similar_items 1	1	10	0.99999976
als_cg	similar_items 1	2	11	0.9999949
als_cg	similar_items 7	1	6	0.99999964
als_cg	similar_items 7	2	10	0.9999949
als_cg	similar_users 1	1	18	1
als_cg	similar_users 1	2	2	0.9999999
als_cg	similar_users 10	1	4	0.9999997
als_cg	similar_users 10	2	5	0.9999997
als_cg	similar_users 19	1	7	1
als_cg	similar_users 19	2	2	0.9999999
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
bpr	recommend 1	1	7	-0.13101014
bpr	recommend 1	2	2	-0.16014214
bpr	recommend 1	3	10	-0.16923809
bpr	recommend 7	1	10	-0.15358873
bpr	recommend 7	2	11	-0.15813054
bpr	recommend 7	3	3	-0.18663162
bpr	recommend 13	1	2	-0.14505614
bpr	recommend 13	2	5	-0.15854216
bpr	recommend 13	3	1	-0.18553124
bpr	recommend 19	1	11	-0.112030506
bpr	recommend 19	2	7	-0.12023976
bpr	recommend 19	3	4	-0.13013831
bpr	recommend_for	1	12	1.8724872
bpr	recommend_for	2	10	-0.08864209
bpr	recommend_for	3	7	-0.09242744
bpr	predict 1	2	2	-0.16014214
bpr	predict 1	7	7	-0.13101014
bpr	predict 19	7	7	-0.12023976
bpr	similar_items 1	1	2	0.7584178
bpr	similar_items 1	2	10	0.68761426
bpr	similar_items 7	1	10	0.6554568
bpr	similar_items 7	2	12	0.5941864
bpr	similar_users 1	1	18	1
bpr	similar_users 1	2	7	0.852684
bpr	similar_users 10	1	5	0.680454
bpr	similar_users 10	2	1	0.483369
bpr	similar_users 19	1	2	1
bpr	similar_users 19	2	16	0.9255404
item_knn	recommend 1	1	2	2.5550985
item_knn	recommend 1	2	7	1.422709
item_knn	recommend 1	3	6	1.2940876
item_knn	recommend 7	1	3	2.5578084
item_knn	recommend 7	2	8	2.1261206
item_knn	recommend 7	3	6	1.7522402
item_knn	recommend 13	1	1	2.7405496
item_knn	recommend 13	2	4	1.736206
item_knn	recommend 13	3	5	1.6637015
item_knn	recommend 19	1	4	2.4897113
item_knn	recommend 19	2	8	2.2292552
item_knn	recommend 19	3	7	1.67974
item_knn	recommend_for	1	12	0.73083663
item_knn	recommend_for	2	5	0.5167688
item_knn	recommend_for	3	9	0.42874897
item_knn	predict 1	2	2	2.5550985
item_knn	predict 1	7	7	1.422709
item_knn	predict 19	7	7	1.67974
item_knn	similar_items 1	1	12	0.35966662
item_knn	similar_items 1	2	10	0.27827147
item_knn	similar_items 7	1	12	0.34965032
item_knn	similar_items 7	2	10	0.25831234
item_knn	similar_users 1	1	18	0.96050096
item_knn	similar_users 1	2	9	0.7296188
item_knn	similar_users 10	1	14	0.7380244
item_knn	similar_users 10	2	12	0.73801965
item_knn	similar_users 19	1	2	0.848179
item_knn	similar_users 19	2	16	0.736436
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
user_knn	recommend_for	2	6	3.80835
user_knn	recommend_for	3	9	3.67012
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
ease	recommend 1	1	2	1.0160159
ease	recommend 1	2	7	0.61559826
ease	recommend 1	3	11	0.5848527
ease	recommend 7	1	3	1.088804
ease	recommend 7	2	8	1.0071465
ease	recommend 7	3	6	0.8250413
ease	recommend 13	1	1	1.4307055
ease	recommend 13	2	4	1.0068733
ease	recommend 13	3	5	0.81461257
ease	recommend 19	1	8	0.93750554
ease	recommend 19	2	4	0.93441445
ease	recommend 19	3	7	0.8090824
ease	recommend_for	1	12	0.43943208
ease	recommend_for	2	5	0.2642401
ease	recommend_for	3	11	0.2615022
ease	predict 1	2	2	1.0160159
ease	predict 1	7	7	0.61559826
ease	predict 19	7	7	0.8090824
ease	similar_items 1	1	12	0.18160549
ease	similar_items 1	2	11	0.15422764
ease	similar_items 7	1	12	0.14899713
ease	similar_items 7	2	6	0.14885025
ease	similar_users 1	1	18	0.96050096
ease	similar_users 1	2	9	0.7296188
ease	similar_users 10	1	14	0.7380244
ease	similar_users 10	2	12	0.73801965
ease	similar_users 19	1	2	0.848179
ease	similar_users 19	2	16	0.736436
slim	recommend 1	1	2	1.0392109
slim	recommend 1	2	7	0.6421342
slim	recommend 1	3	11	0.5945496
slim	recommend 7	1	3	1.1600032
slim	recommend 7	2	8	1.0482035
slim	recommend 7	3	6	0.90722
slim	recommend 13	1	1	1.419787
slim	recommend 13	2	4	1.0303788
slim	recommend 13	3	5	0.9216972
slim	recommend 19	1	8	0.9785924
slim	recommend 19	2	4	0.95833015
slim	recommend 19	3	7	0.8617799
slim	recommend_for	1	12	0.45682412
slim	recommend_for	2	11	0.2799958
slim	recommend_for	3	5	0.25506324
slim	predict 1	2	2	1.0392109
slim	predict 1	7	7	0.6421342
slim	predict 19	7	7	0.8617799
slim	similar_items 1	1	12	0.1847115
slim	similar_items 1	2	11	0.1776128
slim	similar_items 7	1	6	0.1658754
slim	similar_items 7	2	10	0.15039556
slim	similar_users 1	1	18	0.96050096
slim	similar_users 1	2	9	0.7296188
slim	similar_users 10	1	14	0.7380244
slim	similar_users 10	2	12	0.73801965
slim	similar_users 19	1	2	0.848179
slim	similar_users 19	2	16	0.736436
markov	recommend 1	1	2	0.12489891
markov	recommend 1	2	7	0.11822106
markov	recommend 1	3	11	0.10764674
markov	recommend 7	1	8	0.16755149
markov	recommend 7	2	1	0.12185176
markov	recommend 7	3	6	0.080187984
markov	recommend 13	1	3	0.14710131
markov	recommend 13	2	2	0.107939735
markov	recommend 13	3	5	0.076651014
markov	recommend 19	1	7	0.14820552
markov	recommend 19	2	11	0.12002044
markov	recommend 19	3	4	0.09857641
markov	recommend_for	1	12	0.16823062
markov	recommend_for	2	7	0.13726503
markov	recommend_for	3	11	0.11140235
markov	predict 1	2	2	0.12489891
markov	predict 1	7	7	0.11822106
markov	predict 19	7	7	0.14820552
markov	similar_items 1	1	12	0.5071851
markov	similar_items 1	2	9	0.13524938
markov	similar_items 7	1	8	0.24107207
markov	similar_items 7	2	11	0.1886651
markov	similar_users 1	1	18	0.879008
markov	similar_users 1	2	7	0.7501387
markov	similar_users 10	1	12	0.7194423
markov	similar_users 10	2	14	0.6805889
markov	similar_users 19	1	16	0.74138457
markov	similar_users 19	2	4	0.71914655
session_knn	recommend 1	1	10	1.1386294
session_knn	recommend 1	2	6	0
session_knn	recommend 1	3	2	0
session_knn	recommend 7	1	11	1.1597016
session_knn	recommend 7	2	6	0
session_knn	recommend 7	3	3	0
session_knn	recommend 13	1	2	0
session_knn	recommend 13	2	3	0
session_knn	recommend 13	3	5	0
session_knn	recommend 19	1	10	1.1386294
session_knn	recommend 19	2	7	0
session_knn	recommend 19	3	8	0
session_knn	recommend_for	1	10	0.55896354
session_knn	recommend_for	2	9	0.3607086
session_knn	recommend_for	3	12	0.18181817
session_knn	predict 1	2	2	0
session_knn	predict 1	7	7	0
session_knn	predict 19	7	7	0
session_knn	similar_items 1	1	12	0.7905694
session_knn	similar_items 1	2	8	0.5477226
session_knn	similar_users 1	1	18	0.879008
session_knn	similar_users 1	2	7	0.7501387
session_knn	similar_users 10	1	12	0.7194423
session_knn	similar_users 10	2	14	0.6805889
session_knn	similar_users 19	1	16	0.74138457
session_knn	similar_users 19	2	4	0.71914655
popular	recommend 1	1	6	21.779566
popular	recommend 1	2	1	20.457638
popular	recommend 1	3	7	19.72067
popular	recommend 7	1	3	22.13571
popular	recommend 7	2	6	21.779566
popular	recommend 7	3	1	20.457638
popular	recommend 13	1	3	22.13571
popular	recommend 13	2	5	21.550747
popular	recommend 13	3	4	20.890596
popular	recommend 19	1	4	20.890596
popular	recommend 19	2	1	20.457638
popular	recommend 19	3	7	19.72067
popular	recommend_for	1	12	39.76327
popular	recommend_for	2	9	22.457638
popular	recommend_for	3	6	21.779566
popular	predict 1	2	2	19.305634
popular	predict 1	7	7	19.72067
popular	predict 19	7	7	19.72067
popular	similar_items 1	1	4	0.9806917
popular	similar_items 1	2	7	0.96713406
popular	similar_items 7	1	2	0.9814909
popular	similar_items 7	2	8	0.9712865
popular	similar_users 1	1	18	0.96050096
popular	similar_users 1	2	9	0.7296188
popular	similar_users 10	1	14	0.7380244
popular	similar_users 10	2	12	0.73801965
popular	similar_users 19	1	2	0.848179
popular	similar_users 19	2	16	0.736436
fm	recommend 1	1	2	0.46104497
fm	recommend 1	2	6	-0.47302026
fm	recommend 1	3	7	-0.6791614
fm	recommend 7	1	3	0.5965252
fm	recommend 7	2	8	0.18380132
fm	recommend 7	3	6	-0.26981118
fm	recommend 13	1	1	0.77747375
fm	recommend 13	2	4	0.02699086
fm	recommend 13	3	2	-0.17719764
fm	recommend 19	1	4	0.3789379
fm	recommend 19	2	8	0.19085175
fm	recommend 19	3	7	-0.51939636
fm	recommend_for	1	12	0.30206272
fm	recommend_for	2	9	-0.7994849
fm	recommend_for	3	5	-0.8635361
fm	predict 1	2	2	0.46104497
fm	predict 1	7	7	-0.6791614
fm	predict 19	7	7	-0.51939636
fm	similar_items 1	1	6	0.9935055
fm	similar_items 1	2	11	0.9856531
fm	similar_items 7	1	10	0.9409719
fm	similar_items 7	2	1	0.84014
fm	similar_users 1	1	18	0.99994385
fm	similar_users 1	2	9	0.9997348
fm	similar_users 10	1	4	0.9999272
fm	similar_users 10	2	7	0.808964
fm	similar_users 19	1	2	0.9999872
fm	similar_users 19	2	9	0.98646724
content	recommend 1	1	6	0.7516579
content	recommend 1	2	2	0.45831707
content	recommend 1	3	11	0.38197976
content	recommend 7	1	6	0.6554525
content	recommend 7	2	3	0.6454421
content	recommend 7	3	1	0.6125109
content	recommend 13	1	13	0.61289346
content	recommend 13	2	14	0.59363675
content	recommend 13	3	5	0.12181653
content	recommend 19	1	1	0.38261157
content	recommend 19	2	8	0.36479187
content	recommend 19	3	4	0.29516733
content	recommend_for	1	4	0.75419676
content	recommend_for	2	5	0.67607105
content	recommend_for	3	6	0.5593666
content	predict 1	2	2	0.45831707
content	predict 1	7	7	0.21169797
content	predict 19	7	7	0.05541798
content	similar_items 1	1	4	0.95513386
content	similar_items 1	2	2	0.68544346
content	similar_items 7	1	4	0.8300573
content	similar_items 7	2	10	0.77849895
content	similar_users 1	1	18	0.96050096
content	similar_users 1	2	9	0.7296188
content	similar_users 10	1	14	0.7380244
content	similar_users 10	2	12	0.73801965
content	similar_users 19	1	2	0.848179
content	similar_users 19	2	16	0.736436
fm_in_context	recommend 1	1	14	-0.06599757
fm_in_context	recommend 1	2	13	-0.23342077
fm_in_context	recommend 1	3	2	-0.27833003
fm_in_context	recommend 7	1	14	-0.05827508
fm_in_context	recommend 7	2	13	-0.11633148
fm_in_context	recommend 7	3	3	-0.304539
fm_in_context	recommend 13	1	13	0.30252513
fm_in_context	recommend 13	2	14	0.16917303
fm_in_context	recommend 13	3	1	-0.12795451
fm_in_context	recommend 19	1	14	0.08767851
fm_in_context	recommend 19	2	13	-0.1631696
fm_in_context	recommend 19	3	8	-0.25663465
fm_in_context	recommend_for	1	12	-0.01731062
fm_in_context	recommend_for	2	14	-0.43686938
fm_in_context	recommend_for	3	13	-0.5120613
fm_in_context	predict 1	2	2	-0.27833003
fm_in_context	predict 1	7	7	-0.7558545
fm_in_context	predict 19	7	7	-0.7867281
fm_in_context	similar_items 1	1	13	0.9877721
fm_in_context	similar_items 1	2	11	0.96840495
fm_in_context	similar_items 7	1	10	0.993541
fm_in_context	similar_items 7	2	13	0.95892674
fm_in_context	similar_users 1	1	18	0.9999609
fm_in_context	similar_users 1	2	2	0.93703794
fm_in_context	similar_users 10	1	4	0.9941498
fm_in_context	similar_users 10	2	7	0.9103259
fm_in_context	similar_users 19	1	2	0.99982697
fm_in_context	similar_users 19	2	1	0.9303809
als_described	recommend 1	1	1	4.407659
als_described	recommend 1	2	7	2.9117932
als_described	recommend 1	3	13	2.721172
als_described	recommend 7	1	1	4.66057
als_described	recommend 7	2	3	3.934934
als_described	recommend 7	3	10	3.7296026
als_described	recommend 13	1	1	3.8811264
als_described	recommend 13	2	5	3.0441487
als_described	recommend 13	3	14	2.6303577
als_described	recommend 19	1	4	5
als_described	recommend 19	2	11	4.52417
als_described	recommend 19	3	14	3.5410833
als_described	recommend_for	1	8	4.818712
als_described	recommend_for	2	9	4.661532
als_described	recommend_for	3	11	4.4709
als_described	predict 1	2	2	2.4900198
als_described	predict 1	7	7	2.9117932
als_described	predict 19	7	7	2.991361
als_described	similar_items 1	1	9	0.9274184
als_described	similar_items 1	2	8	0.4996247
als_described	similar_items 7	1	12	0.78106993
als_described	similar_items 7	2	6	0.59844816
als_described	similar_users 1	1	8	0.9928044
als_described	similar_users 1	2	9	0.9245009
als_described	similar_users 10	1	2	0.8274784
als_described	similar_users 10	2	7	0.7808905
als_described	similar_users 19	1	12	0.8418764
als_described	similar_users 19	2	5	0.81479347
shop."Al so"	recommend 1	1	item 1	4.0338097
shop."Al so"	recommend 1	2	item 11	2.8901753
shop."Al so"	recommend 1	3	item 7	2.6932418
shop."Al so"	recommend 7	1	item 10	3.7009761
shop."Al so"	recommend 7	2	item 3	3.542634
shop."Al so"	recommend 7	3	item 11	3.2558298
shop."Al so"	recommend 13	1	item 1	3.7723393
shop."Al so"	recommend 13	2	item 2	3.5700238
shop."Al so"	recommend 13	3	item 4	3.3313918
shop."Al so"	recommend 19	1	item 4	4.9743233
shop."Al so"	recommend 19	2	item 7	3.7371132
shop."Al so"	recommend 19	3	item 11	3.4959075
\.
COPY public.bpr (item_id, n_ratings, bias, factors, popularity) FROM stdin;
1	10	-0.20115072	{0.13290231,0.09428722,-0.035880405,-0.0019036597}	0.15971923
2	10	-0.1439289	{0.035139885,0.022634171,0.009925294,0.026641915}	0.21589287
3	11	-0.18418264	{0.0097009875,-0.022328384,-0.07239845,0.034031894}	0.19984514
4	11	-0.14624223	{-0.08286547,-0.08288957,0.064158574,0.19459072}	0.17851439
5	11	-0.17030819	{-0.015145571,-0.098248616,-0.0061118356,-0.16328956}	0.18462457
6	11	-0.20962594	{0.06806376,0.028201854,0.16362704,-0.069526345}	0.2493977
7	10	-0.070808195	{-0.08779497,0.11216165,-0.05140575,-0.10102549}	0.18775249
8	10	-0.2308028	{-0.057473507,-0.034896,-0.090623945,0.00077626214}	0.18576884
9	12	-0.18645859	{0.041925333,-0.047638018,0.0790505,0.06408104}	0.23673098
10	10	-0.11040933	{0.01852472,0.097366855,-0.07373637,-0.017902583}	0.16551383
11	9	-0.12361476	{0.05912492,0.05206237,0.056908,-0.08978562}	0.16211636
12	20	1.8841546	{-0.003303587,-0.005749761,-0.05838599,-0.080574594}	0.36084485
\.
COPY public.bpr_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	bpr	{"seed": 0, "factors": 4, "feedback": "implicit", "validate": false, "negatives": 10, "iterations": 10, "warm_start": true, "learning_rate": 0.1, "regularization": null}	{"regularization": 0.025}	public.ratings	user_id	item_id	rating	at	1	2026-11-30 23:38:08.127208+00	135	20	12	\N	2.9925925925925925	1.0363489780906694	1	5	0.6110402187332511	0.012485898	\N	\N	\N	\N	\N	\N
\.
COPY public.bpr_users (user_id, n_ratings, factors) FROM stdin;
1	6	{-0.27286893,-0.556533,-0.06600785,0.24874897}
2	6	{0.11810388,-0.30769432,0.24041697,-0.07728427}
3	7	{0.032350272,0.26246607,0.18739334,0.28578544}
4	7	{-0.308403,0.0035125678,-0.56032777,-0.3239602}
5	6	{-0.11404995,-0.029636407,0.08195391,0.39010826}
6	7	{-0.12059268,0.1340339,-0.62642527,-0.37802368}
7	6	{-0.30732685,-0.27097103,0.12524734,0.10430723}
8	6	{0.38905352,0.080226496,0.25925547,0.04472013}
9	8	{0.10525603,-0.4022153,0.13893461,0.22837445}
10	7	{-0.34128317,0.03620437,-0.19168173,0.30318353}
11	7	{0.19041732,0.37696794,0.03517963,-0.7126218}
12	8	{0.30953044,0.104453065,-0.030006392,0.701496}
13	7	{-0.052647747,0.26710355,0.08382741,-0.23102242}
14	12	{0,0,0,0}
15	4	{0.23392148,0.28125924,-0.09713498,-0.03665342}
16	6	{-0.04067492,-0.3391534,0.30661657,-0.059672482}
17	6	{0.08569919,0.31761852,-0.045604896,-0.06964557}
18	6	{-0.27286893,-0.556533,-0.06600785,0.24874897}
19	6	{0.11810388,-0.30769432,0.24041697,-0.07728427}
20	7	{0.032350272,0.26246607,0.18739334,0.28578544}
\.
COPY public.content (item_id, n_ratings, features, weights) FROM stdin;
1	10	{1,3}	{0.52704626,-0.8498366}
2	10	{2,3}	{0.59115344,-0.80655915}
3	11	{0,3}	{0.6672372,-0.74484533}
4	11	{1,3}	{0.7550996,-0.6556101}
5	11	{2,3}	{0.8498366,-0.52704626}
6	11	{0,3}	{0.9372184,-0.3487429}
7	10	{1,3}	{0.99239534,-0.12309149}
8	10	{2,3}	{0.99239534,0.12309149}
9	12	{0,3}	{0.9372184,0.3487429}
10	10	{1,3}	{0.8498366,0.52704626}
11	9	{2,3}	{0.7550996,0.6556101}
12	20	{3,0}	{0.74484533,0.6672372}
13	0	{3,1}	{0.80655915,0.59115344}
14	0	{3,2}	{0.8498366,0.52704626}
\.
COPY public.content_features (feature, n_rows, number, low, high, mean, scale) FROM stdin;
kind=kind 0	4	0	\N	\N	\N	1.2527629137039185
kind=kind 1	5	1	\N	\N	\N	1.0296194553375244
kind=kind 2	5	2	\N	\N	\N	1.0296194553375244
year	14	3	1981	1994	1987.5	0.24806946917841693
\.
COPY public.content_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	content	{"weight": "log", "feedback": "implicit", "half_life": "0", "min_count": 1}	\N	public.ratings	user_id	item_id	rating	\N	1	2026-11-30 23:38:08.284804+00	135	20	14	\N	1.9422133763631184	0.414139148689175	1	2.5849626064300537	\N	0.003676497	public.film	4	\N	\N	\N	\N
\.
COPY public.ease (item_id, n_ratings, variance, weights, popularity) FROM stdin;
1	10	0.0154472515	{0,-0.018048057,-0.035560004,-0.024042824,0.02035094,0.115563005,0.11617306,0.010642364,0.075609736,0.10502044,0.15469837,0.17386383}	0.15971923
2	10	0.015349538	{-0.017933892,0,0.10902512,0.10106968,0.06304325,0.09555081,0.017216958,0.11548258,0.043470994,-0.015423921,0.033856384,0.108933955}	0.21589287
3	11	0.014818255	{-0.034112036,0.105251506,0,0.059761476,0.1808459,0.003359311,-0.03594822,0.06008393,0.0842775,0.0062467083,0.07294744,0.1566343}	0.19984514
4	11	0.014771064	{-0.022990374,0.09726069,0.05957116,0,0.029751481,-0.007870431,0.01445343,0.09332711,0.14626007,0.049181562,0.06220366,0.13801476}	0.17851439
5	11	0.01495635	{0.019704204,0.06142836,0.18253127,0.030124681,0,-0.024392713,0.07009605,0.08589519,0.11544452,-0.006991784,-0.016743286,0.15389723}	0.18462457
6	11	0.015026236	{0.11241333,0.093538254,0.0034064604,-0.008006394,-0.024506692,0,0.14397144,-0.0025562835,0.068945244,0.040349178,0.02022653,0.19228536}	0.2493977
7	10	0.016061889	{0.12079552,0.018015973,-0.038965203,0.015716497,0.07527739,0.15389438,0,0.10262624,0.001261515,0.13609454,-0.0031044406,0.14545572}	0.18775249
8	10	0.015773984	{0.010867465,0.11867591,0.063959144,0.099663794,0.0905909,-0.0026834914,0.10078669,0,0.028700655,0.0029553375,0.04652812,0.12491313}	0.18576884
9	12	0.0145407375	{0.07117262,0.041180413,0.08269915,0.14397943,0.1122365,0.066717625,0.0011420425,0.026456773,0,-0.020139595,0.034248736,0.12566662}	0.23673098
10	10	0.016437374	{0.11175194,-0.016517028,0.0069292556,0.05472969,-0.007684132,0.04413843,0.13927607,0.0030796272,-0.022766525,0,0.08820467,0.16592042}	0.16551383
11	9	0.015353386	{0.15375835,0.03386487,0.07558179,0.06465593,-0.017187757,0.020666901,-0.0029675013,0.045287494,0.036162823,0.08238788,0,0.105470076}	0.16211636
12	20	0.016853524	{0.18969189,0.119607575,0.17814784,0.15747242,0.17341869,0.21566851,0.15262473,0.13346194,0.1456546,0.17012107,0.11577527,0}	0.36084485
\.
COPY public.ease_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	ease	{"weight": "log", "feedback": "implicit", "validate": false, "max_items": 20000, "regularization": null}	{"regularization": 43.45417410157507}	public.ratings	user_id	item_id	rating	at	1	2026-11-30 23:38:08.168966+00	135	20	12	\N	1.9422133763631184	0.414139148689175	1	2.5849626064300537	256.76160095435716	0.009327648	\N	\N	\N	\N	\N	\N
\.
COPY public.film (item_id, kind, year) FROM stdin;
1	kind 1	1981
2	kind 2	1982
3	kind 0	1983
4	kind 1	1984
5	kind 2	1985
6	kind 0	1986
7	kind 1	1987
8	kind 2	1988
9	kind 0	1989
10	kind 1	1990
11	kind 2	1991
12	kind 0	1992
13	kind 1	1993
14	kind 2	1994
\.
COPY public.fm (item_id, n_ratings, bias, factors, missing, popularity) FROM stdin;
1	10	-0.12816693	{1.1101537,-0.24489386}	0.2393207	0.15971923
2	10	-0.17803985	{-0.6537678,-0.14089322}	0.24486253	0.21589287
3	11	-0.01642312	{-0.8266609,0.46095705}	0.24224897	0.19984514
4	11	-0.050965432	{-0.39125293,0.07770614}	0.24737342	0.17851439
5	11	-0.040779054	{-0.82188237,0.3838295}	0.24359792	0.18462457
6	11	-0.029371908	{0.59777594,-0.061841145}	0.2474783	0.2493977
7	10	-0.16836342	{0.47251618,-0.4772406}	0.2459198	0.18775249
8	10	-0.18516058	{-0.5660934,-0.27716413}	0.24645175	0.18576884
9	12	0.08166051	{-0.23308723,0.44431627}	0.24769403	0.23673098
10	10	-0.22064565	{0.8565329,-0.40855315}	0.24080843	0.16551383
11	9	-0.30729502	{0.6431277,-0.030585624}	0.24439016	0.16211636
12	20	1.2179435	{0.027475573,0.005869501}	0.25	0.36084485
\.
COPY public.fm_in_context (item_id, n_ratings, bias, factors, missing) FROM stdin;
1	10	-0.6093987	{0.5826063,-0.2601633}	0.24203233
2	10	-0.5515023	{-0.58481073,0.053497147}	0.24355803
3	11	-0.43299207	{-0.49108726,0.42764932}	0.24549137
4	11	-0.51474595	{-0.005180791,-0.097371146}	0.24568036
5	11	-0.44461146	{-0.60445577,0.3151032}	0.24502818
6	11	-0.33551526	{0.14680052,0.27159286}	0.24800593
7	10	-0.49545598	{0.37222975,-0.43599212}	0.24420255
8	10	-0.500595	{-0.37550533,-0.18721388}	0.24516127
9	12	-0.35171503	{-0.042258956,0.2272282}	0.24779442
10	10	-0.5393293	{0.5665761,-0.5282529}	0.2428316
11	9	-0.6194698	{0.22850901,-0.038740404}	0.24354185
12	20	0.33152056	{0.015039373,0.1948006}	0.24553405
13	0	-0.07561076	{0.27045035,-0.17585042}	0
14	0	-0.09055231	{-0.06000589,-0.015330546}	0
\.
COPY public.fm_in_context_context_features (feature, n_rows, bias, factors, number, low, high, mean, scale) FROM stdin;
rating	135	0.0006311593	{0.008811712,0.10610573}	0	1	5	2.992592592592593	0.9649259285635245
\.
COPY public.fm_in_context_features (feature, n_rows, bias, factors, number, low, high, mean, scale) FROM stdin;
kind=kind 0	4	-0.093698084	{-0.037870094,0.12724763}	0	\N	\N	\N	1.2527629137039185
kind=kind 1	5	-0.26029968	{0.17967997,-0.1455167}	1	\N	\N	\N	1.0296194553375244
kind=kind 2	5	-0.26564905	{-0.16727999,0.020518404}	2	\N	\N	\N	1.0296194553375244
year	14	0.120175466	{0.06652857,-0.022232573}	3	1981	1994	1987.5	0.24806946917841693
\.
COPY public.fm_in_context_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	fm	{"clip": true, "seed": 0, "weight": "log", "factors": 2, "feedback": "implicit", "validate": false, "min_count": 1, "negatives": 5, "tolerance": 0.0001, "iterations": 4, "warm_start": true, "regularization": null, "regularization_scaling": 0.5, "attribute_regularization": 2}	{"regularization": 0.7}	public.ratings	user_id	item_id	\N	\N	1	2026-11-30 23:38:08.301425+00	135	20	14	\N	1	0	1	1	430.31429260745523	0.008319986	public.film	4	\N	\N	{rating}	1
\.
COPY public.fm_in_context_users (user_id, n_ratings, bias, factors) FROM stdin;
1	6	-0.25007513	{-0.44483924,0.22031446}
2	6	-0.27922603	{-0.39291352,0.41823184}
3	7	-0.1067009	{0.5394563,-0.17744125}
4	7	-0.10381654	{-0.27873054,-0.1582522}
5	6	-0.2245596	{-0.07591468,-0.11849094}
6	7	-0.11241516	{0.048777524,-0.20290118}
7	6	-0.23211168	{-0.2189254,0.0040660826}
8	6	-0.28403664	{0.21259779,0.2630754}
9	8	0.0095004225	{-0.1513047,0.013024294}
10	7	-0.115706995	{-0.21652862,-0.09363544}
11	7	-0.1004879	{0.40092093,-0.10227504}
12	8	-0.056599144	{0.11869691,-0.03765316}
13	7	0.024266688	{0.29666662,-0.12693271}
14	12	0.38816574	{0.0011597904,-0.052133147}
15	4	-0.59406835	{0.5592211,-0.26846805}
16	6	-0.20782007	{-0.12273816,0.35685033}
17	6	-0.1659476	{0.081833765,-0.19323882}
18	6	-0.3093788	{-0.41383076,0.20042092}
19	6	-0.09562467	{-0.5233962,0.5783092}
20	7	-0.1526923	{0.48708484,-0.14789282}
\.
COPY public.fm_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	fm	{"clip": true, "seed": 0, "weight": "log", "factors": 2, "feedback": "implicit", "validate": false, "min_count": 5, "negatives": 5, "tolerance": 0.0001, "iterations": 4, "warm_start": true, "regularization": null, "regularization_scaling": 0.5, "attribute_regularization": 2}	{"regularization": 0.7}	public.ratings	user_id	item_id	rating	at	1	2026-11-30 23:38:08.229481+00	135	20	12	\N	1.9422133763631184	0.414139148689175	1	2.5849626064300537	295.75858856387	0.001343156	\N	\N	\N	\N	\N	\N
\.
COPY public.fm_users (user_id, n_ratings, bias, factors) FROM stdin;
1	6	-0.13491645	{-0.8923241,0.43072283}
2	6	-0.20988108	{-0.63951814,0.46862087}
3	7	0.04834364	{0.81612086,-0.16970383}
4	7	0.041251	{-0.52335024,-0.21896926}
5	6	-0.16205725	{-0.2037754,-0.36056495}
6	7	0.07947015	{0.0036096217,-0.17105749}
7	6	-0.1551733	{-0.54890436,0.13677944}
8	6	-0.13330886	{0.48173627,0.42032766}
9	8	0.30728307	{-0.21629801,0.11061892}
10	7	0.08177382	{-0.495743,-0.20042205}
11	7	0.07767301	{0.8800505,-0.19760479}
12	8	0.23751111	{0.12754366,0.12983999}
13	7	0.04076536	{0.4984533,-0.24582565}
14	12	1.0737069	{0.05824763,-0.05736945}
15	4	-0.5992271	{1.0204029,-0.19895469}
16	6	-0.29804647	{-0.17796783,0.37241438}
17	6	-0.108465195	{0.29297382,-0.53147876}
18	6	-0.1003405	{-0.93445426,0.46333426}
19	6	-0.09635479	{-0.6126193,0.45369163}
20	7	0.049777158	{0.75306284,-0.1947376}
\.
COPY public.item_knn (item_id, n_ratings, neighbors, similarities, bias, norm, popularity) FROM stdin;
1	10	{12,10,11,7,6,9}	{0.35966662,0.27827147,0.23977754,0.22018561,0.21271792,0.16716048}	0	4.642657	0.15971923
2	10	{12,8,3,4,5,9}	{0.3334197,0.21433124,0.20232403,0.19962603,0.19816424,0.18355112}	0	4.4644117	0.21589287
3	11	{12,5,9,2,8,4}	{0.37117,0.31860456,0.24519783,0.20232403,0.19711843,0.19048874}	0	4.8480487	0.19984514
4	11	{12,9,8,2,5,3}	{0.36580673,0.2864301,0.21586621,0.19962603,0.19298002,0.19048874}	0	4.627476	0.17851439
5	11	{12,3,9,8,2,4}	{0.37288547,0.31860456,0.25484988,0.20411544,0.19816424,0.19298002}	0	4.7300377	0.18462457
6	11	{12,9,7,1,10,2}	{0.38931578,0.22199485,0.22084552,0.21271792,0.1825935,0.1701626}	0	4.773437	0.2493977
7	10	{12,10,6,1,8,5}	{0.34965032,0.25831234,0.22084552,0.22018561,0.20877533,0.15292883}	0	4.383561	0.18775249
8	10	{12,4,2,7,5,3}	{0.34452295,0.21586621,0.21433124,0.20877533,0.20411544,0.19711843}	0	4.3891425	0.18576884
9	12	{12,4,5,3,6,2}	{0.39664626,0.2864301,0.25484988,0.24519783,0.22199485,0.18355112}	0	4.866617	0.23673098
10	10	{12,1,7,11,6,8}	{0.35226804,0.27827147,0.25831234,0.18437436,0.1825935,0.13490564}	0	4.3307576	0.16551383
11	9	{12,1,10,3,6,4}	{0.3057455,0.23977754,0.18437436,0.14479993,0.14180163,0.13381132}	0	4.3262715	0.16211636
12	20	{9,6,5,3,4,1}	{0.39664626,0.38931578,0.37288547,0.37117,0.36580673,0.35966662}	0	6.532524	0.36084485
\.
COPY public.item_knn_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	item_knn	{"clip": true, "alpha": 0.5, "prior": 0, "weight": "log", "damping": 5, "feedback": "implicit", "neighbors": 6, "normalize": false, "shrinkage": 10, "weighting": "tfidf", "min_common": 1, "similarity": "cosine"}	\N	public.ratings	user_id	item_id	rating	at	1	2026-11-30 23:38:08.13078+00	135	20	12	\N	1.9422133763631184	0.414139148689175	1	2.5849626064300537	\N	0.000978438	\N	\N	\N	\N	\N	\N
\.
COPY public.markov (item_id, n_ratings, share, transitions, events, next_items, next_weights, popularity) FROM stdin;
1	10	0.074074075	19.716667	10	{12,9,5,6,2,10,7,11,3,8}	{10,2.6666667,2,1.6666666,1.3333334,0.75,0.45,0.4,0.25,0.2}	0.15971923
2	10	0.074074075	11.616667	10	{6,7,3,10,11,4,8,12}	{4,2,1.5,1.5,1,0.8333333,0.5833333,0.2}	0.21589287
3	11	0.08148148	17.105158	11	{7,11,4,12,8,5,1,2,9,6,10}	{4,3.5,2.3333333,2.3333333,1.25,1.0928571,0.8666667,0.7277778,0.65833336,0.2,0.14285715}	0.19984514
4	11	0.08148148	18.926191	11	{8,12,1,9,2,5,6,3,10,7,11}	{5,4.6666665,4,1.65,0.9166667,0.8333333,0.5,0.45,0.4,0.36666667,0.14285715}	0.17851439
5	11	0.08148148	17.45	11	{9,2,6,3,4,11,10,7,12}	{7,3.5,2.6666667,1.75,0.8333333,0.6666667,0.5,0.33333334,0.2}	0.18462457
6	11	0.08148148	13.595634	11	{10,3,7,11,4,8,12,1,5,9}	{4,3.5,1.8333334,1.25,1.0333333,1,0.625,0.14285715,0.11111111,0.1}	0.2493977
7	10	0.074074075	15.901191	10	{8,11,4,12,1,5,9,6,2,10}	{3.8333333,3,2.5,2.0333333,1.75,1,0.64285713,0.6,0.375,0.16666667}	0.18775249
8	10	0.074074075	17.683332	10	{12,1,5,9,2,3,6,7,4,11}	{7.5,3,2.5,1.6666666,1.2333333,0.8333333,0.33333334,0.25,0.2,0.16666667}	0.18576884
9	12	0.08888889	17.333334	12	{2,6,3,10,4,7,11}	{6,5,2.8333333,1,0.8333333,0.8333333,0.8333333}	0.23673098
10	10	0.074074075	17.395636	10	{7,3,11,12,4,8,1,9,5,6,2}	{4.5,3,1.8333334,1.7595239,1.75,1.7,1.25,0.51111114,0.49166667,0.33333334,0.26666668}	0.16551383
11	9	0.06666667	14.859524	9	{4,12,1,8,9,2,5,6,10,3,7}	{4,2.9166667,2.8333333,2,0.75,0.5928571,0.53333336,0.5,0.36666667,0.2,0.16666667}	0.16211636
12	20	0.14814815	31.733334	20	{5,9,2,6,3,7,10,11,4,8}	{10,8.5,4.6666665,3.5,1.7,1.1666666,1,0.5,0.45,0.25}	0.36084485
\.
COPY public.markov_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	markov	{"order": 3, "window": 10, "feedback": "implicit", "half_life": "0", "smoothing": 10, "transitions": 200}	\N	public.ratings	user_id	item_id	rating	at	1	2026-11-30 23:38:08.196427+00	135	20	12	\N	2.9925925925925925	1.0363489780906694	1	5	\N	0.013315904	\N	\N	\N	\N	\N	\N
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
markov	markov	1	135	20	12
session_knn	session_knn	1	135	20	12
popular	popular	1	135	20	12
fm	fm	1	135	20	12
content	content	1	135	20	14
fm_in_context	fm	1	135	20	14
als_described	als	1	135	20	14
\.
COPY public.popular (item_id, n_ratings, score, popularity) FROM stdin;
1	10	20.457638	0.15971923
2	10	19.305634	0.21589287
3	11	22.13571	0.19984514
4	11	20.890596	0.17851439
5	11	21.550747	0.18462457
6	11	21.779566	0.2493977
7	10	19.72067	0.18775249
8	10	19.076815	0.18576884
9	12	22.457638	0.23673098
10	10	17.33985	0.16551383
11	9	17.72067	0.16211636
12	20	39.76327	0.36084485
\.
COPY public.popular_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	popular	{"by": "count", "weight": "log", "damping": 5, "feedback": "implicit", "half_life": "0"}	\N	public.ratings	user_id	item_id	rating	at	1	2026-11-30 23:38:08.218213+00	135	20	12	\N	1.9422133763631184	0.414139148689175	1	2.5849626064300537	\N	0.001168464	\N	\N	\N	\N	\N	\N
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
COPY public.session_knn (item_id, n_ratings, idf, sessions, popularity) FROM stdin;
1	10	0.6931472	{0,3,4,11,13,18,20,21,26,27}	0.15971923
2	10	0.6931472	{8,14,15,23,24,28}	0.21589287
3	11	0.597837	{6,7,12}	0.19984514
4	11	0.597837	{2,10,17,22}	0.17851439
5	11	0.597837	{1,4,5,9,13,16,19,21,25,27}	0.18462457
6	11	0.597837	{}	0.2493977
7	10	0.6931472	{}	0.18775249
8	10	0.6931472	{4,21,27}	0.18576884
9	12	0.51082563	{8,14,15,23,24,28}	0.23673098
10	10	0.6931472	{6,7,12}	0.16551383
11	9	0.7985077	{2,10,17,22}	0.16211636
12	20	0	{0,1,3,4,5,9,11,13,16,18,19,20,21,25,26,27}	0.36084485
\.
COPY public.session_knn_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	session_knn	{"idf": 0.2, "decay": 1, "sample": 500, "feedback": "implicit", "neighbors": 100, "session_gap": "30 days"}	\N	public.ratings	user_id	item_id	rating	at	1	2026-11-30 23:38:08.210711+00	135	20	12	29	2.9925925925925925	1.0363489780906694	1	5	\N	0.002351519	\N	\N	\N	\N	\N	\N
\.
COPY public.session_knn_sessions (session_id, n_ratings, began, items) FROM stdin;
0	2	820540800000000	{1,12}
1	2	821491200000000	{12,5}
2	2	822355200000000	{11,4}
3	2	823305600000000	{1,12}
4	4	824515200000000	{8,1,12,5}
5	2	825120000000000	{12,5}
6	2	825984000000000	{10,3}
7	2	826416000000000	{10,3}
8	2	826848000000000	{9,2}
9	2	828316800000000	{12,5}
10	2	828748800000000	{11,4}
11	2	830131200000000	{1,12}
12	2	832377600000000	{10,3}
13	3	832896000000000	{1,12,5}
14	2	833241600000000	{9,2}
15	2	833673600000000	{9,2}
16	2	833846400000000	{12,5}
17	2	835142400000000	{11,4}
18	2	836092800000000	{1,12}
19	2	837043200000000	{12,5}
20	2	838857600000000	{1,12}
21	4	840499200000000	{8,1,12,5}
22	2	841536000000000	{11,4}
23	2	842400000000000	{9,2}
24	2	842832000000000	{9,2}
25	2	843436800000000	{12,5}
26	2	845683200000000	{1,12}
27	4	846460800000000	{8,1,12,5}
28	2	849225600000000	{9,2}
\.
COPY public.session_knn_users (user_id, n_ratings, sessions) FROM stdin;
1	6	{16}
2	6	{19,23}
3	7	{20}
4	7	{6,25}
6	7	{12,27}
7	6	{1,8}
8	6	{3}
9	8	{4,14}
10	7	{2}
11	7	{13}
12	8	{10,18,24}
14	12	{7,17,21,28}
15	4	{26}
16	6	{22}
17	6	{0}
18	6	{5}
19	6	{9,15}
20	7	{11}
\.
COPY public.slim (item_id, n_ratings, neighbors, weights, popularity) FROM stdin;
1	10	{12,11,7,10,6,9}	{0.18930931,0.16525336,0.12914005,0.114028275,0.112405226,0.05771351}	0.15971923
2	10	{8,12,3,4,6,5,9,11}	{0.13318464,0.11833393,0.11440248,0.10407323,0.09988019,0.057978697,0.031844508,0.020068817}	0.21589287
3	11	{5,12,2,9,11,4,8}	{0.2022913,0.17073032,0.11577894,0.07584705,0.06831405,0.0539219,0.050600644}	0.19984514
4	11	{12,9,8,2,11,3,10,5}	{0.16706133,0.15778522,0.107357584,0.106967576,0.056954324,0.055190384,0.04776148,0.015556685}	0.17851439
5	11	{3,12,9,8,7,2,4}	{0.20214203,0.18058628,0.11738453,0.092897065,0.069980726,0.05292119,0.01205459}	0.18462457
6	11	{12,7,1,2,9,10,11}	{0.23452428,0.1658754,0.122128345,0.093282536,0.05372788,0.02908554,0.0029147314}	0.2493977
7	10	{6,10,12,1,8,5}	{0.15816605,0.15488973,0.15174885,0.11981165,0.108084716,0.061233543}	0.18775249
8	10	{12,2,7,4,5,3,11,9}	{0.1440126,0.1258058,0.11165423,0.099566765,0.08857375,0.056526557,0.042740624,0.015181047}	0.18576884
9	12	{4,12,5,3,1,6,2,11,8}	{0.16454796,0.15241107,0.12545606,0.08525848,0.07450387,0.06657553,0.036195263,0.024926715,0.014940762}	0.23673098
10	10	{12,7,1,11,4,6}	{0.18041101,0.15039556,0.10667138,0.083086915,0.03459089,0.02167005}	0.16551383
11	9	{1,12,10,3,4,8,2,9,6}	{0.1776128,0.11999421,0.091722585,0.07418834,0.06358239,0.040269934,0.028194666,0.023971403,0.005684343}	0.16211636
12	20	{6,1,10,3,5,7,4,8,9,2,11}	{0.20822075,0.1847115,0.1809795,0.16664095,0.16259031,0.14641093,0.14324102,0.12768012,0.12366616,0.105471686,0.10109044}	0.36084485
\.
COPY public.slim_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	slim	{"l1": null, "l2": null, "weight": "log", "feedback": "implicit", "validate": false, "neighbors": 50, "tolerance": 0.003, "candidates": 100, "iterations": 100}	{"l1": 0.5, "l2": 30}	public.ratings	user_id	item_id	rating	at	1	2026-11-30 23:38:08.180555+00	135	20	12	\N	1.9422133763631184	0.414139148689175	1	2.5849626064300537	125.57863828087179	0.009363402	\N	\N	\N	\N	\N	\N
\.
COPY public.svd (item_id, n_ratings, bias, factors, popularity) FROM stdin;
1	10	0.14282924	{0.2942317,-0.34992126,-0.06568254,0.24654388}	0.15971923
2	10	-0.06458614	{0.09233728,-0.023731025,-0.21930073,-0.4529881}	0.21589287
3	11	0.10506722	{0.009840258,0.1930391,0.01905908,-0.12169168}	0.19984514
4	11	0.03908554	{-0.2744102,0.6614842,-0.46081892,0.054528486}	0.17851439
5	11	0.10107349	{-0.28004178,-0.0368151,-0.12572214,0.636718}	0.18462457
6	11	0.08591176	{-0.31906706,-0.14537355,0.0683338,0.010165665}	0.2493977
7	10	-0.013072855	{-0.04241499,-0.2682865,-0.015753338,-0.26151702}	0.18775249
8	10	-0.15287088	{0.06905189,-0.02806845,0.118873596,-0.2930859}	0.18576884
9	12	-0.052316904	{0.662969,0.018127533,-0.256903,0.32712096}	0.23673098
10	10	-0.34829205	{0.045491643,0.26837015,0.7536754,0.19296335}	0.16551383
11	9	0.034850426	{-0.09124557,0.123236366,0.23257293,0.020701729}	0.16211636
12	20	0.08732451	{-0.4390743,-0.46837378,-0.10911052,0.10844631}	0.36084485
\.
COPY public.svd_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	svd	{"clip": true, "seed": 0, "weight": "log", "damping": 5, "factors": 4, "feedback": "explicit", "validate": false, "centering": "double", "power_iterations": 15}	\N	public.ratings	user_id	item_id	rating	at	1	2026-11-30 23:38:08.102674+00	135	20	12	\N	2.9925925925925925	1.0363489780906694	1	5	26.856854053823497	0.002875846	\N	\N	\N	\N	\N	\N
\.
COPY public.svd_users (user_id, n_ratings, bias, factors) FROM stdin;
1	6	-0.09844714	{1.0224779,-0.80532694,0.14160143,0.37879527}
2	6	-0.29254815	{3.5464153,1.2109759,-0.6004165,-1.2311529}
3	7	0.09253188	{0.4521437,-2.2169502,1.0183372,-0.04010515}
4	7	-0.13856596	{-0.3811212,0.338636,0.33855286,1.5450938}
5	6	0.036170155	{-0.14046451,0.20859364,-1.903656,-0.79278535}
6	7	0.17748277	{-1.4450203,-0.97332644,-1.1299858,1.4267199}
7	6	-0.09573302	{0.866232,1.4425497,-0.48361132,0.93871576}
8	6	0.05825256	{1.7163222,-0.5478425,-0.6940033,0.74289846}
9	8	0.07106692	{1.1356068,-0.78010994,0.67860603,0.7827369}
10	7	0.0013378357	{0.6234577,0.8839182,0.28139365,-0.34446308}
11	7	0.08010228	{-0.76054543,-1.1622499,-1.3376186,-0.64502925}
12	8	-0.06805404	{-2.9975488,1.8303466,0.3199671,-0.40747726}
13	7	-0.13247351	{0.15923092,-0.32588205,-0.6129289,-0.17397259}
14	12	0.0072873845	{-0.8188489,-2.2312357,0.10927842,-0.44236362}
15	4	0.23476861	{0.49748766,1.4054188,1.9378442,0.1906944}
16	6	-0.6735335	{1.11599,-0.52934575,0.7497343,-1.1038747}
17	6	0.2689917	{-0.33398604,-0.53382057,-0.031378888,0.41016996}
18	6	0.17428014	{-0.28542462,1.9141417,-0.8591497,0.5990423}
19	6	0.2529064	{-2.0612407,-0.3675678,0.28692716,-0.6723047}
20	7	0.009198551	{-2.5681634,0.5303384,0.35795033,-0.6956457}
\.
COPY public.user_knn (item_id, n_ratings, bias, popularity) FROM stdin;
1	10	0.14280076	0.15971923
2	10	-0.064614944	0.21589287
3	11	0.10503776	0.19984514
4	11	0.03905579	0.17851439
5	11	0.10104401	0.18462457
6	11	0.085882574	0.2493977
7	10	-0.013101753	0.18775249
8	10	-0.15289967	0.18576884
9	12	-0.052347347	0.23673098
10	10	-0.34832057	0.16551383
11	9	0.034823004	0.16211636
12	20	0.08729081	0.36084485
\.
COPY public.user_knn_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	user_knn	{"clip": true, "alpha": 0.5, "prior": 0.3, "weight": "log", "damping": 5, "feedback": "explicit", "validate": false, "neighbors": 6, "normalize": true, "shrinkage": 0, "weighting": "none", "min_common": 1, "similarity": "pearson", "significance": 50}	\N	public.ratings	user_id	item_id	rating	at	1	2026-11-30 23:38:08.15741+00	135	20	12	\N	2.9925925925925925	1.0363489780906694	1	5	\N	0.001603226	\N	\N	\N	\N	\N	\N
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
shop."Al so"	1	1	50.350327258988706	4.9324e-05
shop."Al so"	1	2	29.759954272575165	1.349e-05
shop."Al so"	1	3	24.23845432481697	1.2819e-05
public.als	1	1	47.39617641317542	3.4372e-05
public.als	1	2	31.59973879502348	1.4071e-05
public.als	1	3	26.76155150914401	1.329e-05
public.als	1	4	24.023472492819497	1.332e-05
public.als_cg	1	1	2897.4085002690313	0.063051855
public.als_cg	1	2	1797.6860094788065	1.954e-05
public.als_cg	1	3	1790.0110542183	1.8728e-05
public.als_cg	1	4	1789.8544339021253	1.8588e-05
public.svd	1	1	26.856854053823497	0.000155793
public.bpr	1	1	0.6195254474878311	4.6009e-05
public.bpr	1	2	0.6013516178354621	0.010716843
public.bpr	1	3	0.6279224818572402	3.4672e-05
public.bpr	1	4	0.5734504265710711	3.0236e-05
public.bpr	1	5	0.6499448074027896	3.1457e-05
public.bpr	1	6	0.6190803241916001	3.0656e-05
public.bpr	1	7	0.6116846981458366	3.0305e-05
public.bpr	1	8	0.6377651994116604	3.0766e-05
public.bpr	1	9	0.6199892754666507	3.0366e-05
public.bpr	1	10	0.6110402187332511	3.0125e-05
public.item_knn	1	1	\N	2.5668e-05
public.user_knn	1	1	\N	4.026e-06
public.ease	1	1	256.76160095435716	6.8843e-05
public.slim	1	1	125.57863828087179	4.0281e-05
public.markov	1	1	\N	1.0956e-05
public.session_knn	1	1	\N	5.348e-06
public.fm	1	1	307.3360464283992	6.63e-05
public.fm	1	2	302.99816602050316	2.2854e-05
public.fm	1	3	296.87040921738486	2.2444e-05
public.fm	1	4	295.75858856387	6.5908e-05
public.als_described	1	1	55.696530660012634	5.5754e-05
public.als_described	1	2	35.63291863015185	2.4326e-05
public.als_described	1	3	29.29793501648195	2.3105e-05
public.als_described	1	4	25.67111695757636	2.2614e-05
public.fm_in_context	1	1	433.8393716248371	0.000274632
public.fm_in_context	1	2	432.842231186307	0.000150215
public.fm_in_context	1	3	431.2523042327775	0.00014631
public.fm_in_context	1	4	430.31429260745523	0.000200911
\.
COPY rec.model (model, user_table, source, source_name, algorithm, options, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, mean, minimum, maximum, loss, seconds, source_oid, source_owner, source_columns, user_table_oid, user_table_name, deviation, decided, sessions, format, refreshed, refreshed_at, item_relation, item_relation_name, item_relation_oid, item_relation_owner, item_features, user_relation, user_relation_name, user_relation_oid, user_relation_owner, user_features, context_columns, context_features) FROM stdin;
shop."Al so"	\N	shop."or ders"	shop."or ders"	als	{"clip": true, "seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "weight": "log", "factors": 3, "feedback": "explicit", "validate": false, "min_count": 5, "tolerance": 0.0001, "block_size": 32, "iterations": 3, "warm_start": true, "nonnegative": false, "regularization": 0.3, "regularization_scaling": 0, "attribute_regularization": 10}	who	what	rating	\N	1	2026-11-30 23:38:08.003993+00	135	20	12	2.9925925925925925	1	5	24.23845432481697	0.005094576	17486	10	{1,2,3,0}	\N	\N	1.0363489780906694	\N	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
shop.untrained	\N	public.ratings	public.ratings	als	{"clip": true, "seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "weight": "log", "factors": 7, "feedback": "explicit", "validate": false, "min_count": 5, "tolerance": 0.0001, "block_size": 32, "iterations": 15, "warm_start": true, "nonnegative": false, "regularization": 0.3, "regularization_scaling": 0, "attribute_regularization": 10}	user_id	item_id	rating	\N	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	17480	10	{1,2,3,0}	\N	\N	\N	\N	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.als	\N	public.ratings	public.ratings	als	{"clip": true, "seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "weight": "log", "factors": 4, "feedback": "explicit", "validate": false, "min_count": 5, "tolerance": 0.0001, "block_size": 32, "iterations": 4, "warm_start": true, "nonnegative": false, "regularization": 0.3, "regularization_scaling": 0, "attribute_regularization": 10}	user_id	item_id	rating	at	1	2026-11-30 23:38:08.017668+00	135	20	12	2.9925925925925925	1	5	24.023472492819497	0.002566242	17480	10	{1,2,3,4}	\N	\N	1.0363489780906694	\N	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.als_cg	\N	public.ratings	public.ratings	als	{"clip": true, "seed": 0, "alpha": null, "biases": true, "solver": "cg", "weight": "log", "factors": 4, "feedback": "implicit", "validate": false, "min_count": 5, "tolerance": 0.0001, "block_size": 32, "iterations": 4, "warm_start": true, "nonnegative": false, "regularization": null, "regularization_scaling": null, "attribute_regularization": 10}	user_id	item_id	rating	at	1	2026-11-30 23:38:08.088401+00	135	20	12	1.9422133763631184	1	2.5849626064300537	1789.8544339021253	0.064541862	17480	10	{1,2,3,4}	\N	\N	0.414139148689175	{"alpha": 11.441699708522412, "regularization": 23.22222222222222, "regularization_scaling": 0.5}	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.svd	\N	public.ratings	public.ratings	svd	{"clip": true, "seed": 0, "weight": "log", "damping": 5, "factors": 4, "feedback": "explicit", "validate": false, "centering": "double", "power_iterations": 15}	user_id	item_id	rating	at	1	2026-11-30 23:38:08.102674+00	135	20	12	2.9925925925925925	1	5	26.856854053823497	0.002875846	17480	10	{1,2,3,4}	\N	\N	1.0363489780906694	\N	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.bpr	\N	public.ratings	public.ratings	bpr	{"seed": 0, "factors": 4, "feedback": "implicit", "validate": false, "negatives": 10, "iterations": 10, "warm_start": true, "learning_rate": 0.1, "regularization": null}	user_id	item_id	rating	at	1	2026-11-30 23:38:08.127208+00	135	20	12	2.9925925925925925	1	5	0.6110402187332511	0.012485898	17480	10	{1,2,3,4}	\N	\N	1.0363489780906694	{"regularization": 0.025}	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.item_knn	\N	public.ratings	public.ratings	item_knn	{"clip": true, "alpha": 0.5, "prior": 0, "weight": "log", "damping": 5, "feedback": "implicit", "neighbors": 6, "normalize": false, "shrinkage": 10, "weighting": "tfidf", "min_common": 1, "similarity": "cosine"}	user_id	item_id	rating	at	1	2026-11-30 23:38:08.13078+00	135	20	12	1.9422133763631184	1	2.5849626064300537	\N	0.000978438	17480	10	{1,2,3,4}	\N	\N	0.414139148689175	\N	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.user_knn	\N	public.ratings	public.ratings	user_knn	{"clip": true, "alpha": 0.5, "prior": 0.3, "weight": "log", "damping": 5, "feedback": "explicit", "validate": false, "neighbors": 6, "normalize": true, "shrinkage": 0, "weighting": "none", "min_common": 1, "similarity": "pearson", "significance": 50}	user_id	item_id	rating	at	1	2026-11-30 23:38:08.15741+00	135	20	12	2.9925925925925925	1	5	\N	0.001603226	17480	10	{1,2,3,4}	\N	\N	1.0363489780906694	\N	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.ease	\N	public.ratings	public.ratings	ease	{"weight": "log", "feedback": "implicit", "validate": false, "max_items": 20000, "regularization": null}	user_id	item_id	rating	at	1	2026-11-30 23:38:08.168966+00	135	20	12	1.9422133763631184	1	2.5849626064300537	256.76160095435716	0.009327648	17480	10	{1,2,3,4}	\N	\N	0.414139148689175	{"regularization": 43.45417410157507}	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.slim	\N	public.ratings	public.ratings	slim	{"l1": null, "l2": null, "weight": "log", "feedback": "implicit", "validate": false, "neighbors": 50, "tolerance": 0.003, "candidates": 100, "iterations": 100}	user_id	item_id	rating	at	1	2026-11-30 23:38:08.180555+00	135	20	12	1.9422133763631184	1	2.5849626064300537	125.57863828087179	0.009363402	17480	10	{1,2,3,4}	\N	\N	0.414139148689175	{"l1": 0.5, "l2": 30}	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.markov	\N	public.ratings	public.ratings	markov	{"order": 3, "window": 10, "feedback": "implicit", "half_life": "0", "smoothing": 10, "transitions": 200}	user_id	item_id	rating	at	1	2026-11-30 23:38:08.196427+00	135	20	12	2.9925925925925925	1	5	\N	0.013315904	17480	10	{1,2,3,4}	\N	\N	1.0363489780906694	\N	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.session_knn	\N	public.ratings	public.ratings	session_knn	{"idf": 0.2, "decay": 1, "sample": 500, "feedback": "implicit", "neighbors": 100, "session_gap": "30 days"}	user_id	item_id	rating	at	1	2026-11-30 23:38:08.210711+00	135	20	12	2.9925925925925925	1	5	\N	0.002351519	17480	10	{1,2,3,4}	\N	\N	1.0363489780906694	\N	29	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.popular	\N	public.ratings	public.ratings	popular	{"by": "count", "weight": "log", "damping": 5, "feedback": "implicit", "half_life": "0"}	user_id	item_id	rating	at	1	2026-11-30 23:38:08.218213+00	135	20	12	1.9422133763631184	1	2.5849626064300537	\N	0.001168464	17480	10	{1,2,3,4}	\N	\N	0.414139148689175	\N	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.content	\N	public.ratings	public.ratings	content	{"weight": "log", "feedback": "implicit", "half_life": "0", "min_count": 1}	user_id	item_id	rating	\N	1	2026-11-30 23:38:08.284804+00	135	20	14	1.9422133763631184	1	2.5849626064300537	\N	0.003676497	17480	10	{1,2,3,0}	\N	\N	0.414139148689175	\N	\N	1	\N	\N	public.film	public.film	17794	10	4	\N	\N	\N	\N	\N	\N	\N
public.fm	\N	public.ratings	public.ratings	fm	{"clip": true, "seed": 0, "weight": "log", "factors": 2, "feedback": "implicit", "validate": false, "min_count": 5, "negatives": 5, "tolerance": 0.0001, "iterations": 4, "warm_start": true, "regularization": null, "regularization_scaling": 0.5, "attribute_regularization": 2}	user_id	item_id	rating	at	1	2026-11-30 23:38:08.229481+00	135	20	12	1.9422133763631184	1	2.5849626064300537	295.75858856387	0.001343156	17480	10	{1,2,3,4}	\N	\N	0.414139148689175	{"regularization": 0.7}	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.als_described	\N	public.ratings	public.ratings	als	{"clip": true, "seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "weight": "log", "factors": 3, "feedback": "explicit", "validate": false, "min_count": 1, "tolerance": 0.0001, "block_size": 32, "iterations": 4, "warm_start": true, "nonnegative": false, "regularization": 0.3, "regularization_scaling": 0, "attribute_regularization": 10}	user_id	item_id	rating	\N	1	2026-11-30 23:38:08.292753+00	135	20	14	2.9925925925925925	1	5	25.67111695757636	0.00764964	17480	10	{1,2,3,0}	\N	\N	1.0363489780906694	\N	\N	1	\N	\N	public.film	public.film	17794	10	5	public.account	public.account	17799	10	4	\N	\N
public.fm_in_context	\N	public.ratings	public.ratings	fm	{"clip": true, "seed": 0, "weight": "log", "factors": 2, "feedback": "implicit", "validate": false, "min_count": 1, "negatives": 5, "tolerance": 0.0001, "iterations": 4, "warm_start": true, "regularization": null, "regularization_scaling": 0.5, "attribute_regularization": 2}	user_id	item_id	\N	\N	1	2026-11-30 23:38:08.301425+00	135	20	14	1	1	1	430.31429260745523	0.008319986	17480	10	{1,2,0,0,3}	\N	\N	0	{"regularization": 0.7}	\N	1	\N	\N	public.film	public.film	17794	10	4	\N	\N	\N	\N	\N	{rating}	1
\.
COPY rec.model_table (model, side, relation, relation_oid, relation_name) FROM stdin;
shop."Al so"	model	shop."Al so_model"	17504	shop."Al so_model"
shop."Al so"	users	shop."Al so_users"	17497	shop."Al so_users"
shop.untrained	users	shop.untrained_users	17521	shop.untrained_users
shop.untrained	model	shop.untrained_model	17528	shop.untrained_model
public.als	model	public.als_model	17552	public.als_model
public.als	users	public.als_users	17545	public.als_users
public.als_cg	model	public.als_cg_model	17576	public.als_cg_model
public.als_cg	users	public.als_cg_users	17569	public.als_cg_users
public.svd	model	public.svd_model	17600	public.svd_model
public.svd	users	public.svd_users	17593	public.svd_users
public.bpr	model	public.bpr_model	17624	public.bpr_model
public.bpr	users	public.bpr_users	17617	public.bpr_users
public.item_knn	model	public.item_knn_model	17641	public.item_knn_model
public.user_knn	model	public.user_knn_model	17663	public.user_knn_model
public.user_knn	users	public.user_knn_users	17656	public.user_knn_users
public.ease	model	public.ease_model	17680	public.ease_model
public.slim	model	public.slim_model	17697	public.slim_model
public.markov	model	public.markov_model	17714	public.markov_model
public.session_knn	model	public.session_knn_model	17745	public.session_knn_model
public.session_knn	sessions	public.session_knn_sessions	17738	public.session_knn_sessions
public.session_knn	users	public.session_knn_users	17731	public.session_knn_users
public.popular	model	public.popular_model	17760	public.popular_model
public.fm	model	public.fm_model	17784	public.fm_model
public.fm	users	public.fm_users	17777	public.fm_users
public.content	features	public.content_features	17811	public.content_features
public.content	model	public.content_model	17818	public.content_model
public.als_described	features	public.als_described_features	17842	public.als_described_features
public.als_described	model	public.als_described_model	17856	public.als_described_model
public.als_described	user_features	public.als_described_user_features	17849	public.als_described_user_features
public.als_described	users	public.als_described_users	17835	public.als_described_users
public.fm_in_context	context_features	public.fm_in_context_context_features	17887	public.fm_in_context_context_features
public.fm_in_context	features	public.fm_in_context_features	17880	public.fm_in_context_features
public.fm_in_context	model	public.fm_in_context_model	17894	public.fm_in_context_model
public.fm_in_context	users	public.fm_in_context_users	17873	public.fm_in_context_users
\.
COPY rec.unknown_change (model, transaction) FROM stdin;
\.
COPY shop."Al so" (item_id, n_ratings, bias, factors) FROM stdin;
item 1	10	0.37637353	{-0.99242556,0.9533325,0.46728233}
item 10	10	-0.3321963	{-0.5430074,-1.0652761,-0.42720297}
item 11	9	0.11560924	{0.46410474,-0.25532162,-0.93779033}
item 12	20	0.11019382	{0.75578284,0.9218911,-0.13286953}
item 2	10	-0.14302142	{-0.3505475,0.44920248,1.4678215}
item 3	11	0.16851372	{-0.18548721,-0.48972917,0.15192981}
item 4	11	0.035947643	{0.06422548,-1.2910488,1.5871513}
item 5	11	0.09049946	{0.6558678,-0.1462407,-0.7291309}
item 6	11	-0.03166591	{0.8276189,0.5048396,0.061198764}
item 7	10	-0.15108077	{0.26781747,0.94704515,0.5886135}
item 8	10	-0.25644317	{-0.7513888,0.4169636,0.626834}
item 9	12	-0.07508408	{-1.9350499,-0.6779115,0.14937483}
\.
COPY shop."Al so_model" (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	als	{"clip": true, "seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "weight": "log", "factors": 3, "feedback": "explicit", "validate": false, "min_count": 5, "tolerance": 0.0001, "block_size": 32, "iterations": 3, "warm_start": true, "nonnegative": false, "regularization": 0.3, "regularization_scaling": 0, "attribute_regularization": 10}	\N	shop."or ders"	who	what	rating	\N	1	2026-11-30 23:38:08.003993+00	135	20	12	\N	2.9925925925925925	1.0363489780906694	1	5	24.23845432481697	0.005094576	\N	\N	\N	\N	\N	\N
\.
COPY shop."Al so_users" (user_id, n_ratings, bias, factors) FROM stdin;
user 1	6	-0.14142542	{-0.6124832,0.3654422,-0.32092538}
user 10	7	0.22932813	{-1.3564901,-0.31123212,-0.27616194}
user 11	7	-0.15700378	{0.88069516,0.63879037,0.3897129}
user 12	8	0.14664893	{1.4712267,-0.9100139,0.11483331}
user 13	7	-0.22116376	{-0.14647205,0.2415759,0.53259504}
user 14	12	0.031282365	{0.21996921,0.85311466,-0.018465005}
user 15	4	0.42496213	{-0.52635896,-1.1642163,-0.39970317}
user 16	6	-0.60478544	{-1.2159355,0.65479696,-0.10632401}
user 17	6	0.5761605	{0.12380088,0.1311263,-0.3278692}
user 18	6	0.14332175	{0.4382835,-1.3513107,-0.018814502}
user 19	6	0.42467752	{1.1759024,-0.26658878,0.69395}
user 2	6	-0.6424229	{-1.2021959,-0.34876236,0.9187096}
user 20	7	0.3044178	{1.1983467,-0.44996244,-0.04692718}
user 3	7	0.31950995	{-0.20586519,0.69700694,-0.7574817}
user 4	7	-0.036180083	{0.3442002,-0.3807903,-0.4688598}
user 5	6	-0.4284406	{0.26600498,0.33719072,1.0623784}
user 6	7	0.33506763	{0.93227524,0.56413215,-0.968884}
user 7	6	-0.06714627	{-0.26198673,-0.85591817,-0.12564558}
user 8	6	-0.16772793	{-0.87354374,0.6129502,0.3329025}
user 9	8	0.15989557	{-0.56512076,0.07144539,-0.69205797}
\.
COPY shop.untrained (item_id, n_ratings, bias, factors) FROM stdin;
\.
COPY shop.untrained_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	als	{"clip": true, "seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "weight": "log", "factors": 7, "feedback": "explicit", "validate": false, "min_count": 5, "tolerance": 0.0001, "block_size": 32, "iterations": 15, "warm_start": true, "nonnegative": false, "regularization": 0.3, "regularization_scaling": 0, "attribute_regularization": 10}	\N	public.ratings	user_id	item_id	rating	\N	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
\.
COPY shop.untrained_users (user_id, n_ratings, bias, factors) FROM stdin;
\.
ALTER TABLE ONLY public.als_cg_model
    ADD CONSTRAINT als_cg_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.als_cg
    ADD CONSTRAINT als_cg_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.als_cg_users
    ADD CONSTRAINT als_cg_users_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.als_described_features
    ADD CONSTRAINT als_described_features_pkey PRIMARY KEY (feature);
ALTER TABLE ONLY public.als_described_model
    ADD CONSTRAINT als_described_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.als_described
    ADD CONSTRAINT als_described_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.als_described_user_features
    ADD CONSTRAINT als_described_user_features_pkey PRIMARY KEY (feature);
ALTER TABLE ONLY public.als_described_users
    ADD CONSTRAINT als_described_users_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.als_model
    ADD CONSTRAINT als_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.als
    ADD CONSTRAINT als_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.als_users
    ADD CONSTRAINT als_users_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.bpr_model
    ADD CONSTRAINT bpr_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.bpr
    ADD CONSTRAINT bpr_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.bpr_users
    ADD CONSTRAINT bpr_users_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.content_features
    ADD CONSTRAINT content_features_pkey PRIMARY KEY (feature);
ALTER TABLE ONLY public.content_model
    ADD CONSTRAINT content_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.content
    ADD CONSTRAINT content_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.ease_model
    ADD CONSTRAINT ease_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.ease
    ADD CONSTRAINT ease_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.fm_in_context_context_features
    ADD CONSTRAINT fm_in_context_context_features_pkey PRIMARY KEY (feature);
ALTER TABLE ONLY public.fm_in_context_features
    ADD CONSTRAINT fm_in_context_features_pkey PRIMARY KEY (feature);
ALTER TABLE ONLY public.fm_in_context_model
    ADD CONSTRAINT fm_in_context_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.fm_in_context
    ADD CONSTRAINT fm_in_context_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.fm_in_context_users
    ADD CONSTRAINT fm_in_context_users_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.fm_model
    ADD CONSTRAINT fm_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.fm
    ADD CONSTRAINT fm_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.fm_users
    ADD CONSTRAINT fm_users_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.item_knn_model
    ADD CONSTRAINT item_knn_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.item_knn
    ADD CONSTRAINT item_knn_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.markov_model
    ADD CONSTRAINT markov_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.markov
    ADD CONSTRAINT markov_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.popular_model
    ADD CONSTRAINT popular_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.popular
    ADD CONSTRAINT popular_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.ratings
    ADD CONSTRAINT ratings_pkey PRIMARY KEY (user_id, item_id);
ALTER TABLE ONLY public.session_knn_model
    ADD CONSTRAINT session_knn_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.session_knn
    ADD CONSTRAINT session_knn_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.session_knn_sessions
    ADD CONSTRAINT session_knn_sessions_pkey PRIMARY KEY (session_id);
ALTER TABLE ONLY public.session_knn_users
    ADD CONSTRAINT session_knn_users_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.slim_model
    ADD CONSTRAINT slim_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.slim
    ADD CONSTRAINT slim_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.svd_model
    ADD CONSTRAINT svd_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.svd
    ADD CONSTRAINT svd_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.svd_users
    ADD CONSTRAINT svd_users_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.user_knn_model
    ADD CONSTRAINT user_knn_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.user_knn
    ADD CONSTRAINT user_knn_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.user_knn_users
    ADD CONSTRAINT user_knn_users_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY shop."Al so_model"
    ADD CONSTRAINT "Al so_model_pkey" PRIMARY KEY (one);
ALTER TABLE ONLY shop."Al so"
    ADD CONSTRAINT "Al so_pkey" PRIMARY KEY (item_id);
ALTER TABLE ONLY shop."Al so_users"
    ADD CONSTRAINT "Al so_users_pkey" PRIMARY KEY (user_id);
ALTER TABLE ONLY shop.untrained_model
    ADD CONSTRAINT untrained_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY shop.untrained
    ADD CONSTRAINT untrained_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY shop.untrained_users
    ADD CONSTRAINT untrained_users_pkey PRIMARY KEY (user_id);
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.als_cg_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.als_cg_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.als_described_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.als_described_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.als_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.als_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.bpr_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.bpr_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.content_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.content_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.ease_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.ease_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.fm_in_context_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.fm_in_context_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.fm_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.fm_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.item_knn_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.item_knn_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.markov_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.markov_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.popular_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.popular_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.session_knn_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.session_knn_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.slim_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.slim_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.svd_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.svd_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.user_knn_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.user_knn_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON shop."Al so_model" FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE shop."Al so_model" ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON shop.untrained_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE shop.untrained_model ENABLE REPLICA TRIGGER rec_follow;
