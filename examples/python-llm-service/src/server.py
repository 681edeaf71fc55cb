"""A text generation service: `POST /v1/completions`, `GET /healthz`, `GET /metrics`.

    pip install .
    uvicorn src.server:app --port 8080
    curl -d '{"prompt": "say something"}' -H 'content-type: application/json' localhost:8080/v1/completions
"""

import time

from fastapi import FastAPI, HTTPException, Request
from prometheus_client import make_asgi_app
from pydantic import BaseModel

from src.batcher import Batcher, GenerationFailed
from src.observability import metrics
from src.observability.metrics import FailureReason

ANSWER_TOKENS = 48
USD_PER_PROMPT_TOKEN = 0.000003
USD_PER_COMPLETION_TOKEN = 0.000015
METHODS = ("GET", "POST")

app = FastAPI()
app.mount("/metrics", make_asgi_app())
batcher = Batcher()
metrics.init()


class Completion(BaseModel):
    """What a client asks for."""

    prompt: str


@app.middleware("http")
async def measure(request: Request, call_next):
    """Counts and times every request."""
    started = time.perf_counter()
    status = 500
    try:
        response = await call_next(request)
        status = response.status_code
        return response
    finally:
        # The matched route, never the path: a scanner that tries a thousand paths makes one series.
        route = request.scope.get("route")
        endpoint = route.path if route else "unmatched"
        method = request.method if request.method in METHODS else "other"
        metrics.HTTP_REQUESTS.labels(endpoint=endpoint, method=method, status=str(status)).inc()
        metrics.REQUEST_DURATION.labels(endpoint).observe(time.perf_counter() - started)


@app.get("/healthz")
async def healthz():
    """Whether the service runs."""
    return {"status": "ok"}


@app.post("/v1/completions")
async def complete(completion: Completion):
    """Generates an answer."""
    if not completion.prompt.strip():
        raise HTTPException(400, "an empty prompt")
    started = time.perf_counter()
    words = []
    try:
        async for word in batcher.generate(completion.prompt, ANSWER_TOKENS):
            if not words:
                metrics.TIME_TO_FIRST_TOKEN.observe(time.perf_counter() - started)
            words.append(word)
    except GenerationFailed as failure:
        metrics.GENERATION_ERRORS.labels(failure.reason.value).inc()
        status = 503 if failure.reason is FailureReason.OVERLOADED else 500
        raise HTTPException(status, "the generation failed") from failure
    prompt_tokens = len(completion.prompt.split())
    metrics.TOKENS.labels(kind="prompt").inc(prompt_tokens)
    metrics.TOKENS.labels(kind="completion").inc(len(words))
    metrics.GENERATION_LENGTH.observe(len(words))
    cost = prompt_tokens * USD_PER_PROMPT_TOKEN + len(words) * USD_PER_COMPLETION_TOKEN
    metrics.COST_PER_REQUEST.observe(cost)
    metrics.COST_PER_1K_COMPLETION_TOKENS.observe(cost * 1000 / len(words))
    return {"text": " ".join(words)}
