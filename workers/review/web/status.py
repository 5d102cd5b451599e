"""For machines: metrics, liveness, readiness. They show numbers and need no login."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client.exposition import choose_encoder

from workers.review.web.security import TheConsole

router = APIRouter()


@router.get("/metrics")
async def metrics(request: Request, console: TheConsole) -> Response:
    """The process's counters, and gauges read from the database as of now."""
    counts = await console.parts.queue.counts()
    console.metrics.observe(counts, await console.parts.outbox.pending(), console.clock())
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return Response(encode(console.metrics.registry), headers={"Content-Type": content_type})


@router.get("/healthz")
async def healthz() -> Response:
    """200: a process whose event loop answers is alive."""
    return JSONResponse({"healthy": True, "reasons": []})


@router.get("/readyz")
async def readyz(console: TheConsole) -> Response:
    """200 while escalations come in and decisions go out; 503 with reasons otherwise."""
    reasons = list(console.not_ready())
    return JSONResponse(
        {"ready": not reasons, "reasons": reasons}, status_code=503 if reasons else 200
    )
