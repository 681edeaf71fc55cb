"""A small LLM service whose monitoring is wrong in every classic way. Read, not run."""

import time

from fastapi import FastAPI, Request

import metrics

app = FastAPI()


@app.middleware("http")
async def measure(request: Request, call_next):
    started = time.perf_counter()
    with metrics.IN_FLIGHT.track_inprogress():
        response = await call_next(request)
    session_id = request.headers.get("x-session-id", "")
    # Mistakes: what a client sends makes a series.
    metrics.REQUESTS.labels(request.url.path, request.method, response.status_code, session_id).inc()
    metrics.DURATION.observe(time.perf_counter() - started)
    return response
