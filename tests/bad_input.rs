//! Input that nobody means: a clear finding or error with the path, the other files still checked, no panic, bounded time.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::fmt::Write;
use std::time::{Duration, Instant};

use common::{GOOD_RULES, Run, USER_ID, reduse_in, tree, write};

/// Checks a tree that also holds one file with a known error, and asserts that this error is still found.
fn check_beside(bad: &[(&str, Vec<u8>)]) -> Run {
    let folder = tree(&[("src/metrics.rs", USER_ID)]);
    for (path, bytes) in bad {
        write(folder.path(), path, bytes);
    }
    let start = Instant::now();
    let run = reduse_in(folder.path(), &["check", "--format", "concise"]);
    assert!(start.elapsed() < Duration::from_secs(20), "took {:?}", start.elapsed());
    assert!(run.stdout.contains("src/metrics.rs:3:77: error[unbounded-label-name]"), "the other file was lost:\n{run:?}");
    run
}

#[test]
fn a_file_that_is_not_utf8() {
    let run = check_beside(&[("src/latin.rs", b"// caf\xe9 prometheus\nfn f() {}\n".to_vec())]);
    assert!(run.stdout.contains("src/latin.rs:"), "{run:?}");
    assert!(run.stdout.contains("error[unreadable-file] not UTF-8: byte 6 begins no valid character"), "{run:?}");
    assert_eq!(run.code, 3);
}

#[test]
fn utf16_files_are_read() {
    let utf16 = |text: &str| [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect::<Vec<u8>>();
    let rules = GOOD_RULES.replace("expr: up == 0", "expr: up == (0");
    let run = check_beside(&[("rules.yml", utf16(&rules)), ("src/more.rs", utf16(&USER_ID.replace("http_", "rpc_")))]);
    assert!(run.stdout.contains("rules.yml:5:21: error[promql-syntax]"), "{run:?}");
    assert!(run.stdout.contains("src/more.rs:3:76: error[unbounded-label-name]"), "{run:?}");
    let mut cut = utf16(USER_ID);
    cut.pop();
    let run = check_beside(&[("src/cut.rs", cut)]);
    assert!(run.code == 3 && run.stdout.contains("error[unreadable-file] begins as UTF-16 and does not go on so"), "{run:?}");
}

#[test]
fn binary_data_with_an_innocent_name_is_nobodys_business() {
    let run = check_beside(&[("data/blob.json", vec![0xff, 0xfe, 0, 1, 2, 3]), ("data/blob.yaml", vec![0xff, 0, 0x80])]);
    assert!(!run.stdout.contains("data/blob"), "{run:?}");
    assert_eq!(run.code, 1);
}

#[test]
fn a_truncated_rust_file() {
    let half = USER_ID.split_at(100).0;
    let run = check_beside(&[("src/half.rs", half.as_bytes().to_vec())]);
    assert!(run.stdout.contains("src/half.rs:") && run.stdout.contains("warning[rust-syntax]"), "{run:?}");
    assert_eq!(run.code, 1);
}

#[test]
fn truncated_rules_and_a_truncated_dashboard() {
    let rules = GOOD_RULES.split_at(GOOD_RULES.len() - 10).0;
    let dashboard =
        "{\"title\": \"x\", \"schemaVersion\": 39, \"panels\": [{\"id\": 1, \"type\": \"timeseries\", \"targets\": [{\"expr\": \"up";
    let run = check_beside(&[("rules.yml", rules.as_bytes().to_vec()), ("dashboard.json", dashboard.as_bytes().to_vec())]);
    assert!(run.stdout.contains("rules.yml:") && run.stdout.contains("[yaml-syntax]"), "{run:?}");
    assert!(run.stdout.contains("dashboard.json:"), "{run:?}");
}

#[test]
fn a_file_of_fifty_megabytes() {
    let folder = tree(&[("src/metrics.rs", USER_ID)]);
    let file = std::fs::File::create(folder.path().join("huge.json")).unwrap();
    file.set_len(50 << 20).unwrap();
    let run = reduse_in(folder.path(), &["check", "--format", "concise"]);
    assert!(run.stdout.contains("huge.json: warning[oversized-file] 50 MiB is more than the 32 MiB that are read of one file"), "{run:?}");
    assert!(run.stdout.contains("src/metrics.rs:3:77: error[unbounded-label-name]"), "{run:?}");
    assert_eq!(run.code, 1);
}

#[cfg(unix)]
#[test]
fn a_loop_of_symlinks() {
    let folder = tree(&[("src/metrics.rs", USER_ID)]);
    std::os::unix::fs::symlink("..", folder.path().join("src/up")).unwrap();
    std::os::unix::fs::symlink("self.rs", folder.path().join("src/self.rs")).unwrap();
    let run = reduse_in(folder.path(), &["check", "--format", "concise"]);
    assert_eq!(run.stdout.lines().count(), 1, "{run:?}");
    assert_eq!(run.code, 1);
    let named = reduse_in(folder.path(), &["check", "src/self.rs"]);
    assert_eq!(named.code, 2, "{named:?}");
    assert!(named.stderr.contains("src/self.rs"), "{named:?}");
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tree(&[("src/metrics.rs", USER_ID), ("src/secret.rs", "fn f() {}")]);
    let secret = folder.path().join("src/secret.rs");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o000)).unwrap();
    let run = reduse_in(folder.path(), &["check", "--format", "concise"]);
    assert!(run.stdout.contains("src/metrics.rs:3:77: error[unbounded-label-name]"), "{run:?}");
    if std::fs::read(&secret).is_ok() {
        // The superuser reads everything, and so does reduse when he runs it.
        assert_eq!(run.code, 1, "{run:?}");
    } else {
        assert!(run.stdout.contains("src/secret.rs: error[unreadable-file] cannot be read"), "{run:?}");
        assert_eq!(run.code, 3, "{run:?}");
    }
}

