PREFIX = "app"
LABELS = ["model"]
