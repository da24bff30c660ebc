"""A detector applied: its input and precision, scores of segments and frames, and the decision on a video."""
