"""Weights of the small backbones: made by `python -m tests.generators.demo_backbones`."""
