"""The page that `avdf.model.report` fills."""
