"""How the system runs elsewhere: images, Compose, Prometheus, Grafana."""
