"""The report: one HTML page with its plots, timelines and face crops, and the folder of scores around it."""
