"""Cases: what was examined in one file, so that others can check it and repeat it."""
