//! Where label values come from in Python, in small files that set labels the way real code does.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::sync::Arc;

use reduse::extract::{Extraction, inventory, python};
use reduse::model::Inventory;
use reduse::source::{FileKind, SourceFile};

fn inventory_of(files: &[(&str, &str)]) -> Inventory {
    let files: Vec<Arc<SourceFile>> = files.iter().map(|(path, text)| Arc::new(SourceFile::new(path, FileKind::Python, text))).collect();
    let mut extraction: Extraction = python::extract(&files.iter().collect::<Vec<_>>());
    inventory(&mut extraction)
}

/// `label kind count` for each label of each use site, in the order of the text; `?` where it is told by a name.
fn provenance(body: &str) -> Vec<String> {
    let uses = inventory_of(&[("app/uses.py", &format!("from prometheus_client import Counter\n{body}"))]).uses;
    let count = |n: Option<u64>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
    let labels = uses.iter().flat_map(|u| &u.labels);
    let certain = |certain: bool| if certain { "" } else { "?" };
    let line = |l: &reduse::model::LabelUse| {
        format!("{} {}{} {}", l.name, l.provenance.kind.as_str(), certain(l.provenance.certain), count(l.provenance.count))
    };
    labels.map(line).collect()
}

#[test]
fn values_that_are_written_down_are_bounded() {
    let body = r#"
from enum import Enum, StrEnum
class Kind(Enum):
    A = "a"
    B = "b"
class Reason(StrEnum):
    FULL = "full"
    GONE = "gone"
    CLOSED = "closed"
ALLOWED = ("x", "y")
NAMES = {"one": "first", "two": "second"}
C = Counter("a", "h", ["l"])
def f(kind: Kind, reason: Reason, ok: bool, response, key, asked):
    C.labels("x")
    C.labels(l=kind.value)
    C.labels(kind.name)
    C.labels(reason)
    C.labels(Kind.A.value)
    C.labels(str(ok))
    C.labels("x" if ok else "y")
    C.labels(response.status_code)
    C.labels(f"{response.status_code // 100}xx")
    C.labels(NAMES.get(key, "other"))
    C.labels(asked if asked in ALLOWED else "other")
    for each in ("a", "b", "c"):
        C.labels(each)
    if key % 8:
        C.labels(key % 8)
    match key:
        case 1:
            word = "one"
        case _:
            word = "many"
    C.labels(word)
"#;
    let expected = [
        "l literal 1",
        "l enum 2",
        "l enum 2",
        "l enum 3",
        "l literal 1",
        "l bool 2",
        "l match 2",
        "l status 62",
        "l status 62",
        "l match 3",
        "l match 3",
        "l literal 3",
        "l index 8",
        "l match 2",
    ];
    assert_eq!(provenance(body), expected);
}

#[test]
fn what_a_client_or_an_error_says_is_unbounded() {
    let body = r#"
import uuid, time
from fastapi import FastAPI, Request, Header
from pydantic import BaseModel
app = FastAPI()
C = Counter("a", "h", ["l"])
class Body(BaseModel):
    model: str
    stream: bool
@app.post("/v1/{name}")
async def f(name: str, body: Body, request: Request, agent: str = Header(None)):
    C.labels(request.url.path)
    C.labels(request.headers["x-user"])
    C.labels(request.query_params.get("q", ""))
    C.labels(request.client.host)
    C.labels(name)
    C.labels(body.model)
    C.labels(str(body.stream))
    C.labels(agent)
    C.labels(str(uuid.uuid4()))
    C.labels(f"at {time.time()}")
    C.labels(request.scope["route"].path)
    C.labels(request.method)
    try:
        pass
    except ValueError as e:
        C.labels(str(e))
        C.labels(f"failed: {e!r}")
        C.labels(type(e).__name__)
        C.labels(e.__class__.__name__)
"#;
    let expected = [
        "l path -",
        "l text -",
        "l text -",
        "l address -",
        "l text -",
        "l text? -",
        "l bool 2",
        "l text -",
        "l uuid -",
        "l time -",
        "l route -",
        "l method? -",
        "l error -",
        "l error -",
        "l closed -",
        "l closed -",
    ];
    assert_eq!(provenance(body), expected);
}

