"""The estimator, as a user of scikit-learn meets it."""

import pickle
import signal
import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import pytest
from gnomonic import TSNE, affinities, embed, neighbors, plot, score, sweep

SHORT = {"perplexity": 10, "max_iter": 150}


def accuracy(embedding, labels):
    return score(np.zeros((len(labels), 1)) + np.arange(len(labels))[:, None], embedding, labels=labels)["label_accuracy"]


def test_scikit_learns_own_checks():
    checks = pytest.importorskip("sklearn.utils.estimator_checks")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        checks.check_estimator(TSNE(perplexity=2, max_iter=60))


def test_groups_stay_together(groups):
    x, labels = groups
    estimator = TSNE(random_state=1, **SHORT).fit(x)
    assert estimator.embedding_.dtype == np.float32 and estimator.embedding_.shape == (150, 2)
    assert accuracy(estimator.embedding_, labels) > 0.99
    assert 0 < estimator.kl_divergence_ < 1 and estimator.n_iter_ == 150 and estimator.learning_rate_ > 0
    assert estimator.n_features_in_ == 6
    assert list(estimator.get_feature_names_out()) == ["tsne0", "tsne1"]


def test_every_parameter_of_scikit_learn_is_taken(groups):
    manifold = pytest.importorskip("sklearn.manifold")
    theirs = manifold.TSNE().get_params()
    assert set(theirs) <= set(TSNE().get_params())
    x, _ = groups
    given = {**theirs, "perplexity": 10, "max_iter": 250, "random_state": 0}
    assert TSNE(**given).fit_transform(x).shape == (150, 2)
    assert TSNE(n_iter=40, perplexity=10).fit(x).n_iter_ == 40


@pytest.mark.parametrize("n_components", [1, 2, 3])
@pytest.mark.parametrize("method", ["auto", "exact", "field", "barnes_hut"])
def test_dimensions_and_methods(groups, n_components, method):
    x, labels = groups
    x, labels = np.concatenate([x, x + 0.5]), np.concatenate([labels, labels])
    embedding = TSNE(n_components=n_components, method=method, **SHORT).fit_transform(x)
    assert embedding.shape == (300, n_components) and accuracy(embedding, labels) > 0.97


@pytest.mark.parametrize(
    "metric",
    ["sqeuclidean", "cosine", "correlation", "manhattan", "chebyshev", "minkowski", "canberra", "braycurtis", "hamming", "jaccard"],
)
def test_metrics_have_the_neighbors_of_scikit_learn(metric):
    pairwise = pytest.importorskip("sklearn.metrics").pairwise_distances
    x = np.random.default_rng(2).integers(0, 5, size=(80, 12)).astype(np.float32) + 1.0
    if metric == "jaccard":
        x = (x > 3).astype(np.float32)
        table = pairwise(x.astype(bool), metric=metric)
    else:
        table = pairwise(x, metric=metric)
    np.fill_diagonal(table, np.inf)
    _, distances = neighbors(x, 5, metric=metric)
    np.testing.assert_allclose(distances, np.sort(table, axis=1)[:, :5], rtol=1e-3, atol=1e-3)
    assert np.isfinite(TSNE(metric=metric, **SHORT).fit_transform(x)).all()


def test_inputs_of_every_kind_give_one_map(groups):
    x, _ = groups
    expected = embed(x, **SHORT)
    kinds = [x.astype(np.float64), np.asfortranarray(x), x[::1], x.tolist(), x.astype(">f4")]
    pandas = pytest.importorskip("pandas")
    kinds.append(pandas.DataFrame(x, columns=list("abcdef")))
    read_only = x.copy()
    read_only.setflags(write=False)
    kinds.append(read_only)
    for kind in kinds:
        np.testing.assert_array_equal(embed(kind, **SHORT), expected)
    names = TSNE(**SHORT).fit(kinds[-2]).feature_names_in_
    assert list(names) == list("abcdef")