#[test]
fn rust_nested_beyond_reason() {
    let shapes = [
        ("parentheses", format!("const X: u8 = {}1{};", "(".repeat(100_000), ")".repeat(100_000))),
        ("negations", format!("const X: bool = {}true;", "!".repeat(100_000))),
        ("references", format!("type X = {}u8;", "&".repeat(100_000))),
        ("generics", format!("type X = {}u8{};", "Vec<".repeat(100_000), ">".repeat(100_000))),
        ("chains", format!("fn f() {{ a{}; }}", ".b()".repeat(100_000))),
        ("sums", format!("const X: u64 = 1{};", " + 1".repeat(100_000))),
        ("branches", format!("fn f() {{ if a {{}} {} }}", "else if b {} ".repeat(50_000))),
        ("closures", format!("fn f() {{ let x = {}1; }}", "|a| ".repeat(100_000))),
        ("open only", format!("fn f() {{ {}", "{".repeat(100_000))),
    ];
    for (shape, code) in shapes {
        let text = format!("use prometheus::IntCounter;\n{code}\n");
        let run = check_beside(&[("src/deep.rs", text.into_bytes())]);
        assert_eq!(run.code, 1, "{shape}: {run:?}");
    }
}

#[test]
fn yaml_and_json_nested_beyond_reason() {
    let mut indented = String::from("groups:\n");
    for depth in 1..3_000 {
        let _ = writeln!(indented, "{}a:", " ".repeat(depth));
    }
    let shapes = [
        ("a.yml", format!("groups: {}", "[".repeat(100_000))),
        ("b.yml", format!("groups: {}{}", "[".repeat(100_000), "]".repeat(100_000))),
        ("c.yml", format!("groups: {}", "{a: ".repeat(100_000))),
        ("d.yml", indented),
        ("e.yml", format!("groups:\n{}", "- ".repeat(100_000))),
        ("f.json", format!("{{\"panels\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000))),
        ("g.json", format!("{{\"title\": \"x\", \"panels\": {}", "{\"panels\": [".repeat(50_000))),
    ];
    for (path, text) in shapes {
        let run = check_beside(&[(path, text.into_bytes())]);
        assert_eq!(run.code, 1, "{path}: {run:?}");
    }
}

#[test]
fn promql_nested_beyond_reason() {
    for query in
        [format!("{}1{}", "(".repeat(50_000), ")".repeat(50_000)), format!("{}1", "-".repeat(50_000)), format!("1{}", "+1".repeat(50_000))]
    {
        let rules = format!("groups:\n  - name: g\n    rules:\n      - record: a:b\n        expr: \"{query}\"\n");
        let run = check_beside(&[("rules.yml", rules.into_bytes())]);
        assert_eq!(run.code, 1, "{run:?}");
    }
}

#[test]
fn an_alias_bomb() {
    let mut bomb = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (this, last) in "bcdefghij".chars().zip("abcdefghi".chars()) {
        let list = vec![format!("*{last}"); 9].join(", ");
        let _ = writeln!(bomb, "{this}: &{this} [{list}]");
    }
    bomb.push_str("groups: *j\n");
    let run = check_beside(&[("bomb.yml", bomb.into_bytes())]);
    assert_eq!(run.code, 1, "{run:?}");
}

#[test]
fn an_empty_tree() {
    let folder = tree(&[]);
    let run = reduse_in(folder.path(), &["check"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "No findings in 0 files.\n"));
    let run = reduse_in(folder.path(), &["inventory"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "No metrics found.\n"));
}

#[test]
fn a_path_that_does_not_exist() {
    let folder = tree(&[]);
    for command in ["check", "inventory"] {
        let run = reduse_in(folder.path(), &[command, "no/such/place"]);
        assert_eq!(run.code, 2);
        assert_eq!(run.stderr, "error: no such file or directory: no/such/place\n");
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn a_dashboard_that_is_none() {
    let folder =
        tree(&[("dashboard.json", "{\"title\": \"x\", \"schemaVersion\": 39, \"panels\": \"none\"}"), ("src/metrics.rs", USER_ID)]);
    let run = reduse_in(folder.path(), &["check", "--format", "concise"]);
    assert!(run.stdout.contains("dashboard.json:1:") && run.stdout.contains("[dashboard-schema]"), "{run:?}");
    assert!(run.stdout.contains("src/metrics.rs:3:77: error[unbounded-label-name]"), "{run:?}");
}

#[test]
fn empty_files_nulls_and_marks() {
    let run = check_beside(&[
        ("src/empty.rs", Vec::new()),
        ("empty.yml", Vec::new()),
        ("empty.json", Vec::new()),
        ("src/nul.rs", b"use prometheus::IntCounter;\0\0\0".to_vec()),
        ("nul.yml", b"groups:\0\n".to_vec()),
        ("src/bom.rs", b"\xef\xbb\xbfuse prometheus::IntCounter;\r\n".to_vec()),
        ("bom.yml", format!("\u{feff}{GOOD_RULES}").into_bytes()),
        ("crlf.yml", GOOD_RULES.replace("Down", "Gone").replace('\n', "\r\n").into_bytes()),
    ]);
    assert!(!run.stdout.contains("bom.") && !run.stdout.contains("crlf.yml"), "{run:?}");
    assert_eq!(run.code, 1);
}

#[test]
fn what_is_too_long_or_too_deep_is_said() {
    let chain = |piece: &str, n: usize| vec![piece; n].join(" + ");
    let alert = |name: &str, expr: &str| format!("      - alert: {name}\n        expr: {expr} > 1\n        for: 5m\n");
    let deep = format!("{}up{}", "(".repeat(150), ")".repeat(150));
    let rules = format!("groups:\n  - name: a\n    rules:\n{}{}", alert("Long", &chain("up", 450)), alert("Deep", &deep));
    let code = format!("from prometheus_client import Counter\nx = {}\nc = Counter('c_total', 'x')\n", chain("'a'", 900));
    let folder = tree(&[("r.yml", &rules), ("app.py", &code)]);
    let run = reduse_in(folder.path(), &["check", "--format", "concise", "--select", "promql-syntax"]);
    let lines: Vec<&str> = run.stdout.lines().map(|l| l.split_once(' ').unwrap().1).collect();
    let said = [
        "warning[promql-syntax] alert `Long` is not judged: it has more than 400 operators",
        "warning[promql-syntax] alert `Deep` is not judged: it has more than 100 levels of nesting",
    ];
    assert_eq!((run.code, &lines[..]), (0, &said[..]));
    let run = reduse_in(folder.path(), &["inventory"]);
    assert!(run.stdout.contains("app.py:2") && run.stdout.contains("the file is nested too deeply to be read"), "{run:?}");
}

#[test]
fn code_that_does_not_parse_is_named_by_every_command_that_reads_it() {
    let rust = "use prometheus::*;\nfn f() {\n    register_int_counter!(\"jobs_total\", \"Jobs\";\n}\n";
    let python = "from prometheus_client import Counter\nc = Counter(\"runs_total\", \"Runs\", [\"kind\"]\n\ndef run():\n    pass\n";
    let run = check_beside(&[("src/broken.rs", rust.into()), ("src/broken.py", python.into())]);
    for line in [
        "src/broken.rs:4:1: warning[rust-syntax] `}` does not close the bracket that is open here\n",
        "src/broken.py:4:1: warning[python-syntax] this is not understood as Python, or a bracket or quote before it is not closed\n",
    ] {
        assert!(run.stdout.contains(line), "{run:?}");
    }
    let folder = tree(&[("src/broken.rs", rust), ("broken.py", python)]);
    for command in [&["inventory"][..], &["coverage"], &["budget"], &["generate", "--out", "out"]] {
        let run = reduse_in(folder.path(), command);
        assert!(run.stderr.contains("not read in full: src/broken.rs:4:1: `}` does not close the bracket that is open here\n"), "{run:?}");
        assert!(run.stderr.contains("not read in full: broken.py:4:1: this is not understood as Python"), "{run:?}");
    }
}

#[test]
fn what_is_not_yet_python_or_more_than_python_is_no_finding() {
    let import = "from prometheus_client import Counter\n";
    let run = check_beside(&[
        ("class.py", format!("{import}class {{{{ name }}}}Metrics:\n    pass\n").into()),
        ("loop.py", format!("{import}names = [{{% for n in names %}} '{{{{ n }}}}', {{% endfor %}}]\n").into()),
        ("magic.py", format!("{import}%matplotlib inline\nx = 1\n").into()),
        ("cell.py", format!("{import}if True:\n    x = 1\n    %time run()\n").into()),
        ("shell.py", format!("{import}x = 1\n!ls -l\n").into()),
    ]);
    assert!(!run.stdout.contains("python-syntax"), "{run:?}");
    // The next Python is not known: that much is said, and no more.
    let run = check_beside(&[("new.py", format!("{import}def g[T: int = str](x: T): pass\n").into())]);
    let said = "new.py:2:14: warning[python-syntax] this is not understood as Python, or a bracket or quote before it is not closed\n";
    assert!(run.stdout.contains(said), "{run:?}");
}

#[test]
fn rules_in_json_are_read_as_prometheus_reads_them() {
    let whole = r#"{"groups": [{"name": "a", "rules": [{"alert": "Down", "expr": "up == (0", "for": "5m",},]}]}"#;
    let run = check_beside(&[("rules.json", whole.into()), ("cut.json", whole.replace(",},]}]}", "").into())]);
    assert!(run.stdout.contains("rules.json:1:70: error[promql-syntax]"), "{run:?}");
    assert!(run.stdout.contains("cut.json:1:86: error[yaml-syntax] the rule file is no valid JSON: expected `,` or `}`"), "{run:?}");
}

#[test]
#[cfg(unix)]
fn what_a_shell_makes_of_a_command_is_no_file() {
    let folder = tree(&[]);
    let run = reduse_in(folder.path(), &["check", "/dev/null"]);
    let said = "error: /dev/null: neither a file nor a folder: write it to a file first, or give it to `check --stdin-filename`\n";
    assert_eq!((run.code, run.stderr.as_str()), (2, said));
}
