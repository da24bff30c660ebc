"""Files and folders that are safe to write and to read: whole or absent, owned, locked, hashed."""
