"""Scoring: every listed video gets a row, with its verdicts or the reason why there are none."""
