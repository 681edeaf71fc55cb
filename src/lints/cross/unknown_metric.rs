//! `unknown-metric`: a query of a metric that cannot exist, though it is meant to be of this tree.
//!
//! Fires only with evidence on both sides: nothing that was found, recorded, or left unresolved can be it, and a near name or the
//! tree's own namespace says that it is meant to be found here.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use rayon::prelude::*;

use crate::finding::{Confidence, Edit, Finding, Severity};
use crate::knowledge::systems::{self, Renamed, System, SystemMetric};
use crate::knowledge::vocab;
use crate::lints::{Context, lookup, repair};
use crate::model::{self, Consumer, ConsumerKind, Inventory, Language, Metric, MetricType, Rename};
use crate::promql::{BinaryOp, MatchOp, Query, Selector, Step};
use crate::source::{Location, Span};

static RENAMED: LazyLock<HashMap<&'static str, (&'static System, &'static Renamed)>> = LazyLock::new(|| {
    let all = systems::all().iter().flat_map(|s| s.renamed.iter().map(move |r| (r.from.as_str(), (s, r))));
    // Another system may have the name: then it is not wrong.
    all.filter(|(from, _)| !lookup::is_of_system(from)).collect()
});

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let tree = Tree::of(context.inventory);
    let renames = context.before.map(|before| model::renames(before, context.inventory)).unwrap_or_default();
    let panels = panels(context);
    // Names that are not there are compared with all that are.
    let of_query = |query: &Query| {
        let beside = context.consumers.get(query.consumer).and_then(panel).and_then(|panel| panels.get(&panel));
        let mut found = Vec::new();
        look(context, &tree, &renames, query, &mut found);
        // Both names side by side: the panel is for older versions, too.
        for finding in &mut found {
            let right = finding.metric.as_deref().and_then(|name| RENAMED.get(name)).map(|(_, renamed)| renamed.to.as_str());
            if right.is_some_and(|right| beside.is_some_and(|names| names.contains(right))) {
                finding.severity = Some(Severity::Info);
            }
        }
        found
    };
    findings.extend(context.queries.par_iter().map(of_query).collect::<Vec<_>>().into_iter().flatten());
    tests(context, &renames, findings);
}

/// The panel that a query is drawn in: its dashboard and title.
fn panel(consumer: &Consumer) -> Option<(&Location, &str)> {
    consumer.board.as_ref().filter(|_| consumer.is_panel()).map(|board| (board, consumer.name.as_str()))
}

/// The names that the queries of each panel read.
fn panels<'a>(context: &Context<'a>) -> HashMap<(&'a Location, &'a str), HashSet<&'a str>> {
    let mut panels: HashMap<_, HashSet<&str>> = HashMap::new();
    for query in context.queries {
        if let Some(panel) = context.consumers.get(query.consumer).and_then(panel) {
            panels.entry(panel).or_default().extend(query.selectors.iter().filter_map(|s| s.name.as_deref()));
        }
    }
    panels
}

/// A name that is wrong, and the right one.
struct Wrong {
    finding: Finding,
    right: Option<String>,
}

