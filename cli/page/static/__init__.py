"""The script, the style sheet and the icon of the page, as package data."""
