"""Raw media to aligned tracks: probe, decode, detect, follow, crop, align; dataset adapters; the prep job."""
