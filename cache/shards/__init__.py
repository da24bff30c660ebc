"""The shard format: schema, codec, writer, reader and checks; the table of inputs beside shards."""
