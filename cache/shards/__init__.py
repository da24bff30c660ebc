"""The shard format: schema, codec, writer and reader, checks, and the table of inputs beside the shards."""
