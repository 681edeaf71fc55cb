//! What patterns and loops take apart.

use super::provenance;

#[test]
fn slices_and_parts_of_what_somebody_else_defines_are_what_the_whole_is() {
    let body = r#"
fn f(request: &axum::http::Request<()>) {
    let words: Vec<&str> = request.uri().path().split('/').collect();
    let label = match &words[..] {
        [] => "none".to_owned(),
        [only] => only.to_string(),
        [first, .., last] => format!("{first}..{last}"),
    };
    counter!("a", "path" => label);
}
fn g(errors: &[ServerError]) {
    for error in errors {
        let names: Vec<_> = error.path.iter().filter_map(|s| if let PathSegment::Field(name) = s { Some(name) } else { None }).collect();
        match names.as_slice() {
            [name] => counter!("b", "name" => name.to_string()),
            _ => counter!("b", "name" => "many"),
        }
    }
}
"#;
    assert_eq!(provenance(body), ["path path -", "name text -", "name literal 1"]);
}

#[test]
fn loops_over_two_lists_take_an_element_of_each() {
    let body = r#"
trait Oven { fn place(&self) -> &str; }
struct Stone; impl Oven for Stone { fn place(&self) -> &str { "cellar" } }
struct Steel; impl Oven for Steel { fn place(&self) -> &str { "kitchen" } }
fn f(ovens: Vec<Box<dyn Oven>>, heats: Vec<u64>) {
    for (oven, heat) in ovens.iter().zip(heats) {
        counter!("a", "place" => oven.place().to_owned()).increment(heat);
    }
}
"#;
    assert_eq!(provenance(body), ["place match 2"]);
}

#[test]
fn tuples_in_variants_are_taken_apart() {
    let body = r#"
enum Message { Start((u64, String)), Stop }
fn send(at: u64, queue: &Queue) { queue.send(Message::Start((at, "small".to_owned()))); queue.send(Message::Start((at, "large".to_owned()))); }
fn receive(message: Message) { if let Message::Start((at, size)) = message { counter!("a", "size" => size); } }
"#;
    assert_eq!(provenance(body), ["size literal 2"]);
}

#[test]
fn an_enum_is_counted_once() {
    let body = r#"
#[derive(Debug, Clone, Copy)]
enum Engine { One, Two, Three }
impl Engine { fn as_str(self) -> &'static str { match self { Engine::One => "one", Engine::Two => "two", Engine::Three => "three" } } }
fn f(engine: Engine, found: Option<Engine>) {
    record(engine.as_str());
    record(picked(found).map(|e| e.as_str()).unwrap_or("none"));
}
fn picked(found: Option<Engine>) -> Option<Engine> { found }
fn record(engine: &str) { counter!("a", "engine" => engine.to_owned()); }
"#;
    assert_eq!(provenance(body), ["engine enum 4"]);
}
