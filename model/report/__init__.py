"""Results for readers and programs: the report, its plots, and the folder of a scoring run."""
