//! Exposition text that the code writes by hand: `# TYPE`, `# HELP` and sample lines in strings that it writes.
//!
//! A string counts only where it is written: code that reads the format, compares with it or checks it holds the same lines.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::collect::{self, Collect, Mark};
use super::draft::{Draft, Help, name_of, package, unresolved};
use super::frames::{Callable, Given, Level};
use super::values::{Evaluator, Scope, Text, Value, bind};
use super::walk::{Context, Origin, Parent, Visitor};
use crate::knowledge::libraries::{self, Callable as Writer, Library, Role};
use crate::model::{Bound, BucketSource, Buckets, Label, MetricType, Unresolved};
use crate::source::{Location, Span};
use crate::syntax::rust::tree::{Expr, ExprKind, Lit, MacroCall, Path};

/// Bounds of one histogram that are written out.
const MAX_BOUNDS: usize = 512;

/// A `# TYPE` line.
#[derive(Debug)]
struct TypeLine {
    name: Text,
    kind: MetricType,
    package: Arc<str>,
}

/// A line with a value.
#[derive(Debug)]
struct Sample {
    labels: Vec<(String, Option<String>)>,
    /// Whether all labels could be read.
    complete: bool,
    /// Whether the line can be nothing else: `name{label=".."} value`.
    certain: bool,
    /// Where the name of such a line stands.
    at: Option<Location>,
}

/// Package and name.
type Key = (Arc<str>, String);

/// What one file writes.
#[derive(Debug, Default)]
pub(super) struct Found {
    types: Vec<TypeLine>,
    help: Vec<(Key, Help)>,
    samples: Vec<(Key, Sample)>,
    unresolved: Vec<Unresolved>,
}

impl Found {
    pub(super) fn extend(&mut self, other: Found) {
        self.types.extend(other.types);
        self.unresolved.extend(other.unresolved);
        self.help.extend(other.help);
        self.samples.extend(other.samples);
    }

    /// One metric for each `# TYPE` line, with the help and the samples that the same package writes under its name.
    pub(super) fn join(self) -> (Vec<Draft>, Vec<Unresolved>) {
        let Some(library) = libraries::get("text") else { return (Vec::new(), Vec::new()) };
        let mut all_samples: BTreeMap<&Key, Vec<&Sample>> = BTreeMap::new();
        for (key, sample) in &self.samples {
            all_samples.entry(key).or_default().push(sample);
        }
        let mut all_help: BTreeMap<&Key, &Help> = BTreeMap::new();
        for (key, help) in &self.help {
            all_help.entry(key).or_insert(help);
        }
        let mut drafts = Vec::with_capacity(self.types.len());
        for line in &self.types {
            let samples = |suffix: &str| {
                let key = (Arc::clone(&line.package), format!("{}{suffix}", line.name.text));
                all_samples.get(&key).cloned().unwrap_or_default()
            };
            let mut name = line.name.clone();
            // OpenMetrics writes a counter's family without the end that its samples have.
            let mut own = samples("");
            if own.is_empty() && line.kind == MetricType::Counter && !samples("_total").is_empty() {
                name.text.push_str("_total");
                own.extend(samples("_total"));
            }
            if matches!(line.kind, MetricType::Histogram | MetricType::Summary) {
                own.extend(["_bucket", "_sum", "_count"].into_iter().flat_map(samples));
            }
            let mut draft = Draft::bare(library, name, line.kind, line.name.location.clone(), Arc::clone(&line.package));
            let key = (Arc::clone(&line.package), line.name.text.clone());
            draft.help = all_help.get(&key).map(|help| (*help).clone()).unwrap_or_default();
            draft.labels_complete = !own.is_empty() && own.iter().all(|s| s.complete);
            draft.labels = labels_of(&own, line.kind, &line.name.location);
            if line.kind == MetricType::Histogram {
                draft.buckets = buckets_of(&samples("_bucket"));
            }
            drafts.push(draft);
        }
        drafts.extend(untyped(library, &all_samples, &all_help, &self.types));
        (drafts, self.unresolved)
    }
}

