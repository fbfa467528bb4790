"""Writes the archives that the readers' tests open: every dtype, byte order and memory order that numpy can write.

    pip install numpy==2.4.6
    python arrays.py

The values of a numeric array of shape (3, 4) are 0, 1, …, 11 in C order (of bool: their parity), so that the tests
need no second copy of them. Keys read `f4_big_fortran`.
"""

from pathlib import Path

import numpy as np
from numpy.lib import format as npy

HERE = Path(__file__).parent


def numeric_arrays() -> dict[str, np.ndarray]:
    arrays = {}
    counted = np.arange(12).reshape(3, 4)
    for code in ["b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"]:
        for order, sign in [("little", "<"), ("big", ">")]:
            values = counted % 2 if code == "b1" else counted
            array = values.astype(sign + code)
            arrays[f"{code}_{order}_c"] = array
            arrays[f"{code}_{order}_fortran"] = np.asfortranarray(array)
    images = np.arange(24, dtype="u1").reshape(2, 3, 4)
    arrays["images_c"] = images
    arrays["images_fortran"] = np.asfortranarray(images)
    return arrays


def other_arrays() -> dict[str, np.ndarray]:
    words = np.array(["pear", "apple", "pear", "감"])
    return {
        "words_little": words.astype("<U5"),
        "words_big": words.astype(">U5"),
        "words_bytes": np.array([b"pear", b"apple", b"pear", b"fig"]),
        "numbers": np.array([10.0, 2.0, 10.0, -1.5]),
        "object": np.array([1, "a"], dtype=object),
        "complex": np.array([1j]),
        "date": np.array(["2026-01-01"], dtype="M8[D]"),
        "record": np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f4")]),
        "scalar": np.array(1.0),
        "no_rows": np.zeros((0, 4)),
    }


def main() -> None:
    arrays = numeric_arrays() | other_arrays()
    np.savez(HERE / "arrays.npz", allow_pickle=True, **arrays)
    np.savez_compressed(HERE / "arrays_compressed.npz", allow_pickle=True, **arrays)

    digits = np.arange(2 * 28 * 28).reshape(2, 28, 28).astype("u1")
    keras = {"x_train": digits, "y_train": np.array([5, 0], "u1"), "x_test": digits[:1], "y_test": np.array([7], "u1")}
    np.savez_compressed(HERE / "keras.npz", **keras)

    for version in [(1, 0), (2, 0), (3, 0)]:
        with open(HERE / f"version_{version[0]}.npy", "wb") as file:
            npy.write_array(file, np.arange(12, dtype="<f4").reshape(3, 4), version=version)


if __name__ == "__main__":
    main()
