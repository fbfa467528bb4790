"""Tick labels of matplotlib 3.11.2, for the test in crates/gnomonic-plot/src/axis.rs."""

import matplotlib.ticker as ticker

for low, high, room in [
    (-55.0, 63.0, 5),
    (-11.0, 11.0, 9),
    (0.0, 1.0, 9),
    (-0.03, 0.05, 4),
    (12.0, 19.0, 1),
    (-105.3, 97.1, 7),
    (-0.37, 0.63, 3),
    (-250.0, 260.0, 9),
]:
    locator = ticker.MaxNLocator(nbins=room, steps=[1, 2, 2.5, 5, 10])
    values = [v for v in locator.tick_values(low, high) if low <= v <= high]
    formatter = ticker.ScalarFormatter()
    formatter.create_dummy_axis()
    formatter.axis.set_view_interval(low, high)
    formatter.axis.set_data_interval(low, high)
    print(low, high, room, [s.replace("\N{MINUS SIGN}", "-") for s in formatter.format_ticks(values)])
