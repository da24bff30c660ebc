"""A trained detector applied: its input, scores of segments and frames, and the decision."""
