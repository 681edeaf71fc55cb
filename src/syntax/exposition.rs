//! The text that a scrape reads: the Prometheus text format 0.0.4 and OpenMetrics 1.0.
//!
//! A line that does not parse is an error and is left out; the rest is read. OpenMetrics is told by its `# EOF`.

use std::collections::HashMap;

use crate::source::Span;

/// Errors beyond these say nothing new.
const MAX_ERRORS: usize = 50;

/// What a text exposes.
#[derive(Clone, Debug, Default)]
pub struct Exposition {
    /// Families in the order of the text.
    pub families: Vec<Family>,
    /// What is wrong, in the order of the text.
    pub errors: Vec<SyntaxError>,
    /// Whether it is OpenMetrics.
    pub open_metrics: bool,
}

/// What is wrong and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// In words.
    pub message: String,
    /// The bytes.
    pub span: Span,
}

/// The word of a comment line and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The text.
    pub text: String,
    /// The bytes.
    pub span: Span,
}

/// A metric family.
#[derive(Clone, Debug, Default)]
pub struct Family {
    /// The name that its `# TYPE` and `# HELP` lines have, or that of its first sample.
    pub name: String,
    /// Where that stands: in the `# TYPE` line where there is one.
    pub name_span: Span,
    /// The help text.
    pub help: Option<Word>,
    /// The type's word.
    pub kind: Option<Word>,
    /// The unit.
    pub unit: Option<Word>,
    /// Samples, in the order of the text.
    pub samples: Vec<Sample>,
}

/// One line with a value.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The series' name.
    pub name: String,
    /// Where it stands.
    pub name_span: Span,
    /// Labels, in the order of the text.
    pub labels: Vec<SampleLabel>,
    /// The value.
    pub value: f64,
}

/// A label of a sample.
#[derive(Clone, Debug)]
pub struct SampleLabel {
    /// The name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// The value.
    pub value: String,
}

impl Sample {
    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|l| l.name == name).map(|l| l.value.as_str())
    }
}

impl Family {
    fn has_type(&self, word: &str) -> bool {
        self.kind.as_ref().is_some_and(|k| k.text == word)
    }
}

/// Reads a text.
///
/// Dumps of series, whose lines begin with `{__name__=` or are JSON, are another format of the same ending: nothing is exposed by them.
pub fn parse(text: &str) -> Exposition {
    if text.lines().map(str::trim_start).find(|l| !l.is_empty() && !l.starts_with('#')).is_some_and(is_dumped) {
        return Exposition::default();
    }
    let open_metrics = text.lines().any(|line| line == "# EOF");
    let mut parser = Parser { out: Exposition { open_metrics, ..Exposition::default() }, by_name: HashMap::new(), seen: HashMap::new() };
    let (mut offset, mut ended) = (0, false);
    for whole in text.split_inclusive('\n') {
        let line = whole.strip_suffix('\n').unwrap_or(whole);
        if ended && !line.is_empty() {
            parser.error("nothing may stand after `# EOF`", Span::new(offset, offset + line.len()));
            break;
        }
        ended |= open_metrics && line == "# EOF";
        Line { text: line, start: offset, at: 0 }.read(&mut parser);
        if !whole.ends_with('\n') && !line.trim().is_empty() && !ended {
            parser.error("the last line does not end: a line break is missing", Span::new(offset, offset + line.len()));
        }
        offset += whole.len();
        if parser.out.errors.len() >= MAX_ERRORS {
            break;
        }
    }
    parser.out
}

/// Whether a line is of a dump, as `promtool tsdb dump` and the API for series write them.
fn is_dumped(line: &str) -> bool {
    line.starts_with("{__name__=") || line.starts_with("{\"__name__\":")
}

struct Parser {
    out: Exposition,
    by_name: HashMap<String, usize>,
    /// Series with their first places.
    seen: HashMap<String, Span>,
}

impl Parser {
    fn error(&mut self, message: impl Into<String>, span: Span) {
        self.out.errors.push(SyntaxError { message: message.into(), span });
    }

