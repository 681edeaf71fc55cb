//! What code does with the metrics that it holds: which places raise, set or observe them, and in which unit.
//!
//! A metric is known by the static, field or variable that holds it. Every mention of such a name in the tree is looked at, in files
//! that nobody parsed too; one that is more than a call of a known method leaves open what else happens to the metric.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use super::draft::Draft;
use super::identifiers::Identifiers;
use super::measured_value;
use super::select::Selection;
use super::share::largest_first;
use crate::knowledge::vocab::{self, UpdateVocab};
use crate::model::{Change, Handling, MetricType, Update};
use crate::source::{Location, SourceFile};
use crate::syntax::rust::mentions::{Call, Mention, Role, mentions};

/// Names that say nothing of what they hold.
const NAMELESS: [&str; 4] = ["_", "self", "Self", "this"];

/// Holders that are mentioned, and what is done with each there, where that is known.
type Mentioned = Vec<(String, Option<Done>)>;

/// What was seen of one holder in one package.
#[derive(Debug, Default)]
struct Seen {
    updates: Vec<Update>,
    /// It is handed on, or something is done with it that is not known.
    open: bool,
    /// An update says more than that it has no labels.
    labels: bool,
}

/// What code does with metrics.
#[derive(Debug, Default)]
pub(super) struct Updates {
    /// By the metric's name.
    pub(super) handled: BTreeMap<String, Handling>,
    /// The metrics all of whose updates say that they have no labels: `counter.add(1, &[])`.
    pub(super) plain: BTreeSet<String>,
}

/// Where a tree mentions names that metrics are held by, which takes nothing but the texts.
#[derive(Debug, Default)]
pub(super) struct Sought {
    names: BTreeSet<String>,
    files: Vec<Arc<SourceFile>>,
    include_tests: bool,
}

impl Sought {
    /// For these holders.
    pub(super) fn new<'n>(handles: impl Iterator<Item = &'n str>, selection: &Selection) -> Self {
        let names: BTreeSet<String> = handles.filter(|h| is_name(h) && selection.is_written(h)).map(str::to_owned).collect();
        let files = selection.code_naming(names.iter().map(String::as_str));
        Sought { names, files, include_tests: selection.include_tests }
    }

    /// Looks at every mention.
    pub(super) fn look(self) -> Looked {
        let any = Identifiers::new(self.names.iter().map(String::as_str));
        let in_file = |file: &Arc<SourceFile>| -> Mentioned {
            let places: Vec<(usize, &str)> = any.find_in(file.code()).collect();
            if places.is_empty() {
                return Vec::new();
            }
            let all = mentions(file.code(), &places, self.include_tests);
            all.into_iter().filter_map(|m| meaning(&m, file).map(|u| (m.name.to_owned(), u))).collect()
        };
        let found = largest_first(&self.files, |f| f.code().len(), |f| (Arc::clone(&f.package), in_file(f)));
        Looked { names: self.names, found }
    }
}

/// What is done at every mention of some holders, by file with the file's package.
#[derive(Debug, Default)]
pub(super) struct Looked {
    names: BTreeSet<String>,
    found: Vec<(Arc<str>, Mentioned)>,
}

/// Whether a holder's name says what it holds.
fn is_name(handle: &str) -> bool {
    !handle.starts_with('_') && !NAMELESS.contains(&handle)
}