/// What has samples and no `# TYPE` line: Prometheus takes it as untyped.
fn untyped(
    library: &'static Library,
    samples: &BTreeMap<&Key, Vec<&Sample>>,
    help: &BTreeMap<&Key, &Help>,
    types: &[TypeLine],
) -> Vec<Draft> {
    let typed: BTreeSet<(&str, &str)> = types.iter().map(|line| (&*line.package, line.name.text.as_str())).collect();
    let is_typed = |package: &str, name: &str| {
        let family = |end: &str| name.strip_suffix(end).is_some_and(|name| typed.contains(&(package, name)));
        typed.contains(&(package, name)) || ["_total", "_bucket", "_sum", "_count"].into_iter().any(family)
    };
    let mut drafts = Vec::new();
    for (key, all) in samples {
        let (package, written) = (&key.0, key.1.as_str());
        let Some(location) = all.iter().find_map(|s| s.at.clone()).filter(|_| !is_typed(package, written)) else { continue };
        let is_bucket = |s: &&&Sample| s.labels.iter().any(|(name, _)| name == "le");
        let (name, kind) = match written.strip_suffix("_bucket").filter(|_| all.iter().any(|s| is_bucket(&s))) {
            Some(family) => (family, MetricType::Histogram),
            None => (written, MetricType::Unknown),
        };
        // A part of a histogram that is written beside it.
        let part = ["_sum", "_count"].into_iter().filter_map(|end| name.strip_suffix(end));
        if part.map(|family| (Arc::clone(package), format!("{family}_bucket"))).any(|key| samples.contains_key(&key)) {
            continue;
        }
        let text = Text { text: name.to_owned(), known: true, location: location.clone(), left: 0, made: None };
        let mut draft = Draft::bare(library, text, kind, location.clone(), Arc::clone(package));
        draft.help = help.get(&(Arc::clone(package), name.to_owned())).map(|help| (*help).clone()).unwrap_or_default();
        draft.labels_complete = all.iter().all(|s| s.complete);
        draft.labels = labels_of(all, kind, &location);
        if kind == MetricType::Histogram {
            draft.buckets = buckets_of(all);
        }
        drafts.push(draft);
    }
    drafts
}

/// The union of the labels of all samples.
fn labels_of(samples: &[&Sample], kind: MetricType, location: &Location) -> Vec<Label> {
    let mut all: BTreeMap<&str, Option<Vec<String>>> = BTreeMap::new();
    for (name, value) in samples.iter().flat_map(|s| &s.labels) {
        if matches!((kind, name.as_str()), (MetricType::Histogram, "le") | (MetricType::Summary, "quantile")) {
            continue;
        }
        let known = all.entry(name).or_insert_with(|| Some(Vec::new()));
        match (known.as_mut(), value) {
            (Some(known), Some(value)) => known.push(value.clone()),
            _ => *known = None,
        }
    }
    let bound = |values: Option<Vec<String>>| values.map_or_else(Bound::unknown, Bound::of_values);
    let label = |(name, values): (&str, _)| Label { name: name.to_owned(), bound: bound(values), location: Some(location.clone()) };
    all.into_iter().map(label).collect()
}

/// The bounds, where every bucket is written out.
fn buckets_of(samples: &[&Sample]) -> Buckets {
    let bound = |sample: &&Sample| sample.labels.iter().find(|(name, _)| name == "le")?.1.as_ref()?.parse::<f64>().ok();
    match samples.iter().map(bound).collect::<Option<Vec<f64>>>() {
        Some(mut bounds) if !bounds.is_empty() => {
            bounds.retain(|b| b.is_finite());
            bounds.dedup();
            Buckets::Known { bounds, source: BucketSource::Explicit, location: None }
        }
        _ => Buckets::RunTime { count: None, location: None },
    }
}

/// Collects from one file.
pub(super) struct Collector<'a, 'w> {
    library: &'static Library,
    pub(super) eval: Evaluator<'a, 'w>,
    pub(super) found: Found,
}

impl<'a, 'w> Collector<'a, 'w> {
    pub(super) fn new(eval: Evaluator<'a, 'w>) -> Option<Self> {
        Some(Collector { library: libraries::get("text")?, eval, found: Found::default() })
    }

    /// Where the text stands among the arguments.
    fn position(&self, callable: &Writer) -> Option<usize> {
        self.library.signatures.get(callable.signature.as_deref()?)?.first()?.iter().position(|role| *role == Role::Text)
    }