fn look(context: &Context<'_>, tree: &Tree<'_>, renames: &[Rename<'_>], query: &Query, findings: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    let consumers = context.consumers;
    if let Some(before) = context.before {
        alternatives(context, before, renames, query, findings);
    }
    let alert = consumers.get(query.consumer).is_some_and(|c| matches!(c.kind, ConsumerKind::Alert(_)));
    for selector in &query.selectors {
        let Some(name) = selector.literal_name().filter(|n| !n.is_empty()) else { continue };
        if has_alternative(context.inventory, query, selector) || !seen.insert(name) || is_known(context.inventory, name) {
            continue;
        }
        let Some(location) = query.locate(consumers, selector.name_span) else { continue };
        let wrong = context
            .before
            .and_then(|before| gone(name, before, context.inventory, renames, &location))
            .or_else(|| RENAMED.get(name).map(|(system, renamed)| wrong_name(selector, name, system, renamed, location.clone())))
            .or_else(|| tree.unknown(name, location, alert));
        let Some(Wrong { finding, right }) = wrong else { continue };
        findings.push(match right {
            Some(right) => {
                let mut edits = repair::names(consumers, query, name, &right);
                // What a test expects of an alert is only mended where a change is judged.
                let tested = |c: &Consumer| matches!(c.kind, ConsumerKind::Alert(_)) && context.tested.contains(&c.name);
                if context.before.is_some() || !consumers.get(query.consumer).is_some_and(tested) {
                    edits.extend(repair::prose(consumers, query, name, &right));
                }
                finding.fixes(format!("use `{right}`"), edits)
            }
            None => finding,
        });
    }
}

/// Whether a name is that of a metric, or the one that an OpenTelemetry metric has where the points in it are kept.
fn is_known(inventory: &Inventory, name: &str) -> bool {
    inventory.may_have(name) || name.contains('.') && inventory.may_have(&name.replace('.', "_"))
}

/// Names in `{__name__=~"a|b"}` that the change took away. The others still answer: it is good to know, and nothing is broken.
fn alternatives(context: &Context<'_>, before: &Inventory, renames: &[Rename<'_>], query: &Query, findings: &mut Vec<Finding>) {
    let Some(consumer) = context.consumers.get(query.consumer) else { return };
    let text = &consumer.query.scalar.text;
    for matcher in query.selectors.iter().filter(|s| s.name.is_none()).flat_map(|s| &s.matchers) {
        let start = matcher.value_span.start as usize + 1;
        // With escapes nobody knows where a name stands.
        let plain = text.get(start..).is_some_and(|rest| rest.starts_with(&matcher.value));
        if matcher.label.name != "__name__" || matcher.op != MatchOp::Regex || matcher.variable || !plain {
            continue;
        }
        let mut at = start;
        let there = matcher.value.split('|').any(|name| context.inventory.may_have(name));
        for name in matcher.value.split('|') {
            let span = Span::new(at, at + name.len());
            at = span.end as usize + 1;
            if name.is_empty() || context.inventory.may_have(name) {
                continue;
            }
            let Some(location) = query.locate(context.consumers, span) else { continue };
            let Some(Wrong { finding, right }) = gone(name, before, context.inventory, renames, &location) else { continue };
            let finding = if there { finding.severity(Severity::Info) } else { finding };
            findings.push(match right.and_then(|right| Some((repair::in_query(context, query, span, &right)?, right))) {
                Some((edit, right)) => finding.fixes(format!("use `{right}`"), [edit]),
                None => finding,
            });
        }
    }
}

/// `new_name or old_name` is how a query spans a renaming.
fn has_alternative(inventory: &Inventory, query: &Query, selector: &Selector) -> bool {
    let alternative = selector.around.iter().any(|s| matches!(s, Step::Binary { op: BinaryOp::Or, .. }));
    let there = |other: &Selector| other.literal_name().is_none_or(|n| inventory.may_have(n) || is_third_party(n));
    alternative && query.selectors.iter().any(|other| other.name != selector.name && there(other))
}

/// What tests of rules feed although the change took it away. A test may feed whatever its rules read: other names are judged there.
fn tests(context: &Context<'_>, renames: &[Rename<'_>], findings: &mut Vec<Finding>) {
    let Some(before) = context.before else { return };
    // A test feeds one metric as many series: one finding for all.
    let mut by_test: BTreeMap<(&Location, &str), (Wrong, Vec<Edit>)> = BTreeMap::new();
    for query in context.test_queries {
        let Some(test) = context.tests.get(query.consumer) else { continue };
        for selector in &query.selectors {
            let Some(name) = selector.literal_name().filter(|n| !n.is_empty() && !context.inventory.may_have(n)) else { continue };
            let Some(location) = query.locate(context.tests, selector.name_span) else { continue };
            let Some(wrong) = gone(name, before, context.inventory, renames, &location) else { continue };
            let edits = wrong.right.iter().flat_map(|right| {
                let said = repair::prose(context.tests, query, name, right);
                repair::names(context.tests, query, name, right).into_iter().chain(said)
            });
            let edits = edits.collect();
            match by_test.entry((&test.location, name)) {
                Entry::Vacant(entry) => {
                    entry.insert((wrong, edits));
                }
                Entry::Occupied(mut entry) => {
                    let known = &mut entry.get_mut().1;
                    known.extend(edits.into_iter().filter(|e| !known.contains(e)).collect::<Vec<_>>());
                }
            }
        }
    }
    for (Wrong { finding, right }, edits) in by_test.into_values() {
        findings.push(match right {
            Some(right) => finding.fixes(format!("use `{right}`"), edits),
            None => finding,
        });
    }
}

