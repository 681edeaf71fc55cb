//! The fuzz targets compile, and hold for texts that are cut off anywhere: cargo-fuzz needs a nightly toolchain, these need none.

#![allow(clippy::expect_used, missing_docs, unused_attributes)]

// What the targets take from libfuzzer's crate is here.
extern crate self as libfuzzer_sys;

use std::path::Path;

use reduse::threads::on_big_stack;

#[path = "../fuzz/fuzz_targets/config.rs"]
mod config;
#[path = "../fuzz/fuzz_targets/exposition.rs"]
mod exposition;
#[path = "../fuzz/fuzz_targets/json.rs"]
mod json;
#[path = "../fuzz/fuzz_targets/promql.rs"]
mod promql;
#[path = "../fuzz/fuzz_targets/python.rs"]
mod python;
#[path = "../fuzz/fuzz_targets/rust.rs"]
mod rust;
#[path = "../fuzz/fuzz_targets/yaml.rs"]
mod yaml;

#[macro_export]
macro_rules! fuzz_target {
    (|$text:ident: &str| $body:block) => {
        pub(crate) fn run($text: &str) $body
    };
}

type Target = fn(&str);

/// Every target, with a text that it is meant for.
const TARGETS: [(&str, Target, &str); 7] = [
    ("config", config::run, include_str!("../templates/config/reduse.toml")),
    ("exposition", exposition::run, EXPOSITION),
    ("json", json::run, include_str!("../examples/bad-service/monitoring/dashboard.json")),
    ("promql", promql::run, QUERY),
    ("python", python::run, include_str!("../examples/bad-python-service/src/metrics.py")),
    ("rust", rust::run, include_str!("../examples/bad-service/src/metrics.rs")),
    ("yaml", yaml::run, include_str!("../examples/bad-service/monitoring/alerts.yml")),
];

const EXPOSITION: &str = r#"# HELP a_seconds Time, "é" and \n.
# TYPE a_seconds histogram
a_seconds_bucket{b="x\"y",le="+Inf"} 3 1700000000000 # {trace_id="1"} 0.5
a_seconds_sum 1e-3
# EOF
"#;
const QUERY: &str =
    r#"sum by (le) (rate(a_bucket{b=~"x|y", c!="$v"}[5m] offset -1h)) / on (d) group_left () {__name__="é"} @ end() > bool 1e3"#;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// About so many beginnings of a text, cut wherever a character ends, and the whole of it.
fn cut(text: &str, count: usize) -> impl Iterator<Item = &str> {
    let step = (text.len() / count).max(1);
    (0..text.len()).step_by(step).filter_map(|end| text.get(..end)).chain([text])
}

#[test]
fn every_target_is_here() {
    let folder = root().join("fuzz/fuzz_targets");
    let paths = folder.read_dir().expect("targets").map(|entry| entry.expect("a target").path());
    let mut stems: Vec<String> = paths.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect();
    stems.sort();
    assert_eq!(stems, TARGETS.map(|(name, ..)| name));
    let manifest = std::fs::read_to_string(root().join("fuzz/Cargo.toml")).expect("a manifest");
    for stem in stems {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{stem}.rs\"")), "{stem} is not in fuzz/Cargo.toml");
    }
}

#[test]
fn texts_that_end_anywhere_are_survived() {
    on_big_stack(|| {
        for (_, run, text) in TARGETS {
            cut(text, 60).for_each(run);
        }
    });
}
