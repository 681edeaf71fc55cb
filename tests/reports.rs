//! Reports for machines: each is read back, and SARIF is valid against the official schema.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use common::{GOOD_RULES, USER_ID, reduse, reduse_in, root, tree, write};
use serde_json::Value;

static SARIF: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let text = std::fs::read_to_string(root().join("tests/data/sarif-schema-2.1.0.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
});

/// A SARIF report, after it was found valid.
fn valid_sarif(text: &str) -> Value {
    let document: Value = serde_json::from_str(text).unwrap();
    let errors: Vec<String> = SARIF.iter_errors(&document).map(|e| format!("{}: {e}", e.instance_path)).collect();
    assert_eq!(errors, [""; 0]);
    document
}

#[test]
fn sarif_is_valid_against_the_official_schema() {
    let bad = valid_sarif(&reduse(&["check", "examples/bad-service", "--format", "sarif"]).stdout);
    let results = bad["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 11);
    assert!(results.iter().any(|r| !r["relatedLocations"].as_array().unwrap().is_empty()), "none has a related place");
    assert!(SARIF.is_valid(&bad));
    let mut broken = bad.clone();
    broken["runs"][0]["results"][0]["level"] = Value::from("fatal");
    assert!(!SARIF.is_valid(&broken), "the schema is not looked at");
    let good = valid_sarif(&reduse(&["check", "examples/llm-service", "--format", "sarif"]).stdout);
    assert_eq!(good["runs"][0]["results"].as_array().unwrap().len(), 0);
}

#[test]
fn sarif_of_odd_paths_and_files_that_cannot_be_read_is_valid_too() {
    let folder = tree(&[("src/m.rs", USER_ID), ("ünï code/a b.rs", &USER_ID.replace("http_", "rpc_")), ("in/r.yml", GOOD_RULES)]);
    write(folder.path(), "src/latin.rs", b"// caf\xe9 prometheus\n");
    let run = reduse_in(&folder.path().join("in"), &["check", "..", "--format", "sarif"]);
    assert_eq!(run.code, 3);
    let document = valid_sarif(&run.stdout);
    let sarif = &document["runs"][0];
    assert_eq!(sarif["invocations"][0]["executionSuccessful"], false);
    let uris: BTreeSet<&str> = sarif["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap())
        .collect();
    assert_eq!(uris, BTreeSet::from(["../src/latin.rs", "../src/m.rs", "../%C3%BCn%C3%AF%20code/a%20b.rs"]));
}

#[test]
fn sarif_of_what_a_baseline_leaves_is_valid() {
    let folder = tree(&[("src/m.rs", USER_ID)]);
    assert_eq!(reduse_in(folder.path(), &["check", "--write-baseline", "b.json"]).code, 0);
    write(folder.path(), "src/n.rs", USER_ID.replace("http_", "rpc_").as_bytes());
    let document = valid_sarif(&reduse_in(folder.path(), &["check", "--baseline", "b.json", "--format", "sarif"]).stdout);
    assert_eq!(document["runs"][0]["results"].as_array().unwrap().len(), 1);
}

#[test]
fn gitlab_has_what_code_quality_needs() {
    let run = reduse(&["check", "examples/bad-service", "--format", "gitlab"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    let issues: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(issues.len(), 11);
    let prints: BTreeSet<&str> = issues.iter().map(|i| i["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(prints.len(), issues.len(), "GitLab merges what shares a fingerprint");
    for issue in &issues {
        assert!(!issue["description"].as_str().unwrap().is_empty() && !issue["check_name"].as_str().unwrap().is_empty());
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&issue["severity"].as_str().unwrap()));
        assert!(issue["location"]["path"].as_str().unwrap().starts_with("examples/bad-service/"));
        assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() > 0);
    }
    assert_eq!(reduse(&["check", "examples/llm-service", "--format", "gitlab"]).stdout, "[]\n");
}

/// The values of an attribute, in the order of the elements of that name.
fn attributes(xml: &str, element: &str, attribute: &str) -> Vec<String> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut values = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return values,
            Event::Start(e) | Event::Empty(e) if e.name().as_ref() == element.as_bytes() => {
                let value = e.try_get_attribute(attribute).unwrap().unwrap();
                values.push(value.unescape_value().unwrap().into_owned());
            }
            _ => {}
        }
    }
}

#[test]
fn junit_fails_what_fails_the_run() {
    let run = reduse(&["check", "examples/bad-service", "--format", "junit"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    assert_eq!(attributes(&run.stdout, "testcase", "name").len(), 11);
    assert_eq!(attributes(&run.stdout, "failure", "type"), ["error"; 6]);
    assert_eq!(attributes(&run.stdout, "skipped", "message").len(), 5);
    assert_eq!(attributes(&run.stdout, "testsuite", "failures"), ["6"]);
    let strict = reduse(&["check", "examples/bad-service", "--format", "junit", "--fail-on", "warning"]);
    assert_eq!(attributes(&strict.stdout, "testsuites", "failures"), ["10"]);
    let clean = reduse(&["check", "examples/llm-service", "--format", "junit"]);
    assert_eq!((clean.code, attributes(&clean.stdout, "testcase", "name")), (0, vec!["check".to_owned()]));
}
