"""Seeded damage to everything that avdf reads besides media.

Whatever is in a file, the answer is one sentence or right. `python -m tests.fuzz --cases 5000
--seed 7` runs as many cases as wanted; a few hundred run with the tests.
"""
