"""What the context of events is worth to fm on Frappe, beside what LightFM and myFM make of it.

    test/bench/context.py DIRECTORY

On the server and in the database of psql's environment, which is to have the extension; in a schema that is dropped at the end. Prints tables in
Markdown. The data is not part of this repository. DIRECTORY has frappe.validation.libfm and frappe.test.libfm of He & Chua 2017, "Neural factorization
machines for sparse predictive analytics" (https://github.com/hexiangnan/neural_factorization_machine), and frappe.train.libfm if there is one: the
installations of apps by users of Frappe (Baltrunas et al. 2015), each with the time of day, the weekday, whether it was at home, the weather, the country
and so on, and twice as many lines of what was not installed, which only myFM reads.

Trained on the events of train and validation, tested on those of test. Each user is asked about in each context of the test events: all apps are ranked,
also known ones, and those that the user has in this very context in the test are relevant. ndcg@10 is the mean of the means of the users. Options are
chosen on a fifth of the training part (by the md5 sum of 'v' and the line). Of each difference there is a 95 % interval, by drawing users 2,000 times.

Contexts are the columns without the country and the city, and with them. LightFM has a row of its own for each user in each context, whose features are
the user and the context's values; myFM has users, apps and values as features.

Needs numpy and scipy. Peers that are not installed are left out: the Python packages lightfm (or rectools-lightfm) and myfm. They use one thread.
"""

import collections
import contextlib
import csv
import hashlib
import importlib
import io
import itertools
import os
import subprocess
import sys
import tempfile
import warnings

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
import scipy.sparse  # noqa: E402

from tables import heading, query, quoted, row, shown  # noqa: E402

COLUMNS = ("daytime", "weekday", "isweekend", "homework", "cost", "weather", "country", "city")
CONTEXTS = {"none": (), "moment": COLUMNS[:6], "moment and place": COLUMNS}
FM = {"regularization": [None, 0.1, 0.2, 0.4], "attribute_regularization": [1, 2, 4]}
LIGHTFM = {"no_components": [64], "epochs": [30, 60, 120]}
MYFM = {"rank": [10, 20]}
ASKED_OF_MYFM = 1000  # questions: its predictions take long

Event = collections.namedtuple("Event", "user item context tested validated")
Question = collections.namedtuple("Question", "user context relevant")


def sql(text, *files):
    return query("SET search_path = context, public;\n", text, *files)


def installed(module):
    try:
        return importlib.import_module(module)
    except ImportError:
        return None


# ---- the data


def read_lines(directory, part):
    path = os.path.join(directory, f"frappe.{part}.libfm")
    if part == "train" and not os.path.exists(path):
        return
    with open(path) as file:
        for line in file:
            label, *values = line.split()
            yield float(label) > 0, tuple(int(value.split(":")[0]) for value in values)


def read(directory):
    """Events, and the lines of what did not happen."""
    events, negatives = [], []
    for part in ("train", "validation", "test"):
        for happened, values in read_lines(directory, part):
            validated = part != "test" and int(hashlib.md5(f"v{values}".encode()).hexdigest()[:7], 16) % 5 == 0
            (events if happened else negatives).append(Event(values[0], values[1], values[2:], part == "test", validated))
    return events, negatives


def load(events):
    with tempfile.NamedTemporaryFile("w", newline="", suffix=".csv") as file:
        os.chmod(file.name, 0o644)
        csv.writer(file).writerows((e.user, e.item, *e.context, e.tested, e.validated) for e in events)
        file.flush()
        sql(f"""CREATE TABLE happened (user_id int, item_id int, {", ".join(f"{c} int" for c in COLUMNS)}, tested bool, validated bool);
                \\copy happened FROM '%s' (FORMAT csv)
                CREATE INDEX ON happened (user_id);
                ANALYZE happened""", file.name)


def values_of(context, columns):
    return tuple(context[COLUMNS.index(column)] for column in columns)


def questions(events, items):
    """Of items that were trained on."""
    relevant = collections.defaultdict(set)
    for e in events:
        relevant[e.user, e.context].add(e.item)
    return [Question(user, context, found & items) for (user, context), found in sorted(relevant.items()) if found & items]


