"""Faults injected into real workers on real Apache Kafka: ``python -m bench.faults --help``.

::

    plan ────> run ────> fleet of workers, broker, media store      (what is injected, and where)
                │
    traffic ──> posts ──> verdicts, escalations, posts.dead-letter
                │                     │
                └── progress <── watch│
                                      └──> history ──> check         (what the topics must show)

What is promised, what is injected and what was seen: ``docs/faults.md``.
"""
