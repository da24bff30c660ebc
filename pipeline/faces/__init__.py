"""Faces in a stream of frames: found, followed through shots, and cut out as face tracks."""
