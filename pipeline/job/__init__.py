"""The prep job: a plan of tasks, workers that carry them out, and an account of every input."""
