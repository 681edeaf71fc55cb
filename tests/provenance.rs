//! Where label values come from, in small files that set labels the way real code does.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "provenance/calls.rs"]
mod calls;
#[path = "provenance/checks.rs"]
mod checks;
#[path = "provenance/derived.rs"]
mod derived;
#[path = "provenance/families.rs"]
mod families;
#[path = "provenance/lists.rs"]
mod lists;
#[path = "provenance/patterns.rs"]
mod patterns;
#[path = "provenance/services.rs"]
mod services;

use std::sync::Arc;

use reduse::extract::{Settings, inventory, rust};
use reduse::model::LabelUse;
use reduse::source::{FileKind, SourceFile};

/// `label kind count` for each label of each use site, in the order of the text.
fn provenance(body: &str) -> Vec<String> {
    provenance_of(&format!("use metrics::counter;\n{body}"))
}

fn provenance_of(text: &str) -> Vec<String> {
    let count = |n: Option<u64>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
    labels_of(text).iter().map(|l| format!("{} {} {}", l.name, l.provenance.kind.as_str(), count(l.provenance.count))).collect()
}

/// Every label of each use site, in the order of the text.
fn labels_of(text: &str) -> Vec<LabelUse> {
    let file = Arc::new(SourceFile::new("src/lib.rs", FileKind::Rust, text));
    let mut extraction = rust::extract(&[&file], &Settings::default());
    assert_eq!(extraction.problems, []);
    let uses = inventory(&mut extraction).uses;
    uses.into_iter().flat_map(|u| u.labels).collect()
}

/// The values of each label of some files.
fn values_of(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<Arc<SourceFile>> = files.iter().map(|(path, text)| Arc::new(SourceFile::new(path, FileKind::Rust, text))).collect();
    let mut extraction = rust::extract(&files.iter().collect::<Vec<_>>(), &Settings::default());
    let labels = inventory(&mut extraction).uses.into_iter().flat_map(|u| u.labels);
    labels.map(|l| format!("{} {}", l.name, l.provenance.values.join(","))).collect()
}

