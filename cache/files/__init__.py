"""Files and folders that are safe to write and read: complete or absent, owned, locked, hashed."""
