"""What a process says of itself: its ``/metrics`` and ``/readyz``."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

METRICS_BYTES: Final = 16 * 1024 * 1024
"""Of one process, at most: whatever answers on a mistyped port may be endless."""

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Said:
    """What one process said.

    Attributes:
        address: where it was asked, ``http://host:port``.
        error: why it could not be asked; the rest is empty then.
        ready: whether it does its work.
        reasons: why it does not.
        remarks: what an operator should know besides.
        samples: its metrics: name -> labels and value of each series.
    """

    address: str
    error: str | None = None
    ready: bool = False
    reasons: Sequence[str] = ()
    remarks: Sequence[str] = ()
    samples: Mapping[str, Sequence[tuple[Labels, float]]] = field(default_factory=dict)

    def series(self, name: str) -> Sequence[tuple[Labels, float]]:
        """Labels and values of a metric; empty where the process has none."""
        return self.samples.get(name, ())

    def total(self, name: str) -> float:
        """The sum over all series of a metric; 0 where there is none."""
        return sum(value for _, value in self.series(name))


async def ask_all(addresses: Sequence[str], *, seconds: float) -> list[Said]:
    """Ask processes side by side, in their order.

    Args:
        addresses: ``host:port``, or with ``http://`` or ``https://`` before it.
        seconds: after which a process counts as gone.
    """
    timeout = aiohttp.ClientTimeout(total=seconds)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        return await asyncio.gather(*(_ask(session, address) for address in addresses))


async def _ask(session: aiohttp.ClientSession, address: str) -> Said:
    url = (address if "://" in address else f"http://{address}").rstrip("/")
    try:
        ready, metrics = await asyncio.gather(
            _json(session, f"{url}/readyz"), _text(session, f"{url}/metrics")
        )
        return Said(
            url,
            ready=bool(ready["ready"]),
            reasons=list(ready.get("reasons", ())),
            remarks=list(ready.get("remarks", ())),
            samples=_samples(metrics),
        )
    except TimeoutError:
        return Said(url, error=f"no answer within {session.timeout.total:g} s")
    except aiohttp.ClientConnectorError as error:
        return Said(url, error=f"nobody answers there ({error.strerror or error})")
    except (aiohttp.ClientError, OSError) as error:
        return Said(url, error=str(error) or type(error).__name__)
    except (ValueError, KeyError, TypeError) as error:
        return Said(url, error=f"this is no process of ours ({type(error).__name__}: {error})")


async def _json(session: aiohttp.ClientSession, url: str) -> Any:
    async with session.get(url) as answer:
        return await answer.json(content_type=None)


async def _text(session: aiohttp.ClientSession, url: str) -> str:
    async with session.get(url) as answer:
        answer.raise_for_status()
        body = await answer.content.read(METRICS_BYTES)
        return body.decode()


def _samples(metrics: str) -> dict[str, list[tuple[Labels, float]]]:
    found: dict[str, list[tuple[Labels, float]]] = {}
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found