def test_sparse_rows_and_distances(groups):
    sparse = pytest.importorskip("scipy.sparse")
    x, labels = groups
    for kind in (sparse.csr_matrix(x), sparse.coo_matrix(x)):
        assert accuracy(embed(kind, **SHORT), labels) > 0.99
    table = np.sqrt(((x[:, None, :] - x[None, :, :]) ** 2).sum(axis=2))
    assert accuracy(TSNE(metric="precomputed", **SHORT).fit_transform(table), labels) > 0.99
    transformer = pytest.importorskip("sklearn.neighbors").KNeighborsTransformer
    graph = transformer(n_neighbors=30, mode="distance").fit_transform(x)
    assert accuracy(TSNE(metric="precomputed", **SHORT).fit_transform(graph), labels) > 0.99
    by_callable = TSNE(metric=lambda a, b: float(np.abs(a - b).sum()), **SHORT).fit_transform(x)
    assert accuracy(by_callable, labels) > 0.99


def test_the_map_does_not_depend_on_threads_or_the_process(groups):
    x, _ = groups
    expected = embed(x, **SHORT)
    for n_jobs in (1, 2, 3):
        np.testing.assert_array_equal(embed(x, n_jobs=n_jobs, **SHORT), expected)
    maps = {}

    def work(i):
        maps[i] = embed(x, n_jobs=1, **SHORT)

    workers = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for i in range(8):
        np.testing.assert_array_equal(maps[i], expected)


def test_a_start_of_ones_own(groups):
    x, labels = groups
    start = np.random.default_rng(3).normal(size=(150, 2)) * 1e-4
    assert accuracy(TSNE(init=start, **SHORT).fit_transform(x), labels) > 0.99
    with pytest.raises(ValueError, match="init has shape"):
        TSNE(init=start[:10], **SHORT).fit(x)


def test_new_rows_lie_among_their_group(groups):
    x, labels = groups
    estimator = TSNE(**SHORT).fit(x)
    np.testing.assert_array_equal(estimator.transform(x), estimator.embedding_)
    new = x + 0.1
    placed = estimator.transform(new)
    nearest = ((placed[:, None, :] - estimator.embedding_[None, :, :]) ** 2).sum(axis=2).argmin(axis=1)
    assert (labels[nearest] == labels).mean() > 0.99
    np.testing.assert_array_equal(np.concatenate([estimator.transform(row[None]) for row in new[:5]]), placed[:5])
    with pytest.raises(ValueError, match="features"):
        estimator.transform(x[:, :3])
    changed = x.copy()
    estimator = TSNE(**SHORT).fit(changed)
    changed[0, 0] += 1.0
    with pytest.raises(ValueError, match="changed since"):
        estimator.transform(new)


def test_a_fitted_estimator_survives_pickling(groups):
    x, _ = groups
    estimator = TSNE(**SHORT).fit(x)
    again = pickle.loads(pickle.dumps(estimator))
    np.testing.assert_array_equal(again.embedding_, estimator.embedding_)
    np.testing.assert_array_equal(again.transform(x[:3] + 1), estimator.transform(x[:3] + 1))


def test_callbacks_see_the_map_and_may_end_the_run(groups):
    x, _ = groups
    seen = []

    def callback(iteration, kl_divergence, embedding):
        seen.append((iteration, kl_divergence, embedding.shape))
        return iteration >= 60

    estimator = TSNE(callbacks=callback, callbacks_every_iters=20, **SHORT).fit(x)
    assert [iteration for iteration, _, _ in seen] == [20, 40, 60]
    assert estimator.n_iter_ == 60 and seen[0][2] == (150, 2)

    def failing(*_):
        raise RuntimeError("of the callback")

    with pytest.raises(RuntimeError, match="of the callback"):
        TSNE(callbacks=failing, **SHORT).fit(x)


@pytest.mark.parametrize(
    ("x", "parameters", "message"),
    [
        (np.full((20, 3), np.nan), {}, "NaN"),
        (np.full((20, 3), np.inf), {}, "infinity"),
        (np.zeros((0, 3)), {}, "0 sample"),
        (np.arange(20.0), {}, "2D"),
        (np.zeros((20, 3)), {}, "all 20 rows are equal"),
        (np.eye(20), {"perplexity": 30}, "must be less than n_samples"),
        (np.eye(20), {"perplexity": -1}, "at least 1"),
        (np.eye(20), {"n_components": 0}, "at least 1"),
        (np.eye(20), {"n_components": 2.5}, "int"),
        (np.eye(20), {"method": "magic"}, "method"),
        (np.eye(20), {"metric": "precomputed", "n_components": 2}, None),
        (np.eye(20) - 2, {"metric": "precomputed"}, "positive"),
        (np.eye(20)[:, :5], {"metric": "precomputed"}, "square"),
        (np.eye(20), {"learning_rate": -5}, "learning_rate"),
        (np.eye(20), {"early_exaggeration": 0.1}, "exaggeration"),
        (np.eye(20), {"metric": "no_such_metric"}, "metric"),
        (np.eye(20), {"n_components": 4, "method": "barnes_hut"}, "inferior to 4"),
        ([[1, 2], [3]], {}, None),
        ([["a", "b"]] * 20, {}, None),
    ],
)
def test_bad_input_is_an_error_that_says_why(x, parameters, message):
    with pytest.raises(ValueError, match=message):
        TSNE(**{"perplexity": 5, **parameters}).fit(x)


