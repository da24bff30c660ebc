"""Random changes that genuine and forged windows get alike, so that neither can be told by them."""
