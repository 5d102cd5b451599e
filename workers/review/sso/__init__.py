"""Signing in with an OpenID Connect provider, by the authorization code flow with PKCE."""

from workers.review.sso.person import Person, require_role
from workers.review.sso.sign_on import Answer, SignOn, Started, make_sign_on

__all__ = ["Answer", "Person", "SignOn", "Started", "make_sign_on", "require_role"]
