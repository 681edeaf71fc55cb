//! What a process exposed, as a file of a tree and by `--exposition`.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

use common::{reduse_in, tree};
use reduse::extract::exposition::extract;
use reduse::source::{FileKind, SourceFile};

const CODE: &str = "from prometheus_client import Counter, Gauge, Histogram
DEPTH = Gauge('shop_queue_depth', 'Orders that wait', ['queue'])
WAIT = Histogram('shop_wait_seconds', 'Time in the queue', buckets=[0.1, 1, 10])
FAILED = Counter('shop_failures', 'Orders that failed', ['reason'])
";

const EXPOSED: &str = "# HELP shop_queue_depth Orders that wait
# TYPE shop_queue_depth gauge
shop_queue_depth{queue=\"mail\"} 3
# HELP shop_wait_seconds Time in the queue
# TYPE shop_wait_seconds histogram
shop_wait_seconds_bucket{le=\"0.1\"} 1
shop_wait_seconds_bucket{le=\"5.0\"} 2
shop_wait_seconds_bucket{le=\"+Inf\"} 2
shop_wait_seconds_sum 1.5
shop_wait_seconds_count 2
# HELP shop_wait_seconds_created Time in the queue
# TYPE shop_wait_seconds_created gauge
shop_wait_seconds_created 1.7e+09
# HELP shop_carts Carts
# TYPE shop_carts gauge
shop_carts 2
# HELP process_open_fds Open files
# TYPE process_open_fds gauge
process_open_fds 12
";

const FOUND: &str = "app.py:3:18: warning[exposed-differently] `shop_wait_seconds` has 3 bounds from 0.1 to 10 in the code and is exposed with 2 bounds from 0.1 to 5
app.py:4:18: info[never-exposed] `shop_failures_total` was not exposed
PATH:15:8: info[undefined-exposed] `shop_carts` is exposed, and the code does not define it
";

#[test]
fn code_and_exposition_are_compared_wherever_that_stands() {
    let args = ["check", "app.py", "--format", "concise", "--select", "cross"];
    let folder = tree(&[("app.py", CODE), ("scrape.txt", EXPOSED)]);
    let run = reduse_in(folder.path(), &[&args[..], &["--exposition", "scrape.txt"]].concat());
    assert_eq!((run.code, run.stdout), (0, FOUND.replace("PATH", "scrape.txt")));

    let mut command = Command::new(env!("CARGO_BIN_EXE_reduse"));
    command.args(args).args(["--exposition", "-"]).current_dir(folder.path());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(EXPOSED.as_bytes()).unwrap();
    assert_eq!(String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap(), FOUND.replace("PATH", "stdin"));

    let run = reduse_in(folder.path(), &["check", "--exposition", "none.txt"]);
    assert_eq!((run.code, run.stderr.as_str()), (2, "error: --exposition: no such file: none.txt\n"));
}

#[test]
fn a_program_without_source_has_an_inventory_by_what_it_exposes() {
    let folder = tree(&[("scrape.prom", EXPOSED)]);
    let run = reduse_in(folder.path(), &["inventory", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let names: Vec<&str> = document["metrics"].as_array().unwrap().iter().map(|m| m["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["process_open_fds", "shop_carts", "shop_queue_depth", "shop_wait_seconds"]);
    let depth = &document["metrics"][2];
    assert_eq!((depth["language"].as_str(), depth["type"].as_str()), (Some("exposition"), Some("gauge")));
    // What was seen, which may not be all.
    let bound = &depth["labels"][0]["bound"];
    assert_eq!((bound["kind"].as_str(), bound["values"][0].as_str()), (Some("unknown"), Some("mail")));
    assert_eq!(document["metrics"][3]["buckets"], serde_json::json!([0.1, 5.0]));
    let code = tree(&[("app.py", CODE), ("scrape.prom", EXPOSED)]);
    let run = reduse_in(code.path(), &["inventory"]);
    assert_eq!(run.stdout.matches("shop_wait_seconds").count(), 1, "{}", run.stdout);
}

#[test]
fn what_is_kept_for_tests_is_no_metric_of_the_service() {
    let folder = tree(&[("app/fixtures/node.prom", EXPOSED), ("app/src/testdata/a/b.prom", EXPOSED), ("tests/x.prom", EXPOSED)]);
    let found = |args: &[&str]| reduse_in(folder.path(), &[&["inventory"], args].concat()).stdout.contains("shop_queue_depth");
    assert!(!found(&[]));
    // A path that the user names, and a folder above it, say otherwise.
    assert!(found(&["tests"]) && found(&["app/fixtures/node.prom"]) && found(&["--include-tests"]));
    assert!(found(&["--exposition", "tests/x.prom"]));
}

#[test]
fn a_broken_line_is_an_error_at_its_place_and_the_rest_is_read() {
    let folder = tree(&[("scrape.prom", "# HELP a_total A\n# TYPE a_total counter\na_total{x=1} 2\n# HELP b B\n# TYPE b gauge\nb 1\n")]);
    let run = reduse_in(folder.path(), &["check", "--format", "concise"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, "scrape.prom:3:11: error[exposition-syntax] the value of `x` is not in quotes\n"));
    assert!(reduse_in(folder.path(), &["inventory"]).stdout.contains("\nb  "));
}

#[test]
fn no_text_makes_it_stumble() {
    let base = EXPOSED.as_bytes();
    for at in 0..base.len() {
        for byte in [b'{', b'}', b'"', b'\\', b'\n', b'#', b' ', 0xc3] {
            let mut bytes = base.to_vec();
            bytes[at] = byte;
            let text = String::from_utf8_lossy(&bytes);
            let found = extract(&SourceFile::new("a.prom", FileKind::Exposition, &text));
            for problem in found.problems {
                let span = problem.location.span;
                assert!(Arc::<str>::from(&*text).get(span.start as usize..span.end as usize).is_some(), "{span:?} {text}");
            }
        }
        extract(&SourceFile::new("a.prom", FileKind::Exposition, EXPOSED.get(..at).unwrap_or("")));
    }
}

/// Every lint over exposed texts that went wrong in many ways, beside code and readers of the same metrics.
#[test]
fn lints_stand_whatever_was_exposed() {
    let readers = "groups: [{name: a, rules: [{alert: A, expr: 'shop_wait_seconds_bucket{le=\"5\"} > 1', for: 5m}]}]\n";
    let pieces = [
        "{",
        "}",
        "\"",
        "\\",
        "\n",
        "#",
        ",",
        "=",
        " ",
        "\t",
        "NaN",
        "-1",
        "1e999",
        "+Inf",
        "le",
        "\u{fc}",
        "# EOF\n",
        "# TYPE a b\n",
        "_total",
    ];
    let mut state: u64 = 0x2545_f491_4f6c_dd1d;
    let mut below = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 11).unwrap() % n.max(1)
    };
    let mut files = vec![("app.py".to_owned(), CODE.to_owned()), ("alerts.yml".to_owned(), readers.to_owned())];
    for number in 0..300 {
        let mut text: Vec<char> = EXPOSED.chars().collect();
        for _ in 0..=below(6) {
            let (from, to) = (below(text.len()), below(text.len()));
            match below(4) {
                0 => _ = text.splice(from..from, pieces[below(pieces.len())].chars()),
                1 => _ = text.drain(from..(from + below(30)).min(text.len())),
                2 => text.swap(from, to),
                _ => {
                    let again: Vec<char> = text[from..(from + below(80)).min(text.len())].to_vec();
                    text.splice(to..to, again);
                }
            }
        }
        files.push((format!("exposed/{number}.prom"), text.into_iter().collect()));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let all = tree(&files);
    let run = reduse_in(all.path(), &["check", "--format", "json"]);
    assert!(run.code == 1 && run.stderr.is_empty(), "{} {}", run.code, run.stderr);
    let findings: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let lints: std::collections::BTreeSet<&str> =
        findings["findings"].as_array().unwrap().iter().map(|f| f["lint"].as_str().unwrap()).collect();
    assert!(lints.contains("exposition-syntax") && lints.contains("exposed-differently"), "{lints:?}");
    // Each alone beside the code: what the others hold hides nothing.
    for (path, text) in files.iter().skip(2).step_by(40) {
        let one = tree(&[files[0], files[1], (path, text)]);
        let run = reduse_in(one.path(), &["check", "--format", "concise"]);
        assert!((0..2).contains(&run.code) && !run.stderr.contains("panicked"), "{path} {run:?}\n{text}");
    }
}

#[test]
fn what_another_program_exposes_is_a_hint_at_most() {
    let text = "# HELP node_udp_queues Queues\n# TYPE node_udp_queues gauge\nnode_udp_queues{ip=\"v4\"} 0\n";
    let own = text.replace("node_", "shop_");
    let folder = tree(&[("node.prom", text), ("own.prom", &own)]);
    let run = reduse_in(folder.path(), &["check", ".", "--format", "concise", "--select", "cardinality"]);
    let found = "node.prom:3:17: info[unbounded-label-name] `ip` is a label of `node_udp_queues`: one series per address\n\
                 own.prom:3:17: warning[unbounded-label-name] `ip` is a label of `shop_udp_queues`: one series per address\n";
    assert_eq!((run.code, run.stdout.as_str()), (0, found));
}
