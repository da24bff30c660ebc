"""Likelihood ratios: how much more probable a score is among fakes than among real videos."""
