"""Tables by which near-identical escalations find each other."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from workers.review.store.tables import Table


class Cluster(Table):
    """Near-identical items, by the fingerprint of the first. It lasts while one of them is open."""

    __tablename__ = "clusters"

    cluster_id: Mapped[UUID] = mapped_column(primary_key=True)
    """The name of the first item."""
    near: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The text's fingerprint; None where only the very same is alike."""
    pictures: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The pictures' hashes; None where only the very same are alike."""
    members: Mapped[int]
    """Items that ever joined, the first included."""


class ClusterKey(Table):
    """A key under which a cluster is looked for, see ``likeness``."""

    __tablename__ = "cluster_keys"

    cluster_id: Mapped[UUID] = mapped_column(
        ForeignKey("clusters.cluster_id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)

    __table_args__ = (Index("ix_cluster_keys_key", "key"),)
