"""Every kind of hostile case, in the shares in which the fuzzer draws them."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.hostile.answering import Answering
from tests.hostile.records import texts, values
from tests.hostile.urls import Attempt, attempts

Pattern = tuple[str, str]
"""An expression, and the text in which it is searched."""

HostileCase = bytes | Attempt | Pattern

NASTY_PATTERNS = (
    *(r"(a+)+$", r"(a|a)*b", r"(a|aa)+$", r"(.*a){25}", r"(x+x+)+y", r"((a*)*)*b"),
    *(r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(?:(?:(?:a?){30}){30}){30}", r"a{1000}{1000}"),
    *(r"(a{0,500}){0,500}", r"\p{L}+" * 20, r"(?i)" + "straße" * 200, "(" * 5_000, "[" * 5_000),
    *(r"(?=a)", r"(a)\1", "|" * 5_000, r".*.*.*=.*", r"[\x{10000}-\x{10ffff}]{200}b", "x*"),
    *(r"\C\C\C", r"(?s)" + ".*" * 50 + "b", r"\b" * 1_000),
)

expressions = st.one_of(
    st.sampled_from(NASTY_PATTERNS), st.text("a(|)*+?{}[]^$.1,\\d", max_size=30)
)


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    """Expressions that make a backtracking engine hang, or a compiler explode, over long texts."""
    pattern = draw(expressions)
    text = draw(texts)
    # What is no UTF-8 never gets so far: the contract refuses it.
    return pattern, text.encode(errors="ignore").decode()


def cases() -> st.SearchStrategy[HostileCase]:
    """Eight records for each address and each expression."""
    many: list[st.SearchStrategy[HostileCase]] = [values()] * 8
    return st.one_of(*many, attempts(), patterns())


def answer(answering: Answering, case: HostileCase) -> str:
    """The reason that the case is answered with.

    Raises:
        UnansweredError: there is none, or something was done that must not be.
    """
    if isinstance(case, bytes):
        return answering.record(case)
    if isinstance(case, Attempt):
        return answering.attempt(case)
    return answering.pattern(*case)
