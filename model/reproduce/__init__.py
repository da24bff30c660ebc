"""The paper's tables, one command each: the runs that they need, and our results beside it."""
