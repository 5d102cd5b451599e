"""What a platform's service has to expect."""

from __future__ import annotations


class ClientError(Exception):
    """The broker does not do what was asked; the message says what and where."""


class PostRefusedError(ClientError):
    """The broker has the connection but not the post: it is too large, or its topic is missing."""
