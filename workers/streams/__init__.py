"""The Kafka commands."""
