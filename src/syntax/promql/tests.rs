//! Verdicts, places and agreement with promql-parser.

use super::*;

fn ok(text: &str, grafana: bool) -> Expr {
    match parse(text, grafana) {
        Outcome::Parsed(expr) => expr,
        other => panic!("{text}: {other:?}"),
    }
}

/// The message and the text under the caret.
fn error(text: &str, grafana: bool) -> (String, String) {
    match parse(text, grafana) {
        Outcome::Invalid(e) => (e.message, e.span.text(text).to_owned()),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn everyday_queries_parse() {
    for text in [
        "up",
        "up == 0",
        "sum by (job) (rate(http_requests_total{status=~\"5..\"}[5m])) / sum by (job) (rate(http_requests_total[5m])) > 0.01",
        "histogram_quantile(0.95, sum(rate(x_bucket[5m])) by (le))",
        "-1^2",
        "foo[5m:1m]",
        "foo[30m+0s]",
        "rate(foo[5m])[30m:]",
        "foo offset -5m",
        "foo @ 1609746000",
        "foo[5m] @ end() offset 1h",
        "a and on() b or ignoring(x) c unless d",
        "a * on(x) group_left(y, z) b",
        "a * on(x) group_left b",
        "topk(5, foo)",
        "quantile(0.9, foo)",
        "count_values(\"v\", foo)",
        "sum without() (foo)",
        "absent(up{job=\"x\"})",
        "{__name__=~\"foo.*\"}",
        "{\"my.metric\", a=\"b\"}",
        "label_replace(up, \"a\", \"$1\", \"b\", \"(.*)\")",
        "time() - foo > 3600",
        "vector(1)",
        "1 > bool 2",
        "foo == bool 1",
        "scalar(foo) > bool 1",
        "round(foo)",
        "round(foo, 0.1)",
        "hour()",
        "sum",
        "a:b:c",
        "1e3",
        "0x1F",
        "Inf",
        "NaN",
        ".5",
        "5m",
        "foo{a='b',}",
        "foo{a=`b\\d`}",
        "(foo)",
        "# comment\nfoo # more",
        "holt_winters(foo[5m], 0.5, 0.5)",
        "foo[5m*2]",
        "1_000",
        "foo[step()]",
        "foo{le=\"+Inf\"}",
        "sum(foo) BY (a)",
        "foo AND bar",
        "min_over_time(foo[1h30m])",
        "foo{on=\"x\", by=\"y\"}",
        "sum by (on, group) (foo)",
        "foo atan2 bar",
        "foo[300]",
        "-foo",
        "+foo",
        "foo{a=~\"x|y\"} > 1",
        "max(foo) by (a) > 0 and on() vector(1)",
        "days_in_month(vector(time())) == 31",
    ] {
        ok(text, false);
    }
}

#[test]
fn grafana_variables_stand_for_what_the_grammar_wants() {
    for text in [
        "rate(foo[$__rate_interval])",
        "rate(foo[$__interval:$__interval])",
        "rate(foo[${window}])",
        "rate(foo[[[window]]])",
        "sum by ($group) (foo)",
        "sum by (a, ${group:csv}) (foo)",
        "foo{$filters}",
        "foo{job=\"$job\", $filters}",
        "foo{job=~\"${job:regex}\"}",
        "foo{job=~$job}",
        "foo{$label=\"x\"}",
        "$metric",
        "${metric}{a=\"b\"}",
        "rate(${metric}_total[5m])",
        "prefix_$x{a=\"b\"} > $threshold",
        "$aggregation(foo)",
        "$pick([[limit]], $function(rate(foo[5m])) by ([[by]], job))",
        "topk($n, foo)",
        "foo offset $shift",
        "foo[${n}m]",
        "$expr > 5",
        "foo / $__range_s",
        "increase(foo[$__range:])",
        "[[metric]]",
        "foo{} * $factor",
        "foo[5${unit}]",
        "histogram_quantile($q, sum(rate(a_bucket[5m])) by (le))",
        "rate($metric[5m])",
        "sum(rate($metric{x=\"y\"}[5m]))",
    ] {
        ok(text, true);
    }
    assert!(matches!(parse("foo $op 5", true), Outcome::Unjudged));
    assert!(matches!(parse("foo $filter", true), Outcome::Unjudged));
    assert!(matches!(parse("{}", true), Outcome::Unjudged));
    assert!(matches!(parse("{}", false), Outcome::Invalid(_)));
    assert!(matches!(parse("foo / ${CPU-COUNT} > 90", false), Outcome::Unjudged));
    assert!(matches!(parse("foo / $x > 90", false), Outcome::Invalid(_)));
}

#[test]
fn errors_are_placed() {
    for (text, message, under) in [
        ("sum(rate(foo[5m])", "`(` is never closed", "("),
        ("foo{a=\"b\"", "`{` is never closed", "{"),
        ("rate(foo[5m)", "unexpected `)`: expected `]`", ")"),
        ("foo)", "`)` closes nothing", ")"),
        ("foo +", "`+` has no right operand", "+"),
        ("(foo >) > 1", "`>` has no right operand", ">"),
        ("raet(foo[5m])", "unknown function `raet`", "raet"),
        ("rate(foo)", "`rate` takes a range vector, not an instant vector", "foo"),
        ("sum(foo[5m])", "`sum` takes an instant vector, not a range vector", "foo[5m]"),
        ("rate(foo[5min])", "`5min` is neither a number nor a duration", "5min"),
        ("foo{a=b}", "unexpected `b`: expected a value in quotes", "b"),
        ("foo{a==\"b\"}", "`==` compares values; a label is matched with `=`", "=="),
        ("foo = 1", "unexpected `=`: expected an operator or the end of the query", "="),
        ("foo bar", "unexpected `bar`: expected an operator or the end of the query", "bar"),
        ("1 == 1", "a comparison of two scalars needs `bool`", "=="),
        ("foo and 1", "`and`, `or` and `unless` take instant vectors, not a scalar", "1"),
        ("{}", "the selector matches every series", "{}"),
        ("foo{a=\"b}", "string without an end", "\""),
        ("foo{a=~\"\\d\"}", "unknown escape `\\d` in a string", "\\d"),
        ("", "the query is empty", ""),
        ("sum(foo) by (a", "`(` is never closed", "("),
        ("foo[]", "a range needs a duration, such as `[5m]`", "[]"),
        ("topk(foo)", "`topk` takes 2 arguments, not 1", "topk"),
        ("foo; bar", "unexpected character `;`", ";"),
        ("rate(foo[5m],)", "no comma is allowed after the last argument", ","),
        ("foo + bool bar", "`bool` belongs to a comparison", "bool"),
        ("a * group_left(x) b", "`group_left` needs `on (…)` or `ignoring (…)` before it", "group_left"),
    ] {
        assert_eq!(error(text, false), (message.to_owned(), under.to_owned()), "{text}");
    }
    assert_eq!(error("rate(foo[$__rate_interval]) > ", true).1, ">");
}

#[test]
fn relatives_of_promql_are_left_alone() {
    for text in
        ["sum(rate({app=\"x\"} |= \"error\" [5m]))", "{app=\"x\"} != \"y\"", "rollup_rate(foo[5m])", "foo keep_metric_names", "median(foo)"]
    {
        assert!(matches!(parse(text, false), Outcome::Unjudged), "{text}");
    }
}

#[test]
fn errors_that_metricsql_does_not_know_are_told() {
    let of_metricsql = |text: &str| match parse(text, false) {
        Outcome::Invalid(error) => Some(error.metricsql),
        Outcome::Parsed(_) | Outcome::Unjudged => None,
    };
    // The label's name stands first there, and second in Prometheus.
    assert_eq!(of_metricsql("histogram_quantiles(\"phi\", 0.5, 0.9, x)"), Some(true));
    assert_eq!(of_metricsql("histogram_quantiles(x, \"phi\", 0.5, 0.9)"), None);
    assert_eq!(of_metricsql("histogram_quantiles(x, 0.5)"), Some(false));
    assert_eq!(of_metricsql("abs(\"x\")"), Some(false));
}

#[test]
fn what_promql_parser_refuses_is_refused() {
    for text in [
        "foo or 1",
        "foo == on(bar) 10",
        "foo + group_left(baz) bar",
        "foo and on(bar) group_left(baz) bar",
        "-\"string\"",
        "-test[5m]",
        "foo{a!b}",
        "foo{__name__=\"bar\"}",
        "sum by (a:b) (foo)",
        "foo offset",
        "1 offset 1d",
        "foo offset 1m offset 2m",
        "foo[5m] offset 1h30",
        "foo[5m][5m]",
        "(foo + bar)[5m]",
        "http_requests{group=\"p\"} + on(instance) group_left(job,instance) cpu_count",
        "foo{,}",
        "1 +",
        "a ^ ^ b",
        "foo[0s]",
        "sum()",
        "\"x\" > 1",
        "{a=~\".*\"}",
        "rate(foo[5m], 1)",
        "foo @",
        "foo @ bar",
        "*foo",
        "foo by (x)",
        "bool",
        "sum(foo, bar) without",
        "foo{a=1}",
    ] {
        assert!(promql_parser::parser::parse(text).is_err(), "promql-parser takes {text}");
        assert!(!matches!(parse(text, false), Outcome::Parsed(_)), "{text}");
    }
}

#[test]
fn forms_of_newer_versions_are_not_judged() {
    for text in ["increase(x[1m] smoothed)", "x anchored", "histogram_count(h </ 2)", "h >/ 0.1", "x offset min_of(step(), 1s)"] {
        assert!(matches!(parse(text, false), Outcome::Unjudged), "{text}");
    }
    assert!(matches!(parse("rate(x[5m]) < / 2", false), Outcome::Invalid(_)));
    assert!(matches!(parse("info(x, {data=~\".*\"})", false), Outcome::Parsed(_)));
}

#[test]
fn any_text_ends_quickly_and_without_a_panic() {
    let deep = ["(", "a[--", "a{", "sum(", "-", "a[", "1^", "a[-", "a[(", "a+", "(a or ", "\"\\"].map(|piece| piece.repeat(100_000));
    for text in &deep {
        assert!(!matches!(parse(text, true), Outcome::Parsed(_)));
    }
    assert!(matches!(parse(&format!("{}1", "1+".repeat(390)), false), Outcome::Parsed(_)));
    let seeds = [
        "sum by (a) (rate(foo_$x{b=~\"c\\\\d|$e\", f!='é'}[5m:1m] offset -1h)) / on(a) group_left(g) bar[[h]] > bool 0.5e3",
        "histogram_quantile(0.9, ${x:csv})",
    ];
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % n.max(1) as u64) as usize
    };
    for round in 0..6000 {
        let mut text: Vec<char> = seeds[round % seeds.len()].chars().collect();
        for _ in 0..1 + next(4) {
            let at = next(text.len());
            if text.is_empty() {
                text.push('x');
            }
            match next(3) {
                0 => drop(text.remove(at)),
                1 => text.insert(at, ['(', ']', '"', '$', '\\', '😀', '{', '[', ':', '\0', '#', '@'][next(12)]),
                _ => text.truncate(at.max(1)),
            }
        }
        let text: String = text.into_iter().collect();
        if let Outcome::Invalid(e) = parse(&text, round % 3 != 0) {
            assert!(text.get(e.span.start as usize..e.span.end as usize).is_some(), "{text} {e:?}");
        }
    }
}
