"""Re-encodes scikit-learn's copy of the UCI optical digits as two compressed IDX files.

    pip download --no-deps scikit-learn==1.9.1
    python digits.py scikit_learn-1.9.1-*.whl ../../crates/gnomonic-datasets/data

Takes `sklearn/datasets/data/digits.csv.gz` from the wheel: 1,797 lines of 64 pixels (0 to 16) and the digit.
The output has no time stamp, so a second run writes the same bytes (with the same zlib).
"""

import gzip
import struct
import sys
import zipfile
from pathlib import Path


def main(wheel: str, folder: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        lines = gzip.decompress(archive.read("sklearn/datasets/data/digits.csv.gz")).decode().split()
    rows = [[int(float(cell)) for cell in line.split(",")] for line in lines]
    assert len(rows) == 1797 and all(len(row) == 65 and max(row) <= 16 for row in rows)

    images = struct.pack(">4B3I", 0, 0, 8, 3, len(rows), 8, 8) + b"".join(bytes(row[:64]) for row in rows)
    labels = struct.pack(">4BI", 0, 0, 8, 1, len(rows)) + bytes(row[64] for row in rows)
    for name, content in [("digits-images-idx3-ubyte.gz", images), ("digits-labels-idx1-ubyte.gz", labels)]:
        Path(folder, name).write_bytes(gzip.compress(content, compresslevel=9, mtime=0))


if __name__ == "__main__":
    main(*sys.argv[1:])
