"""The paper's tables, one command each: which runs they need, running them, and our figures beside the paper's."""
