from collections import Counter

import prometheus_client

words = Counter("not a metric")