    fn family(&mut self, name: &str, span: Span) -> Option<&mut Family> {
        let next = self.out.families.len();
        let at = *self.by_name.entry(name.to_owned()).or_insert(next);
        if at == next {
            self.out.families.push(Family { name: name.to_owned(), name_span: span, ..Family::default() });
        }
        self.out.families.get_mut(at)
    }

    /// The family that a series belongs to: one of its own name, or one whose type has series with this ending.
    fn owner(&self, series: &str) -> Option<usize> {
        if let Some(own) = self.by_name.get(series) {
            return Some(*own);
        }
        let endings: [(&str, &[&str]); 6] = [
            ("_bucket", &["histogram", "gaugehistogram"]),
            ("_sum", &["histogram", "summary"]),
            ("_count", &["histogram", "summary"]),
            ("_total", &["counter"]),
            ("_info", &["info"]),
            ("_created", &["counter", "histogram", "summary"]),
        ];
        endings.iter().chain(&[("_gsum", &["gaugehistogram"][..]), ("_gcount", &["gaugehistogram"][..])]).find_map(|(ending, kinds)| {
            let only_open = matches!(*ending, "_total" | "_info" | "_created" | "_gsum" | "_gcount");
            let at = *self.by_name.get(series.strip_suffix(ending).filter(|_| self.out.open_metrics || !only_open)?)?;
            let family = self.out.families.get(at)?;
            kinds.iter().any(|kind| family.has_type(kind)).then_some(at)
        })
    }
}

/// Types by their words, the second of OpenMetrics alone.
const TYPES: [&str; 5] = ["counter", "gauge", "histogram", "summary", "untyped"];
const OPEN_TYPES: [&str; 4] = ["gaugehistogram", "info", "stateset", "unknown"];

struct Line<'a> {
    text: &'a str,
    start: usize,
    at: usize,
}

impl<'a> Line<'a> {
    fn read(mut self, parser: &mut Parser) {
        self.blanks();
        let result = match self.peek() {
            None => Ok(()),
            Some('#') => self.comment(parser),
            Some(_) => self.sample(parser),
        };
        if let Err(error) = result {
            parser.out.errors.push(error);
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, c: char) -> bool {
        let there = self.peek() == Some(c);
        if there {
            self.at += c.len_utf8();
        }
        there
    }

    fn blanks(&mut self) {
        self.take(|c| matches!(c, ' ' | '\t'));
    }

    /// The characters from here on that fit.
    fn take(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = rest.get(..rest.find(|c| !fits(c)).unwrap_or(rest.len())).unwrap_or("");
        self.at += taken.len();
        taken
    }

    fn span(&self, from: usize) -> Span {
        Span::new(self.start + from, self.start + self.at)
    }

    /// An error at the word that stands here.
    fn wrong<T>(&self, message: impl Into<String>) -> Result<T, SyntaxError> {
        let word = self.rest().find([' ', '\t', ',', '}']).unwrap_or(self.rest().len()).max(1);
        let end = self.start + (self.at + word).min(self.text.len());
        let start = (self.start + self.at).min(end.saturating_sub(1)).max(self.start);
        Err(SyntaxError { message: message.into(), span: Span::new(start, end) })
    }

    /// A name of a metric (colons are part of it) or of a label.
    fn name(&mut self, colons: bool) -> Option<Word> {
        let from = self.at;
        if !self.peek().is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || colons && c == ':') {
            return None;
        }
        let text = self.take(|c| c.is_ascii_alphanumeric() || c == '_' || colons && c == ':');
        Some(Word { text: text.to_owned(), span: self.span(from) })
    }

    /// A name as it may stand in a comment, or in quotes.
    fn any_name(&mut self) -> Result<Option<Word>, SyntaxError> {
        if self.peek() != Some('"') {
            return Ok(self.name(true));
        }
        let from = self.at;
        let text = self.quoted()?;
        Ok(Some(Word { text, span: self.span(from) }))
    }