/// What the code of a tree does with each metric of these definitions. What was `looked` at is not looked at again.
pub(super) fn of(drafts: &[Draft], mut looked: Looked, selection: &Selection) -> Updates {
    let mut homes: HashMap<&str, HashMap<&str, Vec<&Draft>>> = HashMap::default();
    let is_seen = |d: &&Draft| !d.hidden && d.handle.as_deref().is_some_and(|handle| selection.is_written(handle));
    for draft in drafts.iter().filter(is_seen) {
        if let Some(handle) = draft.handle.as_deref().filter(|h| is_name(h)) {
            homes.entry(handle).or_default().entry(&draft.package).or_default().push(draft);
        }
    }
    if homes.is_empty() {
        return Updates::default();
    }
    let more = Sought::new(homes.keys().copied().filter(|handle| !looked.names.contains(*handle)), selection);
    looked.found.extend(more.look().found);
    let has_labels =
        |drafts: &HashMap<&str, Vec<&Draft>>| drafts.values().flatten().any(|d| !d.label_order.is_empty() || !d.labels.is_empty());
    let labelled: HashSet<&str> = homes.iter().filter(|(_, packages)| has_labels(packages)).map(|(handle, _)| *handle).collect();
    let mut seen: HashMap<(&str, &str), Seen> = HashMap::default();
    for (package, found) in &looked.found {
        for (handle, done) in found {
            let Some((handle, homes)) = homes.get_key_value(handle.as_str()) else { continue };
            // A package that has no such holder mentions that of the one that has, or something else.
            let (home, sure) = match (homes.get_key_value(&**package), homes.len()) {
                (Some((home, _)), _) => (vec![*home], true),
                (None, 1) => (homes.keys().copied().collect(), true),
                (None, _) => (homes.keys().copied().collect(), false),
            };
            for home in home {
                let drafts = homes.get(home).map(Vec::as_slice).unwrap_or_default();
                let seen = seen.entry((handle, home)).or_default();
                seen.labels |= done.as_ref().is_none_or(|done| !done.plain);
                let fitting = done.as_ref().filter(|_| sure).and_then(|done| done.fit(drafts.first()?.kind, labelled.contains(handle)));
                match fitting {
                    Some(update) => seen.updates.push(update),
                    None => seen.open = true,
                }
            }
        }
    }
    let mut handled: BTreeMap<String, Handling> = BTreeMap::new();
    let mut plain: BTreeMap<&str, bool> = BTreeMap::new();
    let mut open: HashSet<&str> = drafts.iter().filter(|d| !is_seen(d)).map(|d| d.name.as_str()).collect();
    for (handle, packages) in &homes {
        for (package, drafts) in packages {
            let seen = seen.get(&(*handle, *package));
            let names: HashSet<&str> = drafts.iter().map(|d| d.name.as_str()).collect();
            // One name for several metrics: which of them is meant is not known, unless none is.
            let shared = names.len() > 1 && seen.is_some_and(|s| !s.updates.is_empty());
            for name in names {
                let handling = handled.entry(name.to_owned()).or_insert_with(|| Handling { complete: true, ..Handling::default() });
                if shared || seen.is_some_and(|s| s.open) {
                    open.insert(name);
                }
                *plain.entry(name).or_insert(true) &= seen.is_some_and(|s| !s.labels && !s.open && !s.updates.is_empty());
                if let Some(seen) = seen.filter(|_| !shared) {
                    handling.updates.extend(seen.updates.iter().cloned());
                }
            }
        }
    }
    for (name, handling) in &mut handled {
        handling.complete &= !open.contains(name.as_str());
        handling.updates.sort_by(|a, b| a.location.cmp(&b.location));
        handling.updates.dedup();
    }
    let plain = plain.into_iter().filter(|(name, plain)| *plain && !open.contains(name)).map(|(name, _)| name.to_owned()).collect();
    Updates { handled, plain }
}

/// An update by a method.
#[derive(Clone, Debug)]
struct Done {
    update: Update,
    /// Whether the method's name, not the sign of a number, says that it lowers.
    lowers: bool,
    /// Whether it is called on what holds all children, where there are some.
    whole: bool,
    /// Whether it says that there are no labels.
    plain: bool,
}

impl Done {
    /// The update of a metric of a type. `None` where the type has no such method: something else has the same name.
    fn fit(&self, kind: MetricType, labelled: bool) -> Option<Update> {
        let change = match (kind, self.update.change) {
            (_, Change::Reset) if self.whole && labelled => Change::Forget,
            (_, Change::Touch | Change::Forget) => self.update.change,
            (MetricType::Counter, Change::Add) => Change::Raise,
            (MetricType::Counter, Change::Set | Change::Observe) => return None,
            (MetricType::Counter, Change::Lower) if self.lowers => return None,
            (MetricType::Gauge, Change::Observe) => Change::Set,
            (MetricType::Gauge, Change::Reset) => return None,
            (MetricType::Histogram | MetricType::Summary, change) if change != Change::Observe => return None,
            (_, change) => change,
        };
        Some(Update { change, ..self.update.clone() })
    }
}

