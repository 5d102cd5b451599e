"""Statements go out a hundred at a time, each once, and lead to nobody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

from schemas import Action, VerdictSource
from tests.workers.review.conftest import Store
from tests.workers.review.samples import post, verdict
from workers.review.dsa.export import export_statements
from workers.review.dsa.statement import StatementOfReasons
from workers.review.dsa.writing import Terms

TERMS = Terms("House rules", "https://example.org/rules")


async def restrict(store: Store, count: int, **changes: Any) -> None:
    await store.statements.record(
        [
            verdict(post(f"post-{uuid4()}"), **({"action": Action.REMOVE} | changes))
            for _ in range(count)
        ]
    )


def exported(folder: Path) -> list[list[dict[str, Any]]]:
    assert not list(folder.glob("*.unfinished"))
    return [json.loads(file.read_text())["statements"] for file in folder.glob("*.json")]


async def test_two_hundred_and_fifty_statements_are_three_calls(
    store: Store, tmp_path: Path
) -> None:
    await restrict(store, 250)
    count = await export_statements(store.statements, TERMS, tmp_path / "out")

    batches = exported(tmp_path / "out")
    assert (count.files, count.statements) == (3, 250)
    assert sorted(len(batch) for batch in batches) == [50, 100, 100]
    puids = {statement["puid"] for batch in batches for statement in batch}
    assert len(puids) == 250
    for batch in batches:
        for statement in batch:
            StatementOfReasons.model_validate(statement)


async def test_nothing_is_exported_twice(store: Store, tmp_path: Path) -> None:
    await restrict(store, 2)
    await export_statements(store.statements, TERMS, tmp_path / "first")
    again = await export_statements(store.statements, TERMS, tmp_path / "second")
    assert (again.files, again.statements) == (0, 0)
    await restrict(store, 1)
    assert (await export_statements(store.statements, TERMS, tmp_path / "third")).statements == 1


async def test_no_statement_leads_to_author_post_or_reviewer(store: Store, tmp_path: Path) -> None:
    await restrict(store, 1, source=VerdictSource.HUMAN)
    await export_statements(store.statements, TERMS, tmp_path)
    ((statement,),) = exported(tmp_path)
    written = json.dumps(statement)
    for trace in ("author-1", "post-", "muppet", "reviewer-"):
        assert trace not in written


async def test_what_holds_outside_europe_only_is_reported_to_nobody(
    store: Store, tmp_path: Path
) -> None:
    await restrict(store, 1, action=Action.ALLOW, geo_limit=("US",))
    count = await export_statements(store.statements, TERMS, tmp_path / "out")
    assert (count.files, count.statements, count.outside) == (0, 0, 1)
