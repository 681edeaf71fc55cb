//! Mutated documents: no panic, and every place lies inside the file.

use super::*;

const RULES: &str = "groups:\n  - name: g\n    interval: 1m\n    rules:\n      - alert: A\n        expr: |\n          sum by (le) (rate(a_total{b=\"c\"}[5m]))\n            > 1\n        for: 5m\n        labels: {severity: 'it''s'}\n      - record: a:b\n        expr: \"x{a=\\\"\\u00e9\\\"}\"\n";
const DASHBOARD: &str = r#"{"title": "T", "schemaVersion": 39, "templating": {"list": [{"type": "query", "name": "j", "query": "label_values(up{a=\"b\"}, job)"}]},
 "panels": [{"id": 1, "type": "timeseries", "title": "é", "targets": [{"expr": "rate(x_total{j=\"$j\"}[$__rate_interval])"}]}]}"#;

fn nested() -> String {
    let indented: Vec<String> = DASHBOARD.lines().map(|l| format!("    {l}")).collect();
    format!("apiVersion: v1\nkind: ConfigMap\ndata:\n  d.json: |\n{}\n", indented.join("\n"))
}

#[test]
fn mutated_documents_do_not_panic_and_places_stay_inside() {
    let config_map = nested();
    let seeds = [(FileKind::Yaml, RULES), (FileKind::Json, DASHBOARD), (FileKind::Yaml, config_map.as_str())];
    for (kind, seed) in seeds {
        assert!(!extract(&SourceFile::new("f", kind, seed)).consumers.is_empty(), "{seed}");
    }
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % n.max(1) as u64) as usize
    };
    for round in 0..3000 {
        let (kind, seed) = seeds[round % seeds.len()];
        let mut text: Vec<char> = seed.chars().collect();
        for _ in 0..1 + next(4) {
            let at = next(text.len());
            match next(8) {
                0 => text.truncate(at.max(1)),
                1..=3 if text.len() > 1 => drop(text.remove(at)),
                _ => text.insert(at, [':', '"', '\n', '[', '{', '\\', '\t', '\0', '-', '|', '&', '😀', '\r', ' '][next(14)]),
            }
        }
        let text: String = text.into_iter().collect();
        let file = SourceFile::new("f", kind, &text);
        let found = extract(&file);
        let inside = |l: &Location| assert!(l.span.end as usize <= text.len() && l.span.start <= l.span.end, "{l:?} {text:?}");
        found.problems.iter().for_each(|p| inside(&p.location));
        found.consumers.iter().for_each(|c| inside(&c.location));
        for consumer in &found.consumers {
            let query = &consumer.query;
            (0..query.scalar.text.len()).for_each(|i| inside(&query.locate(Span::new(i, i + 1))));
        }
    }
}

#[test]
fn a_rule_file_has_groups_and_nothing_beside_them() {
    let rules = "groups:\n  - name: a\n    rules:\n      - alert: Down\n        expr: up == 0\n        for: 5m\n";
    let problems = |head: &str| {
        let file = SourceFile::new("alerts.yml", FileKind::Yaml, &format!("{head}{rules}"));
        extract(&file).problems.into_iter().map(|p| p.message).collect::<Vec<_>>()
    };
    assert_eq!(problems("group:\n  name: a\n"), ["a rule file has no field `group`"]);
    assert!(problems("").is_empty());
    assert!(problems("namespace: team\n").is_empty());
}

#[test]
fn what_a_tool_fills_in_is_not_judged() {
    let rule = |expr: &str, wait: &str| {
        let text = format!("groups:\n  - name: a\n    rules:\n      - alert: Down\n        expr: {expr}\n        for: {wait}\n");
        let found = extract(&SourceFile::new("alerts.yml", FileKind::Yaml, &text));
        (found.problems.len(), found.consumers.len(), found.skipped.len())
    };
    assert_eq!(rule("up > 1", "5m"), (0, 1, 0));
    assert_eq!(rule("up > <%= p('limit') %>", "<%= p('wait') %>"), (0, 0, 1));
    assert_eq!(rule("up > ${LIMIT}", "${WAIT}"), (0, 0, 0));
    assert_eq!(rule("up > $LIMIT", "${__interval}"), (1, 1, 0), "the query is judged when it is parsed");
    let board = DASHBOARD.replace("\"title\": \"é\"", "\"title\": \"é\", \"options\": {\"content\": \"<% x %>\"}");
    assert_eq!(extract(&SourceFile::new("d.json", FileKind::Json, &board)).dashboards.len(), 1);
}
