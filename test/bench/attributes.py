"""What attributes are worth to als and fm on MovieLens-100k, beside what myFM, cmfrec and LightFM make of the same ones.

    test/bench/attributes.py ratings DIRECTORY [FOLD]
    test/bench/attributes.py cold DIRECTORY

On the server and in the database of psql's environment, which is to have the extension; in a schema that is dropped at the end. Prints tables in
Markdown. The data is not part of this repository; DIRECTORY has either

- u3.base, u3.test, u.item and u.user of GroupLens's archive ml-100k.zip, which has five folds; FOLD is 3 unless given, or
- ml-100k.inter, .item and .user, as in the Python package recbole (recbole/dataset_example/ml-100k). It has no folds: of a rating the fold is 1 + the
  remainder by 5 of the first 28 bits of the md5 sum of 'USER:ITEM'.

Attributes are genres and the year of release of items; age, gender and occupation of users. Peers get them as rec encodes them: a genre weighs
1 / sqrt(genres of the item), years and ages are in standard deviations from the mean, as far as the 1 % and 99 % quantiles.

ratings: trained on all folds but FOLD, tested on it. Options are chosen by the RMSE on a fifth of the training part, the same for all (by the md5 sum of
'v:USER:ITEM'). Predictions are clipped to 1..5. Of each difference there is a 95 % interval, by drawing users with all their test ratings 2,000 times.

cold: each rating is an event; all those of a fifth of the items (by the md5 sum of 'i' and the id) are held out, and these items ranked among
themselves for every user who had one, and others: ndcg@10. Options are chosen on a fifth of the other items (by that of 'v' and the id). How often a
film was rated does not grow with its year in a straight line. So the year is a number, or the decade is a category, or each year since 1990 and each
decade before is one; all programs get the same.

Needs numpy and scipy. Peers that are not installed are left out, and the tables say so: the Python packages myfm, cmfrec and lightfm (or
rectools-lightfm, which is LightFM for newer compilers). They use one thread.
"""

import collections
import contextlib
import csv
import hashlib
import importlib
import io
import itertools
import json
import os
import subprocess
import sys
import tempfile
import warnings

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
import scipy.sparse  # noqa: E402

from tables import heading, query, quoted, row, shown  # noqa: E402

GENRES = ("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical",
          "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western")
