"""Changes of frames that forging and augmentation have in common: colour, resolution, sharpness."""
