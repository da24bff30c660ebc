"""Synchrony: whether picture and sound belong together, and how late the sound is."""
