"""The prep job: a plan of tasks, workers that carry them out, and a row for every input.

Start with `run.py`: it lists the stages. A task is one shard; what is done is marked in a file for
each task, so that an interrupted job goes on where it was.
"""
