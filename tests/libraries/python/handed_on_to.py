from app.handed_on import Collector

ROLE = "scheduler"


def start():
    return Collector.build(None)