NONE, ITEMS, BOTH = "none", "items", "items, users"
RELATIONS = {NONE: "", ITEMS: ", items => 'film'", BOTH: ", items => 'film', users => 'account'"}
RIDGES = [{}, {"regularization": 12}, {"regularization": 16}] + [{"regularization_scaling": 0.25, "regularization": r} for r in (3, 4, 6)]
# of ratings
RATINGS = {
    "als": {"ridge": RIDGES, "attribute_regularization": [10, 20, 50]},
    "fm": {"ridge": RIDGES, "attribute_regularization": [2, 4, 8]},
    "myFM": {"rank": [5, 10, 20]},
    "cmfrec": {"k": [16, 64], "lambda_": [14, 20], "w_item": [2, 20, 50], "w_user": [2, 20, 50]},
}
SAMPLES = 300  # of myFM, after 100 that are dropped
# of events of other items
COLD = {
    "als": {"regularization": [None, 5, 10], "attribute_regularization": [3, 10]},
    "fm": {"regularization": [0.7, 1.5, 3], "attribute_regularization": [1, 2]},
    "content": {},
    "LightFM": {"no_components": [64], "epochs": [3, 10, 30], "own": [False, True]},
}
YEARS = {
    "number": (lambda year: year, "year"),
    "decade": (lambda year: year and year // 10 * 10, "(year / 10 * 10)::text"),
    "year or decade": (lambda year: year and (year if year >= 1990 else year // 10 * 10), "(CASE WHEN year >= 1990 THEN year ELSE year / 10 * 10 END)::text"),
}
GOALS = (
    ("fm", NONE, "myFM", NONE, "at most +1.5 %"),
    ("fm", ITEMS, "myFM", ITEMS, "at most +1.5 %"),
    ("fm", BOTH, "myFM", BOTH, "at most +1.5 %"),
    ("fm", ITEMS, "fm", NONE, "below 0"),
    ("fm", BOTH, "fm", ITEMS, ""),
    ("als", ITEMS, "als", NONE, "below 0"),
    ("als", BOTH, "als", NONE, ""),
    ("als", BOTH, "als", ITEMS, ""),
    ("myFM", ITEMS, "myFM", NONE, ""),
    ("myFM", BOTH, "myFM", ITEMS, ""),
    ("cmfrec", ITEMS, "cmfrec", NONE, ""),
    ("als", ITEMS, "cmfrec", ITEMS, "not above 0"),
    ("als", BOTH, "cmfrec", BOTH, "not above 0"),
)


def sql(text, *files):
    return query("SET search_path = attribute, public;\n", text, *files)


def fifth(text):
    """0 to 4, by chance but always the same."""
    return int(hashlib.md5(text.encode()).hexdigest()[:7], 16) % 5


def combinations(grid):
    """The options of a grid; "ridge" stands for several at once, and None for the default."""
    for values in itertools.product(*grid.values()):
        options = {name: value for name, value in zip(grid, values) if value is not None}
        yield {**options.pop("ridge", {}), **options}


def installed(*modules):
    try:
        return [importlib.import_module(module) for module in modules]
    except ImportError:
        return None


# ---- the data

Data = collections.namedtuple("Data", "user item rating tested validated film account")


def read_files(directory, name, **how):
    with open(os.path.join(directory, name), **how) as file:
        return [line.rstrip("\n") for line in file]


def read(directory, fold):
    """Ratings with their parts; films as (id, title, year, genres), users as (id, age, gender, occupation)."""
    if os.path.exists(os.path.join(directory, f"u{fold}.base")):
        parts = [[line.split() for line in read_files(directory, f"u{fold}.{part}")] for part in ("base", "test")]
        ratings = [(int(u), int(i), int(r), tested) for tested, part in enumerate(parts) for u, i, r, _ in part]
        films = [line.split("|") for line in read_files(directory, "u.item", encoding="latin1")]
        films = [(int(f[0]), f[1], f[2][-4:], [genre for genre, has in zip(GENRES, f[5:]) if has == "1"]) for f in films]
        accounts = [line.split("|") for line in read_files(directory, "u.user")]
    else:
        inter, films, accounts = ([line.split("\t") for line in read_files(directory, f"ml-100k.{kind}", encoding="utf8")[1:]]
                                  for kind in ("inter", "item", "user"))
        ratings = [(int(u), int(i), int(float(r)), int(fifth(f"{u}:{i}") == fold - 1)) for u, i, r, _ in inter]
        films = [(int(f[0]), f[1], f[2], f[3].split()) for f in films]
    ratings.sort()
    user, item, rating, tested = np.array(ratings).T
    tested = tested.astype(bool)
    validated = np.array([fifth(f"v:{u}:{i}") == 0 for u, i in zip(user, item)]) & ~tested
    return Data(user, item, rating.astype(float), tested, validated, sorted((f[0], f[1], int(f[2]) if f[2].isdigit() else None, f[3]) for f in films),
                sorted((int(a[0]), int(a[1]), a[2], a[3]) for a in accounts))


def load(data):
    with tempfile.TemporaryDirectory() as directory:
        paths = []
        for name, rows in (("rating", zip(data.user, data.item, data.rating, data.tested, data.validated)),
                           ("film", ((f[0], f[1], "" if f[2] is None else f[2], "{" + ",".join(f[3]) + "}") for f in data.film)), ("account", data.account)):
            paths.append(os.path.join(directory, name))
            with open(paths[-1], "w", newline="") as file:
                csv.writer(file).writerows(rows)
        sql("""CREATE TABLE rating (user_id int, item_id int, rating real, tested bool, validated bool, PRIMARY KEY (user_id, item_id));
               CREATE TABLE film_table (item_id int PRIMARY KEY, title text, year int, genres text[]);
               CREATE TABLE account (user_id int PRIMARY KEY, age int, gender text, occupation text);
               CREATE VIEW trained AS SELECT user_id, item_id, rating, validated FROM rating WHERE NOT tested;
               CREATE VIEW film AS SELECT item_id, year, genres FROM film_table;
               \\copy rating FROM '%s' (FORMAT csv)
               \\copy film_table FROM '%s' (FORMAT csv)
               \\copy account FROM '%s' (FORMAT csv)
               ANALYZE""", *paths)


def standard(values):
    """In standard deviations, between the quantiles; unknown is the mean."""
    values = np.array([np.nan if value is None else value for value in values], float)
    values = np.clip(values, *np.nanquantile(values, (0.01, 0.99)))
    return np.nan_to_num((values - np.nanmean(values)) / np.nanstd(values))[:, None]


def indicators(values):
    kinds = sorted({value for value in values if value is not None})
    return np.array([[value == kind for kind in kinds] for value in values], float)


def genres(data):
    has = np.array([[genre in film[3] for genre in GENRES] for film in data.film], float)
    return has / np.sqrt(np.maximum(has.sum(axis=1, keepdims=True), 1))


def blocks(data):
    """The attributes of items and those of users, of which a row is by the place in data.film and data.account."""
    return ([genres(data), standard([film[2] for film in data.film])],
            [standard([account[1] for account in data.account]), indicators([account[2] for account in data.account]),
             indicators([account[3] for account in data.account])])


# ---- predicted ratings: a function for each program, of rows to train on and to predict


def rmse(squares):
    return float(np.mean(squares)) ** 0.5


def by_myfm(data, attributes, trained, asked, options):
    myfm, = installed("myfm")
    user, item = data.user - 1, data.item - 1
    films, accounts = blocks(data)
    parts = [scipy.sparse.csr_matrix((np.ones(len(of)), (np.arange(len(of)), of))) for of in (user, item)]
    parts += [scipy.sparse.csr_matrix(block[item]) for block in films if attributes != NONE]
    parts += [scipy.sparse.csr_matrix(block[user]) for block in accounts if attributes == BOTH]
    matrix = scipy.sparse.hstack(parts).tocsr()
    model = myfm.MyFMRegressor(rank=options["rank"], random_seed=1)
    with contextlib.redirect_stderr(io.StringIO()):
        model.fit(matrix[trained], data.rating[trained], n_iter=SAMPLES + 100, n_kept_samples=SAMPLES, group_shapes=[part.shape[1] for part in parts])
    return model.predict(matrix[asked])


def by_cmfrec(data, attributes, trained, asked, options):
    cmfrec, pandas = installed("cmfrec", "pandas")
    sides = {}
    for name, key, rows, side in zip("IU", ("ItemId", "UserId"), (data.film, data.account), blocks(data)):
        if attributes == BOTH or (attributes == ITEMS and name == "I"):
            sides[name] = pandas.DataFrame(np.hstack(side))
            sides[name].insert(0, key, [r[0] for r in rows])
    model = cmfrec.CMF(method="als", use_cg=False, niter=15, use_float=False, nthreads=1, **options)
    model.fit(pandas.DataFrame({"UserId": data.user[trained], "ItemId": data.item[trained], "Rating": data.rating[trained]}), **sides)
    # an item without ratings and attributes is not known to it
    predicted = model.predict(data.user[asked], data.item[asked])
    return np.where(np.isnan(predicted), data.rating[trained].mean(), predicted)


PEERS = {"myFM": (by_myfm, "myfm"), "cmfrec": (by_cmfrec, "cmfrec", "pandas")}


def grid_of(program, attributes):
    """What matters with these attributes."""
    unused = {"attribute_regularization": NONE, "w_item": NONE, "w_user": NONE}
    if attributes == ITEMS:
        unused = {"w_user": NONE}
    if attributes == BOTH:
        unused = {}
    return {name: values for name, values in RATINGS[program].items() if name not in unused}


def create_model(name, source, program, attributes, options, feedback="explicit"):
    sql(f"""DROP TABLE IF EXISTS {name}; SELECT rec.create_model('attribute.{name}', '{source}', '{program}', {quoted({"feedback": feedback, **options})}
            {RELATIONS[attributes]}, rating_column => {"NULL" if feedback == "explicit" else "''"})""")


def validated(data, program, attributes, options):
    """Of the validation part, the error with options."""
    if program not in PEERS:
        return float(sql(f"SELECT value FROM rec.evaluate('model', 'column:validated', options => {quoted(options)}) WHERE metric = 'rmse'")[0][0])
    predicted = PEERS[program][0](data, attributes, ~data.tested & ~data.validated, data.validated, options)
    return rmse((np.clip(predicted, 1, 5) - data.rating[data.validated]) ** 2)


def predictions(data, program, attributes, options):
    """Of the test part, in its order."""
    if program in PEERS:
        return PEERS[program][0](data, attributes, ~data.tested, data.tested, options)
    create_model("model", "trained", program, attributes, options)
    return np.array(sql("CALL rec.train('model'); SELECT rec.predict('model', user_id, item_id) FROM rating WHERE tested ORDER BY user_id, item_id"),
                    float)[:, 0]


def report(data, program, attributes, how, options, on_validation):
    """A row of the table; the squared errors."""
    squares = (np.clip(predictions(data, program, attributes, options), 1, 5) - data.rating[data.tested]) ** 2
    row(program, attributes, shown(options) if how == "chosen" else how, f"{on_validation:.4f}", f"{rmse(squares):.4f}")
    return squares


def predict_ratings(data):
    print(f"{len(data.user)} ratings, of which {data.tested.sum()} are tested, {(~np.isin(data.item[data.tested], data.item[~data.tested])).sum()} of these",
          f"on items that nobody has rated in the training part, and {data.validated.sum()} are the validation part of the others.\n")
    heading(("program", "attributes", "options"), "RMSE, validation part", "RMSE")
    squares = {}
    for program, attributes in itertools.product(RATINGS, (NONE, ITEMS, BOTH)):
        if program in PEERS and not installed(*PEERS[program][1:]):
            row(program, attributes, "not installed", "", "")
            continue
        if program not in PEERS:
            create_model("model", "trained", program, attributes, {})
            squares[program, attributes, "defaults"] = report(data, program, attributes, "defaults", {}, validated(data, program, attributes, {}))
        best, options = min(((validated(data, program, attributes, options), options) for options in combinations(grid_of(program, attributes))),
                            key=lambda pair: pair[0])
        squares[program, attributes, "chosen"] = report(data, program, attributes, "chosen", options, best)
    return squares


def interval(user, one, other):
    """The difference of the errors, and what it is between when users are drawn anew."""
    _, place = np.unique(user, return_inverse=True)
    sums = np.array([np.bincount(place, weights) for weights in (np.ones(len(user)), one, other)])
    random = np.random.default_rng(1)
    drawn = [sums[:, random.integers(sums.shape[1], size=sums.shape[1])].sum(axis=1) for _ in range(2000)]
    differences = [(a / n) ** 0.5 - (b / n) ** 0.5 for n, a, b in drawn]
    return rmse(one) - rmse(other), *np.quantile(differences, (0.025, 0.975))


def compare(data, squares):
    print()
    heading(("program", "beside", "options of rec"), "difference of RMSE", "95 %", "of the other's", "goal")
    for program, attributes, other, others, goal in GOALS:
        for how in ("defaults", "chosen") if program not in PEERS else ("chosen",):
            one, two = squares.get((program, attributes, how)), squares.get((other, others, "chosen" if other in PEERS else how))
            if one is not None and two is not None:
                difference, low, high = interval(data.user[data.tested], one, two)
                row(f"{program}, {attributes}", f"{other}, {others}", how if program not in PEERS else "", f"{difference:+.4f}",
                    f"{low:+.4f} to {high:+.4f}", f"{difference / rmse(two):+.2%}", goal)


# ---- items that nobody had: lists of held out items, by user, and how good they are


def ndcg(lists, data, held):
    """By user, of those who had one of the items held out and others."""
    of_users = collections.defaultdict(set)
    for user, item in zip(data.user[np.isin(data.item, held)], data.item[np.isin(data.item, held)]):
        of_users[user].add(item)
    discount = 1 / np.log2(np.arange(2, 12))
    return {user: sum(discount[rank] for rank, item in enumerate(lists[user][:10]) if item in items) / discount[:len(items)].sum()
            for user, items in of_users.items() if user in lists}


def lists_of_lightfm(data, years, known, held, options):
    lightfm, = installed("lightfm")
    options = dict(options)
    epochs, own = options.pop("epochs"), options.pop("own")
    parts = [genres(data), (standard if years == "number" else indicators)([YEARS[years][0](film[2]) for film in data.film])]
    parts += [scipy.sparse.identity(len(data.film), format="csr")] if own else []
    features = scipy.sparse.hstack([scipy.sparse.csr_matrix(part) for part in parts]).tocsr().astype(np.float32)
    trained = np.isin(data.item, known)
    users = data.user.max()
    model = lightfm.LightFM(loss="warp", random_state=1, **options)
    model.fit(scipy.sparse.coo_matrix((np.ones(trained.sum(), np.float32), (data.user[trained] - 1, data.item[trained] - 1)), (users, len(data.film))),
              item_features=features, epochs=epochs, num_threads=1)
    biases, factors = model.get_item_representations(features)
    user_biases, user_factors = model.get_user_representations()
    scores = user_factors @ factors[held - 1].T + biases[held - 1] + user_biases[:, None]
    return {user: held[np.argsort(-scores[user - 1], kind="stable")[:10]] for user in np.unique(data.user[trained])}


def lists_of_rec(program, years, known, held, options):
    sql(f"""DROP TABLE IF EXISTS model, list; DROP VIEW IF EXISTS events, film;
            CREATE VIEW film AS SELECT item_id, genres, {YEARS[years][1]} AS year FROM film_table;
            CREATE VIEW events AS SELECT user_id, item_id FROM rating WHERE item_id = ANY ('{{{",".join(map(str, known))}}}')""")
    create_model("model", "events", program, ITEMS, options, "implicit")
    result = collections.defaultdict(list)
    for user, item in sql(f"""CALL rec.train('model'); CALL rec.recommend_all('model', 'list', candidates => '{{{",".join(map(str, held))}}}'::int[]);
                              SELECT user_id, item_id FROM list ORDER BY user_id, rank"""):
        result[int(user)].append(int(item))
    return result


def figures(data, program, years, part, options):
    """By user."""
    lists = lists_of_lightfm(data, years, *part, options) if program == "LightFM" else lists_of_rec(program, years, *part, options)
    return ndcg(lists, data, part[1])


def mean(values):
    return sum(values.values()) / len(values)


def mean_interval(values):
    random = np.random.default_rng(1)
    return np.quantile([values[random.integers(len(values), size=len(values))].mean() for _ in range(2000)], (0.025, 0.975))


def cold_row(years, program, options, on_validation, values):
    low, high = mean_interval(np.array(list(values.values())))
    row(years, program, shown(options), f"{on_validation:.4f}", f"{mean(values):.4f}", f"{low:.4f} to {high:.4f}", len(values))
    return values


def cold_items(data):
    ids = np.array([film[0] for film in data.film])
    cold = np.array([fifth(f"i{i}") == 0 for i in ids])
    new = np.array([fifth(f"v{i}") == 0 for i in ids]) & ~cold
    on_validation, on_test = (ids[~cold & ~new], ids[new]), (ids[~cold], ids[cold])
    print(f"{cold.sum()} of {len(ids)} items are held out; the validation part has {new.sum()} of the others.\n")
    heading(("year", "program", "options"), "ndcg@10, validation part", "ndcg@10", "95 %", "users")
    found = {}
    for years, (program, grid) in itertools.product(YEARS, COLD.items()):
        if program == "LightFM" and not installed("lightfm"):
            row(years, program, "not installed", "", "", "", "")
            continue
        tried = [("defaults", {})] if program != "LightFM" else []
        if grid:
            tried.append(("chosen", max(combinations(grid), key=lambda options: mean(figures(data, program, years, on_validation, options)))))
        for how, options in tried:
            found[years, program, how] = cold_row(years, program, options, mean(figures(data, program, years, on_validation, options)),
                                                  figures(data, program, years, on_test, options))
    print()
    heading(("year", "program", "beside", "options of rec"), "difference of ndcg@10", "95 %", "goal")
    for (years, program, how), values in found.items():
        peer = found.get((years, "LightFM", "chosen"), values)
        if peer is not values:
            differences = np.array([values[user] - peer[user] for user in peer])
            row(years, program, "LightFM", how, f"{differences.mean():+.4f}", "{:+.4f} to {:+.4f}".format(*mean_interval(differences)),
                "above 0" if program == "als" else "")


def main(part, directory, fold="3"):
    warnings.simplefilter("ignore")
    data = read(directory, int(fold))
    load(data)
    if part == "ratings":
        compare(data, predict_ratings(data))
    else:
        cold_items(data)


if len(sys.argv) not in (3, 4) or sys.argv[1] not in ("ratings", "cold"):
    sys.exit(__doc__)
subprocess.run(["psql", "-Xqc", "CREATE SCHEMA attribute"], check=True)
try:
    main(*sys.argv[1:])
finally:
    subprocess.run(["psql", "-Xqc", "SET client_min_messages = warning", "-c", "DROP SCHEMA attribute CASCADE"], check=True)
