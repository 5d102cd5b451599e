"""Bytes to calibrated scores: media, model, training, evaluation, inference."""
