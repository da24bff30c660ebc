"""Forgeries of picture and sound together: each looks or sounds genuine by itself."""
