"""A batch of fixed size with a queue before it. The words come from the prompt: it is the waiting that is real."""

import asyncio
import time
from collections.abc import AsyncIterator

from src.observability import metrics
from src.observability.metrics import FailureReason

SLOTS = 4
QUEUE = 16
CACHE_SLOTS = 64
STEP_SECONDS = 0.01


class GenerationFailed(Exception):
    """A generation that gave no answer."""

    def __init__(self, reason: FailureReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Batcher:
    """Lets `SLOTS` generations run at once and `QUEUE` wait."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(SLOTS)
        self._waiting = 0
        # Length of the cached prompts, the least recently used first.
        self._cached: dict[str, int] = {}

    async def generate(self, prompt: str, tokens: int) -> AsyncIterator[str]:
        """The words of an answer, as they come."""
        if self._waiting >= QUEUE:
            metrics.BATCHER_ADMISSION_ERRORS.inc()
            raise GenerationFailed(FailureReason.OVERLOADED)
        self._waiting += 1
        metrics.BATCHER_QUEUE_DEPTH.set(self._waiting)
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
            metrics.BATCHER_QUEUE_DEPTH.set(self._waiting)
        metrics.BATCHER_ACTIVE_SLOTS.inc()
        try:
            words = prompt.split()
            self._cache(prompt, len(words))
            last = None
            for step in range(tokens):
                await asyncio.sleep(STEP_SECONDS)
                now = time.perf_counter()
                if last is not None:
                    metrics.INTER_TOKEN_LATENCY.observe(now - last)
                last = now
                yield words[step % len(words)]
        finally:
            metrics.BATCHER_ACTIVE_SLOTS.dec()
            self._slots.release()

    def _cache(self, prompt: str, length: int) -> None:
        self._cached[prompt] = self._cached.pop(prompt, length)
        while sum(self._cached.values()) > CACHE_SLOTS and len(self._cached) > 1:
            del self._cached[next(iter(self._cached))]
            metrics.KV_CACHE_EVICTIONS.inc()
        metrics.KV_CACHE_SLOTS_USED.set(min(sum(self._cached.values()), CACHE_SLOTS))
