"""What a run says, for people and their callbacks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any


class Listener:
    """Passes on what a run says: to the user's callbacks, and to a progress bar."""

    def __init__(self, callbacks: Any, every: int, n_components: int, *, verbose: bool) -> None:
        if callbacks is None:
            self.callbacks: list[Callable[..., Any]] = []
        elif isinstance(callbacks, Iterable):
            self.callbacks = list(callbacks)
        else:
            self.callbacks = [callbacks]
        self.n_components = n_components
        self.verbose = verbose
        self.every = max(every, 1) if self.callbacks else 10
        self.bar: Any = None

    def callback(self) -> Callable[..., bool | None] | None:
        return self if self.callbacks or self.verbose else None

    def __call__(self, event: str, *told: Any) -> bool | None:
        if event == "iteration":
            iteration, iterations, kl_divergence, _, embedding = told
            if self.verbose:
                self._show(iteration, iterations, kl_divergence)
            value = float("nan") if kl_divergence is None else kl_divergence
            points = embedding.reshape(-1, self.n_components)
            if any([callback(iteration, value, points) is True for callback in self.callbacks]):
                return False
        elif event == "stage" and self.verbose:
            self._say(told[0])
        return None

    def _say(self, stage: str) -> None:
        if self.bar is not None and self.bar is not False:
            self.bar.set_description(stage)
        else:
            print(f"[gnomonic] {stage}", file=sys.stderr)

    def _show(self, iteration: int, iterations: int, kl_divergence: float | None) -> None:
        if self.bar is None:
            try:
                from tqdm.auto import tqdm

                self.bar = tqdm(total=iterations, unit="it")
            except ImportError:
                self.bar = False
        if self.bar is False:
            if kl_divergence is not None:
                print(f"[gnomonic] iteration {iteration} of {iterations}: KL {kl_divergence:.4f}", file=sys.stderr)
            return
        self.bar.total = iterations
        self.bar.update(iteration - self.bar.n)
        if kl_divergence is not None:
            self.bar.set_postfix(KL=f"{kl_divergence:.4f}")

    def close(self) -> None:
        if self.bar is not None and self.bar is not False:
            self.bar.close()
