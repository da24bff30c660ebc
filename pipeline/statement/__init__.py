"""What a media file says of itself: container, times, tags, frames that repeat, credentials."""
