"""Segments out of shards: which videos there are, in which order, and batches read ahead by threads."""
