"""The rows of the overview, a question each."""
