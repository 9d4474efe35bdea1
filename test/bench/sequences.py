"""What markov, session_knn and the networks reach on public sets of sequences, with their defaults and with options chosen on training data alone.

    test/bench/sequences.py rsc15 DIRECTORY [NETWORK...]
    test/bench/sequences.py ml1m DIRECTORY [ALGORITHM...]
    test/bench/sequences.py sets DIRECTORY SET...

On the server and in the database of psql's environment, which is to have the extension; in a schema that is dropped at the end. Prints tables in
Markdown. The data is not part of this repository:

rsc15   clicks of the RecSys Challenge 2015, the sample that comes with Ludewig & Jannach 2018: yoochoose-clicks-100k_*.txt of
        https://github.com/rn5l/session-rec, data/rsc15/prepared; DIRECTORY has them as train_tr.txt, train_valid.txt, train_full.txt and test.txt.
        Options are chosen on train_tr, which is trained on, and train_valid, by the sum of hit rate and mrr: all combinations have nearly the same mrr,
        and differ more in hit rate. What is chosen is trained on train_full, and predicts each click but the first of the test sessions. The same
        lists are asked for once more, one by one, with rec.recommend_for, and hit rate and mrr computed from them. Beside them is what
        a first-order chain reaches that the script counts by itself.

ml1m    MovieLens-1M in the order of Kang & McAuley 2018, as in https://github.com/asash/gSASRec-pytorch, datasets/ml1m: DIRECTORY has test/input.txt
        and test/output.txt of it. It has no times: the place in the sequence is the time.

sets    files SET.csv: user,item,rating,time with a header, times in seconds, as test/bench/defaults.pl has them.

For the last two the last item of each user is predicted from those before, of all items that the user has not. Options are chosen by ndcg of the last but
one (rec.tune, split leave_one_out). Those of one time are in an order that is drawn.
"""

import collections
import csv
import itertools
import json
import os
import subprocess
import sys
import tempfile

from tables import heading, query, quoted, row, shown

SESSIONS = {
    "markov": {"order": [1, 2, 3], "window": [1, 3, 10], "smoothing": [1, 10], "half_life": ["0", "3 days", "7 days"]},
    "session_knn": {"neighbors": [100, 500], "sample": [500, 2000], "decay": [0.5, 1, 2, 3], "idf": [0, 0.2, 1, 5]},
}
LEAVE_ONE_OUT = {
    "markov": {"order": [1, 2, 3], "window": [1, 3, 10, 30], "smoothing": [1, 10, 100]},
    "session_knn": {"neighbors": [100, 500], "sample": [500, 2000], "decay": [1, 2, 4], "idf": [0.2, 1]},
}
# with their defaults; an iteration of a network takes some seconds on the larger sets
NETWORKS = ("gru", "lstm", "caser", "sasrec")
# HR@20 and MRR@20: what a first-order chain reaches, and of sessions more
GOALS = {"markov": "at least .578, .347", "session_knn": "HR at least .60"}
BY_SESSION = "'session:tested', k => 20, exclude_seen => false, session_gap => '0'"


def sql(text, *files):
    return query("SET search_path = sequence, public;\nSET max_parallel_workers_per_gather = 0;\n", text, *files)