# ---- lists: a function for each program, of events to train on and questions


def lists_of_fm(train, asked, columns, options, condition):
    names = "{" + ",".join(columns) + "}"
    sql(f"""DROP TABLE IF EXISTS context.model, context.asked; DROP VIEW IF EXISTS context.trained;
            CREATE VIEW trained AS SELECT * FROM happened WHERE {condition};
            CREATE TABLE asked (number int, user_id int, context jsonb)""")
    with tempfile.NamedTemporaryFile("w", newline="", suffix=".csv") as file:
        os.chmod(file.name, 0o644)
        for number, q in enumerate(asked):
            context = "{" + ", ".join(f'"{c}": {v}' for c, v in zip(columns, values_of(q.context, columns))) + "}"
            csv.writer(file).writerow((number, q.user, context if columns else ""))
        file.flush()
        sql(f"""\\copy asked FROM '%s' (FORMAT csv)
                SELECT rec.create_model('model', 'trained', 'fm', {quoted({**options, "feedback": "implicit"})}, context_columns => '{names}');
                CALL rec.train('model')""", file.name)
    rows = sql("""SELECT number, item_id FROM asked, rec.recommend('model', user_id, n => 10, exclude_seen => false, context => asked.context)
                   ORDER BY number, rank""")
    lists = collections.defaultdict(list)
    for number, item in rows:
        lists[int(number)].append(int(item))
    return lists


def lists_of_lightfm(train, asked, columns, options):
    lightfm = installed("lightfm")
    items = sorted({e.item for e in train})
    users = {user: n for n, user in enumerate(sorted({e.user for e in train} | {q.user for q in asked}))}
    values = {}
    situations = {}

    def situation(user, context):
        parts = tuple(values.setdefault(value, len(users) + len(values)) for value in values_of(context, columns))
        return situations.setdefault((users[user],) + parts, len(situations))

    place = {item: n for n, item in enumerate(items)}
    rows = [situation(e.user, e.context) for e in train]
    rows_asked = [situation(q.user, q.context) for q in asked]
    cells = [(n, feature) for features, n in situations.items() for feature in features]
    shape = (len(situations), len(users) + len(values))
    features = scipy.sparse.csr_matrix((np.ones(len(cells), np.float32), tuple(np.array(cells).T)), shape)
    happened = scipy.sparse.coo_matrix((np.ones(len(rows), np.float32), (rows, [place[e.item] for e in train])), (shape[0], len(items))).tocsr()
    happened.data[:] = 1
    options = dict(options)
    epochs = options.pop("epochs")
    model = lightfm.LightFM(loss="warp", random_state=1, **options)
    model.fit(happened.tocoo(), user_features=features, epochs=epochs, num_threads=1)
    biases, factors = model.get_user_representations(features[rows_asked])
    item_biases, item_factors = model.get_item_representations()
    scores = factors @ item_factors.T + item_biases
    return {n: [items[i] for i in np.argsort(-scores[n], kind="stable")[:10]] for n in range(len(asked))}


def lists_of_myfm(train, asked, columns, options, negatives):
    myfm = installed("myfm")
    items = sorted({e.item for e in train})
    known = set(items)
    lines = [(e, 1) for e in train] + [(e, 0) for e in negatives if e.item in known]
    number = {}

    def cells(user, item, context):
        parts = (("user", user), ("item", item), *zip(columns, values_of(context, columns)))
        return [number.setdefault(part, len(number)) for part in parts]

    rows = np.array([cells(e.user, e.item, e.context) for e, _ in lines])
    asked_rows = [[cells(q.user, item, q.context) for item in items] for q in asked]

    def matrix(rows):
        return scipy.sparse.csr_matrix((np.ones(rows.size), rows.ravel(), np.arange(0, rows.size + 1, rows.shape[1])), (len(rows), len(number)))

    names = ("user", "item", *columns)
    model = myfm.MyFMGibbsClassifier(random_seed=1, **options)
    with contextlib.redirect_stderr(io.StringIO()):
        model.fit(matrix(rows), np.array([label for _, label in lines]), n_iter=200, n_kept_samples=100,
                  grouping=[names.index(name) for name, _ in number])
    lists = {}
    for n, block in enumerate(asked_rows):
        scores = model.predict_proba(matrix(np.array(block)))
        lists[n] = [items[i] for i in np.argsort(-scores, kind="stable")[:10]]
    return lists


