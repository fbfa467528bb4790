"""The parts of `benchmarks/run.py`: peers, works, environment, processes, results. Standard library only."""
