"""How fast a million PDQ hashes are searched: ``python -m bench.banks``.

A million random hashes; half of the queries are hashes of the bank with up to 31 bits changed, as
many with exactly 31, the others are random. CPU time of one thread. Peers in the same run: FAISS's
IndexBinaryMultiHash with 16 tables of 16 bits and one flip, as the ``threatexchange`` library sets
it, FAISS's IndexBinaryFlat, and comparing with all in numpy. Then near-duplicate texts: how many
bits edited texts are apart by one-bit MinHash and by SimHash; and what their fingerprints and keys
cost. The last line is one JSON object.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import faiss
import numpy as np
from numpy.typing import NDArray

from bench.telling import tell
from rules.banks import text_fingerprint, text_keys
from rules.banks.hamming import HASH_BITS, MAX_RADIUS, HammingIndex
from rules.matchers import Folder

HASHES: Final = 1_000_000
QUERIES: Final = 1024
PEER_QUERIES: Final = 128
NUMPY_QUERIES: Final = 8
MULTI_HASH: Final = (16, 16, 1)
"""Tables, bits a table, flips: of the ``threatexchange`` library."""
TEXTS: Final = 320
TEXTS_AT_ONCE: Final = 64
"""As many as a worker's group of posts on a CPU."""
COST_ROUNDS: Final = 5
EDITS: Final = (1, 2, 4)
WORDS: Final = (
    "free coins join today market river friend story weather doctor price open group chat"
)

Found = tuple[NDArray[Any], NDArray[Any]]


def timed(search: Callable[[], Found]) -> tuple[float, Found]:
    """CPU seconds of one run, and what it found."""
    start = time.process_time()
    found = search()
    return time.process_time() - start, found


def planted(base: NDArray[np.uint8], rng: np.random.Generator) -> tuple[NDArray[Any], Any]:
    """Queries, and for the first half the hash that each came from."""
    half = QUERIES // 2
    source = rng.integers(0, len(base), half)
    queries = rng.integers(0, 256, (QUERIES, base.shape[1]), np.uint8)
    for number, place in enumerate(source):
        bits = np.unpackbits(base[place])
        changed = MAX_RADIUS if number % 2 else rng.integers(0, MAX_RADIUS + 1)
        bits[rng.choice(HASH_BITS, changed, replace=False)] ^= 1
        queries[number] = np.packbits(bits)
    return queries, source


def recall(found: Found, source: NDArray[Any], queries: int) -> float:
    """Share of the planted queries whose hash was found."""
    pairs = set(zip(found[0].tolist(), found[1].tolist(), strict=True))
    asked = min(queries, len(source))
    return sum((number, int(source[number])) in pairs for number in range(asked)) / asked


def faiss_search(index: Any, queries: NDArray[np.uint8]) -> Found:
    """FAISS's range search, as pairs; its radius is exclusive."""
    limits, _, places = index.range_search(queries, MAX_RADIUS + 1)
    return np.repeat(np.arange(len(queries)), np.diff(limits.astype(np.int64))), places


def numpy_search(base: NDArray[np.uint8], queries: NDArray[np.uint8]) -> Found:
    """Comparing with all."""
    wide = base.view(np.uint64)
    near = [
        np.bitwise_count(wide ^ query.view(np.uint64)).sum(axis=1) <= MAX_RADIUS
        for query in queries
    ]
    rows, places = np.nonzero(np.array(near))
    return rows, places


def simhash(text: str, folder: Folder) -> bytes:
    """Charikar's 256-bit SimHash of the same stretches of 5 characters."""
    folded = folder.fold(text)
    grams = {folded[start : start + 5] for start in range(len(folded) - 4)}
    digests = np.array([list(hashlib.sha256(gram.encode()).digest()) for gram in grams], np.uint8)
    ones = np.unpackbits(digests, axis=1).sum(axis=0)
    return np.packbits(2 * ones > len(digests)).tobytes()


def made_words() -> list[str]:
    """Words in several forms."""
    return [a + b for a in WORDS.split() for b in ("", "s", "er", "ing")]