    /// Reads the lines of a text that `expr` gives.
    ///
    /// In a text that nothing is seen to write, a sample whose line does not end may be a query with an operator behind it.
    fn read(&mut self, is_written: bool, value: impl Fn(&Self, &Scope<'a, '_>) -> Value, span: Span, expr: &Expr, cx: &Context<'a, '_>) {
        let Value::Text(mut text) = value(self, &Scope::quiet(cx, span)) else { return };
        // Only a name that callers give is worth looking for them.
        if text.text.lines().any(is_open) {
            match value(self, &Scope::of(cx, span)) {
                Value::Text(followed) => text = followed,
                _ => return,
            }
        }
        let package = package(caller(cx).map_or(&cx.here, |level| &level.from), cx.world);
        for written in text.text.split_inclusive('\n') {
            let line = written.trim();
            match line.strip_prefix("# ").map(words) {
                // What is written next is the name.
                _ if line == "# TYPE" => self.unnamed(cx.location(expr.span)),
                Some(["TYPE", name, kind]) => self.type_line(name, kind.trim(), &package, expr, cx),
                Some(["HELP", name, help]) => {
                    // Where something is not known, a star in the help may stand for it.
                    let help = if text.known || !help.contains('*') { Help::Known(help.to_owned()) } else { Help::Unknown };
                    self.found.help.push(((Arc::clone(&package), name.to_owned()), help));
                }
                Some(_) => {}
                None => {
                    let Some((name, sample)) = sample(line) else { continue };
                    let is_line = is_written || written.ends_with('\n');
                    let at = (is_line && sample.certain && !name.contains('*')).then(|| place_of_sample(name, expr, cx));
                    let mut all = vec![Sample { at: at.clone(), ..sample }];
                    if name.ends_with("_bucket") && all.iter().any(|s| s.labels.iter().any(|(l, value)| l == "le" && value.is_none())) {
                        all = self.rounds(&value, name, span, cx).unwrap_or(all);
                        all.iter_mut().take(1).for_each(|first| first.at.clone_from(&at));
                    }
                    self.found.samples.extend(all.into_iter().map(|sample| ((Arc::clone(&package), name.to_owned()), sample)));
                }
            }
        }
    }

    /// The samples of a bucket that a loop over the bounds writes, one for each round.
    fn rounds(&self, value: &impl Fn(&Self, &Scope<'a, '_>) -> Value, name: &str, span: Span, cx: &Context<'a, '_>) -> Option<Vec<Sample>> {
        let given = cx.bindings.iter().rev().find_map(|b| match b.origin {
            Origin::Each(_, pat) => Some((pat, b.init?)),
            _ => None,
        });
        let (pat, list) = given?;
        let Value::List(items) = self.eval.value(list, &Scope::of(cx, list.span)) else { return None };
        let mut samples = Vec::new();
        for item in items.into_iter().take(MAX_BOUNDS) {
            let mut env = Vec::new();
            bind(pat, item, &mut env);
            let Value::Text(text) = value(self, &Scope::quiet(cx, span).in_round(&env)) else { return None };
            samples.extend(text.text.lines().filter_map(|line| sample(line.trim())).filter(|(n, _)| *n == name).map(|(_, s)| s));
        }
        (!samples.is_empty()).then_some(samples)
    }

    /// Reads a literal that nothing of the library writes: a function gives it, adds it to another text or hands it to a response.
    fn literal(&mut self, expr: &'a Expr, cx: &Context<'a, '_>) {
        let bytes = bytes_of(expr, cx);
        let text = match (&expr.kind, &bytes) {
            (ExprKind::Lit(Lit::Str(text)), _) => &**text,
            (_, Some(bytes)) => bytes.as_str(),
            _ => return,
        };
        if !text.contains("# TYPE ")
            || !text.lines().any(is_type_line)
            || !(bytes.is_some() || self.stands_alone(expr.span, cx))
            || self.is_checked(expr.span, cx)
        {
            return;
        }
        let location = cx.location(expr.span);
        let text = Text { text: text.to_owned(), known: true, location, left: cx.frames.len(), made: None };
        self.read(true, |_, _| Value::Text(text.clone()), expr.span, expr, cx);
    }

