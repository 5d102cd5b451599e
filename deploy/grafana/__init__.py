"""Dashboards as code. ``python -m deploy.grafana.overview`` writes the committed JSON."""
