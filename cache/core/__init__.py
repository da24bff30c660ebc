"""The ground floor on which everything rests: clock, errors, labels, videos and tracks, log-mel."""
