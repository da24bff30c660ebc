"""The ground floor: the clock, the errors, a video and its tracks, log-mel. Everything rests on it."""
