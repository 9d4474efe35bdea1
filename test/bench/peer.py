"""What the Python package `implicit` does with the same ratings, and LAPACK with the same matrix, as lines "name value".

    peer.py als DIRECTORY THREADS ITERATIONS FACTORS REGULARIZATION ALPHA
    peer.py cosine DIRECTORY THREADS NEIGHBORS
    peer.py bpr DIRECTORY THREADS FACTORS EPOCHS
    peer.py inverse DIRECTORY THREADS REGULARIZATION

DIRECTORY has ratings.csv (user, item, weight), and for als may have users.csv and items.csv, what rec
has trained on them (id, factors...), whose loss is computed by the same function.

als: implicit's loss is rec's for implicit feedback: a stored value is the confidence c, which rec makes from a weight r as
1 + alpha r, and regularization is the same for every row (rec's regularization_scaling is 0). What implicit reports
as its loss is divided by the sum of all confidences; here neither is.

cosine: the most similar items to each, itself among them.

bpr: an epoch takes as many samples as there are ratings, each with one other item, which the user has not.

inverse: of X'X + regularization, X with a 1 for each rating, by Cholesky's decomposition (spotrf, spotri) in the
OpenBLAS that scipy brings: what EASE needs of a library, alone. The loss is that of EASE from the same inverse.
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
import scipy.linalg.lapack  # noqa: E402
import scipy.sparse  # noqa: E402
import threadpoolctl  # noqa: E402
from implicit.cpu.als import AlternatingLeastSquares  # noqa: E402
from implicit.cpu.bpr import BayesianPersonalizedRanking  # noqa: E402
from implicit.nearest_neighbours import CosineRecommender  # noqa: E402

warnings.simplefilter("ignore")
part, directory, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])


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


def matrix_bytes(matrix):
    return matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes


def read_ratings():
    """The ids of the users, those of the items, and the matrix of users x items."""
    ratings = np.loadtxt(os.path.join(directory, "ratings.csv"), delimiter=",",
                         dtype=[("user", "i8"), ("item", "i8"), ("weight", "f4")])
    user_ids, user = np.unique(ratings["user"], return_inverse=True)
    item_ids, item = np.unique(ratings["item"], return_inverse=True)
    return user_ids, item_ids, scipy.sparse.csr_matrix(
        (ratings["weight"], (user.astype(np.int32), item.astype(np.int32))), shape=(len(user_ids), len(item_ids)))


def loss_of(x, y, confidence, regularization):
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


def measure_als(iterations, factors, regularization, alpha):
    iterations, factors = int(iterations), int(factors)
    regularization, alpha = float(regularization), float(alpha)
    user_ids, item_ids, confidence = read_ratings()
    confidence.data = (1 + alpha * confidence.data).astype(np.float32)
    say("matrix_bytes", matrix_bytes(confidence))

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

    if os.path.exists(os.path.join(directory, "items.csv")):
        sides = [np.loadtxt(os.path.join(directory, name), delimiter=",", dtype=np.float64) for name in ("users.csv", "items.csv")]
        assert all(np.array_equal(side[:, 0], ids) for side, ids in zip(sides, (user_ids, item_ids)))
        say("rec_loss", loss_of(sides[0][:, 1:], sides[1][:, 1:], confidence, regularization))
        del sides

    cg = fit("cg", True, threads, iterations)
    say("cg_loss", loss_of(cg.user_factors, cg.item_factors, confidence, regularization))
    fit("cg_alone", True, 1, 2)
    exact = fit("exact", False, threads, iterations)
    say("exact_loss", loss_of(exact.user_factors, exact.item_factors, confidence, regularization))
    fit("exact_alone", False, 1, 2)

    # all users, with BLAS on one thread or on all: the better one counts
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


def measure_cosine(neighbors):
    matrix = read_ratings()[2]
    say("matrix_bytes", matrix_bytes(matrix))
    forget_peak()
    before = memory("VmRSS")
    began = time.perf_counter()
    CosineRecommender(K=int(neighbors), num_threads=threads).fit(matrix, show_progress=False)
    say("seconds", time.perf_counter() - began)
    say("peak", memory("VmHWM") - before)


def measure_bpr(factors, epochs):
    seconds = []
    matrix = read_ratings()[2]
    model = BayesianPersonalizedRanking(factors=int(factors), iterations=int(epochs), num_threads=threads, random_state=0)
    model.fit(matrix, show_progress=False, callback=lambda epoch, elapsed, *figures: seconds.append(elapsed))
    say("seconds", np.median(seconds))


def measure_inverse(regularization):
    matrix = read_ratings()[2]
    matrix.data[:] = 1
    gram = np.asfortranarray((matrix.T @ matrix).toarray(), dtype=np.float32)
    gram[np.diag_indices_from(gram)] += float(regularization)
    say("items", len(gram))
    with threadpoolctl.threadpool_limits(threads, "blas"):
        best = np.inf
        for _ in range(3):
            copy = gram.copy(order="F")
            began = time.perf_counter()
            factor, info = scipy.linalg.lapack.spotrf(copy, lower=1, clean=0, overwrite_a=1)
            inverse, info_too = scipy.linalg.lapack.spotri(factor, lower=1, overwrite_c=1)
            best = min(best, time.perf_counter() - began)
            assert info == 0 and info_too == 0 and inverse.base is copy.base
    say("seconds", best)
    say("loss", np.sum(1 / np.diag(inverse).astype(np.float64) - float(regularization)))


blas = [pool["version"] for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
print("version", "implicit", implicit.__version__ + ", OpenBLAS", ", ".join(sorted(set(map(str, blas)))), flush=True)
{"als": measure_als, "cosine": measure_cosine, "bpr": measure_bpr, "inverse": measure_inverse}[part](*sys.argv[4:])
