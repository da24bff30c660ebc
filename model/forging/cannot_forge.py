"""The refusal of a forger."""


class CannotForge(ValueError):
    """This footage does not allow this change; another forger, or other footage, will do."""