#[test]
fn callers_attributes_and_results_are_followed() {
    let body = r#"
import os
from dataclasses import dataclass
C = Counter("a", "h", ["l"])
class Job:
    def __init__(self, stage):
        self.stage = stage
        self.host = os.environ["HOST"]
    def done(self):
        C.labels(self.stage)
        C.labels(self.host)
Job("load").done()
Job("run").done()
@dataclass
class Made:
    word: str
    size: str = "small"
def use(made: Made):
    C.labels(made.word)
    C.labels(made.size)
use(Made("one"))
use(Made(word="two", size="big"))
def name_of(code):
    if code == 1:
        return "one"
    return "many"
def record(reason, *rest):
    C.labels(reason)
    C.labels(*rest)
record("full", "a")
record(name_of(3), "b")
def unknown(asked):
    C.labels(asked)
def of(**labels):
    C.labels(**labels)
of(l="x")
of(l="y")
"#;
    let expected = ["l literal 2", "l config -", "l literal 2", "l literal 2", "l match 3", "l literal 2", "l unknown? -", "l literal 2"];
    assert_eq!(provenance(body), expected);
}

#[test]
fn metrics_are_followed_through_fields_helpers_and_children() {
    let files = [
        (
            "app/metrics.py",
            "from prometheus_client import Counter\nREQUESTS = Counter('requests', 'h', ['kind'])\nclass Metrics:\n    def __init__(self):\n        self.errors = Counter('errors', 'h', ['why', 'kind'])\n    def fail(self, why):\n        self.errors.labels(why, kind='k').inc()\n",
        ),
        (
            "app/serve.py",
            "from app import metrics\nfrom app.metrics import REQUESTS, Metrics\nm = Metrics()\ndef f():\n    metrics.REQUESTS.labels('a').inc()\n    REQUESTS.labels(kind='b').inc()\n    m.fail('full')\n    m.fail('gone')\n",
        ),
    ];
    let inventory = inventory_of(&files);
    let bounds: Vec<String> = inventory
        .metrics()
        .iter()
        .flat_map(|m| m.labels.iter().map(move |l| format!("{} {} {:?}", m.name, l.name, l.bound.values)))
        .collect();
    assert_eq!(bounds, [r#"errors_total kind ["k"]"#, r#"errors_total why ["full", "gone"]"#, r#"requests_total kind ["a", "b"]"#]);
    assert_eq!(inventory.uses.len(), 3);
}

#[test]
fn what_may_be_another_metric_leaves_bounds_unknown() {
    let text = "from prometheus_client import Counter\nC = Counter('a', 'h', ['l'])\nC.labels('x').inc()\ndef f(metric, v):\n    metric.labels(v).inc()\n";
    let inventory = inventory_of(&[("a.py", text)]);
    assert_eq!(inventory.get("a_total").unwrap().labels[0].bound.kind, reduse::model::BoundKind::Unknown);
}

#[test]
fn attributes_of_opentelemetry_measurements_are_labels() {
    let text = r#"
from opentelemetry import metrics
meter = metrics.get_meter("m")
requests = meter.create_counter("requests", description="h")
def f(request):
    requests.add(1, {"http.method": "GET", "outcome": "ok"})
    requests.add(1, attributes={"outcome": "failed"})
"#;
    let inventory = inventory_of(&[("a.py", text)]);
    let labels: Vec<&str> = inventory.get("requests_total").unwrap().labels.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(labels, ["http_method", "outcome"]);
    assert_eq!(inventory.uses.len(), 2);
}

#[test]
fn a_splat_that_is_not_known_leaves_the_last_labels_known() {
    let body = r#"
C = Counter("a", "h", ["x", "y", "z"])
def f(rest):
    C.labels(*rest, "last")
ROWS = {n: ["one", str(n)] for n in settings.rows}
for row in ROWS.values():
    C.labels(*row, "end")
"#;
    assert_eq!(provenance(body), ["x unknown? -", "y unknown? -", "z literal 1", "x literal 1", "y unknown? -", "z literal 1"]);
}

#[test]
fn what_a_field_holds_by_default_is_no_answer_where_nobody_makes_one() {
    let body = r#"
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal
import attr
from pydantic import BaseModel
C = Counter("a", "h", ["l"])
Stage = Literal["load", "run"]
class Key(BaseModel):
    user: str | None = None
def ask(key: Key):
    C.labels(key.user or "")
@dataclass
class Made:
    word: str = "small"
def use(made: Made):
    C.labels(made.word)
use(Made())
class Around:
    def __init__(self):
        self.size = ""
@contextmanager
def around():
    it = Around()
    yield it
    C.labels(it.size)
def serve(names):
    with around() as held:
        held.size = str(len(names))
@attr.s
class Cache:
    _name: str = attr.ib()
    def hit(self):
        C.labels(self._name)
Cache(name="pages").hit()
def staged(stage: Stage):
    C.labels(stage)
class AppConfig:
    port: int = 80
    def told(self):
        C.labels(self.region)
def each(app):
    for worker_index in app.workers():
        C.labels(worker_index)
"#;
    let expected = ["l unknown? -", "l literal 1", "l unknown? -", "l literal 1", "l literal 2", "l config? -", "l index? -"];
    assert_eq!(provenance(body), expected);
}

#[test]
fn the_end_of_a_list_is_known_where_its_begin_is_not() {
    let body = r#"
C = Counter("a", "h", ["x", "y"])
def f(held, step):
    labels = held.values + ["end"]
    C.labels(*labels)
    C.labels(*(held.values + list(("last",))))
    C.labels(*[*held.values, "tail"])
"#;
    assert_eq!(provenance(body), ["x unknown? -", "y literal 1"].repeat(3));
}

#[test]
fn functions_that_call_each_other_come_to_an_end() {
    let body = r#"
C = Counter("a", "h", ["l"])
def f(*args, **kw):
    C.labels(*args)
    C.labels(**kw)
    g(*args, **kw)
def g(*args, **kw):
    f(*args, **kw)
def h(v):
    C.labels(v)
    k(v)
def k(v):
    h(v)
class A:
    def __init__(self):
        self.x = self.y
        self.y = self.x
    def use(self):
        C.labels(self.x)
        C.labels(x := x)
"#;
    assert!(provenance(body).iter().all(|l| l.starts_with("l unknown")), "{:?}", provenance(body));
}

#[test]
fn the_object_of_a_method_is_none_of_its_arguments() {
    let body = r#"
C = Counter("a", "h", ["queue"])
class Queue:
    def __init__(self, name):
        self.name = name
    def put(self, path):
        C.labels(self.name).inc()
def handle(request, queue):
    queue.put(request.path)
"#;
    assert_eq!(provenance(body), ["queue unknown? -"]);
}

#[test]
fn checks_before_a_use_close_the_values() {
    let body = r#"
C = Counter("a", "h", ["l"])
KNOWN = {"a", "b", "c"}
def one(request):
    path = request.path
    if path not in KNOWN:
        path = "other"
    C.labels(path)
def two(request):
    if request.path in ("/x", "/y"):
        C.labels(request.path)
    else:
        C.labels(request.path)
def three(request):
    if request.path not in KNOWN:
        return
    C.labels(request.path)
def four(request):
    if request.path == "/metrics":
        return
    C.labels(request.path)
"#;
    assert_eq!(provenance(body), ["l literal 4", "l literal 2", "l path -", "l literal 3", "l path -"]);
}

#[test]
fn what_a_method_is_called_on_is_none_of_its_arguments() {
    let body = r#"
from fastapi import FastAPI
app = FastAPI()
C = Counter("a", "h", ["l"])
class Queue:
    def put(self, path):
        C.labels(self)
queue = Queue()
@app.get("/x")
def f(path: str):
    queue.put(path)
"#;
    assert_eq!(provenance(body), ["l unknown? -"]);
}

#[test]
fn the_path_of_a_request_is_that_of_a_route_without_parts() {
    let body = r#"
from fastapi import FastAPI, Request
app = FastAPI()
C = Counter("a", "h", ["l"])
@app.post("/apply")
async def apply(request: Request):
    C.labels(request.url.path)
@app.get("/items/{name}")
async def items(request: Request):
    C.labels(request.url.path)
@app.middleware("http")
async def each(request: Request, call_next):
    C.labels(request.url.path)
"#;
    assert_eq!(provenance(body), ["l literal 1", "l path -", "l path -"]);
}
