"""Looking at records that were set aside, and sending them again."""