    /// Whether the expression at `span` is a text of its own: not one that is kept for later, or that is read where it is written.
    fn stands_alone(&self, span: Span, cx: &Context<'_, '_>) -> bool {
        let kept = match cx.parents.iter().rev().find(|p| !matches!(p, Parent::Expr(_))) {
            Some(Parent::Const(_) | Parent::Field(_)) => true,
            Some(Parent::Let(_)) => around(span, cx).all(|outer| matches!(outer.kind, ExprKind::Reference(_))),
            _ => false,
        };
        let elsewhere = |outer: &Expr| match &outer.kind {
            ExprKind::Macro(call) => call.path.last() != "vec",
            ExprKind::MethodCall(call) => self.library.method_named(call.method.as_str()).is_some(),
            _ => false,
        };
        !kept && !around(span, cx).any(elsewhere) && !self.is_checked(span, cx)
    }

    /// Whether something around the expression at `span` writes it.
    fn is_written(&self, span: Span, cx: &Context<'_, '_>) -> bool {
        around(span, cx).any(|outer| match &outer.kind {
            ExprKind::Macro(call) => self.library.macro_named(call.path.last()).is_some() && !gives(call),
            ExprKind::MethodCall(call) => self.library.method_named(call.method.as_str()).is_some(),
            _ => false,
        })
    }

    /// Whether what is directly around the text at `span` reads it instead of giving it: a search, a comparison, a parser. A method
    /// that is called on the answer of a call is not about the text.
    fn is_checked(&self, span: Span, cx: &Context<'_, '_>) -> bool {
        let reads = |name: &str| self.library.readers.iter().any(|word| name.contains(word.as_str()));
        // Whether what is around is still the text, and not what a call makes of it.
        let mut is_text = true;
        for outer in around(span, cx) {
            match &outer.kind {
                ExprKind::Call(callee, _) => {
                    if matches!(&callee.kind, ExprKind::Path(path) if reads(path.last())) {
                        return true;
                    }
                    is_text = false;
                }
                ExprKind::MethodCall(call) => {
                    let given = span.start >= call.receiver.span.end;
                    if (given || is_text) && reads(call.method.as_str()) {
                        return true;
                    }
                    is_text &= !given;
                }
                ExprKind::Closure(..) => break,
                _ => {}
            }
        }
        is_compared(cx)
    }

    fn type_line(&mut self, name: &str, kind: &str, package: &Arc<str>, expr: &Expr, cx: &Context<'a, '_>) {
        let known = matches!(kind, "counter" | "gauge" | "histogram" | "summary" | "untyped" | "unknown" | "*");
        if !known || !is_name(name) {
            return;
        }
        let location = place(name, expr, cx);
        match name_of(Value::Text(Text {
            text: name.to_owned(),
            known: !name.contains('*'),
            location: location.clone(),
            left: 0,
            made: None,
        })) {
            Ok(name) => self.found.types.push(TypeLine { name, kind: MetricType::parse(kind), package: Arc::clone(package) }),
            Err(_) => self.unnamed(location),
        }
    }

    fn unnamed(&mut self, location: Location) {
        let reason = "exposition text whose metric's name is given at run time".to_owned();
        // Text that code writes by hand has no call that could be declared.
        self.found.unresolved.push(Unresolved { declarable: false, ..unresolved(self.library, reason, location) });
    }
}

/// The outermost call that gives a parameter; of an object's text the one that makes the object, or its literal.
fn caller<'c, 'a>(cx: &'c Context<'a, '_>) -> Option<&'c Level<'a>> {
    let is_call = |level: &&Level<'a>| matches!(level.given, Given::Call { .. });
    let Some(object) = cx.frames.iter().find(|level| matches!(level.callable, Callable::Object { .. })) else {
        return cx.frames.iter().rev().find(is_call);
    };
    let makes = |level: &&Level<'a>| is_call(level) && !cx.here.callables.contains(&level.callable);
    cx.frames.iter().rev().find(makes).or(Some(object))
}

/// The name in the source, where it is written out there; the call that gives it, or the whole expression.
fn place(name: &str, expr: &Expr, cx: &Context<'_, '_>) -> Location {
    let written = cx.world.text(cx.file, expr.span).and_then(|source| {
        let line = format!("# TYPE {name} ");
        let at = expr.span.start as usize + memchr::memmem::find(source.as_bytes(), line.as_bytes())? + "# TYPE ".len();
        Some(Span::new(at, at + name.len()))
    });
    match (written, caller(cx)) {
        (Some(span), _) => cx.location(span),
        (None, Some(level)) => cx.world.location(level.from.file, level.span),
        (None, None) => cx.location(expr.span),
    }
}

