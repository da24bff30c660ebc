"""The page that `avdf.model.report.html` fills."""
