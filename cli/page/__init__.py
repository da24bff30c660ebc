"""The page of `avdf serve`: files are dropped into a browser, scored, and looked at.

The server listens on the loopback address only. It never computes anything itself: one process
beside it (`scoring_process.py`) holds the run and scores one file at a time, so that a file can
be cancelled, and a crash ends neither the server nor the queue.
"""
