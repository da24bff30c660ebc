"""Forgeries as files: what is written of each video, and the folder that holds it."""