/// The name of a sample in the source, or the whole expression.
fn place_of_sample(name: &str, expr: &Expr, cx: &Context<'_, '_>) -> Location {
    let written = cx.world.text(cx.file, expr.span).and_then(|source| {
        let at = expr.span.start as usize + memchr::memmem::find(source.as_bytes(), format!("{name}{{").as_bytes())?;
        Some(Span::new(at, at + name.len()))
    });
    cx.location(written.unwrap_or(expr.span))
}

/// Whether the name, or a part of the labels, of a line is not known.
fn is_open(line: &str) -> bool {
    match line.trim().strip_prefix("# ").map(words) {
        Some(["TYPE", name, kind]) => name.contains('*') || kind.trim() == "*",
        Some(["HELP", name, _]) => name.contains('*'),
        Some(_) => false,
        None => line.split([' ', '{']).next().is_some_and(|name| name.contains('*') && name.len() > 1 && is_name(name)),
    }
}

impl<'a, 'w> Collect<'a, 'w> for Collector<'a, 'w> {
    fn mark(&self) -> Mark {
        [self.found.types.len(), self.found.help.len(), self.found.samples.len(), self.found.unresolved.len(), 0]
    }

    fn rewind(&mut self, [types, help, samples, unresolved, _]: Mark) {
        self.found.types.truncate(types);
        self.found.help.truncate(help);
        self.found.samples.truncate(samples);
        self.found.unresolved.truncate(unresolved);
    }

    fn eval(&self) -> &Evaluator<'a, 'w> {
        &self.eval
    }

    fn give(&mut self, into: &mut collect::Found) {
        into.text.extend(std::mem::take(&mut self.found));
    }
}

impl<'a> Visitor<'a> for Collector<'a, '_> {
    fn expr(&mut self, expr: &'a Expr, cx: &Context<'a, '_>) {
        match &expr.kind {
            ExprKind::MethodCall(call) => {
                let Some(callable) = self.library.method_named(call.method.as_str()) else { return };
                let Some(text) = self.position(callable).and_then(|at| call.args.get(at)) else { return };
                let text = match &text.kind {
                    ExprKind::MethodCall(bytes) if bytes.method.as_str() == "as_bytes" => &bytes.receiver,
                    _ => text,
                };
                // A format is seen on its own, and so are bytes.
                if call.args.len() == 1 && !is_format(text) && bytes_of(text, cx).is_none() {
                    self.read(true, |this, scope| this.eval.value(text, scope), expr.span, text, cx);
                }
            }
            ExprKind::Lit(_) => self.literal(expr, cx),
            // A constant that becomes a text.
            ExprKind::Path(path) if is_constant(path) && self.stands_alone(expr.span, cx) => {
                let scope = Scope::quiet(cx, expr.span);
                if matches!(self.eval.value(expr, &scope), Value::Text(text) if text.text.lines().any(is_type_line)) {
                    self.read(true, |this, scope| this.eval.value(expr, scope), expr.span, expr, cx);
                }
            }
            _ => {}
        }
    }

    fn macro_call(&mut self, call: &'a MacroCall, span: Span, cx: &Context<'a, '_>) {
        let Some(at) = self.library.macro_named(call.path.last()).and_then(|m| self.position(m)) else { return };
        let args: Vec<&'a Expr> = call.args.iter().filter(|a| a.key.is_none()).filter_map(|a| a.value.as_ref()).skip(at).collect();
        let Some(&format) = args.first() else { return };
        // A text inside of another is read there.
        let is_plain = matches!(call.path.last(), "indoc" | "concat");
        let inner = || cx.enclosing().any(|outer| matches!(&outer.kind, ExprKind::Macro(other) if !std::ptr::eq(&**other, call)));
        if is_compared(cx) || is_plain && inner() {
            return;
        }
        let is_written = !gives(call) || self.is_written(span, cx);
        // What has no holes is taken as literals are.
        if is_plain && (self.is_checked(span, cx) || !is_written && !self.stands_alone(span, cx)) {
            return;
        }
        match call.path.last() {
            // A text without holes.
            "indoc" => self.read(is_written, |this, scope| this.eval.value(format, scope), span, format, cx),
            "concat" => self.read(is_written, |this, scope| this.eval.joined_texts(&args, format, scope), span, format, cx),
            _ => self.read(is_written, |this, scope| this.eval.format(call, &args, format, scope), span, format, cx),
        }
    }
}

