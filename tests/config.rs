//! `reduse.toml`: its JSON schema, `reduse init`, presets, and what is said about mistakes.
//!
//! `REDUSE_UPDATE=1 cargo test --test config` writes `schema/reduse.schema.json`.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use common::{USER_ID, reduse, reduse_in, root, tree, write};
use reduse::config::Config;
use reduse::generate::starter_config;
use reduse::knowledge::{lint_docs, presets};

fn schema() -> serde_json::Value {
    serde_json::from_str(&reduse::config::json_schema()).unwrap()
}

/// What the schema says against a text; empty when it fits.
fn against_schema(text: &str) -> Vec<String> {
    let table: toml::Table = text.parse().unwrap();
    let validator = jsonschema::validator_for(&schema()).unwrap();
    validator.iter_errors(&serde_json::to_value(table).unwrap()).map(|e| format!("{}: {e}", e.instance_path)).collect()
}

#[test]
fn the_schema_on_disk_is_up_to_date_and_printed() {
    let path = root().join("schema/reduse.schema.json");
    let text = reduse::config::json_schema();
    if std::env::var_os("REDUSE_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let on_disk = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(on_disk == text, "schema/reduse.schema.json is out of date: run `REDUSE_UPDATE=1 cargo test --test config`");
    let run = reduse(&["schema"]);
    assert_eq!((run.code, run.stdout), (0, text));
}

#[test]
fn the_schema_names_every_lint_and_describes_every_key() {
    let schema = schema();
    assert!(jsonschema::meta::is_valid(&schema));
    let lints = schema["properties"]["lints"]["properties"].as_object().unwrap();
    for doc in lint_docs::all() {
        for name in [&doc.name, &doc.family] {
            assert_eq!(lints[name]["enum"], serde_json::json!(["off", "info", "warning", "error"]), "{name}");
        }
        assert!(lints[&doc.name]["description"].as_str().unwrap().contains(&*doc.severity));
    }
    assert!(["$schema", "title", "description"].iter().all(|key| schema[key].is_string()), "{schema}");
    for (key, value) in schema["properties"].as_object().unwrap() {
        assert!(value["description"].as_str().is_some_and(|d| d.ends_with('.')), "{key}: {value}");
    }
}

/// Texts that are good, whoever reads them.
fn good() -> Vec<String> {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let shown = readme.split("```toml\n").skip(1).map(|b| b.split("```").next().unwrap().to_owned());
    let examples = lint_docs::all().flat_map(|d| d.examples.bad.iter().chain(&d.examples.good)).filter_map(|e| e.config.clone());
    let own = std::fs::read_to_string(root().join("reduse.toml")).ok();
    let starters = presets::all().iter().map(|p| starter_config(p).unwrap());
    shown.chain(examples).chain(own).chain(starters).chain([String::new()]).collect()
}

#[test]
fn schema_and_parser_agree_on_what_is_good() {
    assert!(good().len() > 5);
    for text in good() {
        Config::parse(&text, "reduse.toml", "").unwrap_or_else(|e| panic!("{e}:\n{text}"));
        assert_eq!(against_schema(&text), [""; 0], "{text}");
    }
}

#[test]
fn schema_and_parser_agree_on_what_is_bad_and_the_parser_says_it_in_plain_words() {
    let cases = [
        ("preset = \"strickt\"", "1:10: unknown preset `strickt`: did you mean `strict`?"),
        ("fail_on = \"warn\"", "1:11: unknown value `warn`: did you mean `warning`?"),
        ("exclude = \"vendor\"", "1:11: `exclude` must be a list in square brackets, not the text \"vendor\""),
        ("exclude = [\"a\", 3]", "1:17: this must be text in quotes, not the number 3"),
        ("systems = [\"node-exporter\"]", "1:12: unknown system `node-exporter`: did you mean `node_exporter`?"),
        ("lints = 3", "1:9: `lints` must be a table, not the number 3"),
        (
            "[lints]\nmissing-help = true",
            "2:16: `missing-help` must be one of the words for a level in quotes, such as \"warning\", not true",
        ),
        ("[lints]\nmissing-help = \"of\"", "2:16: unknown value `of`: did you mean `off`?"),
        ("[lints]\nmissing-hlep = \"off\"", "2:1: unknown lint `missing-hlep`: did you mean `missing-help`?"),
        ("[labels]\na = { max = \"x\" }", "2:13: `max` must be a whole number that is not negative, not the text \"x\""),
        ("[labels]\na = { max = -4 }", "2:13: `max` must be a whole number that is not negative, not the number -4"),
        ("[labels]\na = { max = 0 }", "2:13: `max = 0` lets `a` take no value at all: give at least 1"),
        (
            "[labels]\na = { max = 1, values = [\"x\", \"y\"] }",
            "2:13: `a` has both `max` and `values`: leave `max` out, since `values` has 2 of them",
        ),
        ("[labels]\na = { values = [] }", "2:16: no value is left for `a`: name those that it takes"),
        ("[labels]\na = {}", "2:1: the policy for label `a` says nothing: give `max = 40` or `values = [\"eu\", \"us\"]`"),
        ("[labels]\na = 40", "2:5: `a` must be a table, not the number 40"),
        ("[signals]\nttfx = \"a_seconds\"", "2:1: unknown signal `ttfx`: did you mean `ttft`?"),
        ("[signals]\nttft = 2", "2:8: `ttft` must be text in quotes, not the number 2"),
        ("[thresholds]\nerror_ratio = \"1%\"", "2:15: `error_ratio` must be a number, not the text \"1%\""),
        ("[thresholds]\nerror_ratio = 5", "2:15: `error_ratio` must be above 0 and at most 1, not 5"),
        ("[budget]\nmax_series = 0", "2:14: `max_series = 0` leaves no room for any metric: give at least 1"),
        ("[budget]\nfile = \"\"", "2:8: `file` is empty: name the file that `reduse budget --write-budget` wrote"),
        ("[[wrappers]]\nmacro = \"m\"\ntype = \"counter\"", "1:1: the key `name` is missing here"),
        (
            "[[wrappers]]\ntype = \"counter\"\nname = \"{0}\"",
            "3:8: a wrapper is one of `macro`, `function` or `method`: give exactly one of the three",
        ),
        ("[[wrappers]]\nmacro = \"m\"\ntype = \"counter\"\nname = \"a_{\"", "4:8: `a_{` has a `{` without its `}`"),
        (
            "[[wrappers]]\nmacro = \"a b\"\ntype = \"counter\"\nname = \"{0}\"",
            "2:9: `a b` is no name: write it as it is called, without `!`, `.` and parentheses",
        ),
        ("[[wrappers]]\nmacro = \"m\"\ntype = \"counter\"\nname = \"{0}\"\nbuckets = [1]", "5:11: only a histogram has `buckets`"),
        (
            "[[wrappers]]\nmacro = \"m\"\ntype = \"gauge\"\nname = \"{0}\"\nlabels = \"a{0}\"",
            "5:10: `a{0}` must be a list, or one argument of the call, such as `{2}` or `{labels}`",
        ),
        (
            "[[wrappers]]\nmacro = \"m\"\ntype = \"gauge\"\nname = \"{0}\"\nlabels = 3",
            "5:10: `labels` must be a list in square brackets, or one argument of the call in quotes, such as \"{2}\"",
        ),
        ("[budget]\nmax = 5", "2:1: unknown key `max`: did you mean `max_series`?"),
        ("[[overrides]]\nlints = {}", "1:1: the key `paths` is missing here"),
        ("[[override]]\npaths = []", "1:3: unknown key `override`: did you mean `overrides`?"),
    ];
    for (text, expected) in cases {
        let error = Config::parse(text, "reduse.toml", "").unwrap_err().to_string();
        assert_eq!(error, format!("reduse.toml:{expected}"), "{text}");
        assert_ne!(against_schema(text), [""; 0], "the schema takes {text}");
    }
}

/// The starter with every commented item in use, and with each of them alone.
fn uncommented(text: &str) -> Vec<String> {
    // A commented key or table, unlike prose, begins as TOML does.
    let is_item = |rest: &str| {
        let key = rest.split(' ').next().unwrap_or("");
        rest.starts_with("[[") || rest.contains(" = ") && key.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
    };
    let items: Vec<Option<&str>> = text.lines().map(|l| l.strip_prefix("# ").filter(|rest| is_item(rest))).collect();
    let with = |used: &dyn Fn(usize) -> bool| {
        let lines = text.lines().enumerate().map(|(i, line)| items[i].filter(|_| used(i)).unwrap_or(line));
        lines.collect::<Vec<_>>().join("\n")
    };
    // The keys of a commented table come with it.
    let table = items.iter().position(|i| i.is_some_and(|rest| rest.starts_with("[["))).unwrap();
    let alone = (0..table).filter(|&i| items[i].is_some()).map(|i| with(&|used| used == i));
    alone.chain([with(&|i| i >= table), with(&|_| true)]).collect()
}

#[test]
fn every_line_that_init_comments_out_can_be_used() {
    for preset in presets::all() {
        let texts = uncommented(&starter_config(preset).unwrap());
        assert!(texts.len() > 10);
        for text in &texts {
            Config::parse(text, "reduse.toml", "").unwrap_or_else(|e| panic!("{e}\n{text}"));
            assert_eq!(against_schema(text), [""; 0], "{text}");
        }
        let all: toml::Table = texts.last().unwrap().parse().unwrap();
        for key in schema()["properties"].as_object().unwrap().keys() {
            assert!(all.contains_key(key), "the starter says nothing of `{key}`");
        }
    }
}

#[test]
fn init_writes_once() {
    let folder = tree(&[("src/m.rs", &USER_ID.replace("user_id", "status"))]);
    let run = reduse_in(folder.path(), &["init", "--preset", "strict"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.starts_with("reduse.toml: "), "{run:?}");
    let written = std::fs::read_to_string(folder.path().join("reduse.toml")).unwrap();
    assert!(written.contains("\npreset = \"strict\"\n"), "{written}");
    assert_eq!(reduse_in(folder.path(), &["check"]).code, 0);
    let again = reduse_in(folder.path(), &["init"]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("reduse.toml is there already, and nothing was written"), "{again:?}");
    assert_eq!(std::fs::read_to_string(folder.path().join("reduse.toml")).unwrap(), written);
    assert!(reduse_in(folder.path(), &["init", "src", "--preset", "strikt"]).stderr.contains("did you mean `strict`?"));
    assert!(reduse_in(folder.path(), &["init", "none"]).stderr.contains("no such folder: none"));
    assert_eq!(reduse_in(folder.path(), &["init", "src"]).code, 0);
}

#[test]
fn the_strict_preset_fails_on_warnings_and_the_command_line_wins() {
    let folder = tree(&[("src/m.rs", &USER_ID.replace("\"Requests answered\"", "\"\"").replace("user_id", "status"))]);
    let code = |config: &str, args: &[&str]| {
        std::fs::write(folder.path().join("reduse.toml"), config).unwrap();
        reduse_in(folder.path(), &[&["check"], args].concat()).code
    };
    assert_eq!(code("", &[]), 0);
    assert_eq!(code("preset = \"default\"", &[]), 0);
    assert_eq!(code("preset = \"strict\"", &[]), 1);
    assert_eq!(code("fail_on = \"warning\"", &[]), 1);
    assert_eq!(code("preset = \"strict\"\nfail_on = \"error\"", &[]), 0);
    assert_eq!(code("preset = \"strict\"", &["--fail-on", "error"]), 0);
    assert_eq!(code("preset = \"strict\"\n[lints]\nmissing-help = \"off\"", &[]), 0);
    assert_eq!(code("preset = \"strict\"\n[lints]\nmissing-help = \"info\"", &[]), 0);
}

#[test]
fn presets_name_lints_and_levels_that_exist() {
    let levels = ["off", "info", "warning", "error"];
    for preset in presets::all() {
        assert!(preset.summary.ends_with('.') && levels[1..].contains(&&*preset.fail_on), "{preset:?}");
        assert!(preset.opinions.iter().chain(preset.lints.values()).all(|l| levels.contains(&&**l)), "{preset:?}");
        assert!(preset.lints.keys().all(|l| reduse::config::is_lint_or_family(l)), "{preset:?}");
    }
    assert_eq!(presets::all().iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["default", "strict"]);
}

#[test]
fn a_signal_that_no_metric_can_answer_is_an_error_of_check_too() {
    let folder = tree(&[("src/m.rs", USER_ID), ("reduse.toml", "[signals]\nttft = \"no_such_seconds\"\n")]);
    let run = reduse_in(folder.path(), &["check"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run:?}");
    assert!(run.stderr.contains("[signals] of the configuration: ") && run.stderr.contains("no_such_seconds"), "{run:?}");
}

#[test]
fn a_configuration_that_is_not_utf8_is_wrong_usage() {
    let folder = tree(&[("src/m.rs", USER_ID)]);
    write(folder.path(), "reduse.toml", b"# a\nexclude = [\"caf\xe9\"]\n");
    let run = reduse_in(folder.path(), &["check"]);
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(run.stderr, "error: reduse.toml:2: not UTF-8: byte 19 begins no valid character: save the file as UTF-8\n");
    write(folder.path(), "reduse.toml", b"\xef\xbb\xbfexclude = [\"src\"]\n");
    assert_eq!(reduse_in(folder.path(), &["check"]).code, 0, "a byte order mark is fine");
}

#[test]
fn a_tree_without_files_says_so() {
    let folder = tree(&[("notes.txt", "")]);
    let run = reduse_in(folder.path(), &["check"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "No findings in 0 files.\n"));
    assert_eq!(run.stderr, "no Rust, Python, YAML or JSON file was found in .\n");
}

/// A file with six alerts whose names are in small letters.
fn small_letters(prefix: &str) -> String {
    let rule = |word: &str| format!("      - alert: {prefix}_{word}\n        expr: up{{job=\"{prefix}{word}\"}} == 0\n        for: 5m\n");
    format!("groups:\n  - name: {prefix}\n    rules:\n{}", ["a", "b", "c", "d", "e", "f"].map(rule).concat())
}

#[test]
fn a_word_about_some_does_not_silence_the_others_that_one_finding_speaks_for() {
    let (old, new) = (small_letters("old"), small_letters("new"));
    let folder = tree(&[("legacy/rules.yml", &old), ("rules.yml", &new)]);
    let check = || reduse_in(folder.path(), &["check", "--format", "concise", "--select", "alert-name-style"]).stdout;
    assert_eq!(check(), "legacy/rules.yml:4:16: info[alert-name-style] 12 of 12 alerts are not in camel case\n");
    let off = "[[overrides]]\npaths = [\"legacy/**\"]\nlints = { alert-name-style = \"off\" }\nreason = \"routes know them\"\n";
    write(folder.path(), "reduse.toml", off.as_bytes());
    assert_eq!(check(), "rules.yml:4:16: info[alert-name-style] 6 of 12 alerts are not in camel case\n");
    let allowed = new.replacen("      - alert", "      # reduse: allow(alert-name-style) a route knows it\n      - alert", 1);
    write(folder.path(), "rules.yml", allowed.as_bytes());
    // Less than half is no rule of the tree.
    let each =
        ["8:16", "11:16", "14:16", "17:16", "20:16"].map(|place| format!("rules.yml:{place}: info[alert-name-style] the alert `new_"));
    let found = check();
    assert!(found.lines().count() == 5 && each.iter().all(|line| found.contains(line)), "{found}");
}

#[test]
fn a_suppression_of_the_first_of_a_file_is_of_that_one_only() {
    let rule = |name: &str| {
        let text = "        annotations:\n          summary: \"{{ $labels.pod }} is full\"\n";
        format!("      - alert: {name}\n        expr: sum by (job) (queue_{name}) > 5\n        for: 5m\n{text}")
    };
    let rules = format!("groups:\n  - name: a\n    rules:\n{}", ["A", "B", "C", "D", "E"].map(rule).concat());
    let folder = tree(&[("rules.yml", &rules)]);
    let check = || reduse_in(folder.path(), &["check", "--format", "concise", "--select", "template-label"]).stdout;
    let all = |line: usize, n: usize| {
        format!(
            "rules.yml:{line}:24: warning[template-label] {n} alerts of this file read the label `pod`, which their queries cannot have\n"
        )
    };
    assert_eq!(check(), all(8, 5));
    write(
        folder.path(),
        "rules.yml",
        rules.replacen("      - alert", "      # reduse: allow(template-label) soon\n      - alert", 1).as_bytes(),
    );
    assert_eq!(check(), all(14, 4));
}

#[test]
fn what_is_not_resolved_can_be_declared_and_the_inventory_says_how() {
    let code = "use prometheus::*;
pub fn counter(name: &str) -> IntCounter { register_int_counter!(Opts::new(name, \"Of a plugin\")).unwrap() }
";
    let folder = tree(&[("src/lib.rs", code)]);
    let run = reduse_in(folder.path(), &["inventory"]);
    let hint = "what is not resolved can be declared: [[wrappers]] in reduse.toml says which macro, function or method defines a metric\n";
    assert!(run.stdout.contains("1 unresolved") && run.stderr == hint, "{run:?}");
    let text = "pub fn f(name: &str) -> String { format!(\"# HELP {name} x\\n# TYPE {name} counter\\n{name} 1\\n\") }\n";
    let folder = tree(&[("src/lib.rs", text)]);
    let run = reduse_in(folder.path(), &["inventory"]);
    assert!(run.stdout.contains("1 unresolved") && run.stderr.is_empty(), "{run:?}");
}