/// The finding for a name that the tree had before the change that is asked about: no other evidence is needed.
fn gone(name: &str, before: &Inventory, now: &Inventory, renames: &[Rename<'_>], location: &Location) -> Option<Wrong> {
    // The change may have turned the name into one that only the run knows.
    if !before.may_have(name) || now.unresolved.len() > before.unresolved.len() {
        return None;
    }
    let (family, part) = model::split_series(name);
    let old = [name, family].iter().find_map(|n| before.get(n))?;
    let named = |message: String| Finding::new(message, location.clone()).metric(name).caret("no longer defined");
    Some(match renames.iter().find(|r| r.old.name == old.name) {
        Some(Rename { new, evidence, .. }) => {
            let right = if old.name == name { new.name.clone() } else { format!("{}{part}", new.name) };
            let finding = named(format!("the change takes `{name}` away: is it `{right}` now?"))
                .related(format!("`{}` is defined here, with the same {}", new.name, evidence.join(", ")), new.location.clone());
            Wrong { finding, right: Some(right) }
        }
        None => {
            let help = format!("It was defined in {}: restore it, or change what reads it in the same change.", old.location.path);
            Wrong { finding: named(format!("the change takes `{name}` away, and this still reads it")).help(help), right: None }
        }
    })
}

fn wrong_name(selector: &Selector, name: &str, system: &System, renamed: &Renamed, location: Location) -> Wrong {
    let since = renamed.since.as_deref().map(|since| format!(" since {since}")).unwrap_or_default();
    let finding = Finding::new(format!("{} has no metric `{name}`{since}: use `{}`", system.title, renamed.to), location)
        .metric(name)
        .caret("does not exist")
        .help(renamed.note.clone());
    let is_name = renamed.to.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
    // Where there are no buckets, no other name makes a quantile of them.
    let is_name = is_name && name.ends_with("_bucket") == renamed.to.ends_with("_bucket");
    Wrong { finding, right: (is_name && takes(selector, system, &renamed.to)).then(|| renamed.to.clone()) }
}

/// Whether the functions around a selector take a metric of the type of `name` as well: a counter for a gauge needs another query.
fn takes(selector: &Selector, system: &System, name: &str) -> bool {
    let counted = selector.around.iter().any(|s| matches!(s, Step::Call { name, .. } if COUNTER_FUNCTIONS.contains(&name.as_str())));
    match system.metric(name).map(SystemMetric::kind) {
        Some(MetricType::Gauge) => !counted,
        Some(MetricType::Counter) => counted,
        _ => true,
    }
}

const COUNTER_FUNCTIONS: [&str; 4] = ["rate", "irate", "increase", "resets"];

/// What the tree defines, as far as judging a foreign name needs it.
struct Tree<'a> {
    metrics: Vec<&'a Metric>,
    /// The letters of their names, in the same order.
    letters: Vec<Letters>,
    /// First word of the names of at least half of the metrics, and of three at the least.
    namespace: Option<String>,
    /// Everything, definitions that could not be resolved included.
    inventory: &'a Inventory,
}

impl<'a> Tree<'a> {
    fn of(inventory: &'a Inventory) -> Self {
        let metrics: Vec<&Metric> = inventory.metrics().iter().filter(|m| m.language != Language::Yaml && !m.is_pattern()).collect();
        let mut words: HashMap<&str, usize> = HashMap::new();
        let mut names: Vec<&str> = metrics.iter().map(|m| m.name.as_str()).collect();
        names.dedup();
        for name in &names {
            *words.entry(first_word(name)).or_default() += 1;
        }
        let best = words.into_iter().max_by_key(|(word, n)| (*n, std::cmp::Reverse(*word)));
        let common = &vocab::third_party().common_words;
        let namespace = best.filter(|(word, n)| *n >= 3 && n * 2 >= names.len() && word.len() > 1 && !common.iter().any(|c| c == word));
        let letters = metrics.iter().map(|m| Letters::of(&m.name)).collect();
        Tree { metrics, letters, namespace: namespace.map(|(word, _)| word.to_owned()), inventory }
    }