fn is_format(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Reference(inner) => is_format(inner),
        ExprKind::MethodCall(call) => is_format(&call.receiver),
        ExprKind::Macro(call) => matches!(call.path.last(), "format" | "formatdoc" | "indoc"),
        _ => false,
    }
}

/// The expressions around the one at `span`, innermost first.
fn around<'c, 'a>(span: Span, cx: &'c Context<'a, '_>) -> impl Iterator<Item = &'a Expr> + 'c {
    cx.enclosing().filter(move |outer| outer.span != span)
}

/// Whether a macro gives the text that it makes instead of writing it.
fn gives(call: &MacroCall) -> bool {
    matches!(call.path.last(), "format" | "format_args" | "formatdoc" | "indoc" | "concat")
}

/// A `# TYPE` line that says all.
fn is_type_line(line: &str) -> bool {
    match line.trim().strip_prefix("# ").map(words) {
        Some(["TYPE", name, kind]) => is_name(name) && matches!(kind.trim(), "counter" | "gauge" | "histogram" | "summary" | "untyped"),
        _ => false,
    }
}

/// The text of bytes that are written out: `b"..."`, also behind `&` and `[..]`.
fn bytes_of(expr: &Expr, cx: &Context<'_, '_>) -> Option<String> {
    match &expr.kind {
        ExprKind::Reference(inner) | ExprKind::Index(inner, _) => bytes_of(inner, cx),
        ExprKind::Lit(Lit::Other) => {
            let source = cx.world.text(cx.file, expr.span)?;
            let text = source.strip_prefix("b\"")?.strip_suffix('"')?;
            Some(text.replace("\\n", "\n").replace("\\\"", "\""))
        }
        _ => None,
    }
}

/// Whether a path is the name of a constant.
fn is_constant(path: &Path) -> bool {
    path.as_ident().is_some_and(|name| name.len() > 1 && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
}

/// Whether the expression is part of a search, a comparison or a check.
fn is_compared(cx: &Context<'_, '_>) -> bool {
    cx.enclosing().any(|outer| match &outer.kind {
        ExprKind::MethodCall(call) => matches!(
            call.method.as_str(),
            "contains"
                | "starts_with"
                | "ends_with"
                | "strip_prefix"
                | "strip_suffix"
                | "find"
                | "rfind"
                | "split"
                | "split_once"
                | "matches"
                | "eq"
                | "ne"
                | "parse"
        ),
        ExprKind::Macro(call) => matches!(call.path.last(), "panic" | "bail" | "matches") || call.path.last().contains("assert"),
        ExprKind::Binary(op, ..) => matches!(*op, "==" | "!="),
        _ => false,
    })
}

/// Three words, the last being the rest of the line; fewer are empty.
fn words(line: &str) -> [&str; 3] {
    let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
    let (second, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    [first, second, rest]
}

fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '*');
    !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && name.chars().all(allowed)
}

/// Name and labels of a line with a value.
fn sample(line: &str) -> Option<(&str, Sample)> {
    let end = line.find(['{', ' ']).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if !is_name(name) || name == "*" || rest.is_empty() {
        return None;
    }
    let mut sample = Sample { labels: Vec::new(), complete: true, certain: false, at: None };
    let Some(rest) = rest.strip_prefix('{') else { return Some((name, sample)) };
    let mut rest = rest;
    loop {
        rest = rest.trim_start_matches([',', ' ']);
        if rest.is_empty() || rest.starts_with('}') {
            // What is written after an open brace stands in another text.
            sample.complete &= !rest.is_empty();
            let value = rest.strip_prefix("} ").unwrap_or_default();
            let is_value = !value.is_empty() && value.chars().all(|c| c.is_ascii_digit() || matches!(c, '*' | '.' | '-' | '+' | 'e'));
            sample.certain = is_value && sample.complete && !sample.labels.is_empty() && name.contains('_');
            return Some((name, sample));
        }
        let (label, value) = rest.split_once("=\"").unwrap_or((rest, ""));
        if value.is_empty() || !label.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            // A part of the list, or a name, that is not known.
            sample.complete = false;
            rest = rest.find([',', '}']).and_then(|at| rest.get(at..)).unwrap_or_default();
            continue;
        }
        let (value, after) = value.split_once('"').unwrap_or((value, ""));
        sample.labels.push((label.to_owned(), Some(value.to_owned()).filter(|v| !v.contains('*'))));
        rest = after;
    }
}
