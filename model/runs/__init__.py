"""A run: its configuration, its checkpoints, its folder, and what its verdicts rest on."""
