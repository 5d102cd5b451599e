"""One step of the schema a file; ``down_revision`` names the step before it."""