/// What a mention does to the metric: `None` where it does nothing, `Some(None)` where that is not known.
#[allow(clippy::option_option)]
fn meaning(mention: &Mention<'_>, file: &SourceFile) -> Option<Option<Done>> {
    let vocab = vocab::updates();
    let registers = || mention.within.iter().take(2).any(|f| vocab.register.iter().any(|r| r == f));
    match &mention.role {
        Role::Named => None,
        Role::Other => (!registers()).then_some(None),
        Role::Called { calls, span, discarded } => {
            let last = calls.iter().rposition(|c| !is(&vocab.through, c));
            let location = Location::new(&file.path, *span);
            let Some((at, call)) = last.and_then(|at| calls.get(at).map(|c| (at, c))) else {
                // Nothing but children: those that nobody holds are made to be there.
                let touched = Done {
                    update: Update { change: Change::Touch, measured: None, constant: false, location },
                    lowers: false,
                    whole: false,
                    plain: false,
                };
                return Some(discarded.then_some(touched));
            };
            if call.method == "clone" {
                return (!registers()).then_some(None);
            }
            // What is before it gives a child, or something else altogether.
            if !calls.iter().take(at).all(|c| is(&vocab.through, c)) {
                return Some(None);
            }
            let Some(change) = change(vocab, call, file) else { return (!is(&vocab.read, call)).then_some(None) };
            let measured = measured_value::of(file, call.args);
            let arguments = call.args.text(&file.text).trim();
            let (constant, plain) = (is_constant(arguments), arguments.trim_end_matches(',').ends_with("&[]"));
            Some(Some(Done {
                update: Update { change, measured, constant, location },
                lowers: is(&vocab.lower, call),
                whole: at == 0,
                plain,
            }))
        }
    }
}

fn is(list: &[String], call: &Call<'_>) -> bool {
    list.iter().any(|m| m == call.method)
}

fn change(vocab: &UpdateVocab, call: &Call<'_>, file: &SourceFile) -> Option<Change> {
    let argument = call.args.text(&file.text).trim();
    let negative = argument.starts_with('-');
    Some(match call {
        call if is(&vocab.raise, call) && is_zero(argument) => Change::Touch,
        call if is(&vocab.raise, call) && negative => Change::Lower,
        call if is(&vocab.raise, call) => Change::Raise,
        call if is(&vocab.lower, call) => Change::Lower,
        call if is(&vocab.add, call) && negative => Change::Lower,
        call if is(&vocab.add, call) && argument.starts_with(|c: char| c.is_ascii_digit()) => Change::Raise,
        call if is(&vocab.add, call) => Change::Add,
        call if is(&vocab.set, call) => Change::Set,
        call if is(&vocab.reset, call) => Change::Reset,
        call if is(&vocab.forget, call) => Change::Forget,
        call if is(&vocab.observe, call) => Change::Observe,
        _ => return None,
    })
}

/// `0`, `0.0`
fn is_zero(argument: &str) -> bool {
    !argument.is_empty() && argument.trim_start_matches(['0', '.']).is_empty()
}

/// Whether an argument is a number that is written there.
pub(super) fn is_constant(argument: &str) -> bool {
    argument.strip_prefix('-').unwrap_or(argument).starts_with(|c: char| c.is_ascii_digit()) && !argument.contains([' ', '('])
}

/// The change that a method makes, for a metric whose handle is the expression before it.
pub(super) fn change_of(method: &str, argument: &str) -> Option<Change> {
    let vocab = vocab::updates();
    let has = |list: &[String]| list.iter().any(|m| m == method);
    Some(match () {
        () if has(&vocab.raise) && is_zero(argument) => Change::Touch,
        () if has(&vocab.raise) && argument.starts_with('-') => Change::Lower,
        () if has(&vocab.raise) => Change::Raise,
        () if has(&vocab.lower) => Change::Lower,
        () if has(&vocab.set) => Change::Set,
        () if has(&vocab.observe) => Change::Observe,
        () => return None,
    })
}