    fn comment(&mut self, parser: &mut Parser) -> Result<(), SyntaxError> {
        self.at += 1;
        self.blanks();
        let from = self.at;
        let keyword = self.take(|c| !matches!(c, ' ' | '\t'));
        let unit = keyword == "UNIT" && parser.out.open_metrics;
        if !matches!(keyword, "HELP" | "TYPE") && !unit {
            return Ok(());
        }
        let keyword_span = self.span(from);
        self.blanks();
        if self.peek().is_none() {
            return Ok(());
        }
        let Some(name) = self.any_name()? else { return self.wrong("this is no name of a metric") };
        if self.peek().is_some_and(|c| !matches!(c, ' ' | '\t')) {
            return self.wrong("this is no name of a metric");
        }
        self.blanks();
        let from = self.at;
        let text = self.rest();
        self.at = self.text.len();
        let word = |text: String| Word { text, span: self.span(from) };
        // A sample may stand before: then the name is known already.
        let open = parser.out.open_metrics;
        let Some(family) = parser.family(&name.text, name.span) else { return Ok(()) };
        if text.is_empty() {
            // The text format takes such a line for an ordinary comment.
            let missing = SyntaxError { message: format!("`{}` is given no type", name.text), span: keyword_span };
            return if open && keyword == "TYPE" { Err(missing) } else { Ok(()) };
        }
        let twice = |what: &str| Err(SyntaxError { message: format!("a second {what} line of `{}`", name.text), span: keyword_span });
        match keyword {
            "HELP" => {
                if family.help.is_some() {
                    return twice("HELP");
                }
                let help = unescape(text, open).map_err(|at| SyntaxError {
                    message: "only `\\\\` and `\\n` are escapes here".to_owned(),
                    span: Span::new(self.start + from + at, self.start + from + at + 1),
                })?;
                family.help = Some(word(help));
            }
            "TYPE" => {
                let kind = text.trim_end_matches('\r');
                if family.kind.is_some() {
                    return twice("TYPE");
                }
                if !family.samples.is_empty() {
                    let message = format!("the type of `{}` stands after its samples", name.text);
                    return Err(SyntaxError { message, span: keyword_span });
                }
                // The text format does not care for case.
                let lower = if open { kind.to_owned() } else { kind.to_ascii_lowercase() };
                let known = TYPES.contains(&&*lower) && (!open || lower != "untyped") || open && OPEN_TYPES.contains(&&*lower);
                if !known {
                    self.at = from;
                    return self.wrong(format!("`{kind}` is no type"));
                }
                family.kind = Some(word(lower));
                family.name_span = name.span;
            }
            _ => family.unit = (!text.is_empty()).then(|| word(text.to_owned())),
        }
        Ok(())
    }

    fn sample(&mut self, parser: &mut Parser) -> Result<(), SyntaxError> {
        let mut name = self.name(true);
        if name.is_none() && self.peek() != Some('{') {
            return self.wrong("this is no name of a metric");
        }
        self.blanks();
        let mut labels: Vec<SampleLabel> = Vec::new();
        if self.eat('{') {
            self.labels(&mut name, &mut labels)?;
        }
        let Some(name) = name else { return self.wrong("the sample has no name") };
        self.blanks();
        let from = self.at;
        let value = self.take(|c| !matches!(c, ' ' | '\t'));
        let Some(value) = number(value) else {
            self.at = from;
            let found = self.take(|c| !matches!(c, ' ' | '\t')).to_owned();
            self.at = from;
            return self.wrong(if found.is_empty() { "the value is missing".to_owned() } else { format!("`{found}` is no number") });
        };
        self.blanks();
        let open = parser.out.open_metrics;
        // A series of OpenMetrics may have several values, each at its time.
        let mut time = "";
        if self.peek().is_some() && !(open && self.peek() == Some('#')) {
            let from = self.at;
            let stamp = self.take(|c| !matches!(c, ' ' | '\t'));
            let fits = if open { number(stamp).is_some() } else { stamp.parse::<i64>().is_ok() };
            if !fits {
                self.at = from;
                return self.wrong(format!("`{stamp}` is no time stamp"));
            }
            time = if open { stamp } else { "" };
            self.blanks();
        }
        if self.peek().is_some() && !(open && self.peek() == Some('#')) {
            return self.wrong("nothing may stand after the time stamp");
        }
        let sample = Sample { name: name.text.clone(), name_span: name.span, labels, value };
        let at = parser.owner(&name.text);
        let kind = at.and_then(|at| parser.out.families.get(at)).and_then(|f| f.kind.as_ref()).map_or("", |k| k.text.as_str());
        for (label, types) in [("le", ["histogram", "gaugehistogram"]), ("quantile", ["summary", "summary"])] {
            if let Some(found) = sample.labels.iter().find(|l| l.name == label && types.contains(&kind) && number(&l.value).is_none()) {
                return Err(SyntaxError { message: format!("`{label}` is `{}`, which is no number", found.value), span: found.span });
            }
        }
        let mut key: Vec<String> = sample.labels.iter().map(|l| format!("{}\u{1}{}", l.name, l.value)).collect();
        key.sort();
        if parser.seen.insert(format!("{}\u{2}{}\u{2}{time}", name.text, key.join("\u{2}")), name.span).is_some() {
            parser.error(format!("this series of `{}` stands here a second time", name.text), name.span);
        }
        let family = match at {
            Some(at) => parser.out.families.get_mut(at),
            None => parser.family(&name.text, name.span),
        };
        if let Some(family) = family {
            family.samples.push(sample);
        }
        Ok(())
    }

