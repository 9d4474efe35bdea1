#!/usr/bin/env python3
"""Gradient-boosted trees beside LightGBM: seconds, loss and ndcg, on generated data.

    make test/bench/trees_bench PG_CONFIG=...
    python3 -m venv /tmp/peer && /tmp/peer/bin/pip install lightgbm
    /tmp/peer/bin/python test/bench/trees.py [--rows 1000000] [--columns 50] [--trees 100] [--leaves 63] [--repeat 3]

The kernel is that of the algorithm trees (src/kernel/trees.c), in two processes; LightGBM has two threads. Both have the same
data, a learning rate of 0.1, at least 20 rows in a leaf, 255 bins and no regularization; lambdarank as in Burges 2010, of pairs
with one of the first 30. A fifth of the rows more are the test. Half of the columns say something, and a tenth of their
values is missing. The time of making bins is not in the seconds, and is printed apart. The runs take turns, and
the least of the seconds of each counts. The processor's seconds say more where other programs run.
"""
import argparse
import os
import subprocess
import tempfile
import time

import lightgbm
import numpy

parser = argparse.ArgumentParser()
parser.add_argument("--rows", type=int, default=1000000)
parser.add_argument("--columns", type=int, default=50)
parser.add_argument("--trees", type=int, default=100)
parser.add_argument("--leaves", type=int, default=63)
parser.add_argument("--processes", type=int, default=2)
parser.add_argument("--repeat", type=int, default=3)
parser.add_argument("--objectives", default="squared,logistic,lambdarank")
options = parser.parse_args()
bench = os.path.join(os.path.dirname(os.path.abspath(__file__)), "trees_bench")
GROUP = 40


def generate(objective):
    random = numpy.random.default_rng(17)
    n = options.rows + options.rows // 5
    x = random.standard_normal((n, options.columns), dtype=numpy.float32)
    k = options.columns // 2
    signal = numpy.zeros(n, numpy.float32)
    for c in range(k):
        signal += numpy.sin((1 + c % 3) * x[:, c]) * x[:, (c + 1) % k] / numpy.sqrt(1 + c)
    x[random.random((n, options.columns), dtype=numpy.float32) < 0.1] = numpy.nan
    labels = signal + random.standard_normal(n, dtype=numpy.float32)
    if objective == "logistic":
        labels = (labels > 0).astype(numpy.float32)
    if objective == "lambdarank":
        labels = numpy.digitize(labels, [0, 1, 2, 3]).astype(numpy.float32)
    return x, labels


def quality(objective, labels, scores):
    if objective == "squared":
        return "mse", numpy.mean((labels - scores) ** 2)
    if objective == "logistic":
        return "log loss", numpy.mean(numpy.logaddexp(0, scores) - labels * scores)
    gains = 2.0 ** labels.reshape(-1, GROUP) - 1
    discounts = numpy.where(numpy.arange(GROUP) < 10, 1 / numpy.log2(numpy.arange(GROUP) + 2), 0)
    order = numpy.argsort(-scores.reshape(-1, GROUP), axis=1, kind="stable")
    dcg = (numpy.take_along_axis(gains, order, 1) * discounts).sum(1)
    best = (-numpy.sort(-gains, axis=1) * discounts).sum(1)
    return "ndcg@10", numpy.mean(dcg[best > 0] / best[best > 0])


def run_lightgbm(objective, x, labels, n):
    parameters = dict(num_leaves=options.leaves, learning_rate=0.1, min_data_in_leaf=20, max_bin=255, num_threads=options.processes,
                      min_sum_hessian_in_leaf=0, verbose=-1, lambdarank_norm=False, lambdarank_truncation_level=30,
                      objective={"squared": "regression", "logistic": "binary", "lambdarank": "lambdarank"}[objective])
    began = time.monotonic()
    group = [GROUP] * (n // GROUP) if objective == "lambdarank" else None
    data = lightgbm.Dataset(x[:n], labels[:n], group=group, params=parameters).construct()
    binned = time.monotonic()
    used = time.process_time()
    model = lightgbm.train(parameters, data, options.trees)
    done = time.monotonic()
    used = time.process_time() - used
    return binned - began, done - binned, used, model.predict(x[n:], raw_score=True)


def run_kernel(objective, directory, n):
    out = subprocess.run([bench, directory, objective, str(n), str(n // 5), str(options.columns), str(options.trees),
                          str(options.leaves), str(options.processes)], check=True, capture_output=True, text=True).stdout.split()
    return float(out[1]), float(out[3]), float(out[5]), numpy.fromfile(directory + "/scores")


print(f"{options.rows} rows x {options.columns} columns, {options.trees} trees of {options.leaves} leaves; "
      f"LightGBM {lightgbm.__version__}, {options.processes} threads, against {options.processes} processes")
print(f"{'':12}{'LightGBM':>12}{'rec':>12}{'ratio':>9}")
for objective in options.objectives.split(","):
    x, labels = generate(objective)
    n = options.rows
    seconds = {"lightgbm": [], "rec": []}
    bins = {"lightgbm": [], "rec": []}
    processor = {"lightgbm": [], "rec": []}
    with tempfile.TemporaryDirectory() as directory:
        x.tofile(directory + "/x")
        labels.tofile(directory + "/labels")
        numpy.full(n // GROUP, GROUP, numpy.int32).tofile(directory + "/sizes")
        for _ in range(options.repeat):
            for name, run in (("lightgbm", lambda: run_lightgbm(objective, x, labels, n)),
                              ("rec", lambda: run_kernel(objective, directory, n))):
                bin_seconds, train_seconds, used, scores = run()
                processor[name].append(used)
                bins[name].append(bin_seconds)
                seconds[name].append(train_seconds)
                metric, value = quality(objective, labels[n:], scores)
                if name == "rec":
                    ours = value
                else:
                    theirs = value
    a, b = min(seconds["lightgbm"]), min(seconds["rec"])
    print(f"{objective}\n  {'seconds':10}{a:12.2f}{b:12.2f}{b / a:9.2f}")
    a, b = min(processor["lightgbm"]), min(processor["rec"])
    print(f"  {'processor':10}{a:12.2f}{b:12.2f}{b / a:9.2f}")
    a, b = min(bins["lightgbm"]), min(bins["rec"])
    print(f"  {'bins':10}{a:12.2f}{b:12.2f}{b / a:9.2f}")
    print(f"  {metric:10}{theirs:12.4f}{ours:12.4f}{ours / theirs:9.4f}", flush=True)
