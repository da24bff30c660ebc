"""The stream of segments from shards to the trainer and the scorer: what to read, in which order."""
