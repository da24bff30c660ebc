"""Forgeries of the picture alone: the sound stays genuine.

Each change takes frames (n, S, S, 3) uint8 RGB and a source of random numbers. It draws one set of
parameters for all of them, goes through them one by one, and returns an array of its own.
"""

from avdf.model.forging.picture.forgers import PICTURE_FORGERS

__all__ = ["PICTURE_FORGERS"]