    fn labels(&mut self, name: &mut Option<Word>, labels: &mut Vec<SampleLabel>) -> Result<(), SyntaxError> {
        loop {
            self.blanks();
            if self.eat('}') {
                return Ok(());
            }
            let from = self.at;
            let quoted = self.peek() == Some('"');
            let label = if quoted {
                let text = self.quoted()?;
                Word { text, span: self.span(from) }
            } else {
                match self.name(false) {
                    Some(label) => label,
                    None => return self.wrong("this is no name of a label"),
                }
            };
            self.blanks();
            if quoted && name.is_none() && matches!(self.peek(), Some(',' | '}')) {
                *name = Some(label);
                self.eat(',');
                continue;
            }
            if !self.eat('=') {
                return self.wrong(format!("`=` is missing after `{}`", label.text));
            }
            self.blanks();
            if self.peek() != Some('"') {
                return self.wrong(format!("the value of `{}` is not in quotes", label.text));
            }
            let value = self.quoted()?;
            if label.text == "__name__" {
                return Err(SyntaxError { message: "`__name__` is the name of the metric, and no label".to_owned(), span: label.span });
            }
            if labels.iter().any(|l| l.name == label.text) {
                return Err(SyntaxError { message: format!("a second label `{}`", label.text), span: label.span });
            }
            labels.push(SampleLabel { name: label.text, span: label.span, value });
            self.blanks();
            if !self.eat(',') && self.peek() != Some('}') {
                return self.wrong("`,` or `}` is missing");
            }
        }
    }

    /// A text in quotes.
    fn quoted(&mut self) -> Result<String, SyntaxError> {
        let from = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let Some(c) = self.peek() else {
                let span = Span::new(self.start + from, self.start + self.text.len());
                return Err(SyntaxError { message: "the quote is never closed".to_owned(), span });
            };
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(out),
                '\\' => {
                    let escaped = self.peek();
                    match escaped {
                        Some('n') => out.push('\n'),
                        Some(c @ ('"' | '\\')) => out.push(c),
                        _ => {
                            self.at -= 1;
                            return self.wrong("only `\\\\`, `\\n` and `\\\"` are escapes here");
                        }
                    }
                    self.at += 1;
                }
                c => out.push(c),
            }
        }
    }
}

/// A help text; the offset of an escape that is none.
fn unescape(text: &str, open: bool) -> Result<String, usize> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (c, (c == '\\').then(|| chars.next()).flatten()) {
            ('\\', Some((_, 'n'))) => out.push('\n'),
            ('\\', Some((_, '\\'))) => out.push('\\'),
            ('\\', Some((_, '"'))) if open => out.push('"'),
            ('\\', _) => return Err(at),
            (c, _) => out.push(c),
        }
    }
    Ok(out)
}

