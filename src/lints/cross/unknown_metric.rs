//! `unknown-metric`: a query of a metric that cannot exist, though it is meant to be of this tree.
//!
//! Fires only with evidence on both sides: nothing that was found, recorded, or left unresolved can be it, and a near name or the
//! tree's own namespace says that it is meant to be found here.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::LazyLock;

use crate::finding::{Confidence, Finding, Severity};
use crate::knowledge::systems::{self, Renamed, System};
use crate::knowledge::vocab;
use crate::lints::{Context, lookup};
use crate::model::{ConsumerKind, Inventory, Language, Metric, MetricType};
use crate::promql::{BinaryOp, Step};
use crate::source::Location;

static RENAMED: LazyLock<HashMap<&'static str, (&'static System, &'static Renamed)>> = LazyLock::new(|| {
    let all = systems::all().iter().flat_map(|s| s.renamed.iter().map(move |r| (r.from.as_str(), (s, r))));
    // Another system may have the name: then it is not wrong.
    all.filter(|(from, _)| !lookup::is_of_system(from)).collect()
});

pub(crate) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let tree = Tree::of(context.inventory);
    for query in context.queries {
        let mut seen = HashSet::new();
        let alert = context.consumers.get(query.consumer).is_some_and(|c| matches!(c.kind, ConsumerKind::Alert(_)));
        for selector in &query.selectors {
            let Some(name) = selector.literal_name().filter(|n| !n.is_empty()) else { continue };
            // `new_name or old_name` is how a query spans a renaming.
            let alternative = selector.around.iter().any(|s| matches!(s, Step::Binary { op: BinaryOp::Or, .. }));
            if alternative || !seen.insert(name) || exists(context.inventory, name) {
                continue;
            }
            let Some(location) = query.locate(context.consumers, selector.name_span) else { continue };
            if let Some(finding) = context.before.and_then(|before| gone(name, before, context.inventory, &location)) {
                findings.push(finding);
            } else if let Some((system, renamed)) = RENAMED.get(name) {
                findings.push(wrong_name(name, system, renamed, location));
            } else if let Some(finding) = tree.unknown(name, location, alert) {
                findings.push(finding);
            }
        }
    }
}

/// The finding for a name that the tree had before the change that is asked about: no other evidence is needed.
fn gone(name: &str, before: &Inventory, now: &Inventory, location: &Location) -> Option<Finding> {
    // The change may have turned the name into one that only the run knows.
    if !exists(before, name) || now.unresolved.len() > before.unresolved.len() {
        return None;
    }
    let (family, part) = split(name);
    let old = [name, family].iter().find_map(|n| lookup::named(before, n).first())?;
    let heirs: Vec<&Metric> = now
        .metrics()
        .iter()
        .filter(|m| m.kind == old.kind && m.location.path == old.location.path && before.get(&m.name).is_none() && !m.is_pattern())
        .collect();
    let named = |message: String| Finding::new(message, location.clone()).metric(name).caret("no longer defined");
    Some(match heirs[..] {
        [heir] => {
            let right = if old.name == name { heir.name.clone() } else { format!("{}{part}", heir.name) };
            named(format!("the change takes `{name}` away: is it `{right}` now?"))
                .related(format!("`{}` is defined here", heir.name), heir.location.clone())
                .fix(format!("use `{right}`"), location.clone(), right)
        }
        _ => named(format!("the change takes `{name}` away, and this still reads it"))
            .help(format!("It was defined in {}: restore it, or change what reads it in the same change.", old.location.path)),
    })
}

fn wrong_name(name: &str, system: &System, renamed: &Renamed, location: Location) -> Finding {
    let finding = Finding::new(format!("{} has no metric `{name}`: use `{}`", system.title, renamed.to), location.clone())
        .metric(name)
        .caret("does not exist")
        .help(renamed.note.clone());
    let is_name = renamed.to.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
    if is_name { finding.fix(format!("use `{}`", renamed.to), location, renamed.to.clone()) } else { finding }
}

/// Suffixes of the series a family is made of.
const PARTS: [&str; 4] = ["_bucket", "_count", "_sum", "_created"];

