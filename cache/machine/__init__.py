"""The machine that a job runs on: cores, memory, device; or a Ray cluster of machines."""