/// A number as Go's `ParseFloat` reads it, without hexadecimal ones and those that are out of range.
pub fn number(text: &str) -> Option<f64> {
    let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = bare.to_ascii_lowercase();
    if lower == "inf" || lower == "infinity" {
        return Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    if lower == "nan" {
        return (bare.len() == text.len()).then_some(f64::NAN);
    }
    bare.starts_with(|c: char| c.is_ascii_digit() || c == '.').then(|| text.parse().ok()).flatten().filter(|n: &f64| n.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> Vec<(String, String)> {
        let at = |span: Span| text.get(span.start as usize..span.end as usize).unwrap().to_owned();
        parse(text).errors.into_iter().map(|e| (at(e.span), e.message)).collect()
    }

    #[test]
    fn families_hold_their_samples() {
        let text = "# HELP a_total Some\\nthing.\n# TYPE a_total counter\na_total{x=\"1\",y=\"a\\\"b\",} 3 1700000000000\n\
                    # TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 1.5e0\nh_count 2\nplain NaN\n";
        let found = parse(text);
        assert_eq!(found.errors, []);
        let names: Vec<(&str, usize)> = found.families.iter().map(|f| (f.name.as_str(), f.samples.len())).collect();
        assert_eq!(names, [("a_total", 1), ("h", 4), ("plain", 1)]);
        assert_eq!(found.families[0].help.as_ref().unwrap().text, "Some\nthing.");
        assert_eq!(found.families[0].samples[0].label("y"), Some("a\"b"));
    }

    #[test]
    fn only_open_metrics_needs_a_word_after_the_name() {
        assert_eq!(errors("# TYPE a\na 1\n"), []);
        let found = errors("# TYPE a \na 1\n# EOF\n");
        assert_eq!(found, [("TYPE".to_owned(), "`a` is given no type".to_owned())]);
    }

    #[test]
    fn open_metrics_has_exemplars_units_and_an_end() {
        let text = "# TYPE a_seconds counter\n# UNIT a_seconds seconds\na_seconds_total{x=\"1\"} 1 # {trace_id=\"t\"} 0.5 1.0\n\
                    a_seconds_created{x=\"1\"} 1.7e9\n# TYPE b info\nb_info{v=\"1\"} 1\n# EOF\n";
        let found = parse(text);
        assert_eq!((found.errors, found.open_metrics, found.families.len()), (Vec::new(), true, 2));
        assert_eq!(errors("a 1\n# EOF\nb 1\n"), [("b 1".to_owned(), "nothing may stand after `# EOF`".to_owned())]);
    }

    #[test]
    fn errors_stand_where_they_are() {
        for (text, at) in [
            ("1a 2\n", "1a"),
            ("a{b=\"c\" 1\n", "1"),
            ("a{b=c} 1\n", "c"),
            ("a{1b=\"c\"} 1\n", "1b=\"c\""),
            ("a{b=\"c\",b=\"d\"} 1\n", "b"),
            ("a one\n", "one"),
            ("a 1e400\n", "1e400"),
            ("a 1 1.5\n", "1.5"),
            ("a 1 1 x\n", "x"),
            ("a{b=\"\\x\"} 1\n", "\\x\""),
            ("a{b=\"c} 1\n", "\"c} 1"),
            ("# TYPE a meter\n", "meter"),
            ("# TYPE a gauge\n# TYPE a gauge\n", "TYPE"),
            ("a 1\n# TYPE a gauge\n", "TYPE"),
            ("# HELP a x\n# HELP a y\n", "HELP"),
            ("a 1\na 2\n", "a"),
            ("# TYPE a histogram\na_bucket{le=\"x\"} 1\n", "le"),
            ("a 1", "a 1"),
        ] {
            let found = errors(text);
            assert_eq!(found.iter().map(|(at, _)| at.as_str()).collect::<Vec<_>>(), [at], "{text}: {found:?}");
        }
    }
}
