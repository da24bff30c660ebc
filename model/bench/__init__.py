"""Benchmarks of training and scoring: how fast they are here, and how fast they could be."""
