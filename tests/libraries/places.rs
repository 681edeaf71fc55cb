//! Where metrics are said to stand.

use std::sync::Arc;

use reduse::extract::{Settings, inventory, rust};
use reduse::source::{Build, Dependency, FileKind, SourceFile};

/// A file of a package with these dependencies and features that are on.
fn file(path: &str, package: &str, built_on: &[&str], features: &[&str], text: &str) -> Arc<SourceFile> {
    let dependencies = built_on.iter().map(|n| ((*n).to_owned(), Dependency::default())).collect();
    let build = Build { dependencies, features: Some(features.iter().map(|n| (*n).to_owned()).collect()) };
    let file = SourceFile::in_package(path.into(), FileKind::Rust, text.into(), package.into(), "".into());
    Arc::new(file.built(Arc::new(build)))
}

/// One line for each metric: its name and where it stands.
fn places(files: &[Arc<SourceFile>]) -> String {
    let mut extraction = rust::extract(&files.iter().collect::<Vec<_>>(), &Settings::default());
    let inventory = inventory(&mut extraction);
    let mut out = String::new();
    for metric in inventory.metrics() {
        let location = &metric.location;
        let source = files.iter().find(|f| f.path == location.path).unwrap();
        out.push_str(&format!("{} {}:{}\n", metric.name, location.path, source.line_column(location.span.start).line));
    }
    out
}

/// Of a name that is used in many places.
#[test]
fn uses_of_a_name_are_at_home_where_they_are_always_built_and_below_the_others() {
    let core = "use metrics::counter;\npub fn work() {\n    counter!(\"loaf_failures\", \"why\" => \"burnt\").increment(1);\n}\n";
    let root = "#[cfg(feature = \"web\")]\nmod web;\n#[cfg(feature = \"rpc\")]\nmod rpc;\n";
    let server = "use metrics::counter;\npub fn serve() {\n\n    counter!(\"loaf_failures\", \"why\" => \"late\").increment(1);\n    \
                  counter!(\"loaf_failures\", \"why\" => \"lost\").increment(1);\n    counter!(\"loaf_orders\").increment(1);\n}\n";
    let files = [
        file("shop/src/lib.rs", "shop", &["bakery-core"], &["default", "web"], root),
        file("shop/src/rpc.rs", "shop", &["bakery-core"], &["default", "web"], server),
        file("shop/src/web.rs", "shop", &["bakery-core"], &["default", "web"], server),
        file("zcore/src/lib.rs", "bakery-core", &[], &["default"], core),
    ];
    insta::assert_snapshot!(places(&files), @r#"
    loaf_failures zcore/src/lib.rs:3
    loaf_orders shop/src/web.rs:6
    "#);
}

/// Of a metric that a constant describes and that is registered elsewhere.
#[test]
fn objects_that_hold_a_name_are_where_they_are_made() {
    let kinds = "use metrics::{counter, describe_counter};
struct Inner { name: &'static str, about: &'static str }
impl Inner {
    const fn new(name: &'static str, about: &'static str) -> Self { Self { name, about } }
    fn key(&self) -> &'static str { self.name }
}
pub struct Counter { inner: Inner }
impl Counter {
    pub const fn new(name: &'static str, about: &'static str) -> Self { Self { inner: Inner::new(name, about) } }
    fn key(&self) -> &'static str { self.inner.key() }
    pub fn register(&self) {
        counter!(self.key()).absolute(0);
        describe_counter!(self.key(), self.inner.about);
    }
}
";
    let used = "use kinds::Counter;
pub const LOAVES: Counter = Counter::new(\"loaves\", \"Loaves\");
pub static ROLLS: Counter = Counter::new(
    \"rolls\",
    \"Rolls\",
);
pub fn register() {
    LOAVES.register();
    ROLLS.register();
}
";
    let files = [file("kinds/src/lib.rs", "kinds", &[], &[], kinds), file("shop/src/lib.rs", "shop", &["kinds"], &[], used)];
    insta::assert_snapshot!(places(&files), @r#"
    loaves shop/src/lib.rs:2
    rolls shop/src/lib.rs:3
    "#);
}
