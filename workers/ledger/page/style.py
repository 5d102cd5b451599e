"""The page's style sheet, in the colours of the review console."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root { color-scheme: light dark;
  --page: #f4f4f1; --surface: #fff; --line: #dcddd8; --ink: #1d2528; --soft: #5a6468;
  --accent: #2b6168; --good: #2a6b46; --bad: #a0333c; --warn: #84570a; }
@media (prefers-color-scheme: dark) { :root {
  --page: #12171a; --surface: #1b2226; --line: #2f393e; --ink: #e5eaec; --soft: #9daab0;
  --accent: #7fbcc2; --good: #86cfa4; --bad: #f0979b; --warn: #e5b768; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system,
    "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", "Liberation Sans", sans-serif; }
main { max-width: 84rem; margin: 0 auto; padding: 1.8rem clamp(1rem, 4vw, 2.5rem) 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .3rem; letter-spacing: -.01em; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .2rem; }
h3 { font-size: .95rem; margin: 0 0 .5rem; }
p { margin: 0 0 .8rem; max-width: 48rem; }
.soft { color: var(--soft); }
.grid { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
.small { grid-template-columns: repeat(auto-fill, minmax(min(100%, 15.5rem), 1fr)); }
.facts { grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); margin-top: 1.2rem; }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: 10px;
  padding: 1rem 1.1rem; min-width: 0; margin: 0; }
.fact b { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.fact span { color: var(--soft); font-size: .88rem; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { font-size: 12px; fill: var(--ink); font-variant-numeric: tabular-nums; }
svg .tick { fill: var(--soft); font-size: 11px; }
svg .value { font-weight: 650; }
svg .axis { stroke: var(--soft); } svg .grid { stroke: var(--line); }
svg .limit { stroke: var(--bad); stroke-dasharray: 3 3; }
svg .whisker { stroke: var(--accent); stroke-width: 1.8; } svg .point { fill: var(--accent); }
svg .curve { fill: none; stroke: var(--accent); stroke-width: 1.6; }
svg .pale { opacity: .35; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%;
  font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .4rem .9rem .4rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; white-space: nowrap; }
th { color: var(--soft); font-weight: 600; white-space: normal; }
td small { color: var(--soft); display: block; }
.advice { font-weight: 650; } .promote { color: var(--good); } .keep { color: var(--bad); }
.weigh { color: var(--warn); } .undecided { color: var(--soft); }
.long { display: block; max-width: 16rem; white-space: normal; overflow-wrap: anywhere; }
.id { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .85em; }
details.card { margin-top: 1rem; }
summary { cursor: pointer; color: var(--accent); font-weight: 600; }
"""
