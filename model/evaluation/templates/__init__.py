"""The page that `avdf.model.evaluation.report` fills."""
