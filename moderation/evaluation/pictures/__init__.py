"""Figures as pictures; they need matplotlib, of the optional extra ``train``."""

from moderation.evaluation.pictures.draw import draw_pictures

__all__ = ["draw_pictures"]
