"""How long a decision takes: ``python -m bench.rules``.

Made posts of about 300 characters, judged by the policy that ships, by 100 and by 1,000 live rules.
The same conditions over the same facts are then evaluated by peers: ``eval`` of compiled Python in
a loop, ``cel-python`` and ``zen-engine`` (the dependency group ``bench``; a peer that is not
installed is named as such). Peers only evaluate conditions: the engine's figures include scanning
the text, mixing, reasons and the trace. CPU time of one thread, so that a busy machine says nearly
the same; the median of several rounds. Then the waits while policies change (``bench.reload``), how
fast lists are searched (``bench.matchers``) and how fast banks are (``bench.banks``), each beside
its peers. The last line is one JSON object of all figures.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from bench import banks, matchers, reload
from bench.made import conditions, make_cases, policy_of
from bench.telling import tell
from rules import DEFAULT_POLICY_PATH, Case, PolicyEngine, load_policy

POSTS: Final = 500
PEER_POSTS: Final = 25
"""Posts a round for the peers: some take milliseconds a post."""
ROUNDS: Final = 7
SIZES: Final = (100, 1_000)
"""Live rules."""

Judge = Callable[[Case], object]


def facts_of(case: Case) -> dict[str, Any]:
    """The facts that the conditions name, as peers take them."""
    return {
        "scores": dict(case.scores),
        "author": {"posts": case.author.posts if case.author else 0},
        "post": {"reach": case.post.reach},
    }


def python_eval(sources: Sequence[str]) -> Judge:
    """Each condition compiled once by Python, then evaluated in a loop."""
    codes = [
        compile(
            source.replace("&&", "and")
            .replace("||", "or")
            .replace("scores.", "scores_")
            .replace("author.posts", "author_posts")
            .replace("post.reach", "post_reach"),
            "condition",
            "eval",
        )
        for source in sources
    ]

    def judge(case: Case) -> list[bool]:
        names = {f"scores_{category}": score for category, score in case.scores.items()}
        author = case.author.posts if case.author else 0
        names |= {"author_posts": author, "post_reach": case.post.reach}
        return [eval(code, {"__builtins__": {}}, names) for code in codes]  # noqa: S307 - Python itself is the peer, on conditions of ours

    return judge


def cel_python(sources: Sequence[str]) -> Judge:
    """Each condition compiled once by cel-python, then evaluated in a loop."""
    import celpy
    from celpy.adapter import json_to_cel

    environment = celpy.Environment()
    programs = [environment.program(environment.compile(source)) for source in sources]

    def judge(case: Case) -> list[bool]:
        context = {name: json_to_cel(fact) for name, fact in facts_of(case).items()}
        return [bool(program.evaluate(context)) for program in programs]

    return judge


def zen_engine(sources: Sequence[str]) -> Judge:
    """Each condition compiled once by zen-engine, then evaluated in a loop."""
    import zen

    programs = [
        zen.compile_expression(source.replace("&&", "and").replace("||", "or"))
        for source in sources
    ]

    def judge(case: Case) -> list[bool]:
        facts = facts_of(case)
        return [bool(program.evaluate(facts)) for program in programs]

    return judge


PEERS: Final[Mapping[str, tuple[str, Callable[[Sequence[str]], Judge]]]] = {
    "python_eval": ("builtins", python_eval),
    "cel_python": ("celpy", cel_python),
    "zen_engine": ("zen", zen_engine),
}
"""By name: the module that must be there, and how a peer is made ready."""


def microseconds_a_post(judge: Judge, cases: Sequence[Case]) -> float:
    """The median over the rounds, after one to warm up."""
    rounds = []
    for _ in range(ROUNDS + 1):
        start = time.thread_time()
        for case in cases:
            judge(case)
        rounds.append((time.thread_time() - start) / len(cases) * 1e6)
    return round(statistics.median(rounds[1:]), 1)


def measure_peers(count: int, engine: PolicyEngine, cases: Sequence[Case]) -> dict[str, Any]:
    """Each peer on the same conditions; it must say the same as the engine about every post."""
    figures: dict[str, Any] = {}
    sources = conditions(count)
    for name, (module, make) in PEERS.items():
        key = f"{name}_{count}_conditions_cpu_us_per_post"
        if find_spec(module) is None:
            figures[key] = "not installed"
            continue
        judge = make(sources)
        for case in cases:
            hits = {hit.rule for hit in engine.decide(case).rule_hits}
            held = judge(case)
            if not isinstance(held, list) or hits != {
                f"rule_{n}" for n, holds in enumerate(held) if holds
            }:
                raise RuntimeError(f"{name} and the engine differ on {case.post.post_id}")
        figures[key] = microseconds_a_post(judge, cases)
    return figures


def main() -> None:
    """Measure and print."""
    cases = make_cases(random.Random(0), POSTS)  # noqa: S311 - draws made posts, nothing secret
    start = time.thread_time()
    default = PolicyEngine(load_policy(DEFAULT_POLICY_PATH))
    load_ms = round((time.thread_time() - start) * 1e3, 1)
    figures: dict[str, Any] = {
        "posts": POSTS,
        "default_policy_cpu_us_per_post": microseconds_a_post(default.decide, cases),
        "default_policy_load_cpu_ms": load_ms,
    }
    with tempfile.TemporaryDirectory() as folder:
        for count in SIZES:
            engine = PolicyEngine(load_policy(policy_of(count, Path(folder))))
            figures[f"rules_{count}_cpu_us_per_post"] = microseconds_a_post(engine.decide, cases)
            figures |= measure_peers(count, engine, cases[:PEER_POSTS])
    for measured in (reload.figures, matchers.figures, banks.figures):
        figures |= measured()
    tell(figures)


if __name__ == "__main__":
    main()
