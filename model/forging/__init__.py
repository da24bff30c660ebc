"""Forgeries of genuine footage, made in memory: changes of the picture, of the sound, of both."""
