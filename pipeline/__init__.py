"""From raw media to aligned tracks: probe, decode, find and follow faces, crop, align.

Also the adapters of the datasets, the preparation job, synthetic clips and perturbations.
"""
