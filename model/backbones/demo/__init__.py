"""Small backbones for the demo and the tests, made by `python -m avdf.cli.make_demo_backbones`."""
