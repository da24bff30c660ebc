"""Runs of consecutive rows."""

RowSpan = tuple[int, int]  # rows, both included
