"""By which half-life what was popular says what will be: the evidence for src/kernel/recency.h.

    DATASETS=directory test/bench/recency.py SET...

The sets are files NAME.csv of the directory, as test/bench/defaults.pl has them: user,item,rating,time with a header, times in seconds; the
rating is not looked at. Each is cut at moments that leave so many of its events before, and lists of the items that most users have by then, an
event counting half after each half-life, are asked about what came next: ndcg@10 over the users who then took something that they had not had,
without what they had.

Prints two tables in Markdown. Of each cut, what half-lives by some rules reach, beside the best of 36, from half an hour to ten years, chosen in
hindsight. And of the sets, and of samples of their users, what share of the best single half-life the rules reach: the mean over the sets of the
mean over the cuts and samples.

Rules: "share s" is the half-life by which all events together weigh s of their number, "users ^ -1/3" that by which they weigh their number by the
cube root of the number of users, "time / 16" a sixteenth of the time from the first event to the last, "median / 8" an eighth of the median age.

Needs numpy.
"""

import csv
import os
import sys

import numpy as np

CUTS = ((0.8, 0.2), (0.9, 0.05), (0.8, 0.05), (0.7, 0.05), (0.6, 0.05), (0.5, 0.05))
K = 10
DISCOUNT = 1 / np.log2(np.arange(2, K + 2))


def by_share(ages, share):
    share = min(share, 0.999)
    low, high = 1e-4, 1e7
    for _ in range(80):
        middle = (low * high) ** 0.5
        if np.exp2(-ages / middle).sum() < share * len(ages):
            low = middle
        else:
            high = middle
    return middle


# each by the ages of the events, in days, and the number of users
RULES = {
    **{f"share {s:g}": lambda ages, users, s=s: by_share(ages, s) for s in (0.04, 0.06, 0.1, 0.2, 0.3)},
    **{f"{c:g} users ^ -1/3": lambda ages, users, c=c: by_share(ages, c * users ** (-1 / 3)) for c in (0.7, 1, 1.4, 2)},
    **{f"{c:g} users ^ -1/2": lambda ages, users, c=c: by_share(ages, c * users ** (-1 / 2)) for c in (2, 3, 4)},
    **{f"{c:g} events ^ -1/3": lambda ages, users, c=c: by_share(ages, c * len(ages) ** (-1 / 3)) for c in (2.5, 3.5, 5)},
    **{f"time / {d}": lambda ages, users, d=d: ages.max() / d for d in (8, 16, 32)},
    **{f"median / {d}": lambda ages, users, d=d: np.median(ages) / d for d in (4, 8, 16)},
    **{f"{d} days": lambda ages, users, d=d: d for d in (7, 30, 90)},
    "counts": lambda ages, users: np.inf,
}
CHOSEN = "1 users ^ -1/3"
SHOWN = (CHOSEN, "share 0.1", "time / 16", "median / 8", "7 days", "30 days", "90 days", "counts")
# fractions of the users, and their numbers
SAMPLES = ((1, 1), (0.3, 6), (0.1, 10), (0.03, 16), (0.01, 24))
HALF_LIVES = [0.02 * 2 ** (k / 2) for k in range(36)] + [np.inf]


def read(name):
    """Users, items and times in days, in the order of time."""
    with open(os.path.join(os.environ["DATASETS"], name + ".csv"), newline="") as file:
        rows = [(row[0], row[1], float(row[3])) for row in list(csv.reader(file))[1:] if row[3]]
    users = np.unique([row[0] for row in rows], return_inverse=True)[1]
    items = np.unique([row[1] for row in rows], return_inverse=True)[1]
    times = np.array([row[2] for row in rows]) / 86400
    order = np.argsort(times, kind="stable")
    return users[order], items[order], times[order]


def last_of_pairs(users, items):
    """Where the last event of each pair of user and item is."""
    pairs = users.astype(np.int64) * (items.max() + 1) + items
    return np.sort(len(pairs) - 1 - np.unique(pairs[::-1], return_index=True)[1])