def text_distances() -> dict[str, float]:
    """Share of texts of 40 words within 31 bits after some words were replaced, by method."""
    rng, folder = random.Random(0), Folder()  # noqa: S311 - draws made texts, nothing secret
    words = made_words()
    figures: dict[str, float] = {}
    for name, method in (("minhash", text_fingerprint), ("simhash", simhash)):
        for edits in EDITS:
            near = 0
            for _ in range(TEXTS):
                text = rng.choices(words, k=40)
                edited = list(text)
                for place in rng.sample(range(len(text)), edits):
                    edited[place] = rng.choice(words).upper() + "x"
                pair = [method(" ".join(one), folder) or b"" for one in (text, edited)]
                left, right = (np.frombuffer(one, np.uint8) for one in pair)
                near += int(np.bitwise_count(left ^ right).sum()) <= MAX_RADIUS
            figures[f"{name}_share_found_after_{edits}_words_of_40"] = round(near / TEXTS, 3)
    return figures


def text_costs() -> dict[str, float]:
    """CPU microseconds a text of 40 words, by what is made of it: the best of several rounds."""
    rng, folder = random.Random(0), Folder()  # noqa: S311 - draws made texts, nothing secret
    words = made_words()
    texts = [" ".join(rng.choices(words, k=40)) for _ in range(TEXTS)]
    groups = [texts[start : start + TEXTS_AT_ONCE] for start in range(0, TEXTS, TEXTS_AT_ONCE)]
    ways: dict[str, Callable[[], object]] = {
        "text_fingerprint": lambda: [text_fingerprint(text, folder) for text in texts],
        "text_keys_alone": lambda: [text_keys([text], folder) for text in texts],
        f"text_keys_of_{TEXTS_AT_ONCE}": lambda: [text_keys(group, folder) for group in groups],
    }
    return {
        f"{name}_cpu_us": round(min(_cpu_seconds(way) for _ in range(COST_ROUNDS)) / TEXTS * 1e6, 1)
        for name, way in ways.items()
    }


def _cpu_seconds(way: Callable[[], object]) -> float:
    start = time.process_time()
    way()
    return time.process_time() - start


def figures() -> dict[str, Any]:
    """Measure."""
    faiss.omp_set_num_threads(1)
    rng = np.random.default_rng(0)
    base = rng.integers(0, 256, (HASHES, HASH_BITS // 8), np.uint8)
    queries, source = planted(base, rng)
    start = time.process_time()
    index = HammingIndex.build(base)
    build = time.process_time() - start
    index.search(queries[:64], MAX_RADIUS)
    ours, found = timed(lambda: index.search(queries, MAX_RADIUS)[:2])
    parts = (index.hashes, index.values, index.places, index.bitmaps)
    measured: dict[str, Any] = {
        "pdq_hashes": HASHES,
        "pdq_lookups_per_second_a_core": round(QUERIES / ours),
        "pdq_recall_within_31": recall(found, source, QUERIES),
        "pdq_build_cpu_s": round(build, 2),
        "pdq_index_mib_with_hashes": round(sum(part.nbytes for part in parts) / 2**20),
    }
    flat = faiss.IndexBinaryFlat(HASH_BITS)
    flat.add(base)
    tables, bits, flips = MULTI_HASH
    multi = faiss.IndexBinaryMultiHash(HASH_BITS, tables, bits)
    multi.add(base)
    multi.nflip = flips
    peers: dict[str, tuple[int, Callable[[NDArray[Any]], Found]]] = {
        "faiss_multi_hash": (PEER_QUERIES, lambda asked: faiss_search(multi, asked)),
        "faiss_flat": (PEER_QUERIES, lambda asked: faiss_search(flat, asked)),
        "numpy": (NUMPY_QUERIES, lambda asked: numpy_search(base, asked)),
    }
    for name, (count, search) in peers.items():
        seconds, found = timed(partial(search, queries[:count]))
        measured[f"pdq_peer_{name}_lookups_per_second"] = round(count / seconds)
        measured[f"pdq_peer_{name}_recall"] = recall(found, source, count)
    return measured | text_distances() | text_costs()


def main() -> None:
    """Measure and print."""
    tell(figures())


if __name__ == "__main__":
    main()
