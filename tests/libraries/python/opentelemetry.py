from opentelemetry import metrics

meter = metrics.get_meter("app")
REQUESTS = meter.create_counter("app.requests", unit="1", description="Requests")
LATENCY = meter.create_histogram("app.latency", unit="s", description="Latency", explicit_bucket_boundaries_advisory=[0.1, 1, 10])
DEPTH = meter.create_up_down_counter("app.queue.depth", description="Depth")
SHARE = meter.create_gauge("app.queue.share", unit="1", description="Share")
TOKENS = meter.create_histogram("app.tokens", unit="{token}", description="Tokens")
SPEED = meter.create_gauge("app.speed", unit="By/s", description="Speed")
