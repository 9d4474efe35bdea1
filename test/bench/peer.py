"""What the Python package `implicit` does with the same ratings, as lines "name value".

    peer.py DIRECTORY THREADS ITERATIONS FACTORS REGULARIZATION ALPHA

DIRECTORY has ratings.csv (user, item, weight), and may have users.csv and items.csv, what rec
has trained on them (id, factors...), whose loss is computed by the same function.

implicit's loss is rec's for implicit feedback: a stored value is the confidence c, which rec makes from a weight r as
1 + alpha r, and regularization is the same for every row (rec's regularization_scaling is 0). What implicit reports
as its loss is divided by the sum of all confidences; here neither is.
"""

import ctypes
import gc
import os
import sys
import time
import warnings

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as implicit asks for: its own threads each call BLAS

import implicit  # noqa: E402
import numpy as np  # noqa: E402
import scipy.sparse  # noqa: E402
import threadpoolctl  # noqa: E402
from implicit.cpu.als import AlternatingLeastSquares  # noqa: E402

warnings.simplefilter("ignore")
directory, threads, iterations, factors = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
regularization, alpha = float(sys.argv[5]), float(sys.argv[6])


def say(name, value):
    print(name, repr(float(value)), flush=True)


def memory(field):
    """Bytes, by the kernel."""
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(field + ":"))


def forget_peak():
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def loss_of(x, y, confidence):
    """Over all users and items: c (p - x.y)^2, and the regularisation of both sides."""
    x = x.astype(np.float64)
    y = y.astype(np.float64)
    total = np.sum((x.T @ x) * (y.T @ y)) + regularization * (np.sum(x * x) + np.sum(y * y))
    rows = np.repeat(np.arange(confidence.shape[0]), np.diff(confidence.indptr))
    for first in range(0, confidence.nnz, 1 << 18):
        part = slice(first, first + (1 << 18))
        predicted = np.einsum("ij,ij->i", x[rows[part]], y[confidence.indices[part]])
        total += np.sum(confidence.data[part] * (1 - predicted) ** 2 - predicted**2)
    return total


def fit(name, use_cg, n_threads, n_iterations):
    seconds = []
    model = AlternatingLeastSquares(
        factors=factors, regularization=regularization, alpha=1, iterations=n_iterations, use_cg=use_cg,
        use_native=True, num_threads=n_threads, random_state=0)
    forget_peak()
    before = memory("VmRSS")
    model.fit(confidence, show_progress=False, callback=lambda iteration, elapsed, loss: seconds.append(elapsed))
    if n_threads == threads:
        say(name + "_peak", memory("VmHWM") - before)
    say(name + "_seconds", np.median(seconds))
    return model


ratings = np.loadtxt(os.path.join(directory, "ratings.csv"), delimiter=",",
                     dtype=[("user", "i8"), ("item", "i8"), ("weight", "f4")])
user_ids, user = np.unique(ratings["user"], return_inverse=True)
item_ids, item = np.unique(ratings["item"], return_inverse=True)
confidence = scipy.sparse.csr_matrix(
    ((1 + alpha * ratings["weight"]).astype(np.float32), (user.astype(np.int32), item.astype(np.int32))),
    shape=(len(user_ids), len(item_ids)))
del ratings, user, item
blas = [pool["version"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
print("version", "implicit", implicit.__version__ + ", OpenBLAS", ", ".join(sorted(set(map(str, blas)))), flush=True)
say("matrix_bytes", confidence.data.nbytes + confidence.indices.nbytes + confidence.indptr.nbytes)

if os.path.exists(os.path.join(directory, "items.csv")):
    sides = [np.loadtxt(os.path.join(directory, name), delimiter=",", dtype=np.float64) for name in ("users.csv", "items.csv")]
    assert all(np.array_equal(side[:, 0], ids) for side, ids in zip(sides, (user_ids, item_ids)))
    say("rec_loss", loss_of(sides[0][:, 1:], sides[1][:, 1:], confidence))
    del sides

cg = fit("cg", True, threads, iterations)
say("cg_loss", loss_of(cg.user_factors, cg.item_factors, confidence))
fit("cg_alone", True, 1, 2)
exact = fit("exact", False, threads, iterations)
say("exact_loss", loss_of(exact.user_factors, exact.item_factors, confidence))
fit("exact_alone", False, 1, 2)

# everybody, with BLAS on one thread or on all: the better counts
best = np.inf
for blas_threads in sorted({1, threads}):
    with threadpoolctl.threadpool_limits(blas_threads, "blas"):
        began = time.perf_counter()
        exact.recommend(np.arange(len(user_ids)), confidence, N=10)
        best = min(best, time.perf_counter() - began)
say("all_seconds", best)

# one user at a time
rng = np.random.default_rng(0)
for name, recalculate in (("one", False), ("one_recalculated", True)):
    seconds = []
    for u in rng.integers(0, len(user_ids), 1020):
        row = confidence[u]
        began = time.perf_counter()
        exact.recommend(int(u), row, N=10, recalculate_user=recalculate)
        seconds.append(time.perf_counter() - began)
    say(name + "_median", np.median(seconds[20:]))
    say(name + "_p99", np.quantile(seconds[20:], 0.99))
