"""Small backbones for the demo and the tests, made by `python -m tests.generators.demo_backbones`."""
