"""Training: labels of windows, the training step, the trainer, several processes together."""
