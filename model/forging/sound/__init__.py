"""Forgeries of the sound alone: genuine speech, taken apart and synthesised by vocoders."""
