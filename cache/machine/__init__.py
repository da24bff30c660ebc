"""The machine that a job runs on: its cores, its device, and a Ray cluster of machines."""