def copy(table, rows):
    """Fills a table of user, item and seconds."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "rows")
        with open(path, "w") as file:
            file.writelines("\t".join(map(str, r)) + "\n" for r in rows)
        sql(f"""CREATE TEMP TABLE given (user_id bigint, item_id bigint, seconds float8);
                \\copy given FROM '%s'
                INSERT INTO {table} (user_id, item_id, at) SELECT user_id, item_id, to_timestamp(seconds) FROM given""", path)


def create_table(name, more=""):
    sql(f"CREATE TABLE {name} (user_id bigint, item_id bigint, at timestamptz{more}); CREATE INDEX ON {name} (user_id)")


# ---- sessions


def read_clicks(path):
    with open(path) as file:
        next(file)
        return [line.split() for line in file]


def load_clicks(directory, name, trained, tested):
    create_table(name, ", tested bool NOT NULL DEFAULT false")
    clicks = [read_clicks(os.path.join(directory, file)) for file in (trained, tested)]
    copy(name, clicks[1])
    sql(f"UPDATE {name} SET tested = true")
    copy(name, clicks[0])
    known = {item for _, item, _ in clicks[0]}
    asked = [item for session in sequences(clicks[1]).values() for item in session[1:]]
    print(f"{trained}: {len(clicks[0])} clicks of {len(sequences(clicks[0]))} sessions on {len(known)} items. {tested}: {len(clicks[1])} clicks of",
          f"{len(sequences(clicks[1]))} sessions, {len(asked)} to be predicted, {sum(item not in known for item in asked)} of these on items that are not",
          f"trained on; {len({c[0] for c in clicks[0]} & {c[0] for c in clicks[1]})} sessions in both.\n")
    return clicks


def sequences(clicks):
    """By session, whose clicks the files have in the order of time."""
    result = {}
    for session, item, _ in clicks:
        result.setdefault(session, []).append(item)
    return result


def choose(algorithm):
    """The options of the best combination, and by how much combinations differ."""
    grid = SESSIONS[algorithm]
    combinations = [dict(zip(grid, values), algorithm=algorithm) for values in itertools.product(*grid.values())]
    best, tried, mrr, hit_rate = sql(f"""
        WITH tried AS (SELECT options, (metrics->>'mrr')::float8 AS mrr, (metrics->>'hit_rate')::float8 AS hit_rate
                         FROM rec.compare('validation', {quoted(combinations)}, 'mrr', {BY_SESSION}, time_column => 'at') WHERE error IS NULL)
        SELECT (SELECT options FROM tried ORDER BY mrr + hit_rate DESC, options LIMIT 1), count(*),
               format('%%s to %%s', round(min(mrr)::numeric, 3), round(max(mrr)::numeric, 3)),
               format('%%s to %%s', round(min(hit_rate)::numeric, 3), round(max(hit_rate)::numeric, 3)) FROM tried""")[0]
    print(f"- {algorithm}: {tried} combinations have mrr@20 of {mrr} and hit rates of {hit_rate} on the validation part.")
    best = json.loads(best)
    return {option: best[option] for option in grid}


def figures(algorithm, options):
    sql(f"""DROP TABLE IF EXISTS model; SELECT rec.create_model('sequence.model', 'clicks', '{algorithm}', {quoted(options)}, time_column => 'at')""")
    found = {name: (float(value), low and f"{float(low):.4f} to {float(high):.4f}")
             for name, value, low, high in sql(f"SELECT metric, value, low, high FROM rec.evaluate('model', {BY_SESSION})")}
    row(algorithm, shown(options), f"{found['hit_rate'][0]:.4f}", found["hit_rate"][1], f"{found['mrr'][0]:.4f}",
        found["mrr"][1], GOALS.get(algorithm, ""), int(found["sessions"][0]), int(found["predictions"][0]))


def one_by_one(algorithm, options):
    """What rec.recommend_for says, which knows nothing of splits: of a model of the training part, by a list for each beginning of a session."""
    result = sql(f"""
        DROP TABLE IF EXISTS model; SELECT rec.create_model('sequence.model', 'trained', '{algorithm}', {quoted(options)}, time_column => 'at');
        CALL rec.train('model');
        WITH question AS (
          SELECT item_id AS target, array_agg(item_id) OVER (PARTITION BY user_id ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS items
            FROM clicks WHERE tested),
        answer AS (
          SELECT (SELECT rank FROM rec.recommend_for('model', items, n => 20, exclude_seen => false) r WHERE r.item_id = target) AS rank
            FROM question WHERE items IS NOT NULL)
        SELECT count(*), avg((rank IS NOT NULL)::int), coalesce(sum(1.0 / rank), 0) / count(*) FROM answer""")[-1]
    print(f"- {algorithm}: {result[0]} lists by rec.recommend_for have a hit rate of {float(result[1]):.4f} and mrr of {float(result[2]):.4f}.")


def first_order_chain(trained, tested):
    """The peer, in a few lines: what came next most often after the item, and nothing where nothing did."""
    counts = {}
    for session in sequences(trained).values():
        for item, following in itertools.pairwise(session):
            counts.setdefault(item, collections.Counter())[following] += 1
    lists = {item: [following for following, _ in counter.most_common(20)] for item, counter in counts.items()}
    ranks = [lists[item].index(target) + 1 if target in lists.get(item, ()) else 0
             for session in sequences(tested).values() for item, target in itertools.pairwise(session)]
    row("first-order chain", "in this script", f"{sum(rank > 0 for rank in ranks) / len(ranks):.4f}", "",
        f"{sum(1 / rank for rank in ranks if rank) / len(ranks):.4f}", "", "", "", len(ranks))


def rsc15(directory, *networks):
    load_clicks(directory, "validation", "train_tr.txt", "train_valid.txt")
    clicks = load_clicks(directory, "clicks", "train_full.txt", "test.txt")
    sql("CREATE VIEW trained AS SELECT user_id, item_id, at FROM clicks WHERE NOT tested")
    # these alone, without the others beside them
    if networks:
        heading(("algorithm", "options"), "HR@20", "95 %", "MRR@20", "95 %", "goal", "sessions", "predictions")
        for algorithm in networks:
            figures(algorithm, {})
        return
    chosen = {algorithm: choose(algorithm) for algorithm in SESSIONS}
    print()
    heading(("algorithm", "options"), "HR@20", "95 %", "MRR@20", "95 %", "goal", "sessions", "predictions")
    for algorithm in SESSIONS:
        figures(algorithm, {})
        figures(algorithm, chosen[algorithm])
    for algorithm in (*NETWORKS, "item_knn"):
        figures(algorithm, {})
    figures("popular", {"by": "count"})
    first_order_chain(*clicks)
    print()
    for algorithm in SESSIONS:
        one_by_one(algorithm, {})


# ---- the last of each user


def leave_one_out(name, table, algorithms=()):
    for algorithm, grid in {**LEAVE_ONE_OUT, **{other: {} for other in (*NETWORKS, "ease", "item_knn", "popular")}}.items():
        if algorithms and algorithm not in algorithms:
            continue
        sql(f"DROP TABLE IF EXISTS model; SELECT rec.create_model('sequence.model', '{table}', '{algorithm}', time_column => 'at')")
        best = {}
        if grid:
            best = json.loads(sql(f"SELECT options FROM rec.tune('model', {quoted(grid)}, split => 'leave_one_out') ORDER BY rank LIMIT 1")[0][0])
        for options in ({}, best) if grid else ({},):
            found = {metric: [value and float(value) for value in values] for metric, *values in
                     sql(f"SELECT metric, value, low, high FROM rec.evaluate('model', 'leave_one_out', options => {quoted(options)})")}
            value, low, high = found["ndcg"]
            row(name, algorithm, shown(options), f"{found['hit_rate'][0]:.4f}", f"{value:.4f}",
                f"{low:.4f} to {high:.4f}", f"{found['tied_ratings'][0]:.2f}")


def ml1m(directory, *algorithms):
    with open(os.path.join(directory, "test", "input.txt")) as before, open(os.path.join(directory, "test", "output.txt")) as last:
        lines = [known.split() + [target.strip()] for known, target in zip(before, last, strict=True)]
    create_table("films")
    copy("films", [(user, item, place) for user, line in enumerate(lines) for place, item in enumerate(line)])
    print(f"{len(lines)} users, {len({item for line in lines for item in line})} items, {sum(map(len, lines))} events.\n")
    heading(("set", "algorithm", "options"), "HR@10", "ndcg@10", "95 %", "tied")
    leave_one_out("ml1m", "films", algorithms)


def sets(directory, *names):
    heading(("set", "algorithm", "options"), "HR@10", "ndcg@10", "95 %", "tied")
    for name in names:
        with open(os.path.join(directory, name + ".csv"), newline="") as file:
            rows = [(r[0], r[1], r[3]) for r in list(csv.reader(file))[1:]]
        create_table(f'"{name}"')
        copy(f'"{name}"', rows)
        leave_one_out(name, f'"{name}"')


if len(sys.argv) < 3 or sys.argv[1] not in ("rsc15", "ml1m", "sets"):
    sys.exit(__doc__)
subprocess.run(["psql", "-Xqc", "CREATE SCHEMA sequence"], check=True)
try:
    {"rsc15": rsc15, "ml1m": ml1m, "sets": sets}[sys.argv[1]](*sys.argv[2:])
finally:
    subprocess.run(["psql", "-Xqc", "SET client_min_messages = warning", "-c", "DROP SCHEMA sequence CASCADE"], check=True)
