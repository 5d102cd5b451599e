"""The state of all running processes, in one place."""
