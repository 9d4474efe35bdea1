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
CREATE TABLE public.caser (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL,
    popularity real
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.caser ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.caser IS 'items of a recommendation model (caser) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.caser.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.caser.bias IS 'what is added to the item''s score, after any history';
COMMENT ON COLUMN public.caser.factors IS 'the item''s embedding: what the network reads of an event, and whose dot product with what it makes of a history is the item''s score';
COMMENT ON COLUMN public.caser.popularity IS 'the share of the users who have the item, by recency, which ranks the items that fill lists up';
CREATE TABLE public.caser_model (
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
    CONSTRAINT caser_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.caser_model IS 'description of the recommendation model public.caser, written by rec.train; rec.adopt makes tables that were moved a model again';
CREATE TABLE public.caser_parameters (
    name text NOT NULL COLLATE pg_catalog."C",
    shape integer[] NOT NULL,
    "values" real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.caser_parameters ALTER COLUMN "values" SET STORAGE EXTERNAL;
COMMENT ON TABLE public.caser_parameters IS 'parameters of the recommendation model public.caser, written by rec.train';
COMMENT ON COLUMN public.caser_parameters.shape IS 'how many numbers there are in each dimension';
COMMENT ON COLUMN public.caser_parameters."values" IS 'the numbers, row after row';
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
CREATE TABLE public.gru (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL,
    popularity real
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.gru ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.gru IS 'items of a recommendation model (gru) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.gru.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.gru.bias IS 'what is added to the item''s score, after any history';
COMMENT ON COLUMN public.gru.factors IS 'the item''s embedding: what the network reads of an event, and whose dot product with what it makes of a history is the item''s score';
COMMENT ON COLUMN public.gru.popularity IS 'the share of the users who have the item, by recency, which ranks the items that fill lists up';
CREATE TABLE public.gru_model (
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
    CONSTRAINT gru_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.gru_model IS 'description of the recommendation model public.gru, written by rec.train; rec.adopt makes tables that were moved a model again';
CREATE TABLE public.gru_parameters (
    name text NOT NULL COLLATE pg_catalog."C",
    shape integer[] NOT NULL,
    "values" real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.gru_parameters ALTER COLUMN "values" SET STORAGE EXTERNAL;
COMMENT ON TABLE public.gru_parameters IS 'parameters of the recommendation model public.gru, written by rec.train';
COMMENT ON COLUMN public.gru_parameters.shape IS 'how many numbers there are in each dimension';
COMMENT ON COLUMN public.gru_parameters."values" IS 'the numbers, row after row';
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
CREATE TABLE public.lstm (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL,
    popularity real
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.lstm ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.lstm IS 'items of a recommendation model (lstm) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.lstm.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.lstm.bias IS 'what is added to the item''s score, after any history';
COMMENT ON COLUMN public.lstm.factors IS 'the item''s embedding: what the network reads of an event, and whose dot product with what it makes of a history is the item''s score';
COMMENT ON COLUMN public.lstm.popularity IS 'the share of the users who have the item, by recency, which ranks the items that fill lists up';
CREATE TABLE public.lstm_model (
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
    CONSTRAINT lstm_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.lstm_model IS 'description of the recommendation model public.lstm, written by rec.train; rec.adopt makes tables that were moved a model again';
CREATE TABLE public.lstm_parameters (
    name text NOT NULL COLLATE pg_catalog."C",
    shape integer[] NOT NULL,
    "values" real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.lstm_parameters ALTER COLUMN "values" SET STORAGE EXTERNAL;
COMMENT ON TABLE public.lstm_parameters IS 'parameters of the recommendation model public.lstm, written by rec.train';
COMMENT ON COLUMN public.lstm_parameters.shape IS 'how many numbers there are in each dimension';
COMMENT ON COLUMN public.lstm_parameters."values" IS 'the numbers, row after row';
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
CREATE TABLE public.sasrec (
    item_id integer NOT NULL,
    n_ratings integer NOT NULL,
    bias real NOT NULL,
    factors real[] NOT NULL,
    popularity real
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.sasrec ALTER COLUMN factors SET STORAGE EXTERNAL;
COMMENT ON TABLE public.sasrec IS 'items of a recommendation model (sasrec) of public.ratings, written by rec.train';
COMMENT ON COLUMN public.sasrec.n_ratings IS 'ratings or events that it was trained on';
COMMENT ON COLUMN public.sasrec.bias IS 'what is added to the item''s score, after any history';
COMMENT ON COLUMN public.sasrec.factors IS 'the item''s embedding: what the network reads of an event, and whose dot product with what it makes of a history is the item''s score';
COMMENT ON COLUMN public.sasrec.popularity IS 'the share of the users who have the item, by recency, which ranks the items that fill lists up';
CREATE TABLE public.sasrec_model (
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
    CONSTRAINT sasrec_model_one_check CHECK (one)
)
WITH (fillfactor='50');
COMMENT ON TABLE public.sasrec_model IS 'description of the recommendation model public.sasrec, written by rec.train; rec.adopt makes tables that were moved a model again';
CREATE TABLE public.sasrec_parameters (
    name text NOT NULL COLLATE pg_catalog."C",
    shape integer[] NOT NULL,
    "values" real[] NOT NULL
)
WITH (fillfactor='50');
ALTER TABLE ONLY public.sasrec_parameters ALTER COLUMN "values" SET STORAGE EXTERNAL;
COMMENT ON TABLE public.sasrec_parameters IS 'parameters of the recommendation model public.sasrec, written by rec.train';
COMMENT ON COLUMN public.sasrec_parameters.shape IS 'how many numbers there are in each dimension';
COMMENT ON COLUMN public.sasrec_parameters."values" IS 'the numbers, row after row';
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
1	10	0.44453365	{1.4014881,-0.2736172,0.20844707,-0.87670326}	0.159724
2	10	-0.053747453	{1.0641202,0.82515436,-0.8292038,-0.5334531}	0.21584667
3	11	0.1912789	{0.103745826,-0.51196563,0.23549296,0.07025939}	0.19981617
4	11	-0.026490398	{0.16893448,-0.31058383,-0.15589812,1.893839}	0.17857206
5	11	0.18108933	{-0.6564241,1.0652035,0.8493859,-0.47534093}	0.1846322
6	11	0.18101768	{-1.4096967,-0.035991665,-0.1463211,-0.370814}	0.2493498
7	10	0.0409079	{-0.27234358,0.5461035,-1.2311774,-0.28209886}	0.18778463
8	10	-0.2966172	{0.80895025,-0.3244358,-0.374709,-0.5361121}	0.18574692
9	12	-0.116319686	{2.080204,-1.1121327,-0.063286856,-0.3431737}	0.23682949
10	10	-0.5300371	{0.24347441,0.7778453,0.73102254,0.5684612}	0.16549088
11	9	-0.121360615	{-0.8040636,-0.56582284,-0.016904188,0.081881315}	0.16202144
12	20	0.07913881	{-1.1344883,0.8647296,-0.3351118,-0.8674638}	0.360907
\.
COPY public.als_cg (item_id, n_ratings, bias, factors, popularity) FROM stdin;
1	10	0	{0.27861425,0.64443713,-0.4528522,0.110027894}	0.159724
2	10	0	{0.2760764,0.63597524,-0.43880156,0.110692}	0.21584667
3	11	0	{0.28572655,0.66136587,-0.45570496,0.11678352}	0.19981617
4	11	0	{0.27958977,0.64592236,-0.4465882,0.11401497}	0.17857206
5	11	0	{0.2824174,0.6534579,-0.44990337,0.114329845}	0.1846322
6	11	0	{0.2834715,0.6537559,-0.45597982,0.11148744}	0.2493498
7	10	0	{0.2763522,0.6375205,-0.44469142,0.10798653}	0.18778463
8	10	0	{0.27406436,0.6319338,-0.4368473,0.109785594}	0.18574692
9	12	0	{0.28366804,0.6561171,-0.45376983,0.11531502}	0.23682949
10	10	0	{0.26322463,0.6088475,-0.42729348,0.10397439}	0.16549088
11	9	0	{0.26856688,0.6220003,-0.43622547,0.10865289}	0.16202144
12	20	0	{0.31857345,0.7361915,-0.5116988,0.12751882}	0.360907
\.
COPY public.als_cg_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	als	{"clip": true, "seed": 0, "alpha": null, "biases": true, "solver": "cg", "weight": "log", "factors": 4, "feedback": "implicit", "validate": false, "min_count": 5, "tolerance": 0.0001, "block_size": 32, "iterations": 4, "warm_start": true, "nonnegative": false, "regularization": null, "regularization_scaling": null, "attribute_regularization": 10}	{"alpha": 11.441699708522412, "regularization": 23.22222222222222, "regularization_scaling": 0.5}	public.ratings	user_id	item_id	rating	at	1	2026-12-01 02:33:57.247227+00	135	20	12	\N	1.9422133763631184	0.414139148689175	1	2.5849626064300537	1789.8544339021253	0.003918409	\N	\N	\N	\N	\N	\N
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
t	1	als	{"clip": true, "seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "weight": "log", "factors": 3, "feedback": "explicit", "validate": false, "min_count": 1, "tolerance": 0.0001, "block_size": 32, "iterations": 4, "warm_start": true, "nonnegative": false, "regularization": 0.3, "regularization_scaling": 0, "attribute_regularization": 10}	\N	public.ratings	user_id	item_id	rating	\N	1	2026-12-01 02:33:57.784903+00	135	20	14	\N	2.9925925925925925	1.0363489780906694	1	5	25.67111695757636	0.006735661	public.film	5	public.account	4	\N	\N
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
t	1	als	{"clip": true, "seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "weight": "log", "factors": 4, "feedback": "explicit", "validate": false, "min_count": 5, "tolerance": 0.0001, "block_size": 32, "iterations": 4, "warm_start": true, "nonnegative": false, "regularization": 0.3, "regularization_scaling": 0, "attribute_regularization": 10}	\N	public.ratings	user_id	item_id	rating	at	1	2026-12-01 02:33:57.225413+00	135	20	12	\N	2.9925925925925925	1.0363489780906694	1	5	24.023472492819497	0.012307022	\N	\N	\N	\N	\N	\N
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
svd	recommend 7	1	3	3.165468
svd	recommend 7	2	1	3.0529823
svd	recommend 7	3	11	2.937403
svd	recommend 13	1	1	3.161199
svd	recommend 13	2	2	3.0311928
svd	recommend 13	3	3	2.9133344
svd	recommend 19	1	7	3.589766
svd	recommend 19	2	11	3.4759443
svd	recommend 19	3	4	3.4381883
svd	recommend_for	1	9	3.9126039
svd	recommend_for	2	7	3.8724308
svd	recommend_for	3	8	3.704501
svd	predict 1	2	2	2.7404404
svd	predict 1	7	7	2.9524703
svd	predict 19	7	7	3.589766
svd	similar_items 1	1	9	0.38093498
svd	similar_items 1	2	5	0.13530107
svd	similar_items 7	1	8	0.3236498
svd	similar_items 7	2	2	0.32168987
svd	similar_users 1	1	9	0.41277903
svd	similar_users 1	2	8	0.3164494
svd	similar_users 10	1	2	0.28420204
svd	similar_users 10	2	7	0.21881747
svd	similar_users 19	1	20	0.3846399
svd	similar_users 19	2	12	0.33145526
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
ease	recommend 1	2	7	0.6155982
ease	recommend 1	3	11	0.5848527
ease	recommend 7	1	3	1.088804
ease	recommend 7	2	8	1.0071465
ease	recommend 7	3	6	0.8250413
ease	recommend 13	1	1	1.4307055
ease	recommend 13	2	4	1.0068731
ease	recommend 13	3	5	0.8146125
ease	recommend 19	1	8	0.93750554
ease	recommend 19	2	4	0.93441445
ease	recommend 19	3	7	0.8090824
ease	recommend_for	1	12	0.43943205
ease	recommend_for	2	5	0.2642401
ease	recommend_for	3	11	0.2615022
ease	predict 1	2	2	1.0160159
ease	predict 1	7	7	0.6155982
ease	predict 19	7	7	0.8090824
ease	similar_items 1	1	12	0.18160547
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
gru	recommend 1	1	1	0.01206258
gru	recommend 1	2	6	0.004096685
gru	recommend 1	3	2	-0.0065225507
gru	recommend 7	1	8	0.014082279
gru	recommend 7	2	1	0.01402865
gru	recommend 7	3	10	0.0015439028
gru	recommend 13	1	1	0.015980229
gru	recommend 13	2	3	0.0044049146
gru	recommend 13	3	2	-0.01578199
gru	recommend 19	1	1	0.009963512
gru	recommend 19	2	8	0.006423256
gru	recommend 19	3	4	-0.0070313285
gru	recommend_for	1	5	0.022809248
gru	recommend_for	2	9	0.010826883
gru	recommend_for	3	6	0.0076484885
gru	predict 1	2	2	-0.0065225507
gru	predict 1	7	7	-0.018778492
gru	predict 19	7	7	-0.015914382
gru	similar_items 1	1	9	0.875017
gru	similar_items 1	2	10	0.57761306
gru	similar_items 7	1	3	0.81352425
gru	similar_items 7	2	11	0.38008878
gru	similar_users 1	1	18	0.879008
gru	similar_users 1	2	7	0.7501387
gru	similar_users 10	1	12	0.7194423
gru	similar_users 10	2	14	0.6805889
gru	similar_users 19	1	16	0.74138457
gru	similar_users 19	2	4	0.71914655
lstm	recommend 1	1	1	0.002568892
lstm	recommend 1	2	10	-0.0015721687
lstm	recommend 1	3	2	-0.003514204
lstm	recommend 7	1	1	0.0048235087
lstm	recommend 7	2	8	0.0035391876
lstm	recommend 7	3	6	-0.00031703827
lstm	recommend 13	1	1	0.00218157
lstm	recommend 13	2	3	-0.00062456774
lstm	recommend 13	3	2	-0.0064064628
lstm	recommend 19	1	8	0.009015711
lstm	recommend 19	2	1	0.0051382706
lstm	recommend 19	3	10	-0.00051345374
lstm	recommend_for	1	9	0.004864624
lstm	recommend_for	2	8	0.0038274536
lstm	recommend_for	3	5	0.0037276023
lstm	predict 1	2	2	-0.003514204
lstm	predict 1	7	7	-0.0066273985
lstm	predict 19	7	7	-0.0073631704
lstm	similar_items 1	1	9	0.82080317
lstm	similar_items 1	2	10	0.62359744
lstm	similar_items 7	1	3	0.8156985
lstm	similar_items 7	2	11	0.36294025
lstm	similar_users 1	1	18	0.879008
lstm	similar_users 1	2	7	0.7501387
lstm	similar_users 10	1	12	0.7194423
lstm	similar_users 10	2	14	0.6805889
lstm	similar_users 19	1	16	0.74138457
lstm	similar_users 19	2	4	0.71914655
caser	recommend 1	1	1	0.008740447
caser	recommend 1	2	7	0.0052441093
caser	recommend 1	3	10	0.003933356
caser	recommend 7	1	1	0.026517432
caser	recommend 7	2	6	0.009953601
caser	recommend 7	3	10	0.009591819
caser	recommend 13	1	1	0.0029527594
caser	recommend 13	2	2	0.0018443465
caser	recommend 13	3	4	-0.0029230104
caser	recommend 19	1	8	0.00622161
caser	recommend 19	2	1	0.0053147776
caser	recommend 19	3	10	0.00066148536
caser	recommend_for	1	5	0.0036872579
caser	recommend_for	2	9	0.0033397307
caser	recommend_for	3	12	0.0029892186
caser	predict 1	2	2	-0.0011501675
caser	predict 1	7	7	0.0052441093
caser	predict 19	7	7	-0.010451812
caser	similar_items 1	1	9	0.8102187
caser	similar_items 1	2	10	0.62927276
caser	similar_items 7	1	3	0.8438933
caser	similar_items 7	2	11	0.34905875
caser	similar_users 1	1	18	0.879008
caser	similar_users 1	2	7	0.7501387
caser	similar_users 10	1	12	0.7194423
caser	similar_users 10	2	14	0.6805889
caser	similar_users 19	1	16	0.74138457
caser	similar_users 19	2	4	0.71914655
sasrec	recommend 1	1	6	0.44452015
sasrec	recommend 1	2	11	0.33477318
sasrec	recommend 1	3	1	0.10864069
sasrec	recommend 7	1	11	0.31705537
sasrec	recommend 7	2	6	0.29498827
sasrec	recommend 7	3	1	-0.13897845
sasrec	recommend 13	1	5	0.43070224
sasrec	recommend 13	2	4	0.12600248
sasrec	recommend 13	3	1	0.057522774
sasrec	recommend 19	1	11	0.3312226
sasrec	recommend 19	2	1	0.11717659
sasrec	recommend 19	3	4	0.07518079
sasrec	recommend_for	1	6	0.44985363
sasrec	recommend_for	2	5	0.44103014
sasrec	recommend_for	3	11	0.33077183
sasrec	predict 1	2	2	-0.17355624
sasrec	predict 1	7	7	-0.14871794
sasrec	predict 19	7	7	-0.15034945
sasrec	similar_items 1	1	9	0.7330492
sasrec	similar_items 1	2	10	0.63895357
sasrec	similar_items 7	1	3	0.8348311
sasrec	similar_items 7	2	11	0.35628912
sasrec	similar_users 1	1	18	0.879008
sasrec	similar_users 1	2	7	0.7501387
sasrec	similar_users 10	1	12	0.7194423
sasrec	similar_users 10	2	14	0.6805889
sasrec	similar_users 19	1	16	0.74138457
sasrec	similar_users 19	2	4	0.71914655
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
1	10	-0.20115072	{0.13290231,0.09428722,-0.035880405,-0.0019036597}	0.159724
2	10	-0.1439289	{0.035139885,0.022634171,0.009925294,0.026641915}	0.21584667
3	11	-0.18418264	{0.0097009875,-0.022328384,-0.07239845,0.034031894}	0.19981617
4	11	-0.14624223	{-0.08286547,-0.08288957,0.064158574,0.19459072}	0.17857206
5	11	-0.17030819	{-0.015145571,-0.098248616,-0.0061118356,-0.16328956}	0.1846322
6	11	-0.20962594	{0.06806376,0.028201854,0.16362704,-0.069526345}	0.2493498
7	10	-0.070808195	{-0.08779497,0.11216165,-0.05140575,-0.10102549}	0.18778463
8	10	-0.2308028	{-0.057473507,-0.034896,-0.090623945,0.00077626214}	0.18574692
9	12	-0.18645859	{0.041925333,-0.047638018,0.0790505,0.06408104}	0.23682949
10	10	-0.11040933	{0.01852472,0.097366855,-0.07373637,-0.017902583}	0.16549088
11	9	-0.12361476	{0.05912492,0.05206237,0.056908,-0.08978562}	0.16202144
12	20	1.8841546	{-0.003303587,-0.005749761,-0.05838599,-0.080574594}	0.360907
\.
COPY public.bpr_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	bpr	{"seed": 0, "factors": 4, "feedback": "implicit", "validate": false, "negatives": 10, "iterations": 10, "warm_start": true, "learning_rate": 0.1, "regularization": null}	{"regularization": 0.025}	public.ratings	user_id	item_id	rating	at	1	2026-12-01 02:33:57.323931+00	135	20	12	\N	2.9925925925925925	1.0363489780906694	1	5	0.6110402187332511	0.005898063	\N	\N	\N	\N	\N	\N
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
COPY public.caser (item_id, n_ratings, bias, factors, popularity) FROM stdin;
1	10	0.001999936	{0.19749743,0.12900001,-0.038399152,0.022578659}	0.159724
2	10	-0.0019999994	{-0.11448206,0.016264094,0.13952638,0.09109786}	0.21584667
3	11	-0.0019999996	{-0.037839867,0.08720918,-0.09994654,-0.062026136}	0.19981617
4	11	-0.0020000008	{-0.04910356,-0.06740981,0.15366705,-0.021872174}	0.17857206
5	11	0.0019999996	{0.11177141,-0.024060661,0.145937,-0.15554138}	0.1846322
6	11	-0.0019999994	{0.23450412,-0.09946095,0.10015942,-0.04354009}	0.2493498
7	10	-0.0019999994	{-0.17085478,0.13863787,-0.07319516,-0.123398975}	0.18778463
8	10	0.0019999791	{-0.057517342,0.022249117,-0.12236781,0.08990386}	0.18574692
9	12	0.0020000013	{0.08874958,0.007051922,0.015510571,-0.008377727}	0.23682949
10	10	-0.0020000013	{0.041048106,0.11355269,-0.14600222,0.04138213}	0.16549088
11	9	-0.0020000006	{0.004695065,-0.010914552,0.05630973,-0.22401977}	0.16202144
12	20	0.0020000015	{0.065530084,-0.038958807,-0.1622413,-0.13679774}	0.360907
\.
COPY public.caser_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	caser	{"seed": 0, "window": 5, "dropout": 0.2, "factors": 4, "feedback": "implicit", "patience": 5, "min_count": 5, "negatives": null, "batch_size": null, "iterations": 4, "max_length": 200, "time_budget": "0", "learning_rate": 0.002, "relevant_from": -1000000000000000000000000000000}	{"negatives": 0, "batch_size": 256}	public.ratings	user_id	item_id	rating	at	1	2026-12-01 02:33:57.65864+00	135	20	12	\N	2.9925925925925925	1.0363489780906694	1	5	2.481555193348935	0.03665459	\N	\N	\N	\N	\N	\N
\.
COPY public.caser_parameters (name, shape, "values") FROM stdin;
horizontal	{240,4}	{-0.0011770303,0.027263625,-0.11877632,0.054474995,0.03122212,0.006110628,0.11209851,-0.028539134,0.06765067,-0.051660046,0.023197163,0.10732545,0.070128456,0.02102915,0.12323344,-0.011343012,0.07869391,-0.058098517,0.088306,0.15113059,-0.04122639,-0.12274486,0.097085014,-0.07122859,-0.041099574,0.11267412,-0.09410759,0.07228768,-0.017984297,0.07363658,0.114385314,0.00893144,0.09185237,-0.004008678,0.14459315,0.12654552,-0.048062548,-0.13915113,-0.05039347,-0.11984032,0.022294678,-0.033569474,-0.08059831,0.024351586,0.15676008,-0.09072871,0.02323951,-0.046235044,0.025395516,0.031721406,0.03721528,-0.15084517,0.11761045,0.0022032638,-0.09077135,-0.04826891,0.13773753,0.0012158646,-0.08025517,-0.107162446,-0.103086956,-0.14312413,0.059029523,0.10594241,-0.053397164,0.06485691,0.14834373,-0.098200925,-0.04841183,0.0550799,0.005420862,0.0898317,0.038220953,-0.09839357,-0.08982061,-0.103199415,-0.10957632,0.058527175,-0.13842344,-0.118107006,-0.067340426,-0.05299568,0.086408235,0.0883166,0.120764375,0.14653608,-0.0608496,0.0060239555,-0.038395952,-0.14955762,0.0053106253,0.053212464,-0.106519155,0.07115978,0.0005079461,0.10638429,0.09916057,0.019367417,-0.07186744,-0.06679649,0.027451867,-0.13239075,-0.08095893,-0.024457261,0.12350642,0.078329355,0.01833489,-0.14119607,0.1412556,0.05745118,0.007999387,-0.12906154,-0.0773158,-0.09043005,0.089229286,-0.1365743,0.14542839,0.05604071,-0.104989864,-0.03764181,-0.11065257,-0.008287178,0.120903134,0.00649573,0.103370115,-0.09629945,-0.12167829,-0.092430994,-0.06022848,-0.14236973,0.043986406,-0.12157796,0.12615138,0.13882339,-0.13006814,-0.020314664,0.022420645,0.042565826,-0.030199746,-0.09649216,-0.031771533,0.0960189,-0.012946799,0.019043656,-0.025380904,-0.097419806,-0.07647808,0.11831783,-0.009131229,-0.112230405,0.10483147,0.09862445,-0.13891979,-0.012816207,0.059443265,-0.010157894,0.048510343,0.054605667,-0.14757341,0.132085,0.12624197,0.11676658,-0.1580727,0.1158475,0.08523439,0.06550106,0.09692389,0.035697997,-0.02119162,-0.018111113,-0.041015316,-0.06677606,-0.1481353,-0.13604268,-0.10107214,-0.15473884,-0.011854237,-0.10038607,-0.0062161135,-0.006235362,-0.12781307,0.12614657,-0.11389724,0.10668768,0.063648365,0.083012775,0.14182699,-0.12578674,-0.11221076,0.12711622,0.028803177,-0.010544513,-0.14108132,0.009789653,0.08397411,-0.06908148,-0.11419757,-0.1453473,0.010267906,-0.004311214,-0.08344753,-0.07967578,0.11771525,-0.015847823,0.118339576,0.144732,-0.11908145,-0.04102091,0.11235578,-0.15233578,0.118109666,0.10227934,0.022495491,-0.09683336,-0.02095501,0.04472345,-0.08751657,0.1212513,0.14680958,-0.07444336,-0.08046199,0.049683537,-0.011483405,0.11082009,0.11363532,0.106746756,0.07689694,-0.0019956962,-0.05827778,0.039761975,0.0462003,0.11605276,0.07914138,0.060842846,-0.0720287,0.043641105,-0.033141047,-0.14163746,0.0510908,0.14561072,0.08368385,0.07167396,0.13572942,0.034074306,0.15458603,0.004429131,0.079291984,-0.02673053,0.13625453,0.10227365,-0.05013097,-0.052213542,-0.04044424,-0.05921595,0.109747685,0.035408232,0.15514962,-0.068229616,0.101915404,-0.14844657,0.04356479,-0.07538156,-0.103336066,0.03222189,0.021401372,0.079407535,-0.06710057,-0.07860567,-0.14608574,-0.054821268,0.14167844,-0.12578388,-0.14968373,-0.14908494,0.13625608,0.07493051,-0.0030804644,-0.02496099,0.05842062,-0.10639981,-0.07128592,0.13030982,-0.11637785,0.078295246,0.08665188,0.13668053,-0.008915513,0.032021623,-0.07127314,-0.059280634,0.039089434,-0.025651716,0.040665336,0.057210222,-0.018057434,-0.048115097,0.13074476,0.115820035,-0.11313885,0.08793597,-0.07453026,0.076185286,0.015359417,0.03893611,0.14426774,-0.15771729,0.0377648,-0.009702295,-0.07147864,0.008502597,0.08018982,0.06755137,-0.14846623,-0.15028909,0.055407107,0.15423359,0.066930525,0.0012507769,-0.115829684,0.1543558,-0.1411161,0.06259217,-0.077542335,-0.03611437,0.12003171,0.084359445,0.1357382,-0.060045354,0.03068039,0.14531565,0.06599613,-0.058780726,-0.06529387,-0.12682045,-0.022363512,0.036522828,0.09844592,0.01811746,-0.036908664,-0.015371939,0.028720189,-0.061013225,0.036195792,0.008252039,-0.07572839,0.058588415,-0.06866222,0.030488571,-0.11656264,0.14465058,-0.15267609,-0.0728124,-0.11106381,0.09389958,-0.14866765,-0.07468145,0.0005146533,0.1379738,0.06172067,-0.14500728,-0.09958595,-0.09639498,-0.07332354,-0.07481208,0.12976244,0.021580491,-0.074738,0.14964825,0.08722134,-0.0763911,-0.06245259,0.07953374,-0.08252507,0.12682994,-0.09649884,0.070858225,-0.033950154,-0.08397224,-0.030058373,-0.03312419,-0.091152765,-0.03932535,-0.0014560693,-0.061548248,-0.029729525,0.151077,0.15581357,0.10766517,0.11955312,0.09467911,0.09632972,0.050999966,0.0068530985,0.14741485,0.1562764,0.06909408,0.0056440597,-0.09119239,0.13847536,0.110985465,0.10262307,-0.15378119,0.101787575,-0.00078092807,0.07462364,0.124349676,0.09101189,-0.066184945,-0.056316014,0.12099934,0.13715439,-0.00743497,-0.1325609,0.10790826,0.02357678,0.011019897,0.011090545,-0.065375105,-0.12436258,0.13335465,0.0048379833,0.08082665,0.032494087,-0.053131558,0.14469826,-0.06185166,-0.06146546,-0.138307,-0.014790629,0.1096096,0.11393435,0.030156855,-0.03945436,0.10693528,-0.12529851,-0.021310221,-0.10114278,-0.10512092,0.031238135,-0.13346969,0.042734116,0.12704477,0.1437803,0.00934913,0.0933897,0.07234297,0.008044255,0.02683761,0.033979088,0.030525746,0.06878952,-0.057123654,-0.15117212,0.107446514,-0.070876494,0.01356478,-0.06323047,-0.06929555,-0.121967226,-0.117005184,0.12542441,0.15007879,-0.09276113,-0.016582109,0.057827473,0.07679904,-0.089738294,0.09193106,-0.12452899,0.0692305,-0.05187804,0.04546691,-0.04962207,0.14540447,-0.12483153,0.03356542,0.15090306,0.1319585,0.10907921,-0.12505428,0.1510983,-0.03119527,0.030889474,0.12669457,-0.08780356,-0.06971126,-0.09894566,0.018739756,-0.082939744,-0.12864734,0.05047879,-0.027767489,0.11787208,0.09910609,0.00038918178,-0.12487738,0.09318924,0.106719874,-0.051866576,0.042175274,0.15417007,0.1444074,-0.037686255,0.017932737,0.09281649,0.05874241,0.13326067,0.052824643,-0.0071754884,-0.0117491465,-0.14368734,-0.070303895,-0.13786387,0.15348943,0.14683162,0.026995052,0.13610065,-0.043920226,0.14471443,-0.0038186633,-0.13207091,0.055055458,0.12527758,-0.15152082,0.07521167,0.121838465,-0.09196514,0.027508302,-0.11942571,-0.05188195,-0.14852893,0.07903418,0.056342423,-0.0040403213,-0.04078394,0.050674666,-0.02978577,0.10256193,-0.025830327,-0.139861,-0.027099635,0.14024293,0.14623128,0.03904658,0.10911922,0.0541237,-0.09992715,-0.13163078,0.076455444,0.02857432,-0.049855385,-0.043244075,0.00075703,-0.08078918,0.041206025,0.10682669,0.0055431845,-0.11857088,0.112387314,0.12318052,0.07298011,-0.035705015,0.039398808,0.026616614,-0.011540356,0.044041976,-0.13904464,-0.1257718,0.027972931,0.028778695,0.06645923,-0.10314789,0.0715891,-0.123717345,-0.1093588,0.146193,-0.039625734,-0.10348573,-0.10599801,0.14867672,-0.11589503,0.14678948,-0.0099619385,0.06325631,0.1426201,0.05651233,-0.018616512,0.05447286,0.15583986,0.0017220099,-0.08118529,0.08926097,0.14124805,-0.08554704,-0.092562124,0.07645436,-0.015641732,-0.14734523,-0.13990834,0.01590538,-0.10792963,-0.12362583,0.021159923,-0.05300047,0.090525486,0.04882458,0.050305966,-0.15308489,-0.046128772,-0.068868846,0.13869944,0.038678583,0.12840565,-0.101702444,0.12664498,0.13246644,0.047467835,-0.068727545,0.036994033,-0.116596974,0.030460754,-0.08254778,0.09611422,-0.11302196,0.10492818,0.0027571032,-0.06856395,0.07996571,-0.07105217,-0.14621386,0.12224849,-0.02458239,-0.0745026,-0.09792682,-0.02371203,-0.04232759,0.047497608,0.09623582,-0.13654168,-0.05541962,0.08503195,-0.0035566557,0.03512124,0.087078355,-0.020863965,-0.06852002,-0.07793223,-0.077269055,-0.024998989,-0.08434407,-0.1502074,-0.12493581,0.02805306,-0.0332268,0.038889263,-0.08196051,-0.09879233,-0.056660995,0.06441238,-0.0034580505,-0.09845363,0.031935655,0.02939726,0.04411741,0.08318716,0.0272612,-0.061362877,0.0054358854,0.13628028,0.14442624,-0.10335923,-0.02602436,0.019093366,-0.004060721,0.09082013,-0.07763243,-0.0069738585,-0.044648122,0.07629283,-0.0015591485,0.0146303065,-0.06887292,0.053366225,-0.097449966,0.11346564,-0.052835673,0.09175245,0.103794485,-0.08291229,-0.10359444,0.13672256,-0.08543059,9.094516e-05,-0.08836552,0.04185301,0.084901065,-0.086646244,0.08959919,-0.038273923,-0.057710227,0.06889855,-0.13395262,0.1207647,0.06487435,-0.13088053,-0.14394583,-0.09923759,-0.0795545,0.07697348,0.12262814,0.122801274,-0.1060853,-0.0705973,-0.14915182,-0.03219884,-0.089097954,-0.04405725,-0.11217871,-0.12773009,0.035723276,0.1221463,0.11801805,0.12622787,-0.072545104,-0.11168929,0.07706998,-0.12841311,-0.13526042,0.09721726,-0.060722414,-0.116619386,-0.08468733,0.0850747,-0.1575555,0.09043322,-0.0098800585,-0.006199129,0.075078785,-0.055611227,0.120590344,0.155475,-0.07890124,-0.018008338,-0.058767624,-0.04973868,0.07424741,0.1350713,0.07686262,-0.14299524,0.026604567,-0.05429047,0.08108285,-0.0118352985,0.15499376,-0.01298581,-0.038809482,-0.086036935,-0.14153887,-0.015137876,-0.05694933,-0.1260038,0.11784412,-0.03956184,0.1533795,-0.09959115,-0.055885054,-0.13402453,-0.11832128,-0.023263676,0.004126015,0.027955614,0.041894674,-0.027136106,-0.15184292,0.12675741,0.122098275,0.046861723,0.047455758,0.12880263,-0.06783836,-0.08183569,0.13154095,0.07289064,-0.005090929,0.12345973,0.045035694,-0.10459253,0.15224719,-0.0528356,-0.04104137,0.040236805,0.111942545,0.03862034,-0.013957386,-0.035357296,0.13846745,0.10632064,0.10158976,-0.06965483,-0.09631516,0.023156883,0.04187423,-0.14522316,0.028881446,-0.14897856,0.1148783,0.08849408,-0.13424064,-0.023448657,0.07483837,-0.029233651,0.10068427,-0.09826324,-0.09003907,-0.11822016,0.053445414,0.100861765,0.093088984,0.049438734,0.0062923627,-0.15751834,0.1264476,0.09233201,0.08660674,-0.021104828,0.12406681,-0.13292296,0.06751865,-0.038885456,0.0047436855,-0.044637516,-0.10318057,-0.03400506,-0.055164605,0.020707006,0.059820093,0.07051036,0.1060076,0.04535651,-0.1496211,-0.15691492,0.03292198,-0.081685096,0.12511529,0.044061583,-0.0518918,0.027092632,0.15300885,0.10635251,-0.05963074,-0.019304283,-0.0066980147,-0.067469716,-0.13645795,0.11732492,0.017601358,0.067711994,0.105798006,0.05212096,0.01055702,-0.117368184,0.060527988,-0.12885723,0.11067535,-0.0163535,0.07402752,-0.026121862,-0.11331938,-0.048448574,-0.08045131,0.041089643,-0.12529764,0.12790647,0.10678645,-0.0018996493,-0.06335648,0.0058944863,0.13486452,0.013807098,0.11175341,-0.011676743,-0.041814987,-0.12274386,0.009610864,-0.0010985755,-0.0069069015,0.11504297,0.011804667,-0.10565473,-0.06436184,-0.07681179,-0.0071212556,-0.08515175,-0.005324369,-0.13525456,0.038685195,0.056341432,0.07244633,-0.05153564,0.11594958,0.08115112,0.08268512,0.12656929,0.063897915,0.08070297,0.020611929,-0.06793843,0.12730059,-0.14416164,0.022306776,0.1485637,0.15028057,0.10712305,0.066093594,0.08461818,0.080899544,-0.04067091,0.12092413,-0.15342541,-0.04738684,-0.09999002,0.07979369,0.028280515,-0.018574348,-0.14817914,0.11376298,0.0783622,0.007966894,-0.066327184,0.08546497,0.017283816,0.08976874,0.04006735,0.024439348,0.004218692,-0.04645256,0.06342272,-0.14604977,-0.08852118,-0.11866775,0.13284588,0.02664633,0.09981462,0.14979407,0.108437166,0.04298305,0.000633331,-0.15081456,0.12392761,-0.06429734,0.028344976,-0.013877397,-0.08835843,-0.14361344,0.063073464,0.07984338,0.021736834,-0.10876943,0.08949374,0.013170985}
horizontal_bias	{80}	{0.0019998527,0.001999992,0.001999994,-0.001999941,-0.0019999803,0.0019999966,-0.001999994,-0.0019999885,-0.0019999708,0.0019999812,0.001999992,0.0019999882,-0.0019999924,-0.0019999864,-0.001999989,-0.0019999908,0.0019999952,0.0019998527,-0.001999668,0.0019996155,0.0019999973,0.0019999826,-0.0019999559,0.0019999894,-0.0019999896,0.0019999975,-0.0019999908,0.0019999633,-0.0019999663,-0.0019999894,0.0019999882,-0.001999987,-0.0019999503,-0.0019999335,-0.001999986,0.0019999559,0.0019999908,0.001999984,-0.0019999964,0.001999956,0.0019998963,0.0019999263,0.001999992,-0.0019999517,-0.0019999929,-0.0019999838,0.0019999794,-0.001999981,-0.001999879,0.0019999905,0.0019999929,-0.00199998,0.0019998925,-0.0019999659,0.0019999857,0.0019999018,-0.00199998,-0.0019999668,0.001999983,-0.0019999882,0.0019998846,0.001999976,-0.0019999896,0.0019999966,-0.0019999947,-0.0019999244,0.0019999964,0.0019999917,0.0019999873,-0.0019999926,0.001999993,-0.0019999791,0.001999957,-0.001999988,-0.001999765,0.0019999703,0.0019999926,-0.0019999926,-0.0019999787,0.001999985}
vertical	{4,5}	{-0.30072373,-0.5771581,0.52935976,-0.5604925,-0.4288344,0.14250937,-0.18347247,-0.25493535,-0.3099398,-0.59572613,0.28231212,0.058013238,0.51457036,-0.72334415,-0.38815266,-0.7325575,-0.01743539,-0.45941478,-0.31080547,0.24726963}
output	{4,96}	{0.24430701,0.00647547,-0.07587561,0.1956444,0.20391211,-0.15194198,-0.17253748,-0.124873035,-0.17948835,0.071818724,0.029900659,0.032668617,0.20856409,0.031789973,0.2011282,0.09526141,-0.07021743,0.20981178,0.06964686,-0.16550735,0.15748402,0.016297981,-0.23064338,-0.068536416,-0.06363939,0.21064816,0.14625767,0.13379404,0.07546489,-0.16432345,0.008813484,-0.13469873,0.2317526,0.07609013,-0.03264041,0.0637713,0.14881133,-0.014502779,-0.016366802,0.22258076,-0.054341253,0.19023488,-0.058231127,-0.08105427,0.23964517,-0.081015095,-0.11516073,-0.0711979,0.1710625,0.0024199071,-0.18368553,-0.004244567,-0.060202036,-0.22719038,-0.19089304,0.05528529,-0.23660608,-0.15496857,0.031715848,-0.15793853,0.06684545,0.020067325,-0.07627447,0.13408227,-0.08633334,-0.04026284,0.06705571,0.0112727005,0.019281862,-0.05607288,-0.08984134,-0.14580214,0.041610688,0.0018186294,0.23037861,0.005217855,-0.1426321,0.23664938,-0.07535012,0.13064115,-0.1989171,-0.07736608,0.2179623,-0.15033884,0.18776529,-0.23542708,0.11524492,-0.18181571,-0.20782964,0.10840188,0.12758303,0.2040089,-0.011515144,0.09199018,0.186312,0.21255404,-0.13996568,-0.19884403,0.19457994,0.014186463,0.11180136,-0.1692491,0.14957727,-0.21501036,-0.123931505,-0.023806494,0.12268226,0.0024495895,0.1539912,-0.11326567,-0.10777148,-0.10456385,-0.2249923,0.1049299,-0.038276628,-0.15515015,0.08157971,-0.22869627,0.21424711,0.17781672,-0.086562596,-0.023771172,-0.011952911,-0.13534498,0.16013765,0.057995472,0.23503427,0.23248169,-0.15947524,0.19802792,-0.06710875,0.15974003,-0.09553625,-0.014292539,-0.01201686,-0.033378415,-0.07420408,-0.22487704,0.2035357,0.2311994,0.13896756,0.07908743,-0.22201733,0.11514443,0.11734601,0.05110179,-0.061908994,0.18613254,0.095949754,-0.09921438,0.13262512,0.0032653569,0.015342755,-0.21620671,-0.077308916,-0.18623886,0.15246381,0.12996773,0.18572597,0.09531196,0.18142423,-0.056048572,0.16255563,-0.079136685,-0.0693228,0.23017891,0.1851326,-0.15640104,-0.09294278,-0.012613209,0.12847567,-0.0066455035,0.095659845,0.04745719,-0.07451903,-0.027678067,-0.074909166,-0.19063666,-0.1777821,0.124203786,-0.00806379,-0.22409679,0.0018385353,-0.11228651,-0.21268524,0.1953237,-0.010775339,-0.188794,-0.11556442,-0.15416689,0.05183191,-0.07730386,0.120086044,-0.08489396,-0.20501745,-0.057174873,-0.036897358,-0.16945839,-0.011583542,-0.24667048,-0.12183604,0.1522596,0.20929322,-0.20276584,-0.13813251,0.18300217,-0.123970166,-0.18465813,0.19724175,-0.1433188,-0.22093926,0.042430248,-0.022436503,-0.09095505,0.16455305,0.12896213,-0.14686032,0.137956,-0.04374807,0.0662848,0.16109538,-0.022126958,0.15743773,-0.07358744,0.22378564,-0.08543256,-0.029892907,0.068323,-0.15116072,-0.12162437,0.24040383,-0.24398199,0.15640032,-0.15211822,0.10570626,-0.0913834,0.15519421,-0.01286752,-0.14125875,0.021241445,-0.17466535,0.0444265,-0.23720534,0.008465078,-0.24265352,-0.13931803,0.177355,-0.00050971087,-0.12190093,-0.024276892,-0.015272841,-0.18136096,0.092590205,0.071039915,-0.10974527,-0.13391809,-0.15835842,-0.05913673,0.14315118,0.16424385,0.014712357,0.17867301,-0.22209844,-0.19862628,0.12856919,0.1213436,-0.017048262,0.05616781,0.12995182,-0.016455995,-0.05065907,-0.20839483,-0.15730876,0.11583525,-0.22490582,-0.14877063,-0.10863272,0.011812415,-0.21837589,-0.07677588,-0.08421978,-0.030693,0.056942984,0.0971766,-0.15625614,0.0024807097,0.22735521,-0.19888574,-0.02238942,0.23897079,-0.10415785,0.09880226,0.086158276,0.15402932,0.14368524,0.05875571,0.034617297,-0.12657177,-0.013869556,0.12440368,0.15477054,0.20215167,0.045057837,0.021083519,-0.02358639,-0.045028422,-0.065140195,0.15895881,-0.1716447,0.15098491,-0.21713373,0.08376257,-0.20529638,-0.052313153,0.17315617,0.0044509675,-0.021432713,-0.08170541,0.12755054,0.078201406,0.19052997,0.02214758,0.0116396975,0.094880864,0.18765484,0.091099784,0.18422396,-0.06739712,-0.104521446,0.020196684,0.0069417,0.20413779,-0.15558113,-0.00822404,-0.18432987,0.04546227,-0.08363461,-0.008052651,0.068206415,0.02857488,0.19867367,0.120494775,-0.08205604,0.006644128,0.103795655,0.22314753,0.22512582,-0.023208873,-0.17094934,-0.19373912,0.23766415,-0.115709275,-0.09713105,0.2016372,0.14559348,-0.16122623,-0.22305654,0.15763101,0.046016376,-0.06326452,-0.029969372,0.011004843,0.045217805,-0.20080997,0.0901723,-0.05549934,-0.16417563,0.20121747,-0.20831843,-0.03483185,-0.1663596,0.07927229,0.01823863,-0.17680246,0.19240254,0.11925403,0.014676287,0.094581366,0.017550694,0.24020612,0.08439912,-0.13887152,-0.17667219,0.042125337}
output_bias	{4}	{0.0019999982,-0.0019999978,-0.0019999987,0.0019999994}
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
t	1	content	{"weight": "log", "feedback": "implicit", "half_life": "0", "min_count": 1}	\N	public.ratings	user_id	item_id	rating	\N	1	2026-12-01 02:33:57.777637+00	135	20	14	\N	1.9422133763631184	0.414139148689175	1	2.5849626064300537	\N	0.006594081	public.film	4	\N	\N	\N	\N
\.
COPY public.ease (item_id, n_ratings, variance, weights, popularity) FROM stdin;
1	10	0.0154472515	{0,-0.018048028,-0.035560004,-0.024042824,0.020350946,0.115563005,0.11617306,0.010642364,0.07560975,0.10502045,0.15469837,0.17386381}	0.159724
2	10	0.015349538	{-0.017933862,0,0.10902512,0.10106969,0.06304324,0.09555082,0.017216971,0.115482606,0.043471,-0.015423936,0.033856384,0.108933926}	0.21584667
3	11	0.014818255	{-0.034112036,0.105251506,0,0.059761476,0.1808459,0.003359315,-0.03594822,0.06008393,0.0842775,0.0062467083,0.07294744,0.1566343}	0.19981617
4	11	0.014771064	{-0.022990374,0.0972607,0.05957116,0,0.029751481,-0.0078704385,0.01445343,0.093327105,0.14626005,0.04918155,0.062203653,0.13801478}	0.17857206
5	11	0.01495635	{0.01970421,0.06142835,0.18253127,0.030124681,0,-0.024392713,0.07009605,0.08589519,0.11544452,-0.0069917915,-0.016743284,0.15389723}	0.1846322
6	11	0.015026236	{0.11241333,0.09353826,0.0034064644,-0.008006401,-0.024506692,0,0.14397144,-0.0025562798,0.068945244,0.04034917,0.02022653,0.19228536}	0.2493498
7	10	0.016061889	{0.12079552,0.018015988,-0.038965203,0.015716497,0.07527739,0.15389438,0,0.10262624,0.001261513,0.13609454,-0.0031044427,0.14545572}	0.18778463
8	10	0.015773984	{0.010867465,0.11867593,0.063959144,0.09966379,0.0905909,-0.0026834875,0.10078669,0,0.028700655,0.0029553587,0.046528116,0.12491312}	0.18574692
9	12	0.0145407375	{0.07117263,0.041180417,0.08269915,0.14397942,0.1122365,0.066717625,0.0011420406,0.026456773,0,-0.020139584,0.03424873,0.12566663}	0.23682949
10	10	0.016437374	{0.111751944,-0.016517045,0.0069292556,0.054729674,-0.00768414,0.044138424,0.13927607,0.0030796493,-0.022766512,0,0.08820467,0.16592042}	0.16549088
11	9	0.015353386	{0.15375835,0.03386487,0.07558179,0.06465592,-0.017187756,0.020666901,-0.0029675032,0.04528749,0.036162812,0.08238788,0,0.105470076}	0.16202144
12	20	0.016853524	{0.18969187,0.119607545,0.17814784,0.15747243,0.17341869,0.21566851,0.15262473,0.13346192,0.14565462,0.17012107,0.11577527,0}	0.360907
\.
COPY public.ease_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	ease	{"weight": "log", "feedback": "implicit", "validate": false, "max_items": 20000, "regularization": null}	{"regularization": 43.45417410157507}	public.ratings	user_id	item_id	rating	at	1	2026-12-01 02:33:57.399855+00	135	20	12	\N	1.9422133763631184	0.414139148689175	1	2.5849626064300537	256.76160095435716	0.006894425	\N	\N	\N	\N	\N	\N
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
1	10	-0.12816693	{1.1101537,-0.24489386}	0.2393207	0.159724
2	10	-0.17803985	{-0.6537678,-0.14089322}	0.24486253	0.21584667
3	11	-0.01642312	{-0.8266609,0.46095705}	0.24224897	0.19981617
4	11	-0.050965432	{-0.39125293,0.07770614}	0.24737342	0.17857206
5	11	-0.040779054	{-0.82188237,0.3838295}	0.24359792	0.1846322
6	11	-0.029371908	{0.59777594,-0.061841145}	0.2474783	0.2493498
7	10	-0.16836342	{0.47251618,-0.4772406}	0.2459198	0.18778463
8	10	-0.18516058	{-0.5660934,-0.27716413}	0.24645175	0.18574692
9	12	0.08166051	{-0.23308723,0.44431627}	0.24769403	0.23682949
10	10	-0.22064565	{0.8565329,-0.40855315}	0.24080843	0.16549088
11	9	-0.30729502	{0.6431277,-0.030585624}	0.24439016	0.16202144
12	20	1.2179435	{0.027475573,0.005869501}	0.25	0.360907
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
t	1	fm	{"clip": true, "seed": 0, "weight": "log", "factors": 2, "feedback": "implicit", "validate": false, "min_count": 1, "negatives": 5, "tolerance": 0.0001, "iterations": 4, "warm_start": true, "regularization": null, "regularization_scaling": 0.5, "attribute_regularization": 2}	{"regularization": 0.7}	public.ratings	user_id	item_id	\N	\N	1	2026-12-01 02:33:57.807032+00	135	20	14	\N	1	0	1	1	430.31429260745523	0.013818479	public.film	4	\N	\N	{rating}	1
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
t	1	fm	{"clip": true, "seed": 0, "weight": "log", "factors": 2, "feedback": "implicit", "validate": false, "min_count": 5, "negatives": 5, "tolerance": 0.0001, "iterations": 4, "warm_start": true, "regularization": null, "regularization_scaling": 0.5, "attribute_regularization": 2}	{"regularization": 0.7}	public.ratings	user_id	item_id	rating	at	1	2026-12-01 02:33:57.527919+00	135	20	12	\N	1.9422133763631184	0.414139148689175	1	2.5849626064300537	295.75858856387	0.004963581	\N	\N	\N	\N	\N	\N
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
COPY public.gru (item_id, n_ratings, bias, factors, popularity) FROM stdin;
1	10	0.0059655644	{0.20038189,0.12395309,-0.035531443,0.032316357}	0.159724
2	10	-0.007990858	{-0.12027774,0.02584965,0.13360329,0.09611546}	0.21584667
3	11	-0.007993223	{-0.042819224,0.08154808,-0.10989425,-0.052969113}	0.19981617
4	11	-0.007997021	{-0.039295897,-0.072483726,0.16347554,-0.026893169}	0.17857206
5	11	0.007991692	{0.1158441,-0.014316002,0.14407516,-0.16135797}	0.1846322
6	11	-0.007997284	{0.2379523,-0.104110725,0.104933426,-0.048610795}	0.2493498
7	10	-0.0079910625	{-0.16236961,0.12874027,-0.064805925,-0.12906682}	0.18778463
8	10	0.0076781595	{-0.060161673,0.03208764,-0.12202885,0.09929647}	0.18574692
9	12	0.00799812	{0.08463988,0.012868753,0.009602603,-0.0024716775}	0.23682949
10	10	-0.007998857	{0.035699125,0.10769788,-0.15578336,0.049737975}	0.16549088
11	9	-0.007997714	{0.0020558117,-0.015727786,0.06617099,-0.22967839}	0.16202144
12	20	0.007998683	{0.055632036,-0.033129465,-0.16823077,-0.14659835}	0.360907
\.
COPY public.gru_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	gru	{"seed": 0, "layers": 1, "dropout": 0.2, "factors": 4, "feedback": "implicit", "patience": 5, "min_count": 5, "negatives": null, "batch_size": null, "iterations": 4, "max_length": 200, "time_budget": "0", "learning_rate": 0.002, "relevant_from": -1000000000000000000000000000000}	{"negatives": 0, "batch_size": 256}	public.ratings	user_id	item_id	rating	at	1	2026-12-01 02:33:57.566173+00	135	20	12	\N	2.9925925925925925	1.0363489780906694	1	5	2.4810202347604853	0.0124292	\N	\N	\N	\N	\N	\N
\.
COPY public.gru_parameters (name, shape, "values") FROM stdin;
layer_1_input	{4,12}	{0.007006919,0.09201541,-0.45461896,0.20310305,0.106285706,0.025387563,0.4220855,-0.10504019,0.2484992,-0.19344215,0.07511156,0.42383894,0.27399114,0.066582255,0.48152223,-0.04449969,0.30722624,-0.21206523,0.35954532,0.592729,-0.14587136,-0.46471158,0.37880334,-0.26707378,-0.1681555,0.45532185,-0.38307604,0.28230876,-0.084967606,0.291995,0.4575031,0.048274692,0.35872534,-0.00908228,0.56563985,0.4800906,-0.18626367,-0.5435165,-0.19696592,-0.46814623,0.08547928,-0.11711379,-0.29981506,0.09531402,0.6118515,-0.3695029,0.099477455,-0.16501264}
layer_1_recurrent	{4,12}	{0.031995457,0.024400635,0.4931229,0.42578757,0.068100646,-0.47092354,-0.5535069,0.5778281,-0.47215542,0.28669453,-0.4452282,0.52486163,-0.09358385,-0.30713803,-0.55705136,0.14202568,0.175768,0.5382579,-0.25250965,-0.08389148,0.3503086,-0.42192918,0.07107553,0.60185796,-0.51329803,0.44465685,0.43901518,0.25411096,-0.5242462,-0.32997143,-0.32895908,-0.5227557,0.0954482,0.3569692,-0.5149704,-0.13137102,-0.60875046,0.065607965,-0.5413393,0.5478717,-0.3238568,0.030122776,-0.4624817,-0.28685498,-0.19820575,0.06338273,-0.29180846,-0.015588681}
layer_1_bias	{12}	{0.007164307,-0.0071466947,-0.0058966293,-0.006514473,-0.007259375,-0.0035635259,0.0070923693,0.006145257,0.0076165213,0.0072441637,-0.007830388,-0.007970688}
layer_1_last_bias	{4}	{0.0071442476,-0.0071260436,-0.0059842323,-0.0067428164}
\.
COPY public.item_knn (item_id, n_ratings, neighbors, similarities, bias, norm, popularity) FROM stdin;
1	10	{12,10,11,7,6,9}	{0.35966662,0.27827147,0.23977754,0.22018561,0.21271792,0.16716048}	0	4.642657	0.159724
2	10	{12,8,3,4,5,9}	{0.3334197,0.21433124,0.20232403,0.19962603,0.19816424,0.18355112}	0	4.4644117	0.21584667
3	11	{12,5,9,2,8,4}	{0.37117,0.31860456,0.24519783,0.20232403,0.19711843,0.19048874}	0	4.8480487	0.19981617
4	11	{12,9,8,2,5,3}	{0.36580673,0.2864301,0.21586621,0.19962603,0.19298002,0.19048874}	0	4.627476	0.17857206
5	11	{12,3,9,8,2,4}	{0.37288547,0.31860456,0.25484988,0.20411544,0.19816424,0.19298002}	0	4.7300377	0.1846322
6	11	{12,9,7,1,10,2}	{0.38931578,0.22199485,0.22084552,0.21271792,0.1825935,0.1701626}	0	4.773437	0.2493498
7	10	{12,10,6,1,8,5}	{0.34965032,0.25831234,0.22084552,0.22018561,0.20877533,0.15292883}	0	4.383561	0.18778463
8	10	{12,4,2,7,5,3}	{0.34452295,0.21586621,0.21433124,0.20877533,0.20411544,0.19711843}	0	4.3891425	0.18574692
9	12	{12,4,5,3,6,2}	{0.39664626,0.2864301,0.25484988,0.24519783,0.22199485,0.18355112}	0	4.866617	0.23682949
10	10	{12,1,7,11,6,8}	{0.35226804,0.27827147,0.25831234,0.18437436,0.1825935,0.13490564}	0	4.3307576	0.16549088
11	9	{12,1,10,3,6,4}	{0.3057455,0.23977754,0.18437436,0.14479993,0.14180163,0.13381132}	0	4.3262715	0.16202144
12	20	{9,6,5,3,4,1}	{0.39664626,0.38931578,0.37288547,0.37117,0.36580673,0.35966662}	0	6.532524	0.360907
\.
COPY public.item_knn_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	item_knn	{"clip": true, "alpha": 0.5, "prior": 0, "weight": "log", "damping": 5, "feedback": "implicit", "neighbors": 6, "normalize": false, "shrinkage": 10, "weighting": "tfidf", "min_common": 1, "similarity": "cosine"}	\N	public.ratings	user_id	item_id	rating	at	1	2026-12-01 02:33:57.353986+00	135	20	12	\N	1.9422133763631184	0.414139148689175	1	2.5849626064300537	\N	0.013683778	\N	\N	\N	\N	\N	\N
\.
COPY public.lstm (item_id, n_ratings, bias, factors, popularity) FROM stdin;
1	10	0.0039780503	{0.19804859,0.12785982,-0.03257584,0.028375054}	0.159724
2	10	-0.0039991164	{-0.11543176,0.021883799,0.13752587,0.093044326}	0.21584667
3	11	-0.0039995094	{-0.032069497,0.085251056,-0.105893984,-0.056137107}	0.19981617
4	11	-0.003999616	{-0.0431339,-0.0693625,0.15692791,-0.023645235}	0.17857206
5	11	0.003999301	{0.109775804,-0.018064542,0.14536646,-0.1575119}	0.1846322
6	11	-0.003999112	{0.24048498,-0.10145472,0.094407335,-0.049356427}	0.2493498
7	10	-0.0039995713	{-0.16486995,0.13264175,-0.07497638,-0.12517451}	0.18778463
8	10	0.0039164363	{-0.0556118,0.020556109,-0.116432056,0.0954643}	0.18574692
9	12	0.003999822	{0.08683063,0.009031503,0.018064149,-0.0063865576}	0.23682949
10	10	-0.0039998954	{0.047007956,0.111570455,-0.15196502,0.04416881}	0.16549088
11	9	-0.003999751	{0.0063425866,-0.005111883,0.062311433,-0.22569075}	0.16202144
12	20	0.0039998563	{0.059543654,-0.036989965,-0.15626687,-0.13499753}	0.360907
\.
COPY public.lstm_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	lstm	{"seed": 0, "layers": 1, "dropout": 0.2, "factors": 4, "feedback": "implicit", "patience": 5, "min_count": 5, "negatives": null, "batch_size": null, "iterations": 4, "max_length": 200, "time_budget": "0", "learning_rate": 0.002, "relevant_from": -1000000000000000000000000000000}	{"negatives": 0, "batch_size": 256}	public.ratings	user_id	item_id	rating	at	1	2026-12-01 02:33:57.602885+00	135	20	12	\N	2.9925925925925925	1.0363489780906694	1	5	2.483798656965557	0.016534601	\N	\N	\N	\N	\N	\N
\.
COPY public.lstm_parameters (name, shape, "values") FROM stdin;
layer_1_input	{4,16}	{0.0067720255,0.084493466,-0.4042717,0.18725266,0.098163955,0.03172291,0.38831925,-0.08870752,0.22540596,-0.16958497,0.077464156,0.37927827,0.24794245,0.070149966,0.4334502,-0.034087226,0.27009708,-0.19994573,0.31158817,0.53086394,-0.13307723,-0.42331368,0.335989,-0.2457535,-0.14659417,0.3985615,-0.331692,0.24152625,-0.073442355,0.26788938,0.405507,0.034181736,0.3109923,-0.0032473053,0.5081138,0.43894494,-0.15691362,-0.48928005,-0.16504465,-0.40759894,0.07488391,-0.10710343,-0.27058002,0.09546547,0.5366599,-0.3271462,0.08418775,-0.1513754,0.091745324,0.107726745,0.13298379,-0.53785557,0.4217654,-0.0032641708,-0.32003623,-0.1794326,0.49190092,-0.006707432,-0.26938903,-0.38528162,-0.36583874,-0.4968181,0.20309293,0.37304562}
layer_1_recurrent	{4,16}	{0.030920554,0.024732038,0.43119028,0.3728726,0.050055724,-0.4309586,-0.48556864,0.520095,-0.42611358,0.2581231,-0.39194563,0.45928,-0.07717381,-0.27717477,-0.50151336,0.1219696,0.14726816,0.48827833,-0.21498515,-0.0646669,0.31968695,-0.3788655,0.06905593,0.53593695,-0.4511662,0.40088284,0.3899512,0.23154706,-0.46934128,-0.30452955,-0.28686985,-0.4568711,0.07451012,0.32302386,-0.45769298,-0.11764386,-0.54190236,0.058480065,-0.4759489,0.4824305,-0.29313686,0.01988391,-0.40446657,-0.25378162,-0.17064327,0.06305156,-0.26379254,-0.022005655,-0.291957,0.2783611,0.045213066,0.31000224,-0.4254435,-0.4546164,-0.09109852,-0.011010552,-0.4149818,-0.16356923,-0.2687177,0.2533904,-0.38650668,0.015517221,0.0007352375,-0.29223266}
layer_1_bias	{12}	{0.0039540166,-0.003955438,-0.0039917654,-0.002646826,-0.0038545257,0.00399015,-0.0039804606,0.003893713,-0.0038508507,0.003986326,-0.0039795376,0.0038897065}
layer_1_last_bias	{4}	{0.99602056,1.0039986,0.99599886,1.0037566}
\.
COPY public.markov (item_id, n_ratings, share, transitions, events, next_items, next_weights, popularity) FROM stdin;
1	10	0.074074075	19.716667	10	{12,9,5,6,2,10,7,11,3,8}	{10,2.6666667,2,1.6666666,1.3333334,0.75,0.45,0.4,0.25,0.2}	0.159724
2	10	0.074074075	11.616667	10	{6,7,3,10,11,4,8,12}	{4,2,1.5,1.5,1,0.8333333,0.5833333,0.2}	0.21584667
3	11	0.08148148	17.105158	11	{7,11,4,12,8,5,1,2,9,6,10}	{4,3.5,2.3333333,2.3333333,1.25,1.0928571,0.8666667,0.7277778,0.65833336,0.2,0.14285715}	0.19981617
4	11	0.08148148	18.926191	11	{8,12,1,9,2,5,6,3,10,7,11}	{5,4.6666665,4,1.65,0.9166667,0.8333333,0.5,0.45,0.4,0.36666667,0.14285715}	0.17857206
5	11	0.08148148	17.45	11	{9,2,6,3,4,11,10,7,12}	{7,3.5,2.6666667,1.75,0.8333333,0.6666667,0.5,0.33333334,0.2}	0.1846322
6	11	0.08148148	13.595634	11	{10,3,7,11,4,8,12,1,5,9}	{4,3.5,1.8333334,1.25,1.0333333,1,0.625,0.14285715,0.11111111,0.1}	0.2493498
7	10	0.074074075	15.901191	10	{8,11,4,12,1,5,9,6,2,10}	{3.8333333,3,2.5,2.0333333,1.75,1,0.64285713,0.6,0.375,0.16666667}	0.18778463
8	10	0.074074075	17.683332	10	{12,1,5,9,2,3,6,7,4,11}	{7.5,3,2.5,1.6666666,1.2333333,0.8333333,0.33333334,0.25,0.2,0.16666667}	0.18574692
9	12	0.08888889	17.333334	12	{2,6,3,10,4,7,11}	{6,5,2.8333333,1,0.8333333,0.8333333,0.8333333}	0.23682949
10	10	0.074074075	17.395636	10	{7,3,11,12,4,8,1,9,5,6,2}	{4.5,3,1.8333334,1.7595239,1.75,1.7,1.25,0.51111114,0.49166667,0.33333334,0.26666668}	0.16549088
11	9	0.06666667	14.859524	9	{4,12,1,8,9,2,5,6,10,3,7}	{4,2.9166667,2.8333333,2,0.75,0.5928571,0.53333336,0.5,0.36666667,0.2,0.16666667}	0.16202144
12	20	0.14814815	31.733334	20	{5,9,2,6,3,7,10,11,4,8}	{10,8.5,4.6666665,3.5,1.7,1.1666666,1,0.5,0.45,0.25}	0.360907
\.
COPY public.markov_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	markov	{"order": 3, "window": 10, "feedback": "implicit", "half_life": "0", "smoothing": 10, "transitions": 200}	\N	public.ratings	user_id	item_id	rating	at	1	2026-12-01 02:33:57.455096+00	135	20	12	\N	2.9925925925925925	1.0363489780906694	1	5	\N	0.007156464	\N	\N	\N	\N	\N	\N
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
gru	gru	1	135	20	12
lstm	lstm	1	135	20	12
caser	caser	1	135	20	12
sasrec	sasrec	1	135	20	12
fm_in_context	fm	1	135	20	14
content	content	1	135	20	14
als_described	als	1	135	20	14
\.
COPY public.popular (item_id, n_ratings, score, popularity) FROM stdin;
1	10	20.457638	0.159724
2	10	19.305634	0.21584667
3	11	22.13571	0.19981617
4	11	20.890596	0.17857206
5	11	21.550747	0.1846322
6	11	21.779566	0.2493498
7	10	19.72067	0.18778463
8	10	19.076815	0.18574692
9	12	22.457638	0.23682949
10	10	17.33985	0.16549088
11	9	17.72067	0.16202144
12	20	39.76327	0.360907
\.
COPY public.popular_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	popular	{"by": "count", "weight": "log", "damping": 5, "feedback": "implicit", "half_life": "0"}	\N	public.ratings	user_id	item_id	rating	at	1	2026-12-01 02:33:57.516536+00	135	20	12	\N	1.9422133763631184	0.414139148689175	1	2.5849626064300537	\N	0.009412125	\N	\N	\N	\N	\N	\N
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
COPY public.sasrec (item_id, n_ratings, bias, factors, popularity) FROM stdin;
1	10	0.0039445506	{0.19152908,0.13181508,-0.037168745,0.028377932}	0.159724
2	10	-0.0037711253	{-0.10852487,0.021755837,0.1398177,0.08544654}	0.21584667
3	11	0.0040017683	{-0.035096366,0.0897677,-0.102718614,-0.059141267}	0.19981617
4	11	-0.0040018093	{-0.05035631,-0.06143509,0.15204482,-0.01644269}	0.17857206
5	11	-0.0039983187	{0.11774453,-0.02035619,0.1399554,-0.14953978}	0.1846322
6	11	-0.003996616	{0.23256949,-0.09380322,0.10106343,-0.041766316}	0.2493498
7	10	0.0039583677	{-0.16793953,0.1373865,-0.07516624,-0.12236487}	0.18778463
8	10	0.0039975233	{-0.06312332,0.023666998,-0.11703608,0.08795499}	0.18574692
9	12	0.00399959	{0.09438841,0.0010568148,0.021431636,-0.014378095}	0.23682949
10	10	-0.003998749	{0.043766398,0.11388258,-0.1519156,0.047294207}	0.16549088
11	9	-0.003999885	{0.0034232924,-0.008288508,0.054692555,-0.21805227}	0.16202144
12	20	0.004000765	{0.06749851,-0.044857543,-0.15632296,-0.14279372}	0.360907
\.
COPY public.sasrec_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	sasrec	{"seed": 0, "heads": 1, "layers": 2, "dropout": 0.2, "factors": 4, "feedback": "implicit", "patience": 5, "min_count": 5, "negatives": null, "batch_size": null, "iterations": 4, "max_length": 200, "time_budget": "0", "learning_rate": 0.002, "relevant_from": -1000000000000000000000000000000}	{"negatives": 0, "batch_size": 256}	public.ratings	user_id	item_id	rating	at	1	2026-12-01 02:33:57.700083+00	135	20	12	\N	2.9925925925925925	1.0363489780906694	1	5	2.527157893933748	0.018018137	\N	\N	\N	\N	\N	\N
\.
COPY public.sasrec_parameters (name, shape, "values") FROM stdin;
positions	{200,4}	{-0.020517841,-0.020146072,-0.02017118,-0.0097908825,-0.009026699,0.01235775,-0.014728616,-0.009053088,-0.0066390475,0.013770609,0.02101389,-0.0024209642,0.018925872,-0.0058682654,-0.0014287157,-0.010257274,-0.013849972,0.004109363,0.027448349,0.020707749,-0.017245421,-0.028793622,0.0006486053,-0.013190623,-0.017081438,0.019328307,-0.0100504905,-0.019048719,-0.006691394,0.019232394,0.036110986,0.009763292,-0.009202125,0.0018187922,-0.014288761,0.0061592814,0.008222096,0.015347123,-0.013807073,0.032055907,-0.016682196,0.0034249942,0.009865692,-0.030117195,0.027519802,-0.010199826,-0.0039716996,0.013399049,-0.011751885,-0.0061297724,0.01798555,-0.030064544,-0.00038145456,0.02058647,-0.002204131,0.018952668,0.009103995,0.012795282,-0.002311911,-0.026887896,-0.037896805,-0.00942941,0.004645918,0.013037077,0.029302165,0.015018592,0.0083101895,-0.03943197,-0.014691187,0.010641847,0.008419093,-0.023317957,0.01087399,0.022523522,0.014480009,0.00529275,-0.046709258,-0.01652744,-0.007876536,0.04634701,0.006234952,0.045348983,-0.003169932,-0.009655357,-0.024776552,-0.007680233,0.04668512,0.03744128,0.011380722,-0.023680704,0.036123667,0.01981658,0.002187477,0.0052659274,0.033966955,-0.019977853,-0.046609685,-0.0021594265,0.03806998,-0.022634301,-0.00050343614,-0.010194952,0.009552097,-0.02646704,0.011311038,0.004234043,0.008331407,-0.015206022,0.026932389,-0.000665864,-0.019232413,0.015638676,0.006059805,-0.015067241,-0.022327248,0.012079042,-0.00455948,-0.021535628,0.026569337,0.017299986,-0.0024966153,-0.0053151646,-0.0032665986,-0.0130604375,0.003279144,-0.0138045065,-0.011700998,-0.00854059,-0.0004999492,0.012057618,-0.0003843415,-0.030608503,-0.00042955155,0.0013809818,-0.024830516,0.005289208,0.056274407,-0.00022847897,-0.020296318,0.008527855,0.028691683,0.0015499044,0.013064567,-0.018872835,-0.010748629,-0.017077679,-0.0072959955,-0.013835664,0.0056751845,0.005901433,-0.00014360441,-0.015086826,0.0061620213,-0.019517751,-0.03170975,-0.0037552032,0.05562974,0.017389609,-0.016618308,0.039872188,-0.016754225,-0.02548615,0.00081309426,-0.0028103902,0.020127365,-0.0057941736,0.026347455,-0.019857436,-0.011938005,-0.026514221,-0.007842121,-0.019499766,-0.013799601,-0.026575573,0.038444944,-0.008501854,0.013628815,-0.0019378649,0.021277258,0.01656096,0.011736841,-0.0036704096,-0.008148338,0.032279436,-0.0011565574,-0.0005369897,0.029019443,-0.0069741025,0.0040986096,-0.020348568,-0.026187789,-0.0070166686,0.026575005,0.001439802,0.0037018997,-0.0062617534,0.022772161,-0.0005725849,0.0067588286,0.0042112637,0.012064363,-0.012666767,0.012958589,-0.0039235246,0.023717973,-0.0074312547,0.024086207,-0.020527156,-0.0065680617,0.039263416,0.0020554974,-0.010333651,-0.0014722995,0.028047722,0.015676687,-0.0093928315,0.0143374195,-0.038825933,0.02043715,0.018215913,0.01632982,-0.0061071124,-0.0022002812,-0.019744093,-0.016021788,-0.006198834,0.031757653,-0.030907108,-0.0044559883,0.027701491,0.00944676,-0.03288376,-0.0012420174,0.008117265,-0.009601208,-0.01890019,0.02850239,-0.034011506,0.0027205043,0.009292212,-0.0025741241,0.016044615,-0.007328261,-0.033991706,0.029170161,-0.016012957,0.0036641099,0.019225668,0.0066555007,-0.018586885,0.0033079155,-0.025861979,-0.0047650966,-0.0039611724,-0.023625595,-0.009899634,0.04651229,-0.0048967106,-0.005155056,-0.0051135584,-0.018410081,0.009490718,0.011621792,-0.029197874,-0.01922154,0.0027515667,-0.017659934,-0.015687289,0.011447255,0.0247625,0.025675105,-0.003472029,-0.0050718156,0.033385653,-0.012772718,-0.020052005,0.00017850295,0.011099195,0.016036332,0.009122517,-0.012484065,-0.016449919,-0.014850888,0.04086268,-0.016611794,0.008527348,0.011981821,0.03872439,0.012627449,0.037783753,0.040331423,-0.0063611227,-0.0029993427,-0.012600733,-0.0027522235,0.008512253,0.00061154505,3.3831395e-05,0.02482519,-0.046226148,0.029699072,-0.011220332,-0.008010221,0.018309023,-0.006555465,-0.0048196553,0.0034713577,0.0074958894,-0.0028055438,0.012874059,0.00086239737,0.008926878,-0.011718889,-0.0002834071,0.03146946,-0.008068508,0.011351319,-0.017935954,0.005709375,-0.019465808,-0.014640922,0.0042499863,-0.0041051013,-0.0021063287,0.00420654,0.0417494,-0.015491477,0.002180189,-0.016655648,-0.016918445,-0.028816534,-0.012435231,-0.012376791,-0.030777978,0.0068299244,-0.03218901,-0.021140069,-0.00077647914,-0.014316628,-0.015145677,-0.0032730752,0.0059206304,-0.0058646016,0.0062651252,0.015379791,0.0012396348,0.003772117,0.0032724908,0.0062789978,-0.010295845,0.014625824,-0.0029355783,0.042049333,0.0023451177,0.011308464,0.0055332496,0.031650286,0.0047489065,0.017152788,-0.03129594,0.006823707,-0.0006758816,-0.0026006144,0.04112552,-0.0040882146,0.0034316422,0.014179852,-0.013175501,-0.00063846237,0.021874942,-8.817617e-05,-0.010632821,-0.0035771185,6.5835986e-05,-0.043064635,0.0027736558,0.024551906,-0.018320538,0.03215956,-0.009666736,0.03136457,0.028287966,-0.014594023,0.03102862,-0.026165629,-0.01298418,0.026302576,0.0068866084,-0.011265673,-0.0022346973,0.029944628,-0.015842607,-0.006365595,0.037422135,-0.019507697,0.012459279,-0.018692166,0.025511794,0.005851487,0.012541959,-0.014556287,-0.040823374,0.033537924,0.012563426,-0.0028860113,0.012429865,0.0071005686,-0.017955342,0.0041935844,-0.018267384,0.05282455,0.0027054814,0.021316081,-0.011783203,-0.0276899,0.01274647,-0.013152966,-0.008637334,0.008844124,0.018430948,-0.05204422,0.027742973,-0.0090031605,0.020316176,-0.004684787,-0.025795316,0.028825622,-0.010137985,0.007857525,-0.017252931,-0.012896881,0.025446238,-0.0011975331,0.017990666,0.0023397333,0.014861182,0.0042720414,-0.006083956,0.020136015,0.014215578,-0.015719939,-0.041113205,-0.023769423,-0.010754838,-0.012162706,-0.03258713,-0.03367809,-0.031209905,-0.0014101317,0.021221695,0.0018925577,-0.0030250398,-0.0140958475,0.026817929,-0.0454666,0.0039544203,-0.0032488285,0.001279794,0.022130033,-0.036166724,-0.00044884955,-0.019218473,0.03779295,-0.015288974,0.005742406,0.004086058,-0.017192516,-0.014389555,0.016757883,0.025909722,-0.007321723,0.012217576,-0.008064995,0.023189053,-0.0030801664,-0.020158589,0.03433929,0.0011730858,0.012947117,-0.013327599,0.027756007,0.016084246,-0.03324014,0.0018447832,0.02145464,0.005504007,-0.03812141,0.028403124,0.0148050925,-0.016392779,-0.013515555,-0.0077675283,-0.026580354,0.015028631,-0.0068730465,0.023775939,-0.013608079,0.023797834,-0.0044730436,-0.010029188,0.027539263,-0.0038488884,-0.007830156,-0.056925707,-0.00041390545,0.0052068257,-0.024328748,0.0085509205,0.058481935,-0.041826762,0.028319925,0.021098228,0.011286068,0.03499823,-0.0052963314,0.0005481465,0.01850192,-0.010892554,0.017984012,0.003469359,0.011714243,0.008960487,0.0035063582,0.011706508,0.030090924,0.034150697,0.012301621,0.0008614939,0.037409008,0.023024002,0.0021294625,-0.0033920927,0.015174886,0.016678259,-0.020415116,0.009480616,-0.024474062,0.020928351,-0.0028512273,0.008438736,0.0029379039,-0.0026986282,-0.010275693,-0.021259598,0.019283028,0.024918862,0.010437,0.011919309,-0.026830107,-0.0048973146,-0.0050686626,-0.015463168,-0.015296994,0.007119658,0.022378212,-0.00083548104,0.017634682,-0.02821467,-0.0050865933,-0.046428107,0.01575345,-2.5492527e-05,0.038026877,0.03886884,-0.012406912,-0.0051608565,0.04054705,-0.029985093,-0.015383884,-0.022001786,-0.003360089,-0.00079622853,-0.0132761765,-0.023147257,-0.008673551,0.014686268,-0.0066939825,-0.021764738,-0.018277016,-0.0040401937,0.035408095,0.00961239,-0.024911847,-0.030739686,0.027226482,0.026936792,-0.004899718,-0.014508382,-0.003263438,-0.015228166,0.008290635,0.018345084,0.0066237925,0.006557752,-0.0013142363,0.02978975,0.003266924,-0.008312374,0.014616129,-0.011704781,0.0063510723,0.023334322,-0.03426849,0.018557759,0.041799612,-0.0076913247,-0.013527055,-0.028399523,-0.025598602,-0.0006856601,-0.02075319,-0.013731739,0.04184437,0.00068445865,-0.020512491,0.014238423,0.012112202,-0.017743522,0.0059724012,0.01168668,-0.0019169064,-0.028824098,-0.0057071396,0.0037315248,-0.012577401,0.022899846,-0.03752219,0.005365355,-0.0067576338,-0.016536612,0.008941104,-0.007645732,0.0025215044,0.026185136,0.009532879,0.009540298,-0.0005299883,0.03735844,0.0011585457,0.031791396,-0.0027409228,-0.013773527,0.021405594,-0.0028640882,-0.023530401,0.0066360463,-0.02368164,-0.008723361,-0.02850198,0.0017522196,0.04985669,-0.029664367,0.034354903,-0.022624109,0.010891507,0.007112621,-0.070759706,-0.0059062783,-0.0008817622,-0.021057012,-0.031133134,0.014854047,0.022080917,0.022561757,0.0036391495,0.032221034,-0.016893534,-0.0021594998,-0.022326844,0.023050355,-0.00047217298,-0.0017629426,0.0030227164,0.006213019,-0.005577304,0.0043061282,-6.364344e-05,-0.011263636,-0.0007985006,-0.010275155,-0.0053777955,-0.004817541,-0.040387183,-0.039773036,-0.03234623,-0.00089510926,0.0011920239,0.012276926,-0.0043192725,-0.0075891493,0.0063024745,0.044992134,0.012955122,0.03279885,-0.0012041659,-0.024465403,-0.020536736,-0.018581279,-0.0071846424,-0.009608913,-0.005330257,-0.00064803544,0.017206537,-0.003306911,0.0067811245,0.021592746,0.0050261156,-0.032863624,0.036509495,-0.008708504,-0.0012910552,0.011849511,0.0075173187,0.003207639,-0.005683706,0.01071914,-0.02753916,-0.00029497978,-0.0011450979,0.008559746,-0.03432557,0.006949203,0.006771819,-0.037763145,0.01597734,0.015532725,-0.0032690624,-0.0069445414,0.013989696,0.019106477,-0.032228936,0.0077393986,-0.040208355,0.015119521,0.016888991,0.04417246,0.019832412,-0.029268637,0.0049842484,0.010821815,0.033536073,-0.02889601,0.007283971,-0.014653842,0.02685134,0.0112363165,0.008620355,0.014915498,0.00840832,-0.007718288,-0.0067296424,0.010037563,-0.009799997,-0.03235624,0.0130530475,0.024915842,-0.005533862,-0.040756863,-0.010504146,0.013333157,-0.015014004,0.005335581,0.021925176,-0.022920046,0.04166505,-0.0068732426,0.009960491,-0.0153748095,-0.026031563,0.006186102,-0.010435581,-0.013861813,-0.0186011,-0.0006838518,0.0018884555,-0.036238223,-0.010676743,0.016637318,-0.023599956,-0.022930682,0.008118112,0.017643807,-0.032202702,0.0155067295,-0.0032629822,0.0072829374,-0.016558547,0.028282942,0.011965492,0.0019764674,-0.011220136,0.032888666,8.902303e-05,-0.025525399,-0.026188659,-0.024121223,0.0037341116,-0.0056104227,0.005015772,-0.00547166}
layer_1_norm_1_gain	{4}	{1.0039954,1.0017211,1.0013942,1.00075}
layer_1_norm_1_bias	{4}	{0.003862877,0.0008045264,0.002729034,0.0032279072}
layer_1_attention_in	{12,4}	{0.6018982,0.014907164,-0.19838463,0.48809272,0.50621176,-0.3786432,-0.4327378,-0.3201674,-0.4563397,0.18824147,0.06605721,0.090281226,0.5224744,0.08181996,0.5017134,0.23915234,-0.18426883,0.5232501,0.17235336,-0.4203369,0.38483784,0.032074265,-0.58560336,-0.17250942,-0.16589342,0.5252635,0.36454037,0.3256637,0.18715161,-0.4193875,0.01331181,-0.3379292,0.5783668,0.1860824,-0.09017814,0.15065932,0.3710194,-0.04479766,-0.0469331,0.54772174,-0.1381324,0.46696532,-0.15183848,-0.20407382,0.5981134,-0.20660035,-0.29457235,-0.18205339}
layer_1_attention_in_bias	{12}	{-0.00399818,-0.0011778565,-0.0035536697,0.0038376027,-4.4287914e-05,-4.709281e-05,5.593262e-05,-2.0850992e-05,0.0033479552,0.0037595278,-0.00333469,-0.0031412812}
layer_1_attention_out	{4,4}	{0.49359107,0.62556237,0.8259649,0.6316421,0.7306521,-0.050596025,-0.008979367,0.41059387,0.3012835,0.63513434,-0.33144876,-0.039346196,0.8478688,0.6560351,-0.5171268,-0.3070703}
layer_1_attention_out_bias	{4}	{0.00399354,-0.0034173764,-0.0016221395,0.0031093566}
layer_1_norm_2_gain	{4}	{0.9968868,0.9961709,1.0037471,0.99600005}
layer_1_norm_2_bias	{4}	{-0.0039683282,0.0039052197,-0.0036743116,0.0035615014}
layer_1_hidden	{16,4}	{-0.22134109,-0.5137617,-0.20272554,-0.06125161,-0.46623248,-0.2838719,0.4307281,0.14718099,0.05681786,-0.4362547,-0.3693349,-0.48790795,0.15402803,0.53435224,0.41925496,-0.39868635,-0.46676496,-0.22605577,-0.3681511,0.28364033,0.118514195,0.02715317,0.086175986,-0.17518954,0.24245548,0.40369293,-0.26387036,0.42900708,-0.08457584,-0.2646384,0.11164305,0.18737774,0.29000208,-0.089890145,0.03448562,-0.37673935,0.33672428,-0.49351346,-0.4343281,-0.42090237,0.13312118,-0.14222367,-0.33834347,-0.3430994,-0.007388375,0.2457062,0.1190204,-0.05942167,-0.17723593,-0.3582875,-0.33113557,-0.18482484,0.45404047,-0.098269336,0.047391493,0.33079076,-0.37592533,-0.34753576,-0.048436686,-0.3539357,0.33106124,0.15107529,-0.33985037,0.067992374}
layer_1_hidden_bias	{16}	{-0.0010069603,-0.0027747802,0.0035749455,-0.003543147,0.00227452,-0.0035897489,0.0039520026,-0.0036088042,-0.0039985785,-0.0039063506,-0.0011106348,0.003774949,0.003954437,-0.003780033,0.0038400718,0.0006067499}
layer_1_last	{4,16}	{0.51384854,-0.21409652,0.34087524,0.17097315,-0.10619394,0.058335025,0.25986835,0.1829294,-0.15567802,-0.39723057,0.3625536,-0.02744823,0.071001016,-0.10303045,0.2855541,0.5252509,-0.2584675,-0.22834553,-0.027013022,-0.43613783,-0.10412024,0.2114983,0.29226464,0.28459758,0.51435125,-0.22574471,-0.36547005,-0.28549618,-0.42430934,-0.33362946,-0.10841554,0.42605212,0.20401134,0.42475605,0.41733938,0.41141328,-0.15302768,0.40507257,0.3258402,0.20480515,0.40465707,0.36377287,-0.09434241,0.22537737,0.10519419,0.522143,0.518471,0.21591604,-0.04336859,-0.37130064,0.18605343,0.0005486298,0.27640224,-0.13128011,-0.28966358,0.4363565,-0.13123034,0.13902782,0.34021032,0.10519623,-0.05364506,-0.3001919,0.19206306,0.36705944}
layer_1_last_bias	{4}	{0.0038239611,-0.0039148973,-0.0032316889,0.0014473163}
layer_2_norm_1_gain	{4}	{1.0038007,1.0039976,0.9965113,1.0039418}
layer_2_norm_1_bias	{4}	{0.0038339668,-0.0031915088,-0.002758809,0.0011846175}
layer_2_attention_in	{12,4}	{-0.005659674,-0.2145288,-0.43553397,-0.14004847,0.3477352,0.4053073,-0.33471853,-0.5471938,-0.002146149,-0.479881,-0.03225751,0.34940398,0.23248386,-0.49273077,0.41472667,0.40108463,0.36373544,0.23417921,0.18877605,0.4556181,0.38576233,-0.5037925,-0.17788948,-0.25401497,0.322456,-0.19779468,0.58236146,-0.28546342,-0.519833,0.44982556,-0.37222278,0.054593008,-0.29787144,0.26187685,0.17811452,0.5262831,0.2069886,-0.5866098,-0.2239519,0.31691876,0.5003647,-0.10608831,0.164495,-0.01263693,0.10766279,0.18883142,0.33078256,-0.2339832}
layer_2_attention_in_bias	{12}	{0.0017968866,-0.0014363343,-0.0018420639,0.0018167935,2.0504049e-06,-1.41664505e-05,1.4455342e-05,-5.5333285e-06,-0.0037297078,0.0023730414,-0.0005419685,-0.00268675}
layer_2_attention_out	{4,4}	{-0.4064325,-0.8424134,0.1461532,-0.11451834,0.35160452,-0.56389296,-0.28650266,0.24335024,0.2344496,-0.54688644,0.2820447,0.2965306,0.31442708,0.56407654,-0.037066963,-0.6416451}
layer_2_attention_out_bias	{4}	{-0.00082311966,-0.0038521946,-0.0014359336,0.0011717489}
layer_2_norm_2_gain	{4}	{1.0037019,0.9991531,0.9962958,0.9966238}
layer_2_norm_2_bias	{4}	{-0.00071069854,-0.0036509885,0.003979736,0.0039968374}
layer_2_hidden	{16,4}	{0.23777631,-0.51857436,0.2796603,-0.3941768,-0.38592038,-0.12843458,-0.5371866,-0.20176572,0.43814445,-0.0764109,-0.058656976,0.2824376,0.16806193,-0.12511267,0.30711436,-0.2717526,-0.04448744,0.053031523,0.10968298,-0.200724,-0.32843181,-0.16877614,-0.47411522,0.5243329,0.2116475,-0.21810515,0.29784232,-0.34231728,0.18591557,0.084656924,0.1814052,0.45164245,-0.29744202,0.39675805,-0.53083503,-0.38162476,-0.18619123,0.2951015,-0.2445375,-0.2988657,0.379309,-0.4845428,0.3189314,0.2555873,0.10686692,0.22919208,-0.16442738,-0.33599004,-0.47332275,-0.28496262,0.53831804,-0.23289585,-0.40846804,0.43970174,-0.12296689,0.035585742,-0.2815555,0.028373312,-0.14984724,0.48145717,-0.48017105,-0.089032,0.0734938,0.4818941}
layer_2_hidden_bias	{16}	{-0.0035602776,-0.0032705448,-0.0008769388,0.0006164361,0.0034868869,-0.0029977104,0.0037174677,0.003738096,-0.0040017664,-0.003633532,-0.0021460694,-0.0029912721,-0.0010854868,-0.0017098614,-0.0036502108,0.002281547}
layer_2_last	{4,16}	{0.44982457,-0.3529363,0.51094025,0.15629634,-0.16911362,0.005432085,0.0077426396,-0.12559578,0.18291418,-0.12951514,0.41715974,-0.5361315,0.022416659,-0.15847555,-0.21811341,0.015065925,0.02775973,-0.09595822,-0.53120744,0.4751749,-0.49767652,-0.3554449,0.20793347,0.5011519,-0.13552096,0.33870175,0.24450658,-0.35910827,-0.1540756,-0.21153148,-0.06885324,0.5002454,0.5034945,0.11554945,-0.32875115,0.25278538,0.31269553,0.16477817,-0.49941906,0.30025113,-0.33145308,-0.100168504,0.18665232,0.4297091,0.10095634,0.26589888,0.28270397,-0.11190165,-0.20960459,-0.14820436,0.06146396,0.41055343,0.32345393,0.43946773,-0.18568169,-0.33018267,0.48935392,0.22279724,0.060854685,0.25232852,-0.06429647,-0.09177373,0.16975869,0.27867177}
layer_2_last_bias	{4}	{-0.0015427831,0.0013076358,-0.0033890684,0.0009457702}
norm_gain	{4}	{0.9960648,0.99619544,0.9960193,0.99608916}
norm_bias	{4}	{-0.003729948,-0.0036629415,-0.0040006507,0.0022382087}
\.
COPY public.session_knn (item_id, n_ratings, idf, sessions, popularity) FROM stdin;
1	10	0.6931472	{0,3,4,11,13,18,20,21,26,27}	0.159724
2	10	0.6931472	{8,14,15,23,24,28}	0.21584667
3	11	0.597837	{6,7,12}	0.19981617
4	11	0.597837	{2,10,17,22}	0.17857206
5	11	0.597837	{1,4,5,9,13,16,19,21,25,27}	0.1846322
6	11	0.597837	{}	0.2493498
7	10	0.6931472	{}	0.18778463
8	10	0.6931472	{4,21,27}	0.18574692
9	12	0.51082563	{8,14,15,23,24,28}	0.23682949
10	10	0.6931472	{6,7,12}	0.16549088
11	9	0.7985077	{2,10,17,22}	0.16202144
12	20	0	{0,1,3,4,5,9,11,13,16,18,19,20,21,25,26,27}	0.360907
\.
COPY public.session_knn_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	session_knn	{"idf": 0.2, "decay": 1, "sample": 500, "feedback": "implicit", "neighbors": 100, "session_gap": "30 days"}	\N	public.ratings	user_id	item_id	rating	at	1	2026-12-01 02:33:57.494431+00	135	20	12	29	2.9925925925925925	1.0363489780906694	1	5	\N	0.011866277	\N	\N	\N	\N	\N	\N
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
1	10	{12,11,7,10,6,9}	{0.18930931,0.16525336,0.12914005,0.114028275,0.112405226,0.05771351}	0.159724
2	10	{8,12,3,4,6,5,9,11}	{0.13318464,0.11833393,0.11440248,0.10407323,0.09988019,0.057978697,0.031844508,0.020068817}	0.21584667
3	11	{5,12,2,9,11,4,8}	{0.2022913,0.17073032,0.11577894,0.07584705,0.06831405,0.0539219,0.050600644}	0.19981617
4	11	{12,9,8,2,11,3,10,5}	{0.16706133,0.15778522,0.107357584,0.106967576,0.056954324,0.055190384,0.04776148,0.015556685}	0.17857206
5	11	{3,12,9,8,7,2,4}	{0.20214203,0.18058628,0.11738453,0.092897065,0.069980726,0.05292119,0.01205459}	0.1846322
6	11	{12,7,1,2,9,10,11}	{0.23452428,0.1658754,0.122128345,0.093282536,0.05372788,0.02908554,0.0029147314}	0.2493498
7	10	{6,10,12,1,8,5}	{0.15816605,0.15488973,0.15174885,0.11981165,0.108084716,0.061233543}	0.18778463
8	10	{12,2,7,4,5,3,11,9}	{0.1440126,0.1258058,0.11165423,0.099566765,0.08857375,0.056526557,0.042740624,0.015181047}	0.18574692
9	12	{4,12,5,3,1,6,2,11,8}	{0.16454796,0.15241107,0.12545606,0.08525848,0.07450387,0.06657553,0.036195263,0.024926715,0.014940762}	0.23682949
10	10	{12,7,1,11,4,6}	{0.18041101,0.15039556,0.10667138,0.083086915,0.03459089,0.02167005}	0.16549088
11	9	{1,12,10,3,4,8,2,9,6}	{0.1776128,0.11999421,0.091722585,0.07418834,0.06358239,0.040269934,0.028194666,0.023971403,0.005684343}	0.16202144
12	20	{6,1,10,3,5,7,4,8,9,2,11}	{0.20822075,0.1847115,0.1809795,0.16664095,0.16259031,0.14641093,0.14324102,0.12768012,0.12366616,0.105471686,0.10109044}	0.360907
\.
COPY public.slim_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	slim	{"l1": null, "l2": null, "weight": "log", "feedback": "implicit", "validate": false, "neighbors": 50, "tolerance": 0.003, "candidates": 100, "iterations": 100}	{"l1": 0.5, "l2": 30}	public.ratings	user_id	item_id	rating	at	1	2026-12-01 02:33:57.424224+00	135	20	12	\N	1.9422133763631184	0.414139148689175	1	2.5849626064300537	125.57863828087179	0.003212663	\N	\N	\N	\N	\N	\N
\.
COPY public.svd (item_id, n_ratings, bias, factors, popularity) FROM stdin;
1	10	0.14282924	{0.29423162,-0.34992132,-0.06568241,0.24654372}	0.159724
2	10	-0.06458614	{0.09233732,-0.023731085,-0.21930084,-0.45298812}	0.21584667
3	11	0.10506722	{0.009840252,0.19303912,0.01905908,-0.121691816}	0.19981617
4	11	0.03908554	{-0.27441007,0.661484,-0.46081898,0.054528527}	0.17857206
5	11	0.10107349	{-0.2800417,-0.036815144,-0.12572214,0.6367178}	0.1846322
6	11	0.08591176	{-0.3190671,-0.1453735,0.068333805,0.010165668}	0.2493498
7	10	-0.013072855	{-0.042414974,-0.26828647,-0.015753288,-0.2615171}	0.18778463
8	10	-0.15287088	{0.06905185,-0.02806839,0.118873574,-0.29308593}	0.18574692
9	12	-0.052316904	{0.66296905,0.018127441,-0.25690305,0.32712108}	0.23682949
10	10	-0.34829205	{0.045491584,0.26837024,0.75367534,0.19296332}	0.16549088
11	9	0.034850426	{-0.09124561,0.12323643,0.23257287,0.020701775}	0.16202144
12	20	0.08732451	{-0.43907443,-0.4683737,-0.109110616,0.10844646}	0.360907
\.
COPY public.svd_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	svd	{"clip": true, "seed": 0, "weight": "log", "damping": 5, "factors": 4, "feedback": "explicit", "validate": false, "centering": "double", "power_iterations": 15}	\N	public.ratings	user_id	item_id	rating	at	1	2026-12-01 02:33:57.288502+00	135	20	12	\N	2.9925925925925925	1.0363489780906694	1	5	26.856854818230318	0.015032015	\N	\N	\N	\N	\N	\N
\.
COPY public.svd_users (user_id, n_ratings, bias, factors) FROM stdin;
1	6	-0.09844714	{1.0224779,-0.8053268,0.14160141,0.37879547}
2	6	-0.29254815	{3.5464156,1.2109754,-0.6004166,-1.2311527}
3	7	0.09253188	{0.45214325,-2.21695,1.0183374,-0.04010534}
4	7	-0.13856596	{-0.38112116,0.33863598,0.3385529,1.5450937}
5	6	0.036170155	{-0.14046425,0.20859325,-1.9036561,-0.79278535}
6	7	0.17748277	{-1.4450202,-0.97332644,-1.1299859,1.4267204}
7	6	-0.09573302	{0.8662322,1.4425492,-0.48361135,0.9387158}
8	6	0.05825256	{1.7163222,-0.54784274,-0.694003,0.7428983}
9	8	0.07106692	{1.1356064,-0.7801098,0.67860615,0.78273696}
10	7	0.0013378357	{0.62345773,0.88391817,0.28139368,-0.34446332}
11	7	0.08010228	{-0.76054543,-1.1622499,-1.3376186,-0.645029}
12	8	-0.06805404	{-2.9975486,1.830347,0.31996673,-0.4074768}
13	7	-0.13247351	{0.15923099,-0.32588217,-0.61292887,-0.1739726}
14	12	0.0072873845	{-0.81884927,-2.2312353,0.109278664,-0.4423637}
15	4	0.23476861	{0.4974877,1.4054189,1.9378442,0.19069427}
16	6	-0.6735335	{1.1159898,-0.5293456,0.7497344,-1.1038747}
17	6	0.2689917	{-0.3339862,-0.5338205,-0.03137886,0.41016996}
18	6	0.17428014	{-0.28542417,1.914141,-0.8591497,0.59904194}
19	6	0.2529064	{-2.0612407,-0.36756757,0.28692716,-0.67230505}
20	7	0.009198551	{-2.5681634,0.5303386,0.35795018,-0.6956456}
\.
COPY public.user_knn (item_id, n_ratings, bias, popularity) FROM stdin;
1	10	0.14280076	0.159724
2	10	-0.064614944	0.21584667
3	11	0.10503776	0.19981617
4	11	0.03905579	0.17857206
5	11	0.10104401	0.1846322
6	11	0.085882574	0.2493498
7	10	-0.013101753	0.18778463
8	10	-0.15289967	0.18574692
9	12	-0.052347347	0.23682949
10	10	-0.34832057	0.16549088
11	9	0.034823004	0.16202144
12	20	0.08729081	0.360907
\.
COPY public.user_knn_model (one, format, algorithm, options, decided, source_name, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, sessions, mean, deviation, minimum, maximum, loss, seconds, item_relation_name, item_features, user_relation_name, user_features, context_columns, context_features) FROM stdin;
t	1	user_knn	{"clip": true, "alpha": 0.5, "prior": 0.3, "weight": "log", "damping": 5, "feedback": "explicit", "validate": false, "neighbors": 6, "normalize": true, "shrinkage": 0, "weighting": "none", "min_common": 1, "similarity": "pearson", "significance": 50}	\N	public.ratings	user_id	item_id	rating	at	1	2026-12-01 02:33:57.380477+00	135	20	12	\N	2.9925925925925925	1.0363489780906694	1	5	\N	0.003574752	\N	\N	\N	\N	\N	\N
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
COPY rec.iteration (model, version, iteration, loss, seconds, validation) FROM stdin;
shop."Al so"	1	1	50.350327258988706	0.000108921	\N
shop."Al so"	1	2	29.759954272575165	5.2558e-05	\N
shop."Al so"	1	3	24.23845432481697	5.1173e-05	\N
public.als	1	1	47.39617641317542	9.5374e-05	\N
public.als	1	2	31.59973879502348	5.4637e-05	\N
public.als	1	3	26.76155150914401	5.4083e-05	\N
public.als	1	4	24.023472492819497	5.9627e-05	\N
public.als_cg	1	1	2897.4085002690313	0.000187224	\N
public.als_cg	1	2	1797.6860094788065	8.5492e-05	\N
public.als_cg	1	3	1790.0110542183	8.4313e-05	\N
public.als_cg	1	4	1789.8544339021253	7.7938e-05	\N
public.svd	1	1	26.856854818230318	0.000514203	\N
public.bpr	1	1	0.6195254474878311	0.000108534	\N
public.bpr	1	2	0.6013516178354621	7.9276e-05	\N
public.bpr	1	3	0.6279224818572402	7.9048e-05	\N
public.bpr	1	4	0.5734504265710711	7.7408e-05	\N
public.bpr	1	5	0.6499448074027896	7.7772e-05	\N
public.bpr	1	6	0.6190803241916001	7.7939e-05	\N
public.bpr	1	7	0.6116846981458366	0.000102321	\N
public.bpr	1	8	0.6377651994116604	8.0101e-05	\N
public.bpr	1	9	0.6199892754666507	8.1095e-05	\N
public.bpr	1	10	0.6110402187332511	7.6487e-05	\N
public.item_knn	1	1	\N	5.8144e-05	\N
public.user_knn	1	1	\N	1.0678e-05	\N
public.ease	1	1	256.76160095435716	5.5123e-05	\N
public.slim	1	1	125.57863828087179	0.000113279	\N
public.markov	1	1	\N	2.1786e-05	\N
public.session_knn	1	1	\N	9.028e-06	\N
public.fm	1	1	307.3360464283992	0.000171019	\N
public.fm	1	2	302.99816602050316	7.8485e-05	\N
public.fm	1	3	296.87040921738486	7.8882e-05	\N
public.fm	1	4	295.75858856387	0.000214716	\N
public.gru	1	1	2.483597391530087	0.008286104	0.4871391236782074
public.gru	1	2	2.483282204678184	0.000210135	0.5156052961945534
public.gru	1	3	2.4830528811404577	0.000149325	0.5186671257019043
public.gru	1	4	2.4810202347604853	0.000145622	0.5198108181357384
public.lstm	1	1	2.4851205625032122	0.000241425	0.5154469296336174
public.lstm	1	2	2.484960691552413	0.000194272	0.5202151611447334
public.lstm	1	3	2.4846766296185945	0.000166026	0.5117347806692123
public.lstm	1	4	2.483798656965557	0.000164616	0.5095435932278634
public.caser	1	1	2.4843718478554173	0.018298137	0.47979111671447755
public.caser	1	2	2.483620397668136	0.001058044	0.46412109583616257
public.caser	1	3	2.4823107317874307	0.004409159	0.46692836135625837
public.caser	1	4	2.481555193348935	0.000782485	0.4784890577197075
public.sasrec	1	1	2.524263394506354	0.000634206	0.5595435932278633
public.sasrec	1	2	2.5428381869667454	0.000420429	0.5660900816321373
public.sasrec	1	3	2.527390530234889	0.000416423	0.5638988941907883
public.sasrec	1	4	2.527157893933748	0.000421627	0.5638988941907883
public.als_described	1	1	55.696530660012634	0.000124907	\N
public.als_described	1	2	35.63291863015185	7.9077e-05	\N
public.als_described	1	3	29.29793501648195	7.7482e-05	\N
public.als_described	1	4	25.67111695757636	7.6264e-05	\N
public.fm_in_context	1	1	433.8393716248371	0.000669736	\N
public.fm_in_context	1	2	432.842231186307	0.008591112	\N
public.fm_in_context	1	3	431.2523042327775	0.000565949	\N
public.fm_in_context	1	4	430.31429260745523	0.000751627	\N
\.
COPY rec.model (model, user_table, source, source_name, algorithm, options, user_column, item_column, rating_column, time_column, version, trained_at, rows, users, items, mean, minimum, maximum, loss, seconds, source_oid, source_owner, source_columns, user_table_oid, user_table_name, deviation, decided, sessions, format, refreshed, refreshed_at, item_relation, item_relation_name, item_relation_oid, item_relation_owner, item_features, user_relation, user_relation_name, user_relation_oid, user_relation_owner, user_features, context_columns, context_features) FROM stdin;
shop."Al so"	\N	shop."or ders"	shop."or ders"	als	{"clip": true, "seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "weight": "log", "factors": 3, "feedback": "explicit", "validate": false, "min_count": 5, "tolerance": 0.0001, "block_size": 32, "iterations": 3, "warm_start": true, "nonnegative": false, "regularization": 0.3, "regularization_scaling": 0, "attribute_regularization": 10}	who	what	rating	\N	1	2026-12-01 02:33:57.169623+00	135	20	12	2.9925925925925925	1	5	24.23845432481697	0.005198039	75336	10	{1,2,3,0}	\N	\N	1.0363489780906694	\N	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
shop.untrained	\N	public.ratings	public.ratings	als	{"clip": true, "seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "weight": "log", "factors": 7, "feedback": "explicit", "validate": false, "min_count": 5, "tolerance": 0.0001, "block_size": 32, "iterations": 15, "warm_start": true, "nonnegative": false, "regularization": 0.3, "regularization_scaling": 0, "attribute_regularization": 10}	user_id	item_id	rating	\N	0	\N	\N	\N	\N	\N	\N	\N	\N	\N	75330	10	{1,2,3,0}	\N	\N	\N	\N	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.als	\N	public.ratings	public.ratings	als	{"clip": true, "seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "weight": "log", "factors": 4, "feedback": "explicit", "validate": false, "min_count": 5, "tolerance": 0.0001, "block_size": 32, "iterations": 4, "warm_start": true, "nonnegative": false, "regularization": 0.3, "regularization_scaling": 0, "attribute_regularization": 10}	user_id	item_id	rating	at	1	2026-12-01 02:33:57.225413+00	135	20	12	2.9925925925925925	1	5	24.023472492819497	0.012307022	75330	10	{1,2,3,4}	\N	\N	1.0363489780906694	\N	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.als_cg	\N	public.ratings	public.ratings	als	{"clip": true, "seed": 0, "alpha": null, "biases": true, "solver": "cg", "weight": "log", "factors": 4, "feedback": "implicit", "validate": false, "min_count": 5, "tolerance": 0.0001, "block_size": 32, "iterations": 4, "warm_start": true, "nonnegative": false, "regularization": null, "regularization_scaling": null, "attribute_regularization": 10}	user_id	item_id	rating	at	1	2026-12-01 02:33:57.247227+00	135	20	12	1.9422133763631184	1	2.5849626064300537	1789.8544339021253	0.003918409	75330	10	{1,2,3,4}	\N	\N	0.414139148689175	{"alpha": 11.441699708522412, "regularization": 23.22222222222222, "regularization_scaling": 0.5}	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.svd	\N	public.ratings	public.ratings	svd	{"clip": true, "seed": 0, "weight": "log", "damping": 5, "factors": 4, "feedback": "explicit", "validate": false, "centering": "double", "power_iterations": 15}	user_id	item_id	rating	at	1	2026-12-01 02:33:57.288502+00	135	20	12	2.9925925925925925	1	5	26.856854818230318	0.015032015	75330	10	{1,2,3,4}	\N	\N	1.0363489780906694	\N	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.bpr	\N	public.ratings	public.ratings	bpr	{"seed": 0, "factors": 4, "feedback": "implicit", "validate": false, "negatives": 10, "iterations": 10, "warm_start": true, "learning_rate": 0.1, "regularization": null}	user_id	item_id	rating	at	1	2026-12-01 02:33:57.323931+00	135	20	12	2.9925925925925925	1	5	0.6110402187332511	0.005898063	75330	10	{1,2,3,4}	\N	\N	1.0363489780906694	{"regularization": 0.025}	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.item_knn	\N	public.ratings	public.ratings	item_knn	{"clip": true, "alpha": 0.5, "prior": 0, "weight": "log", "damping": 5, "feedback": "implicit", "neighbors": 6, "normalize": false, "shrinkage": 10, "weighting": "tfidf", "min_common": 1, "similarity": "cosine"}	user_id	item_id	rating	at	1	2026-12-01 02:33:57.353986+00	135	20	12	1.9422133763631184	1	2.5849626064300537	\N	0.013683778	75330	10	{1,2,3,4}	\N	\N	0.414139148689175	\N	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.user_knn	\N	public.ratings	public.ratings	user_knn	{"clip": true, "alpha": 0.5, "prior": 0.3, "weight": "log", "damping": 5, "feedback": "explicit", "validate": false, "neighbors": 6, "normalize": true, "shrinkage": 0, "weighting": "none", "min_common": 1, "similarity": "pearson", "significance": 50}	user_id	item_id	rating	at	1	2026-12-01 02:33:57.380477+00	135	20	12	2.9925925925925925	1	5	\N	0.003574752	75330	10	{1,2,3,4}	\N	\N	1.0363489780906694	\N	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.ease	\N	public.ratings	public.ratings	ease	{"weight": "log", "feedback": "implicit", "validate": false, "max_items": 20000, "regularization": null}	user_id	item_id	rating	at	1	2026-12-01 02:33:57.399855+00	135	20	12	1.9422133763631184	1	2.5849626064300537	256.76160095435716	0.006894425	75330	10	{1,2,3,4}	\N	\N	0.414139148689175	{"regularization": 43.45417410157507}	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.slim	\N	public.ratings	public.ratings	slim	{"l1": null, "l2": null, "weight": "log", "feedback": "implicit", "validate": false, "neighbors": 50, "tolerance": 0.003, "candidates": 100, "iterations": 100}	user_id	item_id	rating	at	1	2026-12-01 02:33:57.424224+00	135	20	12	1.9422133763631184	1	2.5849626064300537	125.57863828087179	0.003212663	75330	10	{1,2,3,4}	\N	\N	0.414139148689175	{"l1": 0.5, "l2": 30}	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.markov	\N	public.ratings	public.ratings	markov	{"order": 3, "window": 10, "feedback": "implicit", "half_life": "0", "smoothing": 10, "transitions": 200}	user_id	item_id	rating	at	1	2026-12-01 02:33:57.455096+00	135	20	12	2.9925925925925925	1	5	\N	0.007156464	75330	10	{1,2,3,4}	\N	\N	1.0363489780906694	\N	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.session_knn	\N	public.ratings	public.ratings	session_knn	{"idf": 0.2, "decay": 1, "sample": 500, "feedback": "implicit", "neighbors": 100, "session_gap": "30 days"}	user_id	item_id	rating	at	1	2026-12-01 02:33:57.494431+00	135	20	12	2.9925925925925925	1	5	\N	0.011866277	75330	10	{1,2,3,4}	\N	\N	1.0363489780906694	\N	29	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.popular	\N	public.ratings	public.ratings	popular	{"by": "count", "weight": "log", "damping": 5, "feedback": "implicit", "half_life": "0"}	user_id	item_id	rating	at	1	2026-12-01 02:33:57.516536+00	135	20	12	1.9422133763631184	1	2.5849626064300537	\N	0.009412125	75330	10	{1,2,3,4}	\N	\N	0.414139148689175	\N	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.fm	\N	public.ratings	public.ratings	fm	{"clip": true, "seed": 0, "weight": "log", "factors": 2, "feedback": "implicit", "validate": false, "min_count": 5, "negatives": 5, "tolerance": 0.0001, "iterations": 4, "warm_start": true, "regularization": null, "regularization_scaling": 0.5, "attribute_regularization": 2}	user_id	item_id	rating	at	1	2026-12-01 02:33:57.527919+00	135	20	12	1.9422133763631184	1	2.5849626064300537	295.75858856387	0.004963581	75330	10	{1,2,3,4}	\N	\N	0.414139148689175	{"regularization": 0.7}	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.gru	\N	public.ratings	public.ratings	gru	{"seed": 0, "layers": 1, "dropout": 0.2, "factors": 4, "feedback": "implicit", "patience": 5, "min_count": 5, "negatives": null, "batch_size": null, "iterations": 4, "max_length": 200, "time_budget": "0", "learning_rate": 0.002, "relevant_from": -1000000000000000000000000000000}	user_id	item_id	rating	at	1	2026-12-01 02:33:57.566173+00	135	20	12	2.9925925925925925	1	5	2.4810202347604853	0.0124292	75330	10	{1,2,3,4}	\N	\N	1.0363489780906694	{"negatives": 0, "batch_size": 256}	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.lstm	\N	public.ratings	public.ratings	lstm	{"seed": 0, "layers": 1, "dropout": 0.2, "factors": 4, "feedback": "implicit", "patience": 5, "min_count": 5, "negatives": null, "batch_size": null, "iterations": 4, "max_length": 200, "time_budget": "0", "learning_rate": 0.002, "relevant_from": -1000000000000000000000000000000}	user_id	item_id	rating	at	1	2026-12-01 02:33:57.602885+00	135	20	12	2.9925925925925925	1	5	2.483798656965557	0.016534601	75330	10	{1,2,3,4}	\N	\N	1.0363489780906694	{"negatives": 0, "batch_size": 256}	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.caser	\N	public.ratings	public.ratings	caser	{"seed": 0, "window": 5, "dropout": 0.2, "factors": 4, "feedback": "implicit", "patience": 5, "min_count": 5, "negatives": null, "batch_size": null, "iterations": 4, "max_length": 200, "time_budget": "0", "learning_rate": 0.002, "relevant_from": -1000000000000000000000000000000}	user_id	item_id	rating	at	1	2026-12-01 02:33:57.65864+00	135	20	12	2.9925925925925925	1	5	2.481555193348935	0.03665459	75330	10	{1,2,3,4}	\N	\N	1.0363489780906694	{"negatives": 0, "batch_size": 256}	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.sasrec	\N	public.ratings	public.ratings	sasrec	{"seed": 0, "heads": 1, "layers": 2, "dropout": 0.2, "factors": 4, "feedback": "implicit", "patience": 5, "min_count": 5, "negatives": null, "batch_size": null, "iterations": 4, "max_length": 200, "time_budget": "0", "learning_rate": 0.002, "relevant_from": -1000000000000000000000000000000}	user_id	item_id	rating	at	1	2026-12-01 02:33:57.700083+00	135	20	12	2.9925925925925925	1	5	2.527157893933748	0.018018137	75330	10	{1,2,3,4}	\N	\N	1.0363489780906694	{"negatives": 0, "batch_size": 256}	\N	1	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N	\N
public.content	\N	public.ratings	public.ratings	content	{"weight": "log", "feedback": "implicit", "half_life": "0", "min_count": 1}	user_id	item_id	rating	\N	1	2026-12-01 02:33:57.777637+00	135	20	14	1.9422133763631184	1	2.5849626064300537	\N	0.006594081	75330	10	{1,2,3,0}	\N	\N	0.414139148689175	\N	\N	1	\N	\N	public.film	public.film	75742	10	4	\N	\N	\N	\N	\N	\N	\N
public.als_described	\N	public.ratings	public.ratings	als	{"clip": true, "seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "weight": "log", "factors": 3, "feedback": "explicit", "validate": false, "min_count": 1, "tolerance": 0.0001, "block_size": 32, "iterations": 4, "warm_start": true, "nonnegative": false, "regularization": 0.3, "regularization_scaling": 0, "attribute_regularization": 10}	user_id	item_id	rating	\N	1	2026-12-01 02:33:57.784903+00	135	20	14	2.9925925925925925	1	5	25.67111695757636	0.006735661	75330	10	{1,2,3,0}	\N	\N	1.0363489780906694	\N	\N	1	\N	\N	public.film	public.film	75742	10	5	public.account	public.account	75747	10	4	\N	\N
public.fm_in_context	\N	public.ratings	public.ratings	fm	{"clip": true, "seed": 0, "weight": "log", "factors": 2, "feedback": "implicit", "validate": false, "min_count": 1, "negatives": 5, "tolerance": 0.0001, "iterations": 4, "warm_start": true, "regularization": null, "regularization_scaling": 0.5, "attribute_regularization": 2}	user_id	item_id	\N	\N	1	2026-12-01 02:33:57.807032+00	135	20	14	1	1	1	430.31429260745523	0.013818479	75330	10	{1,2,0,0,3}	\N	\N	0	{"regularization": 0.7}	\N	1	\N	\N	public.film	public.film	75742	10	4	\N	\N	\N	\N	\N	{rating}	1
\.
COPY rec.model_table (model, side, relation, relation_oid, relation_name) FROM stdin;
shop."Al so"	model	shop."Al so_model"	75354	shop."Al so_model"
shop."Al so"	users	shop."Al so_users"	75347	shop."Al so_users"
shop.untrained	users	shop.untrained_users	75371	shop.untrained_users
shop.untrained	model	shop.untrained_model	75378	shop.untrained_model
public.als	model	public.als_model	75402	public.als_model
public.als	users	public.als_users	75395	public.als_users
public.als_cg	model	public.als_cg_model	75426	public.als_cg_model
public.als_cg	users	public.als_cg_users	75419	public.als_cg_users
public.svd	model	public.svd_model	75450	public.svd_model
public.svd	users	public.svd_users	75443	public.svd_users
public.bpr	model	public.bpr_model	75474	public.bpr_model
public.bpr	users	public.bpr_users	75467	public.bpr_users
public.item_knn	model	public.item_knn_model	75491	public.item_knn_model
public.user_knn	model	public.user_knn_model	75513	public.user_knn_model
public.user_knn	users	public.user_knn_users	75506	public.user_knn_users
public.ease	model	public.ease_model	75530	public.ease_model
public.slim	model	public.slim_model	75547	public.slim_model
public.markov	model	public.markov_model	75564	public.markov_model
public.session_knn	model	public.session_knn_model	75595	public.session_knn_model
public.session_knn	sessions	public.session_knn_sessions	75588	public.session_knn_sessions
public.session_knn	users	public.session_knn_users	75581	public.session_knn_users
public.popular	model	public.popular_model	75610	public.popular_model
public.fm	model	public.fm_model	75634	public.fm_model
public.fm	users	public.fm_users	75627	public.fm_users
public.gru	model	public.gru_model	75658	public.gru_model
public.gru	parameters	public.gru_parameters	75651	public.gru_parameters
public.lstm	model	public.lstm_model	75682	public.lstm_model
public.lstm	parameters	public.lstm_parameters	75675	public.lstm_parameters
public.caser	model	public.caser_model	75706	public.caser_model
public.caser	parameters	public.caser_parameters	75699	public.caser_parameters
public.sasrec	model	public.sasrec_model	75731	public.sasrec_model
public.sasrec	parameters	public.sasrec_parameters	75724	public.sasrec_parameters
public.content	features	public.content_features	75759	public.content_features
public.content	model	public.content_model	75766	public.content_model
public.als_described	features	public.als_described_features	75790	public.als_described_features
public.als_described	model	public.als_described_model	75804	public.als_described_model
public.als_described	user_features	public.als_described_user_features	75797	public.als_described_user_features
public.als_described	users	public.als_described_users	75783	public.als_described_users
public.fm_in_context	context_features	public.fm_in_context_context_features	75835	public.fm_in_context_context_features
public.fm_in_context	features	public.fm_in_context_features	75828	public.fm_in_context_features
public.fm_in_context	model	public.fm_in_context_model	75842	public.fm_in_context_model
public.fm_in_context	users	public.fm_in_context_users	75821	public.fm_in_context_users
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
t	1	als	{"clip": true, "seed": 0, "alpha": 1, "biases": true, "solver": "cholesky", "weight": "log", "factors": 3, "feedback": "explicit", "validate": false, "min_count": 5, "tolerance": 0.0001, "block_size": 32, "iterations": 3, "warm_start": true, "nonnegative": false, "regularization": 0.3, "regularization_scaling": 0, "attribute_regularization": 10}	\N	shop."or ders"	who	what	rating	\N	1	2026-12-01 02:33:57.169623+00	135	20	12	\N	2.9925925925925925	1.0363489780906694	1	5	24.23845432481697	0.005198039	\N	\N	\N	\N	\N	\N
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
ALTER TABLE ONLY public.caser_model
    ADD CONSTRAINT caser_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.caser_parameters
    ADD CONSTRAINT caser_parameters_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.caser
    ADD CONSTRAINT caser_pkey PRIMARY KEY (item_id);
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
ALTER TABLE ONLY public.gru_model
    ADD CONSTRAINT gru_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.gru_parameters
    ADD CONSTRAINT gru_parameters_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.gru
    ADD CONSTRAINT gru_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.item_knn_model
    ADD CONSTRAINT item_knn_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.item_knn
    ADD CONSTRAINT item_knn_pkey PRIMARY KEY (item_id);
ALTER TABLE ONLY public.lstm_model
    ADD CONSTRAINT lstm_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.lstm_parameters
    ADD CONSTRAINT lstm_parameters_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.lstm
    ADD CONSTRAINT lstm_pkey PRIMARY KEY (item_id);
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
ALTER TABLE ONLY public.sasrec_model
    ADD CONSTRAINT sasrec_model_pkey PRIMARY KEY (one);
ALTER TABLE ONLY public.sasrec_parameters
    ADD CONSTRAINT sasrec_parameters_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.sasrec
    ADD CONSTRAINT sasrec_pkey PRIMARY KEY (item_id);
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
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.caser_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.caser_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.content_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.content_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.ease_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.ease_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.fm_in_context_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.fm_in_context_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.fm_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.fm_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.gru_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.gru_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.item_knn_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.item_knn_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.lstm_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.lstm_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.markov_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.markov_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.popular_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.popular_model ENABLE REPLICA TRIGGER rec_follow;
CREATE TRIGGER rec_follow AFTER INSERT OR UPDATE ON public.sasrec_model FOR EACH ROW EXECUTE FUNCTION rec.follow_description();
ALTER TABLE public.sasrec_model ENABLE REPLICA TRIGGER rec_follow;
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
