"""Results for people and other programs: the report, its plots, and the folder of a scoring run."""