#[test]
fn values_that_are_written_down_are_bounded() {
    let body = r#"
enum Kind { A, B(String) }
impl Kind { fn as_str(&self) -> &'static str { match self { Kind::A => "a", Kind::B(_) => "b" } } }
#[derive(Debug, strum::AsRefStr)]
enum Reason { Full, Closed(String), Gone }
const NAME: &str = "name";
fn f(kind: &Kind, reason: &Reason, ok: bool, code: StatusCode, n: u64) {
    counter!("a", "l" => "x", "c" => NAME, "k" => kind.as_str(), "r" => reason.as_ref(), "b" => ok.to_string());
    counter!("b", "m" => if ok { "x" } else { "y" }, "s" => code.as_u16().to_string(), "i" => (n % 8).to_string());
    counter!("c", "f" => format!("{}_{}", kind.as_str(), if ok { "x" } else { "y" }));
}
"#;
    let expected = ["l literal 1", "c literal 1", "k enum 2", "r enum 3", "b bool 2", "m match 2", "s status 60", "i index 8", "f enum 4"];
    assert_eq!(provenance(body), expected);
}

#[test]
fn what_a_client_or_an_error_says_is_unbounded() {
    let body = r#"
#[derive(Debug, thiserror::Error)]
enum LoadError { #[error("cannot read {0}")] Read(String) }
fn f(request: &axum::http::Request<()>, error: &LoadError, peer: SocketAddr) {
    counter!("a", "p" => request.uri().path().to_owned(), "e" => error.to_string(), "a" => peer.to_string());
    counter!("b", "u" => Uuid::new_v4().to_string(), "t" => format!("at {}", request.uri()));
}
"#;
    assert_eq!(provenance(body), ["p path -", "e error -", "a address -", "u uuid -", "t path -"]);
}

#[test]
fn callers_fields_and_results_are_followed() {
    let body = r#"
struct Job { stage: &'static str }
impl Job { fn new(stage: &'static str) -> Self { Job { stage } }
    fn done(&self) { counter!("a", "stage" => self.stage); } }
fn start() { Job::new("load").done(); Job::new("run").done(); }
fn record(reason: &str) { counter!("b", "reason" => reason.to_owned()); }
fn one() { record("full"); }
fn two(code: u16) { record(name_of(code)); }
fn name_of(code: u16) -> &'static str { match code { 1 => "one", 2 => "two", _ => "many" } }
fn unknown(asked: String) { counter!("c", "asked" => asked); }
"#;
    assert_eq!(provenance(body), ["stage literal 2", "reason match 4", "asked unknown -"]);
}

#[test]
fn what_may_change_unseen_is_unknown() {
    let body = r#"
#[derive(Deserialize)]
struct Stored { db: String }
impl Default for Stored { fn default() -> Self { Stored { db: "public".into() } } }
struct Shared { mode: Mutex<String> }
fn new() -> Shared { Shared { mode: Mutex::new("a".into()) } }
fn f(query: &Stored, shared: &Shared, list: &[&str]) {
    let mut text = String::from("a");
    for item in list { text.push_str(item); }
    counter!("a", "db" => query.db.clone(), "mode" => shared.mode.lock().clone(), "text" => text);
}
"#;
    assert_eq!(provenance(body), ["db unknown -", "mode unknown -", "text unknown -"]);
}

#[test]
fn a_closed_set_bounds_what_a_client_says() {
    let body = r#"
const KNOWN: [&str; 2] = ["a", "b"];
fn f(request: &axum::http::Request<()>) {
    let path = request.uri().path();
    let checked = if KNOWN.contains(&path) { path } else { "other" };
    let named = match path { "/a" | "/b" => path, _ => "other" };
    counter!("a", "checked" => checked, "named" => named);
}
"#;
    assert_eq!(provenance(body), ["checked closed -", "named match 3"]);
}

#[test]
fn uses_through_functions_that_are_given_the_metric_are_uses() {
    let body = r#"
static SENT: LazyLock<IntCounterVec> = LazyLock::new(|| register_int_counter_vec!("sent_total", "h", &["to", "why"]).unwrap());
fn count(metric: &Result<IntCounterVec>, values: &[&str]) {
    if let Ok(metric) = metric { if let Ok(counter) = metric.get_metric_with_label_values(values) { counter.inc(); } }
}
fn count_two(metric: &IntCounterVec, values: &[&str]) { count(metric, values); }
fn f(ok: bool) { count_two(&SENT, &["all", if ok { "a" } else { "b" }]); }
"#;
    assert_eq!(provenance(&format!("use prometheus::*;\n{body}")), ["to literal 1", "why match 2"]);
}

#[test]
fn what_patterns_take_out_has_the_type_of_what_was_put_in() {
    let body = r#"
#[derive(strum::IntoStaticStr)]
enum Failure { Full, Gone(String) }
type Outcome<T> = std::result::Result<T, Failure>;
enum Step { One, Two }
impl Step { fn label(&self) -> &'static str { match self { Step::One => "1", Step::Two => "2" } } }
enum Job { Load { step: Step, cf: String }, Stop }
fn send() -> Outcome<u64> { Err(Failure::Full) }
fn pair(ok: bool) -> (&'static str, u64) { if ok { ("a", 1) } else { ("b", 2) } }
fn make() -> Job { Job::Load { step: Step::One, cf: String::from("lock") } }
fn f(job: Job, steps: Vec<Step>, ok: bool) {
    if let Err(error) = send() { counter!("a", "error" => error.as_ref().to_owned()); }
    if let Job::Load { step, cf } = job { counter!("b", "step" => step.label(), "cf" => cf); }
    for step in &steps { counter!("c", "step" => step.label()); }
    let (name, _) = pair(ok);
    counter!("d", "name" => name);
    let attempt: Option<&str> = None;
    counter!("e", "attempt" => match steps.len() { n @ 0..=3 => n.to_string(), _ => "more".to_owned() }, "none" => attempt.unwrap_or("first"));
}
"#;
    let expected = ["error enum 2", "step enum 2", "cf literal 1", "step enum 2", "name match 2", "attempt unknown -", "none literal 1"];
    assert_eq!(provenance(body), expected);
}

#[test]
fn what_a_handler_extracts_is_chosen_by_the_client() {
    let body = r#"
#[derive(Deserialize)]
struct WriteQuery { db: String }
async fn write(Query(query): Query<WriteQuery>) { count(&query); }
fn count(query: &WriteQuery) { counter!("a", "db" => query.db.clone()); }
fn route(request: &http::Request<()>) {
    let route = request.extensions().get::<MatchedPath>().map(|m| m.as_str().to_owned()).unwrap_or("none".to_owned());
    counter!("b", "route" => route);
}
"#;
    assert_eq!(provenance(body), ["db text -", "route route -"]);
}

#[test]
fn what_a_check_may_let_pass_is_no_certain_origin() {
    let body = r#"
fn f(request: &axum::http::Request<()>, known: bool) {
    let path = request.uri().path();
    counter!("a", "path" => if known { path } else { "other" });
    counter!("b", "path" => if path.is_empty() { "none" } else { path });
}
"#;
    let file = format!("use metrics::counter;\n{body}");
    let file = Arc::new(SourceFile::new("src/lib.rs", FileKind::Rust, file.as_str()));
    let mut extraction = rust::extract(&[&file], &Settings::default());
    let uses = inventory(&mut extraction).uses;
    let certain: Vec<bool> = uses.iter().flat_map(|u| &u.labels).map(|l| l.provenance.certain).collect();
    assert_eq!(certain, [false, true]);
}

#[test]
fn what_a_request_holds_that_is_made_here_is_nobody_elses() {
    let body = r#"
fn poll(url: &str, client: &Client) {
    let request = Request::get(url).body(Body::empty()).unwrap();
    let uri = request.uri().clone();
    counter!("polled", "endpoint" => uri.to_string());
}
fn serve(request: Request<Body>) {
    counter!("served", "endpoint" => request.uri().to_string());
}
"#;
    let text = format!("use metrics::counter;\n{body}");
    let file = Arc::new(SourceFile::new("src/lib.rs", FileKind::Rust, &text));
    let mut extraction = rust::extract(&[&file], &Settings::default());
    let uses = inventory(&mut extraction).uses;
    let foreign: Vec<bool> = uses.iter().flat_map(|u| &u.labels).map(|l| l.provenance.foreign).collect();
    assert_eq!(foreign, [false, true]);
}

#[test]
fn macros_that_only_set_labels_are_uses() {
    let text = r#"
use prometheus::{IntCounterVec, Opts};
#[derive(strum::AsRefStr)]
enum Stage { First, Second }
struct Metrics { steps: IntCounterVec }
impl Metrics {
    fn new(registry: &Registry) -> Self {
        Self { steps: {
            let metric = IntCounterVec::new(Opts::new("steps_total", "Steps"), &["stage", "end"]).unwrap();
            registry.register(Box::new(metric.clone())).unwrap();
            metric
        } }
    }
}
macro_rules! with_label {
    ($metric:expr, $($label:expr),+ $(,)?) => { $metric.with_label_values(&[$(AsRef::<str>::as_ref(&$label)),+]) };
}
fn f(m: &Metrics, stage: Stage, ok: bool) {
    with_label!(m.steps, stage, if ok { "good" } else { "bad" }).inc();
}
"#;
    assert_eq!(provenance_of(text), ["stage enum 2", "end match 2"]);
}

#[test]
fn structs_that_are_labels_are_uses() {
    let text = r#"
use measured::{CounterVec, FixedCardinalityLabel, HistogramVec, LabelGroup, MetricGroup, label::StaticLabelSet};
#[derive(MetricGroup)]
#[metric(new())]
struct Shop {
    orders_total: CounterVec<OrderSet>,
    order_seconds: HistogramVec<OrderSet, 3>,
    visits_total: CounterVec<StaticLabelSet<Door>>,
    unused_total: CounterVec<OrderSet>,
}
#[derive(LabelGroup)]
#[label(set = OrderSet)]
struct Order<'a> { way: Way, #[label(rename = "shop")] shop_name: &'a str }
#[derive(FixedCardinalityLabel)]
enum Way { Web, Phone }
#[derive(FixedCardinalityLabel)]
#[label(singleton = "door")]
enum Door { Front, Back, Side }
fn f(shop: &Shop, way: u8, closed: bool) {
    shop.orders_total.inc(Order { way: way.into(), shop_name: "one" });
    let labels = Order { way: Way::Web, shop_name: if closed { "a" } else { "b" } };
    let seconds = &shop.order_seconds;
    let _timer = seconds.start_timer(labels.clone());
    shop.visits_total.inc(Door::Front);
}
"#;
    let expected = ["way enum 2", "shop literal 1", "way enum 2", "shop match 2", "door enum 3"];
    assert_eq!(provenance_of(text), expected);
}

#[test]
fn what_closures_are_called_with_and_parts_of_parameters_are_followed() {
    let body = r#"
struct Job { stage: Stage, tries: u64 }
#[derive(Debug)]
enum Stage { Load, Run }
struct Watch;
impl Watch {
    fn both<F: Fn(&str)>(&self, own: &str, report: F) { report("all"); report(own); }
    fn f(&self, ok: bool) {
        self.both(if ok { "good" } else { "bad" }, |label| { counter!("a", "seen" => label.to_owned()).increment(1); });
    }
}
fn g(Job { stage, .. }: Job) { counter!("b", "stage" => format!("{stage:?}")); }
fn h((name, _): (&str, u64)) { counter!("c", "name" => name.to_owned()); }
fn start() { h(("one", 1)); h(("two", 2)); }
fn pairs(list: &[(&'static str, u64)]) { for name in ["x", "y"].iter().map(|n| (n, 1)) { let _ = name; } }
async fn handler(Path(id): Path<String>) { counter!("d", "id" => id); }
"#;
    assert_eq!(provenance(body), ["seen match 3", "stage enum 2", "name literal 2", "id text -"]);
}

#[test]
fn type_parameters_names_for_types_and_maps_have_types() {
    let body = r#"
trait Worker { fn label(&self) -> &'static str; fn group() -> &'static str; }
struct A; struct B;
impl Worker for A { fn label(&self) -> &'static str { "a" } fn group() -> &'static str { "g" } }
impl Worker for B { fn label(&self) -> &'static str { "b" } fn group() -> &'static str { "h" } }
fn f<W: Worker + Send>(worker: &W) { counter!("a", "worker" => worker.label(), "group" => W::group()); }
struct Context { zone: Zone }
#[derive(Clone, Copy)]
enum Zone { North, South, West }
impl Zone { fn text(&self) -> &'static str { match self { Zone::North => "n", Zone::South => "s", Zone::West => "w" } } }
type ContextRef = Arc<Context>;
type Contexts = HashMap<String, ContextRef>;
impl Context { fn zone_text(&self) -> &'static str { self.zone.text() } }
fn g(context: ContextRef, all: Arc<Mutex<Contexts>>) {
    counter!("b", "zone" => context.zone_text());
    for (_, one) in all.lock().iter() { counter!("c", "zone" => one.zone_text()); }
}
"#;
    let expected = ["worker match 2", "group match 2", "zone match 3", "zone match 3"];
    assert_eq!(provenance(body), expected);
}

#[test]
fn lists_that_are_filled_have_what_they_are_filled_with() {
    let body = r#"
fn f(ok: bool) {
    let mut names = Vec::new();
    names.push("first");
    if ok { names.push("second"); }
    for name in &names { counter!("a", "name" => name.to_string()); }
    let mut text = String::new();
    text.push_str("x");
    counter!("b", "text" => text);
}
fn g(request: &http::Request<()>) {
    let first = request.uri().path().split('/').nth(1).unwrap_or("").to_owned();
    counter!("c", "first" => first, "kind" => "a/b".split('/').next().unwrap_or("c"));
}
struct Attempt(u64);
fn h(ok: bool) { let name = Label(if ok { "l" } else { "m" }); counter!("d", "name" => name.0); }
struct Label(&'static str);
"#;
    assert_eq!(provenance(body), ["name match 2", "text unknown -", "first path -", "kind closed 2", "name match 2"]);
}

#[test]
fn texts_that_live_for_ever_are_the_programs() {
    let body = r#"
fn record(stage: &'static str, asked: &str) { counter!("a", "stage" => stage, "asked" => asked.to_owned()); }
struct Route { template: &'static str, path: String }
fn served(route: &Route) { counter!("b", "template" => route.template, "path" => route.path.clone()); }
"#;
    assert_eq!(provenance(body), ["stage literal -", "asked unknown -", "template literal -", "path unknown -"]);
}

#[test]
fn a_constructor_that_nobody_calls_adds_nothing() {
    let body = r#"
struct Job { stage: String }
impl Job {
    fn new(stage: &str) -> Self { Job { stage: stage.to_owned() } }
    pub fn with_stage(stage: String) -> Self { Job { stage } }
    fn done(&self) { counter!("a", "stage" => self.stage.clone()); }
}
fn start() { Job::new("load").done(); Job::new("run").done(); }
"#;
    assert_eq!(provenance(body), ["stage literal 2"]);
}

#[test]
fn conversions_into_types_elsewhere_hand_on_their_argument() {
    let body = r#"
struct Endpoint { url: String }
impl From<Endpoint> for String { fn from(endpoint: Endpoint) -> String { endpoint.url } }
fn f(request: &axum::http::Request<()>) {
    counter!("a", "kind" => String::from("fixed"), "path" => String::from(request.uri().path()));
}
"#;
    assert_eq!(provenance(body), ["kind literal 1", "path path -"]);
}

#[test]
fn what_keeps_every_text_once_hands_it_on() {
    let body = r#"
static TEXTS: LazyLock<DashMap<String, Arc<str>>> = LazyLock::new(DashMap::new);
fn once(s: &str) -> Arc<str> {
    if let Some(entry) = TEXTS.get(s) { return Arc::clone(entry.value()); }
    TEXTS.entry(s.to_string()).or_insert_with(|| Arc::from(s)).clone()
}
fn f(ok: bool, request: &axum::http::Request<()>) {
    counter!("a", "ok" => once(if ok { "yes" } else { "no" }), "path" => once(request.uri().path()));
}
"#;
    assert_eq!(provenance(body), ["ok match 2", "path path -"]);
}

#[test]
fn parts_pairs_and_checked_values_are_followed() {
    let body = r#"
#[derive(Clone, Copy)]
enum Phase { One, Two }
impl Phase { fn tag(self) -> &'static str { match self { Phase::One => "one", Phase::Two => "two" } } }
struct Seen { known: HashMap<PeerId, String> }
impl Seen {
    fn f(&self, request: &axum::http::Request<()>, peer_id: PeerId) {
        let last = request.uri().path().rsplit_once('/').map(|(_, last)| last).unwrap_or("none");
        let peer = if self.known.contains_key(&peer_id) { format!("{peer_id}") } else { "other".to_string() };
        counter!("a", "last" => last.to_owned(), "peer" => peer);
        for phase in &[Phase::One, Phase::Two] { counter!("b", "phase" => phase.tag()); }
        for (zone, n) in ["a", "b"].iter().zip(0..2) { counter!("c", "side" => zone.to_string()); }
    }
}
"#;
    assert_eq!(provenance(body), ["last path -", "peer closed -", "phase enum 2", "side literal 2"]);
}

#[test]
fn a_value_may_show_less_than_it_holds() {
    let body = r#"
struct TenantId(Uuid);
struct Slug<'a>(&'a Tenant);
struct Tenant { id: TenantId, number: u8 }
impl Tenant { fn slug(&self) -> impl Display + '_ { Slug(self) } }
impl Display for Slug<'_> { fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result { write!(f, "{:02}", self.0.number) } }
enum Flag { True, False }
fn f(tenant: &Tenant, flag: Flag) { counter!("a", "slug" => tenant.slug().to_string(), "flag" => format!("{flag:?}")); }
"#;
    assert_eq!(provenance(body), ["slug index 256", "flag bool 2"]);
}

#[test]
fn requests_that_the_program_makes_are_not_a_clients() {
    let body = r#"
impl Client {
    fn build_request(&self, table: &str) -> Request { Request::post(&self.base, table) }
    fn send(&self, table: &str) {
        let request = self.build_request(table);
        counter!("a", "endpoint" => request.uri().to_string());
    }
}
"#;
    let file = Arc::new(SourceFile::new("src/lib.rs", FileKind::Rust, &format!("use metrics::counter;\n{body}")));
    let uses = inventory(&mut rust::extract(&[&file], &Settings::default())).uses;
    let of = &uses[0].labels[0].provenance;
    assert_eq!((of.kind.as_str(), of.foreign, of.certain), ("path", false, false));
}

#[test]
fn uses_in_other_packages_are_of_the_one_metric_that_they_can_mean() {
    let metrics = "use prometheus::*;\npub static SENT: LazyLock<IntCounterVec> = LazyLock::new(|| register_int_counter_vec!(\"sent_total\", \"h\", &[\"to\", \"why\"]).unwrap());";
    let user = "use metrics_of::SENT;\nfn f(ok: bool) { SENT.with_label_values(&[\"all\", if ok { \"a\" } else { \"b\" }]).inc(); }\nfn g() { other::SENT.with_label_values(&[\"all\"]).inc(); }";
    let mut files =
        vec![SourceFile::new("of/src/lib.rs", FileKind::Rust, metrics), SourceFile::new("app/src/lib.rs", FileKind::Rust, user)];
    for (file, package) in files.iter_mut().zip(["metrics_of", "app"]) {
        file.package = package.into();
    }
    let files: Vec<Arc<SourceFile>> = files.into_iter().map(Arc::new).collect();
    let uses = inventory(&mut rust::extract(&files.iter().collect::<Vec<_>>(), &Settings::default())).uses;
    let all: Vec<(&str, &str)> = uses.iter().flat_map(|u| &u.labels).map(|l| (&*l.name, l.provenance.kind.as_str())).collect();
    assert_eq!(all, [("to", "literal"), ("why", "match")]);
}

#[test]
fn a_constructor_may_be_called_by_another_name_of_its_type() {
    let body = r#"
pub struct Cache<K>(K);
type Blocks = Cache<u8>;
type Receipts = Cache<u16>;
impl<K: Default> Cache<K> {
    fn new(limit: u32, id: &str) -> Self {
        counter!("made", "cache" => id.to_string());
        Cache(K::default())
    }
}
fn all() -> (Blocks, Receipts) { (Blocks::new(1, "blocks"), Receipts::new(2, "receipts")) }
"#;
    assert_eq!(provenance(body), ["cache literal 2"]);
}

#[test]
fn a_type_is_the_one_that_modules_hand_on_under_another_name() {
    let models = "pub mod engine {\n    #[derive(strum_macros::Display)]\n    pub enum EngineKind { Std, Uring }\n}";
    let inner = "pub use models::engine as api;\npub mod io;";
    let code = "use super::api::EngineKind;\nuse metrics::counter;\nfn set(kind: EngineKind) { counter!(\"set\", \"kind\" => format!(\"{kind}\")); }";
    let file = |path: &str, package: &str, text: &str| {
        let mut file = SourceFile::new(path, FileKind::Rust, text);
        file.package = package.into();
        Arc::new(file)
    };
    let files = [
        file("models/src/lib.rs", "models", models),
        file("app/src/lib.rs", "app", "mod files;"),
        file("app/src/files/mod.rs", "app", inner),
        file("app/src/files/io.rs", "app", code),
    ];
    let uses = inventory(&mut rust::extract(&files.iter().collect::<Vec<_>>(), &Settings::default())).uses;
    let of = &uses[0].labels[0].provenance;
    assert_eq!((of.kind.as_str(), of.count), ("enum", Some(2)));
}

#[test]
fn fields_are_those_of_their_own_type() {
    let body = r#"
struct Worker { name: String, tags: Vec<String>, note: String }
struct Table { name: String }
impl Worker { fn new() -> Self { Worker { name: "a".into(), tags: Vec::new(), note: String::new() } }
    fn add(&mut self, ok: bool) { self.tags.push(if ok { "x".to_owned() } else { "y".to_owned() }); self.note.push_str("more"); } }
fn rename(table: &mut Table, asked: String) { table.name = asked; }
fn f(worker: &Worker) {
    for tag in &worker.tags { counter!("a", "tag" => tag.clone()); }
    counter!("b", "name" => worker.name.clone(), "note" => worker.note.clone());
}
"#;
    assert_eq!(provenance(body), ["tag match 2", "name literal 1", "note unknown -"]);
}

#[test]
fn newtypes_tell_by_their_name_where_nothing_else_does() {
    let body = r#"
#[derive(Deserialize)]
struct NodeId(u64);
#[derive(Deserialize)]
struct AvailabilityZone(String);
#[derive(Deserialize)]
struct Word(String);
fn f(node: NodeId, zone: AvailabilityZone, word: Word) {
    counter!("a", "node" => node.0.to_string(), "zone" => zone.0.clone(), "word" => word.0.clone());
}
"#;
    assert_eq!(provenance(body), ["node id -", "zone config -", "word unknown -"]);
}

#[test]
fn an_identifier_that_a_client_names_is_an_identifier() {
    let body = r#"
struct TenantId(u64);
fn handle(request: &axum::http::Request<()>) { count(TenantId(request.uri().path().parse().unwrap())); }
fn count(tenant: TenantId) { counter!("a", "tenant" => tenant.to_string()); }
fn configured(url: &Url) { counter!("b", "path" => url.path().to_owned()); }
"#;
    assert_eq!(provenance(body), ["tenant id -", "path path -"]);
}

#[test]
fn errors_that_a_function_makes_are_their_texts() {
    let body = r#"
fn check(n: u64) -> Result<(), String> {
    if n > 9 { return Err("large".to_owned()); }
    read(n).map_err(|_| "unreadable".to_owned())
}
fn ask(n: u64) -> Result<(), (String, String)> { if n > 1 { Err((format!("{n}"), "500".to_owned())) } else { Ok(()) } }
fn pass(n: u64) -> Result<(), String> { let read = read(n)?; Err("empty".to_owned()) }
fn f(n: u64) {
    if let Err(reason) = check(n) { counter!("a", "reason" => reason); }
    if let Err((_, status)) = ask(n) { counter!("b", "status" => status); }
    if let Err(reason) = pass(n) { counter!("c", "reason" => reason); }
    let _ = open(n).map_err(|e| counter!("d", "error" => e.to_string()).increment(1));
}
"#;
    assert_eq!(provenance(body), ["reason match 2", "status literal 1", "reason unknown -", "error error -"]);
}

#[test]
fn lists_that_functions_make_and_slices_of_lists_are_lists() {
    let body = r#"
static SENT: LazyLock<IntCounterVec> = LazyLock::new(|| register_int_counter_vec!("sent_total", "h", &["to", "why"]).unwrap());
struct Sender { to: &'static str }
impl Sender {
    fn new() -> Self { Sender { to: "all" } }
    fn labels(&self, ok: bool) -> [&str; 2] { [self.to, if ok { "a" } else { "b" }] }
    fn sent(&self, ok: bool) { let labels = self.labels(ok); SENT.with_label_values(&labels).inc(); }
}
fn f(ok: bool) { SENT.with_label_values(&["one", if ok { "c" } else { "d" }][..]).inc(); }
"#;
    assert_eq!(provenance(&format!("use prometheus::*;\n{body}")), ["to literal 1", "why match 2", "to literal 1", "why match 2"]);
}

#[test]
fn conventions_of_names_and_functions_tell() {
    let body = r#"
const STAGE: &str = "load";
fn nested() {
    struct Inner;
    impl Inner { fn run(&self) { fn count(kind: &str) { counter!("a", "kind" => kind.to_owned()); } count("x"); count("y"); } }
}
fn f(n: u64, kind: other::Kind) {
    counter!("b", "stage" => format!("{STAGE}_done"), "number" => n.min(7).to_string(), "kind" => other::Kind::First as i32);
    let (mut pairs, ok) = (0, n > 1);
    let mut map = HashMap::new();
    *map.entry((if ok { "1" } else { "0" }, "z")).or_insert(0) += 1;
    for ((owned, name), _) in map { counter!("c", "owned" => owned, "name" => name); }
    let text = tokio::task::spawn_blocking(move || if ok { "yes" } else { "no" }).await;
    counter!("d", "text" => text);
}
"#;
    let expected =
        ["kind literal 2", "stage literal 1", "number index 8", "kind literal 1", "owned match 2", "name literal 1", "text match 2"];
    assert_eq!(provenance(body), expected);
}

#[test]
fn what_a_set_contains_is_of_the_set_also_further_in() {
    let body = r#"
struct Log { methods: HashSet<String> }
impl Log {
    fn done(&self, request: &axum::http::Request<()>) {
        let method = request.uri().path();
        if self.methods.contains(method) {
            let name = method.to_owned();
            counter!("a", "method" => name);
        } else {
            counter!("b", "method" => method.to_owned());
        }
    }
}
fn listed(indexes: &BTreeMap<String, u64>) { for (index, size) in indexes { counter!("c", "index" => index.clone()); } }
"#;
    assert_eq!(provenance(body), ["method closed -", "method path -", "index unknown -"]);
}

#[test]
fn a_method_of_what_another_crate_makes_is_not_the_tree_s() {
    let body = r#"
struct Plugin;
impl Plugin {
    fn record(&self, count: i64, subscription: &str) {
        counter!("a", "l" => subscription.to_owned());
    }
}
fn seen(headers: &http::HeaderMap) {
    if let Some(code) = headers.get("status") {
        tracing::Span::current().record(1, code);
    }
}
"#;
    assert_eq!(provenance(body), ["l unknown -"]);
}
