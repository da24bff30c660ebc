"""One media file: what it says of itself, and its frames and audio decoded on one time line."""
