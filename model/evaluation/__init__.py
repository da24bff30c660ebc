"""What scores are worth: figures of each verdict, localisation, robustness, other detectors."""