def sets_of(users, items):
    sets = {}
    for user, item in zip(users.tolist(), items.tolist()):
        sets.setdefault(user, set()).add(item)
    return sets


def ndcg(popularity, had, took):
    order = np.argsort(-popularity, kind="stable")
    order = order[popularity[order] > 0].tolist()
    total = users = 0
    for user, items in took.items():
        known = had.get(user, set())
        relevant = items - known
        if not relevant:
            continue
        shown = []
        for item in order:
            if len(shown) == K:
                break
            if item not in known:
                shown.append(item)
        gain = sum(DISCOUNT[rank] for rank, item in enumerate(shown) if item in relevant)
        total += gain / DISCOUNT[: min(K, len(relevant))].sum()
        users += 1
    return total / users


def cuts_of(users, items, times):
    """Of each cut: how much is before and after, the pairs of user and item before, how old they are, and what a half-life reaches."""
    for before, after in CUTS:
        cut = np.searchsorted(times, times[int(len(times) * before)])
        end = min(len(times), int(len(times) * (before + after)))
        if cut == 0 or cut >= end:
            continue
        last = last_of_pairs(users[:cut], items[:cut])
        ages = times[cut - 1] - times[last]
        had = sets_of(users[:cut], items[:cut])
        took = sets_of(users[cut:end], items[cut:end])
        if not any(took[user] - had.get(user, set()) for user in took):
            continue

        def reached(half_life):
            # at least a millionth, as in src/kernel/recency.c
            weights = np.maximum(np.exp2(-ages / half_life), 1e-6)
            return ndcg(np.bincount(items[last], weights, items.max() + 1), had, took)

        yield (before, after), items[last], ages, len(had), reached


def each_cut(name):
    for (before, after), items, ages, n_users, reached in cuts_of(*read(name)):
        best, half_life = max((reached(h), h) for h in HALF_LIVES)
        by_rule = " | ".join(f"{reached(RULES[rule](ages, n_users)):.4f}" for rule in SHOWN)
        print(f"| {name} | {before:.0%}, {after:.0%} | {n_users} | {len(np.unique(items))} | {len(items)} | {ages.max():.0f} |",
              f"{half_life:.3g} | {best:.4f} | {RULES[CHOSEN](ages, n_users):.3g} | {by_rule} |")


def of_samples(name, part, n_samples):
    """By rule the share of the best single half-life."""
    users, items, times = read(name)
    random = np.random.default_rng(1)
    reached_by = {}
    for _ in range(n_samples):
        kept = (random.random(users.max() + 1) < part)[users] if part < 1 else slice(None)
        if len(users[kept]) == 0:
            continue
        for _, _, ages, n_users, reached in cuts_of(users[kept], items[kept], times[kept]):
            for h in HALF_LIVES[::2]:
                reached_by.setdefault(h, []).append(reached(h))
            for rule, half_life in RULES.items():
                reached_by.setdefault(rule, []).append(reached(half_life(ages, n_users)))
    best = max(np.mean(reached_by[h]) for h in HALF_LIVES[::2])
    return {rule: np.mean(reached_by[rule]) / best for rule in RULES}


def main():
    names = sys.argv[1:]
    print("| set | events before, and asked about | users | items | pairs | days | best half-life, days | its ndcg@10 |",
          f"days by {CHOSEN} |", " | ".join(SHOWN), "|")
    print("| --- " * 2 + "| ---: " * (7 + len(SHOWN)) + "|")
    for name in names:
        each_cut(name)
    tables = [[of_samples(name, part, n) for name in names] for part, n in SAMPLES]
    print()
    print("| rule |", " | ".join(names), "|", " | ".join("all" if part == 1 else f"{part:.0%}" for part, _ in SAMPLES), "| mean |")
    print("| --- " + "| ---: " * (len(names) + len(SAMPLES) + 1) + "|")
    for rule in RULES:
        means = [np.mean([of_set[rule] for of_set in table]) for table in tables]
        print(f"| {rule} |", " | ".join(f"{x:.3f}" for x in [of_set[rule] for of_set in tables[0]] + means + [np.mean(means)]), "|")


main()
