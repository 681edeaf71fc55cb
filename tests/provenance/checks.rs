//! What checks, look-ups and types of numbers say of a value.

use super::labels_of;
use super::services::chosen;

#[test]
fn something_that_is_stored_is_told_by_its_key() {
    let body = r#"
async fn show(repo: Repo, Path(shop): Path<String>) -> Result<(), Error> {
    let found = repo.shops().lookup(shop).await?.filter(Shop::is_open).ok_or(Error::NotFound)?;
    counter!("a", "shop" => shop.to_string());
    Ok(())
}
async fn open(repo: Repo, Path(shop): Path<String>) {
    let Some(found) = repo.find_by_name(&shop).await.unwrap() else { return };
    counter!("b", "shop" => shop);
}
async fn perhaps(repo: Repo, Path(shop): Path<String>) {
    if let Some(found) = repo.find_by_name(&shop) {
        counter!("c", "shop" => shop.clone());
    }
    counter!("d", "shop" => shop);
}
async fn ask(shops: BTreeMap<String, Shop>, Path(shop): Path<String>) {
    if let Some(found) = shops.get(&shop) {
        counter!("e", "shop" => shop);
    }
}
"#;
    let expected = [
        "shop id by nobody outside",
        "shop id by nobody outside",
        "shop id by nobody outside",
        "shop text by a client",
        "shop closed by nobody outside",
    ];
    assert_eq!(chosen(body), expected);
}

#[test]
fn what_a_function_was_asked_about_may_be_few() {
    let body = r#"
async fn track(req: Request, next: Next, routes: &Routes) {
    let path = req.uri().path();
    let known = routes.has(path);
    let label = path.to_owned();
    if known {
        counter!("a", "path" => label.clone());
    }
    if routes.has(path) && routes.is_open() {
        counter!("b", "path" => path.to_owned());
    }
    if !routes.has(path) {
        counter!("c", "path" => path.to_owned());
    }
    if routes.insert(path) {
        counter!("d", "path" => path.to_owned());
    }
}
"#;
    assert_eq!(
        chosen(body),
        ["path path perhaps by a client", "path path perhaps by a client", "path path by a client", "path path by a client"]
    );
}

#[test]
fn types_and_casts_show_numbers() {
    let body = r#"
struct Header { call: i16, name: String }
enum Frame { Open { version: u8 }, Closed }
impl Message { fn size(&self) -> Result<u32, Error> { self.decode() } }
fn f(header: &Header, frame: Frame, message: &Message, raw: &Raw, wide: u64, asked: String) -> Result<(), Error> {
    counter!("a", "call" => header.call.to_string(), "cast" => (header.call as i64).to_string(), "name" => header.name.clone());
    counter!("b", "raw" => (raw.number()? as u16).to_string(), "size" => message.size()?.to_string(), "wide" => format!("{wide}"));
    counter!("c", "either" => if wide > 1 { wide.to_string() } else { asked }, "prefixed" => format!("v{wide}"));
    if let Frame::Open { version } = frame {
        passed(&version.to_string());
    }
    Ok(())
}
fn passed(version: &str) { counter!("d", "version" => version.to_owned()); }
"#;
    let bits = |l: &reduse::model::LabelUse| l.provenance.number.map_or_else(|| "-".to_owned(), |n| n.to_string());
    let found: Vec<String> =
        labels_of(&format!("use metrics::counter;\n{body}")).iter().map(|l| format!("{} {}", l.name, bits(l))).collect();
    let expected = ["call 16", "cast 16", "name -", "raw 16", "size 32", "wide 64", "either -", "prefixed 64", "version 8"];
    assert_eq!(found, expected);
}

#[test]
fn many_things_have_a_version() {
    let body = r#"
use wire::{Hello, Peer, Frame};
#[derive(Deserialize)]
struct Ping { version: String }
struct BuildInfo { version: String }
fn f(peer: &Peer, hello: Frame, seen: &HashMap<u64, String>, info: &BuildInfo, request: &axum::http::Request<()>) {
    counter!("a", "field" => peer.version.to_string(), "method" => peer.version());
    if let Frame::Version(version) = hello {
        counter!("b", "part" => version.to_string());
    }
    for version in seen.values() {
        counter!("c", "each" => version.clone());
    }
    let version = peer.hello().version;
    counter!("d", "set" => version, "http" => format!("{:?}", request.version()));
    passed(&peer.version);
    counter!("e", "own" => info.version.clone(), "called" => build::version(), "constant" => other::VERSION);
}
fn passed(version: &str) { counter!("f", "given" => version.to_owned()); }
fn uncalled(version: &str) { counter!("g", "alone" => version.to_owned()); }
fn ping(ping: &Ping) { counter!("h", "read" => ping.version.clone()); }
async fn greet(Json(asked): Json<Hello>) { counter!("i", "sent" => asked.version.clone()); }
"#;
    let found = super::provenance(body);
    let expected = [
        "field unknown -",
        "method unknown -",
        "part unknown -",
        "each unknown -",
        "set unknown -",
        "http closed -",
        "own config -",
        "called unknown -",
        "constant config -",
        "given unknown -",
        "alone config -",
        "read unknown -",
        "sent text -",
    ];
    assert_eq!(found, expected);
}

/// A function that leaves where nothing has the key goes on with keys of the set only.
#[test]
fn leaving_early_bounds_what_is_left() {
    let body = r#"
async fn f(Path(desk): Path<String>, State(state): State<App>) -> StatusCode {
    {
        let inn = state.inn.read();
        let open = inn.desks.get(&desk).map(|d| d.open && d.staffed).unwrap_or(false);
        if !open {
            return StatusCode::NOT_FOUND;
        }
    }
    counter!("a", "desk" => desk.clone());
    StatusCode::OK
}
async fn g(Path(desk): Path<String>, State(state): State<App>) -> StatusCode {
    if !state.desks.contains(&desk) || state.closed {
        return StatusCode::NOT_FOUND;
    }
    counter!("b", "desk" => desk.clone());
    StatusCode::OK
}
async fn h(Path(desk): Path<String>, State(state): State<App>) -> StatusCode {
    if state.desks.get(&desk).is_none() {
        return StatusCode::NOT_FOUND;
    }
    counter!("c", "desk" => desk.clone());
    StatusCode::OK
}
async fn i(Path(desk): Path<String>, State(state): State<App>) -> StatusCode {
    if state.desks.contains(&desk) {
        return StatusCode::OK;
    }
    if !state.desks.contains(&desk) {
        warn!("no such desk");
    }
    counter!("d", "desk" => desk.clone());
    StatusCode::OK
}
async fn j(Query(asked): Query<Asked>, State(state): State<App>) -> StatusCode {
    let asked = asked.desk.as_deref();
    if let Some(desk) = asked {
        let inn = state.inn.read();
        if inn.desk(desk).is_none() {
            return StatusCode::BAD_REQUEST;
        }
    }
    counter!("e", "desk" => asked.unwrap_or_default().to_owned());
    StatusCode::OK
}
"#;
    let closed = "desk closed by nobody outside";
    assert_eq!(chosen(body), [closed, closed, closed, "desk text by a client", "desk text perhaps by a client"]);
}