    /// The finding for a name that does not exist, if the tree is where it should.
    fn unknown(&self, name: &str, location: Location, alert: bool) -> Option<Wrong> {
        if self.metrics.is_empty()
            || self.inventory.may_hide(name)
            || is_third_party(name)
            || name.contains(':') && !self.metrics.iter().any(|m| m.name.contains(':'))
        {
            return None;
        }
        let (family, part) = model::split_series(name);
        if let Some(summary) = self.metrics.iter().find(|m| m.name == family && !part.is_empty()) {
            let finding =
                Finding::new(format!("`{name}` does not exist: `{family}` is a {} and has no `{part}`", summary.kind.as_str()), location);
            let mut finding = finding.metric(name).caret("no such series").related("defined here", summary.location.clone());
            if part == "_bucket" && summary.kind == MetricType::Summary {
                finding = finding.help(lookup::instead_of_buckets(family, Some(summary)));
            }
            return Some(Wrong { finding, right: None });
        }
        let named = |message: String| Finding::new(message, location.clone()).metric(name).caret("not defined");
        if let Some((near, part)) = self
            .near(name)
            .map(|n| (n, ""))
            .or_else(|| self.near(family).filter(|n| !part.is_empty() && n.has_part(part)).map(|n| (n, part)))
        {
            let right = format!("{}{part}", near.name);
            let finding = named(format!("no metric `{name}` is defined: did you mean `{right}`?"))
                .related(format!("`{}` is defined here", near.name), near.location.clone());
            if near.may_be_shown_as(name) || near.may_be_shown_as(family) {
                let help = "What takes these metrics over is not in the tree, and may add unit and `_total` to names in its own way.";
                let finding = finding.severity(Severity::Warning).confidence(Confidence::Medium).help(help);
                return Some(Wrong { finding, right: None });
            }
            return Some(Wrong { finding, right: Some(right) });
        }
        let namespace = self.namespace.as_deref()?;
        // A dependency or another edition may define it. An alert that waits for it is worth a look, a panel is not.
        if first_word(name) != namespace || !alert {
            return None;
        }
        let finding =
            named(format!("no metric `{name}` is defined in the files read")).severity(Severity::Warning).confidence(Confidence::Medium);
        let help =
            format!("The tree defines other `{namespace}_` metrics: was this one renamed or removed, or does a dependency define it?");
        Some(Wrong { finding: finding.help(help), right: None })
    }

    /// The metric whose name is almost `name`.
    fn near(&self, name: &str) -> Option<&'a Metric> {
        let variant = self.metrics.iter().find(|m| same_but_for_suffix(&m.name, name));
        if let Some(metric) = variant {
            return Some(metric);
        }
        // Short names are near to anything; a changed digit is another thing, not a slip.
        let most = (name.len() / 8).min(3);
        let letters = Letters::of(name);
        let candidates = self
            .metrics
            .iter()
            .zip(&self.letters)
            .filter(|(m, own)| m.name.len().abs_diff(name.len()) <= most && letters.within(own, most));
        let candidates = candidates.filter(|(m, _)| !has_another_short_word(&m.name, name));
        let near = candidates.map(|(m, _)| (strsim::damerau_levenshtein(&m.name, name), *m)).filter(|(d, _)| *d <= most);
        near.min_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name))).map(|(_, m)| m).filter(|m| undigit(&m.name) != undigit(name))
    }
}

/// How often each byte occurs in a name. An edit distance is costly, and almost every pair of names differs in too many letters.
struct Letters([u8; 32]);

impl Letters {
    fn of(name: &str) -> Self {
        let mut counts = [0_u8; 32];
        for byte in name.bytes() {
            if let Some(count) = counts.get_mut(usize::from(byte % 32)) {
                *count = count.saturating_add(1);
            }
        }
        Letters(counts)
    }

    /// Whether `edits` edits can turn one name into the other, as far as the counts tell: an edit changes two of them at most.
    fn within(&self, other: &Letters, edits: usize) -> bool {
        let difference: u32 = self.0.iter().zip(&other.0).map(|(a, b)| u32::from(a.abs_diff(*b))).sum();
        difference as usize <= 2 * edits
    }
}

/// Whether one name is the other with `_total` or a unit after it.
fn same_but_for_suffix(defined: &str, asked: &str) -> bool {
    const SUFFIXES: [&str; 4] = ["_total", "_seconds", "_bytes", "_seconds_total"];
    let longer = |a: &str, b: &str| a.strip_prefix(b).is_some_and(|rest| SUFFIXES.contains(&rest));
    longer(defined, asked) || longer(asked, defined)
}

/// Whether a short word of a name is another one: `min` is no slip of `max`, nor `rx` of `tx`.
fn has_another_short_word(a: &str, b: &str) -> bool {
    let words = |name: &'_ str| name.split(['_', ':']).map(str::to_owned).collect::<Vec<_>>();
    let (a, b) = (words(a), words(b));
    let short = |word: &str| !word.is_empty() && word.len() <= 3;
    a.len() == b.len() && a.iter().zip(&b).any(|(a, b)| a != b && short(a) && short(b))
}

fn undigit(name: &str) -> String {
    name.chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn first_word(name: &str) -> &str {
    name.split(['_', ':']).next().unwrap_or(name)
}

/// Whether a metric is one of a known program or of a client library itself.
pub(crate) fn is_third_party(name: &str) -> bool {
    let (family, _) = model::split_series(name);
    let prefixed = |prefix: &String| if prefix.ends_with(['_', ':']) { name.starts_with(prefix.as_str()) } else { name == prefix };
    lookup::is_of_system(name)
        || lookup::is_of_system(family)
        || vocab::third_party().prefixes.iter().any(prefixed)
        || name.starts_with("ALERTS")
        || lookup::has_prefix_of_system(name)
}
