"""What to make of scores: metrics, protocols, localisation, tables, the report."""
