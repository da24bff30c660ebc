"""The stream of segments from shards to the trainer and the scorer: what is read, and when."""
