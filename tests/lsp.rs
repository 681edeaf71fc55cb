//! The language server, spoken to as an editor does.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::collections::BTreeMap;
use std::io::{BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use common::{USER_ID, tree, write};
use lsp_server::{Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

/// An editor.
struct Editor {
    server: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// The diagnostics of every file, by URI.
    shown: BTreeMap<String, Vec<Value>>,
    told: Vec<String>,
    next: i32,
    capabilities: Value,
}

impl Editor {
    fn start(folder: &Path, args: &[&str], capabilities: &Value) -> Editor {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reduse"));
        command.arg("lsp").args(args).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = command.spawn().unwrap();
        let (input, output) = (server.stdin.take(), BufReader::new(server.stdout.take().unwrap()));
        let mut editor = Editor { server, input, output, shown: BTreeMap::new(), told: Vec::new(), next: 0, capabilities: Value::Null };
        let folders = json!([{"uri": uri(folder, ""), "name": "tree"}]);
        let answer = editor.ask("initialize", json!({"capabilities": capabilities, "workspaceFolders": folders}));
        editor.capabilities = answer["capabilities"].clone();
        editor.say("initialized", json!({}));
        editor
    }

    fn send(&mut self, message: &Message) {
        let input = self.input.as_mut().unwrap();
        message.write(input).unwrap();
        input.flush().unwrap();
    }

    fn say(&mut self, method: &str, params: Value) {
        self.send(&Message::Notification(Notification::new(method.to_owned(), params)));
    }

    /// Asks, and takes in what comes until the answer is there.
    fn answer(&mut self, method: &str, params: Value) -> Response {
        self.next += 1;
        let id = RequestId::from(self.next);
        self.send(&Message::Request(Request::new(id.clone(), method.to_owned(), params)));
        loop {
            match Message::read(&mut self.output).unwrap().unwrap() {
                Message::Response(response) if response.id == id => return response,
                Message::Notification(notification) => self.take(&notification),
                Message::Request(_) | Message::Response(_) => {}
            }
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let response = self.answer(method, params);
        serde_json::to_value(&response).unwrap()["result"].clone()
    }

    fn take(&mut self, notification: &Notification) {
        match notification.method.as_str() {
            "textDocument/publishDiagnostics" => {
                let all = notification.params["diagnostics"].as_array().unwrap().clone();
                self.shown.insert(notification.params["uri"].as_str().unwrap().to_owned(), all);
            }
            "window/showMessage" => self.told.push(notification.params["message"].as_str().unwrap().to_owned()),
            other => panic!("unexpected: {other}"),
        }
    }

    /// Waits until the server says something by itself.
    fn wait(&mut self) {
        match Message::read(&mut self.output).unwrap().unwrap() {
            Message::Notification(notification) => self.take(&notification),
            other => panic!("unexpected: {other:?}"),
        }
    }

    /// Waits until the server has judged what it was told: it does before it answers for repairs.
    fn rest(&mut self) {
        let at = json!({"line": 0, "character": 0});
        let nowhere =
            json!({"textDocument": {"uri": "file:///nowhere.rs"}, "range": {"start": at, "end": at}, "context": {"diagnostics": []}});
        assert_eq!(self.ask("textDocument/codeAction", nowhere), json!([]));
    }

    fn open(&mut self, uri: &str, text: &str) {
        self.say("textDocument/didOpen", json!({"textDocument": {"uri": uri, "languageId": "x", "version": 1, "text": text}}));
    }

    fn change(&mut self, uri: &str, text: &str) {
        self.say("textDocument/didChange", json!({"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": text}]}));
    }

    /// The lints that are shown, with lines and columns, by file name.
    fn lints(&self) -> Vec<String> {
        let one = |uri: &str, d: &Value| {
            let (range, name) = (&d["range"], uri.rsplit('/').next().unwrap());
            format!("{name}:{}:{} {}", range["start"]["line"], range["start"]["character"], d["code"].as_str().unwrap())
        };
        self.shown.iter().flat_map(|(uri, all)| all.iter().map(|d| one(uri, d)).collect::<Vec<_>>()).collect()
    }

    fn stop(mut self) -> i32 {
        self.ask("shutdown", Value::Null);
        self.say("exit", Value::Null);
        self.server.wait().unwrap().code().unwrap()
    }
}

fn uri(folder: &Path, path: &str) -> String {
    let folder = folder.to_str().unwrap();
    format!("file://{folder}{}{path}", if path.is_empty() { "" } else { "/" })
}

const RULES: &str = "groups:
  - name: app
    rules:
      - alert: TooManyRequests
        expr: sum(rate(shop_requests_total[5m])) > 100
        for: 5m
        labels:
          severity: critical
        annotations:
          summary: Too many requests
";

#[test]
fn findings_follow_what_is_typed_and_reach_files_that_are_not_open() {
    let text = USER_ID.replace("http_", "shop_");
    let folder = tree(&[("src/metrics.rs", &text), ("alerts.yml", RULES)]);
    let code = uri(folder.path(), "src/metrics.rs");
    let mut editor = Editor::start(folder.path(), &[], &json!({}));
    assert_eq!(editor.capabilities["positionEncoding"], "utf-16");
    // Nobody asks for anything.
    editor.wait();
    assert_eq!(editor.lints(), ["metrics.rs:2:76 unbounded-label-name"]);
    let found = &editor.shown[&code][0];
    assert_eq!((&found["severity"], &found["source"]), (&json!(1), &json!("reduse")));
    assert!(
        found["message"].as_str().unwrap().starts_with("`user_id` is a label of `shop_requests_total`: one series per user\n"),
        "{found}"
    );

    // Nothing is saved.
    editor.open(&code, &text);
    let renamed = text.replace("user_id", "method").replace("shop_requests_total", "shop_request_total");
    editor.change(&code, &renamed);
    editor.rest();
    assert_eq!(editor.lints(), ["alerts.yml:4:23 unknown-metric"]);

    // What is closed without being saved is what is on the disk.
    editor.say("textDocument/didClose", json!({"textDocument": {"uri": code}}));
    editor.rest();
    assert_eq!(editor.lints(), ["metrics.rs:2:76 unbounded-label-name"]);

    write(folder.path(), "src/metrics.rs", text.replace("user_id", "method").as_bytes());
    editor.say("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": code, "type": 2}]}));
    editor.rest();
    assert_eq!(editor.lints(), [""; 0]);
    assert_eq!(editor.stop(), 0);
}