# ---- the figures


def ndcg(lists, asked):
    """By user."""
    found = collections.defaultdict(list)
    for n, q in enumerate(asked):
        gain = sum((item in q.relevant) / np.log2(place + 2) for place, item in enumerate(lists.get(n, ())[:10]))
        found[q.user].append(gain / sum(1 / np.log2(place + 2) for place in range(min(10, len(q.relevant)))))
    return {user: float(np.mean(gains)) for user, gains in found.items()}


def mean_interval(values):
    random = np.random.default_rng(1)
    return np.quantile([values[random.integers(len(values), size=len(values))].mean() for _ in range(2000)], (0.025, 0.975))


def combinations(grid):
    for values in itertools.product(*grid.values()):
        yield {name: value for name, value in zip(grid, values) if value is not None}


def measure(program, columns, options, events, negatives, on_validation):
    train = [e for e in events if not e.tested and not (on_validation and e.validated)]
    held = [e for e in events if (e.validated if on_validation else e.tested)]
    asked = questions(held, {e.item for e in train})
    if program == "myFM":
        asked = [asked[n] for n in sorted(np.random.default_rng(1).permutation(len(asked))[:ASKED_OF_MYFM])]
    if program == "fm":
        lists = lists_of_fm(train, asked, columns, options, "NOT tested AND NOT validated" if on_validation else "NOT tested")
    elif program == "LightFM":
        lists = lists_of_lightfm(train, asked, columns, options)
    else:
        lists = lists_of_myfm(train, asked, columns, options, [e for e in negatives if not e.tested and not (on_validation and e.validated)])
    return ndcg(lists, asked), len(asked)


def main(directory):
    warnings.simplefilter("ignore")
    events, negatives = read(directory)
    load(events)
    print(f"{sum(not e.tested for e in events)} events to train on, {sum(e.tested for e in events)} to test.\n")
    heading(("program", "context", "options"), "ndcg@10", "95 %", "questions", "users")
    found = {}
    for program, grid, module in (("fm", FM, None), ("LightFM", LIGHTFM, "lightfm"), ("myFM", MYFM, "myfm")):
        if module is not None and installed(module) is None:
            row(program, "not installed", "", "", "", "", "")
            continue
        for name, columns in CONTEXTS.items():
            tried = [("defaults", {})] if program == "fm" else []
            grid_here = {key: values for key, values in grid.items() if columns or key != "attribute_regularization"}
            best = max(combinations(grid_here), key=lambda o: np.mean(list(measure(program, columns, o, events, negatives, True)[0].values())))
            for how, options in tried + [("chosen", best)]:
                values, n = measure(program, columns, options, events, negatives, False)
                found[program, name, how] = values
                low, high = mean_interval(np.array(list(values.values())))
                row(program, name, shown(options), f"{np.mean(list(values.values())):.4f}", f"{low:.4f} to {high:.4f}", n, len(values))
    print()
    heading(("program", "context", "options", "beside"), "difference of ndcg@10", "95 %")
    pairs = [((p, c, h), (p, "none", h)) for p, c, h in found if c != "none"]
    pairs += [(("fm", c, h), ("LightFM", c, "chosen")) for p, c, h in found if p == "fm" and ("LightFM", c, "chosen") in found]
    for one, other in pairs:
        differences = np.array([found[one][user] - found[other][user] for user in found[one] if user in found[other]])
        row(*one, " ".join(other[:2]), f"{differences.mean():+.4f}", "{:+.4f} to {:+.4f}".format(*mean_interval(differences)))


if len(sys.argv) != 2:
    sys.exit(__doc__)
subprocess.run(["psql", "-Xqc", "CREATE SCHEMA context"], check=True)
try:
    main(sys.argv[1])
finally:
    subprocess.run(["psql", "-Xqc", "SET client_min_messages = warning", "-c", "DROP SCHEMA context CASCADE"], check=True)
