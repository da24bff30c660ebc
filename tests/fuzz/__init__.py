"""Seeded damage to everything that avdf reads besides media: whatever is in a file, one sentence or a right answer.

`python -m tests.fuzz --cases 5000 --seed 7` runs as many cases as wanted; a few hundred run with the tests.
"""
