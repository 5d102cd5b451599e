"""``moderation banks``: look after the banks of known content."""