#[test]
fn a_repair_is_offered_for_the_text_that_is_there() {
    let code = "use prometheus::{IntCounter, register_int_counter};
pub fn f() -> IntCounter { register_int_counter!(\"jobs\", \"Jobs done\").unwrap() }
pub fn g() { f().inc() }
";
    let folder = tree(&[("src/a b.rs", code)]);
    let uri = uri(folder.path(), "src/a%20b.rs");
    let mut editor = Editor::start(folder.path(), &[], &json!({"general": {"positionEncodings": ["utf-8", "utf-16"]}}));
    assert_eq!(editor.capabilities["positionEncoding"], "utf-8");
    editor.open(&uri, code);
    // A line more, and two bytes of one character: not judged yet when it is asked for.
    let moved = format!("// é\n{}", code.replace("pub fn f", "/*é*/pub fn f"));
    editor.change(&uri, &moved);
    let at = json!({"line": 2, "character": 60});
    let ask = |editor: &mut Editor, at: &Value, only: Value| {
        let mut context = json!({"diagnostics": []});
        if !only.is_null() {
            context["only"] = only;
        }
        editor.ask("textDocument/codeAction", json!({"textDocument": {"uri": uri}, "range": {"start": at, "end": at}, "context": context}))
    };
    let actions = ask(&mut editor, &at, Value::Null);
    assert_eq!(actions.as_array().unwrap().len(), 1, "{actions}");
    let action = &actions[0];
    assert_eq!((&action["kind"], &action["diagnostics"][0]["code"]), (&json!("quickfix"), &json!("counter-without-total")));
    let edits = action["edit"]["changes"][&uri].as_array().unwrap();
    let line = moved.lines().nth(2).unwrap();
    let place = |edit: &Value, side: &str| usize::try_from(edit["range"][side]["character"].as_u64().unwrap()).unwrap();
    assert_eq!(edits.len(), 1, "{edits:?}");
    assert_eq!(&line[place(&edits[0], "start")..place(&edits[0], "end")], "jobs");
    assert_eq!(edits[0]["newText"], "jobs_total");
    assert_eq!(ask(&mut editor, &json!({"line": 0, "character": 0}), Value::Null), json!([]));
    assert_eq!(ask(&mut editor, &at, json!(["refactor"])), json!([]));
    assert_eq!(ask(&mut editor, &at, json!(["quickfix"])).as_array().unwrap().len(), 1);
    assert_eq!(editor.stop(), 0);
}

#[test]
fn what_is_known_of_a_metric_is_told_where_it_is_defined_used_and_read() {
    let code = "use prometheus::{HistogramVec, IntCounterVec, register_histogram_vec, register_int_counter_vec}; use std::sync::LazyLock;
static JOBS: LazyLock<IntCounterVec> = LazyLock::new(|| register_int_counter_vec!(\"shop_jobs_total\", \"Jobs done\", &[\"kind\"]).unwrap());
pub fn wait() -> HistogramVec { register_histogram_vec!(\"shop_wait_seconds\", \"Time\", &[\"who\"], vec![0.5, 1.0]).unwrap() }
pub fn done(wait: &HistogramVec, who: &str) { wait.with_label_values(&[who]).observe(1.0); }
pub fn both() { JOBS.with_label_values(&[\"day\"]).inc(); JOBS.with_label_values(&[\"night\"]).inc(); }
";
    let rules = "groups:\n  - name: app\n    rules:\n      - record: shop:wait:rate5m\n        expr: sum by (le) (rate(shop_wait_seconds_bucket[5m]))\n";
    let folder = tree(&[("src/lib.rs", code), ("rules.yml", rules)]);
    let (code, rules) = (uri(folder.path(), "src/lib.rs"), uri(folder.path(), "rules.yml"));
    let mut editor = Editor::start(folder.path(), &[], &json!({}));
    let mut hover = |uri: &str, line: u32, character: u32| {
        let params = json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": character}});
        editor.ask("textDocument/hover", params)
    };
    let jobs = "**`shop_jobs_total`** counter\n\nJobs done\n\n- label `kind`: `day`, `night`\n- at most 2 time series";
    let wait = "**`shop_wait_seconds`** histogram\n\nTime\n\n- label `who`: its values are not known\n- buckets: 0.5 1\n\
                - how many time series it has is not known\n- read by 1 recording rule";
    for (uri, line, character, expected) in [(&code, 1, 90, jobs), (&code, 4, 30, jobs), (&code, 2, 60, wait), (&rules, 4, 40, wait)] {
        let told = hover(uri, line, character);
        assert_eq!(told["contents"]["value"].as_str(), Some(expected), "{uri}:{line}:{character}: {told}");
        assert_eq!(told["range"]["start"]["line"], line);
    }
    assert_eq!(hover(&code, 0, 0), Value::Null);
    assert_eq!(editor.stop(), 0);
}

#[test]
fn a_mistake_in_the_configuration_is_said_once_and_what_was_found_stays() {
    let folder = tree(&[("src/metrics.rs", USER_ID)]);
    let mut editor = Editor::start(folder.path(), &[], &json!({}));
    editor.rest();
    write(folder.path(), "reduse.toml", b"[lint]\n");
    for _ in 0..2 {
        editor.say("workspace/didChangeWatchedFiles", json!({"changes": []}));
        editor.rest();
    }
    assert_eq!(editor.told.len(), 1, "{:?}", editor.told);
    assert!(editor.told[0].starts_with("reduse: reduse.toml:1:2: "), "{:?}", editor.told);
    assert_eq!(editor.lints(), ["metrics.rs:2:76 unbounded-label-name"]);
    write(folder.path(), "reduse.toml", b"[lints]\nunbounded-label-name = \"off\"\n");
    editor.say("workspace/didChangeWatchedFiles", json!({"changes": []}));
    editor.rest();
    assert_eq!(editor.lints(), [""; 0]);
    assert_eq!(editor.stop(), 0);
}

#[test]
fn what_is_not_understood_is_refused_and_an_end_without_exit_is_an_error() {
    let folder = tree(&[("src/metrics.rs", USER_ID)]);
    let mut editor = Editor::start(folder.path(), &[], &json!({}));
    let refused = serde_json::to_value(editor.answer("textDocument/codeAction", json!({"range": 1}))).unwrap();
    assert_eq!(refused["error"]["code"], -32602);
    editor.say("textDocument/didOpen", json!({"nonsense": true}));
    editor.open("untitled:Untitled-1", "fn main() {}");
    editor.rest();
    assert_eq!(editor.lints().len(), 1);
    let unknown = serde_json::to_value(editor.answer("textDocument/rename", json!({}))).unwrap();
    assert_eq!(unknown["error"]["code"], -32601);
    // The editor is gone.
    editor.input = None;
    assert_eq!(editor.server.wait().unwrap().code(), Some(3));
    let mut hasty = Editor::start(folder.path(), &[], &json!({}));
    hasty.say("exit", Value::Null);
    assert_eq!(hasty.server.wait().unwrap().code(), Some(1));
}
