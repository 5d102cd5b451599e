"""Facts and scores to a decision."""