def test_ctrl_c_ends_a_run_at_once(tmp_path):
    code = """
import numpy as np, os, signal, threading, time
from gnomonic import TSNE
x = np.random.default_rng(0).normal(size=(3000, 20)).astype(np.float32)
pressed = []
def press():
    time.sleep(1.0)
    pressed.append(time.time())
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=press).start()
try:
    TSNE(max_iter=100000).fit(x)
except KeyboardInterrupt:
    # Within half a second on a machine at rest.
    assert time.time() - pressed[0] < 2.0, time.time() - pressed[0]
    print(TSNE(max_iter=20).fit_transform(x).shape)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and "(3000, 2)" in done.stdout, done.stderr


def test_a_sweep_has_a_map_for_each_perplexity(groups):
    x, labels = groups
    maps = sweep(x, [30, 5, 10], max_iter=150)
    assert list(maps) == [30.0, 5.0, 10.0]
    assert all(accuracy(one.embedding_, labels) > 0.97 for one in maps.values())
    with pytest.raises(ValueError, match="metrics that the library knows"):
        sweep(x, [5], metric="precomputed")


def test_stages_and_measures(groups):
    x, labels = groups
    p = affinities(*neighbors(x, 45), perplexity=15)
    assert p.shape == (150, 150) and abs(p.sum() - 1) < 1e-5 and abs(p - p.T).max() < 1e-9
    scores = score(x, x[:, :2], labels=labels)
    assert 0 < scores["trustworthiness"] <= 1 and scores["label_accuracy"] > 0.9
    reference = pytest.importorskip("sklearn.manifold").trustworthiness(x, x[:, :2], n_neighbors=15)
    assert abs(scores["trustworthiness"] - reference) < 1e-4


def test_pictures(groups, tmp_path):
    x, labels = groups
    picture = TSNE(**SHORT).fit(x).plot(labels, title="three")
    assert picture._repr_png_().startswith(b"\x89PNG") and picture.svg.startswith(b"<")
    picture.save(tmp_path / "map.svg")
    assert (tmp_path / "map.svg").read_bytes() == picture.svg
    with pytest.raises(ValueError, match="name it so"):
        picture.save(tmp_path / "map.gif")
    with pytest.raises(ValueError, match="labels for"):
        plot.scatter(x[:, :2], labels[:3])


def test_the_command_comes_along(tmp_path):
    command = [sys.executable, "-m", "gnomonic"]
    version = subprocess.run([*command, "--version"], capture_output=True, text=True)
    assert version.returncode == 0 and version.stdout.startswith("gnomonic ")
    arguments = ["embed", "digits", "--iterations", "30", "-o", str(tmp_path / "map.npy"), "-q"]
    assert subprocess.run([*command, *arguments]).returncode == 0
    by_command = np.load(tmp_path / "map.npy")
    digits = pytest.importorskip("sklearn.datasets").load_digits().data
    np.testing.assert_array_equal(by_command, embed(digits, max_iter=30))
    assert subprocess.run([*command, "embed"], capture_output=True).returncode == 2
    running = subprocess.Popen(
        [*command, "embed", "digits", "--iterations", "1000000", "-o", str(tmp_path / "long.npy"), "-q"]
    )
    time.sleep(3.0)
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=20) == 130


def test_memory_does_not_grow(groups):
    resource = pytest.importorskip("resource")
    x, _ = groups
    for _ in range(20):
        embed(x, perplexity=10, max_iter=20)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(180):
        embed(x, perplexity=10, max_iter=20)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16_384
