"""Draw what crates/gnomonic-plot/tests/matplotlib.rs draws, with matplotlib 3.11.2 and seaborn 0.13.2 (Agg).

Writes points.csv (x, y, class) and three PNGs into crates/gnomonic-plot/tests/golden/.
"""

import pathlib

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns

TARGET = pathlib.Path(__file__).resolve().parents[2] / "crates" / "gnomonic-plot" / "tests" / "golden"
# Hinting moves the outlines of glyphs; without it the letters can be compared too.
HINTING = {"text.hinting": "none", "text.hinting_factor": 1, "font.family": "DejaVu Sans"}

rng = np.random.default_rng(42)
classes = rng.integers(10, size=300)
centers = 40 * rng.standard_normal((10, 2))
points = np.round(centers[classes] + 9 * rng.standard_normal((300, 2)), 3)
rows = [f"{x},{y},{c}" for (x, y), c in zip(points, classes)]
(TARGET / "points.csv").write_text("\n".join(rows) + "\n")


def start(**context):
    sns.set_theme(style="darkgrid", palette="muted", context="notebook", **context, rc=HINTING)
    return np.array(sns.color_palette())


start()
sns.palplot(sns.color_palette())
plt.savefig(TARGET / "palplot.png", dpi=100)

palette = start()
figure = plt.figure(figsize=(4, 4), dpi=75)
pad = 0.1 / 4  # a tenth of an inch
figure.subplots_adjust(left=pad, right=1 - pad, bottom=pad, top=1 - pad)
axes = plt.subplot(aspect="equal")
axes.scatter(points[:, 0], points[:, 1], lw=0, s=200, c=palette[classes], alpha=0.2)
axes.axis("off")
figure.savefig(TARGET / "map.png", dpi=75)

palette = start(font_scale=1.1)
figure, axes = plt.subplots(figsize=(6, 4.5), dpi=72)
axes.set_title("Perplexity = 30")
axes.scatter(points[:, 0], points[:, 1], lw=0, s=25, c=palette[classes], alpha=0.3)
figure.savefig(TARGET / "panel.png", dpi=72)
