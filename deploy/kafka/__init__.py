"""Topics and users of Kafka as Strimzi's resources. ``python -m deploy.kafka`` writes the YAML."""
