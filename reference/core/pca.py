"""Golden values of principal component analysis: writes pca.json beside this file.

The data follows from integers alone, so that it need not be stored. Made with numpy 2.4.6 and scikit-learn 1.9.1:
python reference/core/pca.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.decomposition import PCA

COMPONENTS = 4


def data(n, d):
    i, j = np.meshgrid(np.arange(n), np.arange(d), indexing="ij")
    noise = (i * 7919 + j * 104729 + i * i * j * 31) % 1009
    # A few columns of larger steps give the leading axes room between them.
    return (noise / 64.0 * np.maximum(8 - j, 1)).astype(np.float32)


cases = []
for n, d in [(40, 6), (90, 200)]:
    x = data(n, d)
    pca = PCA(COMPONENTS, svd_solver="full").fit(x.astype(np.float64))
    axes = pca.components_
    signs = np.sign(axes[np.arange(COMPONENTS), np.abs(axes).argmax(axis=1)])
    cases.append(
        {
            "n": n,
            "d": d,
            "mean": pca.mean_.tolist(),
            "explained_variance": pca.explained_variance_.tolist(),
            "components": (axes * signs[:, None]).tolist(),
            "scores": (pca.transform(x.astype(np.float64)) * signs)[:10].tolist(),
        }
    )
golden = {"made_by": f"numpy {np.__version__}, scikit-learn {sklearn.__version__}", "cases": cases}
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