/// Splits a series name into family and part.
fn split(name: &str) -> (&str, &str) {
    PARTS.iter().find_map(|part| name.strip_suffix(part).map(|family| (family, *part))).unwrap_or((name, ""))
}

fn has_part(metric: &Metric, part: &str) -> bool {
    match (metric.kind, part) {
        (MetricType::Summary, "_bucket") => false,
        (MetricType::Histogram | MetricType::Summary, _) => true,
        // A recorded metric or an untyped one is a single series.
        (MetricType::Counter, "_created") => true,
        (MetricType::Unknown, _) => metric.language != Language::Yaml,
        _ => false,
    }
}

/// Whether something in the inventory has, or may have, series of this name.
fn exists(inventory: &Inventory, name: &str) -> bool {
    if !lookup::named(inventory, name).is_empty() {
        return true;
    }
    let (family, part) = split(name);
    let counter = format!("{family}_total");
    if !part.is_empty() {
        let families = lookup::named(inventory, family).iter().chain(lookup::named(inventory, &counter));
        if families.into_iter().any(|m| has_part(m, part)) {
            return true;
        }
    }
    inventory.patterns().any(|m| lookup::glob(&m.name, name) || !part.is_empty() && lookup::glob(&m.name, family))
}

/// What the tree defines, as far as judging a foreign name needs it.
struct Tree<'a> {
    metrics: Vec<&'a Metric>,
    /// The letters of their names, in the same order.
    letters: Vec<Letters>,
    /// First word of the names of at least half of the metrics, and of three at the least.
    namespace: Option<String>,
    /// Whether a definition could not be resolved: then anything may exist.
    unsure: bool,
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
        Tree { metrics, letters, namespace: namespace.map(|(word, _)| word.to_owned()), unsure: !inventory.unresolved.is_empty() }
    }

    /// The finding for a name that does not exist, if the tree is where it should.
    fn unknown(&self, name: &str, location: Location, alert: bool) -> Option<Finding> {
        if self.metrics.is_empty()
            || self.unsure
            || is_third_party(name)
            || name.contains(':') && !self.metrics.iter().any(|m| m.name.contains(':'))
        {
            return None;
        }
        let (family, part) = split(name);
        if let Some(summary) = self.metrics.iter().find(|m| m.name == family && !part.is_empty()) {
            let finding =
                Finding::new(format!("`{name}` does not exist: `{family}` is a {} and has no `{part}`", summary.kind.as_str()), location);
            return Some(finding.metric(name).caret("no such series").related("defined here", summary.location.clone()));
        }
        let named = |message: String| Finding::new(message, location.clone()).metric(name).caret("not defined");
        if let Some((near, part)) = self
            .near(name)
            .map(|n| (n, ""))
            .or_else(|| self.near(family).filter(|n| !part.is_empty() && has_part(n, part)).map(|n| (n, part)))
        {
            let right = format!("{}{part}", near.name);
            let finding = named(format!("no metric `{name}` is defined: did you mean `{right}`?"))
                .related(format!("`{}` is defined here", near.name), near.location.clone());
            return Some(finding.fix(format!("use `{right}`"), location, right));
        }
        let namespace = self.namespace.as_deref()?;
        // A dependency or another edition may define it. An alert that waits for it is worth a look, a panel is not.
        if first_word(name) != namespace || !alert {
            return None;
        }
        let finding =
            named(format!("no metric `{name}` is defined in the files read")).severity(Severity::Warning).confidence(Confidence::Medium);
        Some(finding.help(format!(
            "The tree defines other `{namespace}_` metrics: was this one renamed or removed, or does a dependency define it?"
        )))
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

fn undigit(name: &str) -> String {
    name.chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn first_word(name: &str) -> &str {
    name.split(['_', ':']).next().unwrap_or(name)
}

/// Whether a metric is one of a known program or of a client library itself.
pub(super) fn is_third_party(name: &str) -> bool {
    let (family, _) = split(name);
    let prefixed = |prefix: &String| if prefix.ends_with(['_', ':']) { name.starts_with(prefix.as_str()) } else { name == prefix };
    lookup::is_of_system(name)
        || lookup::is_of_system(family)
        || vocab::third_party().prefixes.iter().any(prefixed)
        || name.starts_with("ALERTS")
        || lookup::has_prefix_of_system(name)
}
