"""Dashboards as code. ``python -m deploy.grafana`` writes the committed JSON."""
