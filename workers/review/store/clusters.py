"""Near-identical items are one entry of the queue, and can be decided in one go.

An escalation joins a cluster when it arrives, by :mod:`~workers.review.store.likeness` to the
cluster's first item. Which item stands for the cluster is asked of the database each time: the most
pressing one that is open. So nothing has to be handed on when that one is decided or withdrawn.

Second opinions, appeals, golden posts and posts of the audit sample are in no cluster.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, and_, case, delete, false, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from workers.review.store.cluster_tables import Cluster, ClusterKey
from workers.review.store.likeness import Likeness, distance
from workers.review.store.tables import Account, Item, ItemState
from workers.review.store.wanted import Wanted

MOST_MEMBERS: Final = 100
"""Of a cluster; more begin another one. Reviewers look through a hundred at most before they decide
for all, and that many decisions are one short transaction."""

MOST_COMPARED: Final = 64
"""Clusters that a new item is compared with; of unlike texts, two or three share a key by chance
among 100,000."""

APART_NAMESPACE: Final = UUID("6a1d3a0e-0a5c-5b60-9d53-2a1f4c7f3a11")
"""Names the cluster of one that an item gets when a reviewer takes it out."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """How the open items of a cluster stand."""

    others: int
    """Beside the one that stands for them."""
    held: bool
    mine: bool
    """Whether the viewer holds one of them."""


async def join_cluster(session: AsyncSession, item: Item, likeness: Likeness) -> None:
    """Put a new item into the nearest cluster that has room, or make it the first of its own."""
    alive = (
        select(Item.verdict_id)
        .where(Item.cluster == Cluster.cluster_id, Item.state == ItemState.OPEN)
        .exists()
    )
    keyed = select(ClusterKey.cluster_id).where(ClusterKey.key.in_(likeness.keys))
    found = await session.scalars(
        select(Cluster)
        .where(Cluster.cluster_id.in_(keyed), Cluster.members < MOST_MEMBERS, alive)
        .limit(MOST_COMPARED)
    )
    like = [cluster for cluster in found.all() if likeness.is_like(cluster.near, cluster.pictures)]
    if like:
        nearest = min(like, key=lambda cluster: _apart(likeness, cluster))
        item.cluster = nearest.cluster_id
        joined = update(Cluster).where(Cluster.cluster_id == nearest.cluster_id)
        await session.execute(joined.values(members=Cluster.members + 1))
        return
    session.add(
        Cluster(
            cluster_id=item.verdict_id,
            near=likeness.near,
            pictures=likeness.pictures,
            members=1,
        )
    )
    await session.flush()
    session.add_all(ClusterKey(cluster_id=item.verdict_id, key=key) for key in likeness.keys)


def stands_for_its_cluster(
    wanted: Wanted, *, free_at: datetime | None = None
) -> ColumnElement[bool]:
    """Items that no open item of their cluster, wanted too, comes before.

    With ``free_at`` none of the cluster may be held then: whoever holds one is about to decide for
    all. Both are asked in one subquery, so that it can only be answered by the index on clusters.
    """
    other = aliased(Item)
    before = or_(
        other.rank > Item.rank,
        and_(other.rank == Item.rank, other.verdict_id < Item.verdict_id),
    )
    in_the_way: ColumnElement[bool] = and_(before, *wanted.conditions(other))
    if free_at is not None:
        in_the_way = or_(in_the_way, other.lease_until > free_at)
    return (
        ~select(other.verdict_id)
        .where(other.cluster == Item.cluster, other.state == ItemState.OPEN, in_the_way)
        .exists()
    )


async def gather(
    session: AsyncSession, items: Collection[Item], viewer: Account | None, now: datetime
) -> Mapping[UUID, Gathered]:
    """How the clusters of the items stand, by cluster."""
    held = Item.lease_until > now
    mine: ColumnElement[bool] = held & (Item.claimed_by == viewer.account_id) if viewer else false()
    rows = await session.execute(
        select(
            Item.cluster,
            func.count(),
            func.max(case((held, 1), else_=0)),
            func.max(case((mine, 1), else_=0)),
        )
        .where(
            Item.cluster.in_({item.cluster for item in items}),
            Item.state == ItemState.OPEN,
        )
        .group_by(Item.cluster)
    )
    return {
        cluster: Gathered(total - 1, bool(any_held), bool(own))
        for cluster, total, any_held, own in rows
    }


async def open_mates(session: AsyncSession, item: Item) -> Sequence[Item]:
    """The other open items of the item's cluster, the most pressing first; none of a closed one."""
    if item.state != ItemState.OPEN:
        return []
    found = await session.scalars(
        select(Item)
        .where(
            Item.cluster == item.cluster,
            Item.verdict_id != item.verdict_id,
            Item.state == ItemState.OPEN,
        )
        .order_by(Item.rank.desc(), Item.verdict_id)
        .limit(MOST_MEMBERS)
    )
    return found.all()


def set_apart(item: Item) -> None:
    """Take the item out of its cluster for good: somebody saw that it is another case."""
    item.cluster = uuid5(APART_NAMESPACE, str(item.verdict_id))


async def forget_clusters(session: AsyncSession, items: Collection[UUID]) -> None:
    """Forget the fingerprints of erased items: nothing joins their clusters any more."""
    await session.execute(delete(Cluster).where(Cluster.cluster_id.in_(items)))


async def forget_spent_clusters(session: AsyncSession) -> None:
    """Forget the clusters of which nothing is open."""
    alive = (
        select(Item.verdict_id)
        .where(Item.cluster == Cluster.cluster_id, Item.state == ItemState.OPEN)
        .exists()
    )
    await session.execute(
        delete(Cluster).where(~alive).execution_options(synchronize_session=False)
    )


def _apart(likeness: Likeness, cluster: Cluster) -> int:
    return distance(likeness.near, cluster.near) + distance(likeness.pictures, cluster.pictures)
