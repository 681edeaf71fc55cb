//! What services do with requests and answers before it becomes a label.

use super::{labels_of, provenance};

/// `label kind`, and whether it is certain that a client chooses the value.
pub(super) fn chosen(body: &str) -> Vec<String> {
    let labels = labels_of(&format!("use metrics::counter;\n{body}"));
    let told = |l: &reduse::model::LabelUse| match (l.provenance.certain, l.provenance.foreign) {
        (true, true) => "by a client",
        (false, true) => "perhaps by a client",
        _ => "by nobody outside",
    };
    labels.iter().map(|l| format!("{} {} {}", l.name, l.provenance.kind.as_str(), told(l))).collect()
}

const MIDDLEWARE: &str = r#"
pub async fn track(req: Request, next: Next) -> Response {
    let path = if let Some(matched) = req.extensions().get::<MatchedPath>() { matched.as_str().to_owned() } else { req.uri().path().to_owned() };
    counter!("a", "path" => path);
    next.run(req).await
}
"#;

#[test]
fn what_no_route_matches_is_not_seen_behind_the_routes() {
    let app =
        |layer: &str| format!("{MIDDLEWARE}\nfn app() -> Router {{ Router::new().route(\"/\", get(index)).{layer}(from_fn(track)) }}");
    assert_eq!(chosen(&app("route_layer")), ["path path by nobody outside"]);
    assert_eq!(chosen(&app("layer")), ["path path by a client"]);
    assert_eq!(chosen(MIDDLEWARE), ["path path by a client"]);
}

#[test]
fn a_layer_stands_where_the_service_does_that_it_makes() {
    let body = r#"
struct Timed<S> { inner: S }
struct Timing;
impl<S> Layer<S> for Timing { type Service = Timed<S>; fn layer(&self, inner: S) -> Timed<S> { Timed { inner } } }
impl<S> Service<Request> for Timed<S> {
    fn call(&mut self, req: Request) -> S::Future {
        let path = req.extensions().get::<MatchedPath>().map_or_else(|| req.uri().path().to_owned(), |p| p.as_str().to_owned());
        counter!("a", "path" => path);
        self.inner.call(req)
    }
}
fn app() -> Router { Router::new().route("/", get(index)).route_layer(Timing) }
"#;
    assert_eq!(chosen(body), ["path path by nobody outside"]);
}

#[test]
fn what_a_status_lets_pass_may_be_few() {
    let body = r#"
async fn track(req: Request, next: Next) -> Response {
    let path = req.uri().path().to_owned();
    let response = next.run(req).await;
    let shown = match response.status() { StatusCode::NOT_FOUND => "none", _ => &path };
    counter!("a", "shown" => shown.to_string(), "path" => path);
    response
}
"#;
    assert_eq!(chosen(body), ["shown path by nobody outside", "path path by a client"]);
}

#[test]
fn headers_of_answers_are_no_clients() {
    let body = r#"
fn f(request: &Request, response: &Response, head: &HeaderMap) {
    let kind: HeaderValue = response.headers().get("x-kind").unwrap().clone();
    let asked = request.headers().get("x-asked").and_then(|v| v.to_str().ok()).unwrap_or("none");
    counter!("a", "kind" => kind.to_str().unwrap().to_owned(), "asked" => asked.to_owned(), "head" => head.get("x").unwrap().to_str().unwrap());
}
async fn g(next: Next) {
    let mut response = next.run().await;
    let cache = response.headers().get("x-cache").and_then(|v| v.to_str().ok()).map(str::to_string);
    counter!("b", "cache" => cache.unwrap_or_default());
}
"#;
    let expected =
        ["kind text by nobody outside", "asked text perhaps by a client", "head text by a client", "cache text by nobody outside"];
    assert_eq!(chosen(body), expected);
}

#[test]
fn the_identifier_of_the_process_and_what_is_configured_may_be_one() {
    let body = r#"
struct About { instance_id: Ulid, job: Uuid }
struct ContractConfig { object: ObjectID, tenant_id: TenantId }
fn f(about: &About, config: &ContractConfig) {
    counter!("a", "instance" => about.instance_id.to_string(), "job" => about.job.to_string(), "object" => config.object.to_string());
    counter!("b", "tenant" => config.tenant_id.to_string());
}
"#;
    let labels = labels_of(&format!("use metrics::counter;\n{body}"));
    let shown: Vec<String> = labels.iter().map(|l| format!("{} {} {}", l.name, l.provenance.kind.as_str(), l.provenance.certain)).collect();
    assert_eq!(shown, ["instance uuid false", "job uuid true", "object config false", "tenant id false"]);
}

#[test]
fn labels_that_are_set_where_the_metric_is_defined_are_set_once() {
    let body = r#"
use prometheus::*;
fn describe(registry: &Registry, contract: ObjectID, names: &[String]) {
    let info = register_int_gauge_vec_with_registry!("contract_info", "h", &["contract"], registry).unwrap();
    info.with_label_values(&[&contract.to_string()]).set(1);
    for name in names { info.with_label_values(&[name.as_str()]).set(0); }
}
"#;
    assert_eq!(super::provenance_of(body), ["contract config 1", "contract unknown -"]);
}

#[test]
fn what_a_handler_is_given_is_what_the_client_sent() {
    let body = r#"
async fn remove(request: HttpRequest, name: web::Path<String>, file: &Path) {
    let name = name.into_inner();
    counter!("a", "name" => name, "file" => file.display().to_string());
}
"#;
    assert_eq!(chosen(body), ["name text by a client", "file unknown by nobody outside"]);
}

/// What the program itself makes is no request of a client, whatever it is called.
#[test]
fn a_request_that_the_tree_makes_holds_what_it_puts_there() {
    let body = r#"
struct InboundRequest { stall: String }
fn accept(state: &elsewhere::State) -> InboundRequest { InboundRequest { stall: state.find_stall() } }
fn serve(state: &elsewhere::State) {
    let request = accept(state);
    counter!("a", "stall" => request.stall);
}
struct RideRequest { stall: String }
fn ride(request: RideRequest) { counter!("b", "stall" => request.stall); }
"#;
    assert_eq!(provenance(body), ["stall unknown -", "stall text -"]);
}

/// A port is a number, whoever names it.
#[test]
fn the_port_of_a_uri_is_no_path() {
    let body = "fn call(request: &http::Request<Body>) {
    counter!(\"a\", \"port\" => request.uri().port_u16().unwrap_or(80).to_string(), \"path\" => request.uri().path().to_owned());
}
";
    assert_eq!(chosen(body), ["port index by nobody outside", "path path by a client"]);
}
