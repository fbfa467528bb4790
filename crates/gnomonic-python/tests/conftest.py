"""Data for the tests."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def digits():
    """The 1,797 digits that scikit-learn bundles, and their labels."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return found.data.astype(np.float32), found.target


@pytest.fixture(scope="session")
def groups():
    """Three groups of fifty rows of six columns, and their labels."""
    rng = np.random.default_rng(0)
    labels = np.arange(150) % 3
    return (rng.normal(size=(150, 6)) + 15.0 * labels[:, None]).astype(np.float32), labels
