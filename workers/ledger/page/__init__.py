"""The figures about accuracy as one page: no script, nothing loaded from anywhere."""

from workers.ledger.page.document import CONTENT_SECURITY_POLICY, accuracy_page

__all__ = ["CONTENT_SECURITY_POLICY", "accuracy_page"]
