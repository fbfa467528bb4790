"""The parts of `benchmarks/run.py` (peers, works, environment, processes, results) and of `benchmarks/maps.py` (sets, maps, goals).

Standard library only.
"""
