//! Definitions that are seen and not followed: macros of the code base that define metrics.
//!
//! Each becomes an unresolved definition. Without them a name that such code defines would count as one that does not exist.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use rayon::prelude::*;
use rustc_hash::FxHashSet as HashSet;

use super::draft::unresolved;
use super::walk::{Context, Visitor, walk};
use super::world::{MacroAt, Miss, World};
use crate::extract::Settings;
use crate::knowledge::libraries::{self, Library};
use crate::model::Unresolved;
use crate::model::wrapper::Called;
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, MacroCall};

/// What a macro that sets labels has in its body.
const USES: [&str; 3] = ["with_label_values(", "remove_label_values(", "LabelGroup {"];

/// What a macro that makes something to hold a metric has in its body.
const HOLDERS: [&str; 2] = ["struct ", "static "];

/// What a macro that writes a text has in its body.
const WRITES: [&str; 4] = ["writeln!(", "write!(", "push_str(", "format!("];

/// What the body of a macro that defines a metric holds, and whose it is.
static WORDS: LazyLock<Option<(AhoCorasick, Vec<&'static Library>)>> = LazyLock::new(|| {
    let mut words: Vec<(String, &'static Library)> = Vec::new();
    for library in libraries::all() {
        words.extend(library.macros.iter().map(|m| (format!("{}!", m.name), library)));
        // A plain `Counter::new` may be anybody's.
        let own = library.types.iter().filter(|t| t.distinctive);
        words.extend(own.flat_map(|t| [format!("{}::new", t.name), format!("{}::with_opts", t.name)]).map(|w| (w, library)));
        words.extend(library.triggers.iter().filter(|t| t.contains("::")).map(|t| (t.clone(), library)));
        words.extend(library.methods.iter().map(|m| (format!(".{}(", m.name), library)));
        let further = library.words.iter().filter(|w| w.chars().all(|c| c.is_alphanumeric() || c == '_'));
        words.extend(further.map(|w| (format!(".{w}("), library)));
    }
    let search = AhoCorasick::new(words.iter().map(|(word, _)| word)).ok()?;
    Some((search, words.into_iter().map(|(_, library)| library).collect()))
});

/// The macros of a tree that define metrics: name to library and place.
#[derive(Debug, Default)]
pub(super) struct DefiningMacros<'a> {
    by_name: BTreeMap<&'a str, (&'static Library, MacroAt<'a>)>,
    /// Those that only set labels of a metric.
    using: BTreeSet<&'a str>,
    /// Those that make structs or statics, which may hold what a call gives them.
    holding: BTreeSet<&'a str>,
    /// Those that write a text.
    writing: BTreeSet<&'a str>,
}

impl<'a> DefiningMacros<'a> {
    /// Looks at the texts of the macros' bodies, until no macro that calls a defining one is left.
    pub(super) fn new(world: &World<'a>, misses: &BTreeSet<Miss>, settings: &Settings) -> Self {
        let mut all = Self::all(world);
        all.calling(world, misses);
        // What a call of these defines is declared.
        all.by_name.retain(|name, _| !settings.wrappers.iter().any(|w| matches!(&w.called, Called::Macro(own) if own == name)));
        all
    }

    fn all(world: &World<'a>) -> Self {
        let mut found = DefiningMacros::default();
        let Some((search, words)) = &*WORDS else { return found };
        let all: Vec<MacroAt<'a>> = world.macros().collect();
        let defines = |at: &MacroAt<'a>| -> ([bool; 3], Option<&'static Library>) {
            let Some(body) = world.text(at.file, at.body) else { return ([false; 3], None) };
            let package = world.package(at.file);
            let by_path = |library: &Library| library.crates.iter().any(|c| body.contains(&format!("{c}::")));
            let ours = |library: &Library| {
                by_path(library) || world.mentions(package, &library.crates) || world.takes_macros(package, &library.crates)
            };
            // A method whose name the macro puts together.
            let assembled = || libraries::all().iter().find(|l| !l.methods.is_empty() && body.contains(".[<") && by_path(l));
            let library = search
                .find_iter(body)
                .filter_map(|m| words.get(m.pattern().as_usize()).copied())
                .find(|l| ours(l))
                .or_else(assembled)
                .or_else(|| libraries::all().iter().find(|l| !l.macros.is_empty() && l.crates.iter().any(|c| calls_any_of(c, body))))
                .or_else(|| libraries::all().iter().find(|l| !l.types.is_empty() && l.crates.iter().any(|c| makes_any_of(c, body))));
            let has = |words: &[&str]| !at.name.is_empty() && words.iter().any(|word| body.contains(word));
            ([has(&USES), has(&HOLDERS), has(&WRITES)], library)
        };
        for (at, ([uses, holds, writes], library)) in all.iter().zip(all.par_iter().map(defines).collect::<Vec<_>>()) {
            if uses {
                found.using.insert(at.name);
            }
            if holds {
                found.holding.insert(at.name);
            }
            if writes {
                found.writing.insert(at.name);
            }
            if let Some(library) = library {
                found.by_name.entry(at.name).or_insert((library, *at));
            }
        }
        // A wrapper of a wrapper; each round finds at least one or ends.
        loop {
            let calls: Vec<(String, &'static Library)> =
                found.by_name.iter().map(|(name, (library, _))| (format!("{name}!"), *library)).collect();
            let Ok(search) = AhoCorasick::new(calls.iter().map(|(w, _)| w)) else { return found };
            let before = found.by_name.len();
            for at in all.iter().filter(|at| !at.name.is_empty()) {
                if found.by_name.contains_key(at.name) {
                    continue;
                }
                let hit = world.text(at.file, at.body).and_then(|body| search.find(body)).and_then(|m| calls.get(m.pattern().as_usize()));
                if let Some((_, library)) = hit {
                    found.by_name.insert(at.name, (library, *at));
                }
            }
            if found.by_name.len() == before {
                return found;
            }
        }
    }

    /// Adds the macros that call a function which is asked for, since it defines what its callers name; and those that call these
    /// macros.
    fn calling(&mut self, world: &World<'a>, misses: &BTreeSet<Miss>) {
        let asked = |miss: &&str| miss.ends_with('(');
        let mut wanted: HashSet<String> = misses
            .iter()
            .filter_map(|m| if let Miss::Calls(call) = m { Some(call.as_str()) } else { None })
            .filter(asked)
            .map(str::to_owned)
            .collect();
        // Those that make objects which are asked for.
        let literal = |m: &Miss| if let Miss::Literals(ty) = m { Some(format!("{ty} {{")) } else { None };
        let literals: Vec<String> = misses.iter().filter_map(literal).collect();
        let makes = |body: &str| literals.iter().any(|literal| body.contains(literal.as_str()));
        let macros: Vec<MacroAt<'a>> = world.macros().filter(|at| !at.name.is_empty()).collect();
        let making = macros.par_iter().filter(|at| !self.holds(at.name) && world.text(at.file, at.body).is_some_and(makes));
        let making: Vec<&'a str> = making.map(|at| at.name).collect();
        wanted.extend(making.iter().map(|name| format!("{name}!")));
        self.using.extend(making);
        if wanted.is_empty() {
            return;
        }
        // Those that call what their caller names, where such a function is at hand.
        let functions = AhoCorasick::new(wanted.iter().filter(|w| !w.contains("::")).map(|w| w.trim_end_matches('(')));
        let Ok(functions) = functions else { return };
        let at_hand = |file: usize| world.files.get(file).is_some_and(|f| functions.is_match(&*f.source.text));
        let body = |at: &MacroAt<'a>| world.text(at.file, at.body).map(|body| (at.name, calls_in(body), body));
        let bodies: Vec<(&'a str, HashSet<&'a str>, &'a str)> = macros.par_iter().filter_map(body).collect();
        // A macro elsewhere may name it for them.
        let named: HashSet<&str> =
            bodies.iter().filter(|(.., body)| functions.is_match(*body)).flat_map(|(_, calls, _)| calls.iter().copied()).collect();
        let is_named = |name: &str| named.contains(format!("{name}!").as_str());
        let names = |at: &&MacroAt<'a>| !self.holds(at.name) && world.text(at.file, at.body).is_some_and(calls_what_is_named);
        let naming = macros.par_iter().filter(names).filter(|at| is_named(at.name) || at_hand(at.file));
        let naming: Vec<&'a str> = naming.map(|at| at.name).collect();
        wanted.extend(naming.iter().map(|name| format!("{name}!")));
        self.using.extend(naming);
        loop {
            let new: Vec<&'a str> = bodies
                .iter()
                .filter(|(name, calls, _)| !self.holds(name) && calls.iter().any(|call| asks_for(&wanted, call)))
                .map(|(name, ..)| *name)
                .collect();
            if new.is_empty() {
                return;
            }
            wanted.extend(new.iter().map(|name| format!("{name}!")));
            self.using.extend(new);
        }
    }

    /// The macros' names.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.by_name.keys().chain(&self.using).copied()
    }

    /// Whether a macro of this name defines metrics or sets their labels.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.by_name.contains_key(name) || self.using.contains(name)
    }

    /// Whether a call of this name, with this text, gives a macro the definitions of metrics that it puts into a struct or static, or
    /// the lines of an exposition that it writes.
    pub(super) fn is_given(&self, name: &str, text: &str, cx: &Context<'_, '_>) -> bool {
        let defines = || WORDS.as_ref().is_some_and(|(search, _)| search.is_match(text)) || makes_imported(text, cx);
        let writes_lines = || cx.world.files.get(cx.file).is_some_and(|f| f.libraries.contains(&"text"));
        self.holding.contains(name) && defines() || self.writing.contains(name) && writes_lines()
    }

    /// The library in which the macro of this name defines metrics.
    pub(super) fn library_of(&self, name: &str) -> Option<&'static str> {
        self.by_name.get(name).map(|(library, _)| &*library.name)
    }

    /// The macros themselves, where nothing calls them in the files that were read.
    fn uncalled(&self, world: &World<'_>, called: &HashSet<String>) -> Vec<Unresolved> {
        let left = self.by_name.iter().filter(|(name, _)| !called.contains(**name));
        left.map(|(name, (library, at))| {
            let reason = format!("`{name}!` defines a metric wherever it is called, and what it expands to is not followed");
            unresolved(library, reason, world.location(at.file, at.body))
        })
        .collect()
    }
}

/// Whether a text makes a metric of a type whose plain name the file takes from the library: `Gauge::new("..")`.
fn makes_imported(text: &str, cx: &Context<'_, '_>) -> bool {
    let imports = |library: &Library, name: &str| cx.world.full_path(cx.file, &[name]).first().is_some_and(|root| library.owns(root));
    ["::new(", "::with_opts("].iter().flat_map(|call| text.match_indices(call)).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let name = before.rsplit(|c: char| !is_part_of_name(c)).next().unwrap_or_default();
        let mut plain = libraries::all().iter().filter(|l| l.types.iter().any(|t| !t.distinctive && t.name == name));
        !name.is_empty() && plain.any(|library| imports(library, name))
    })
}

/// Whether a call is one of those: of a function that is no type's by any path.
fn asks_for(wanted: &HashSet<String>, call: &str) -> bool {
    wanted.contains(call)
        || call.rsplit_once("::").is_some_and(|(module, function)| !module.starts_with(char::is_uppercase) && wanted.contains(function))
}

/// Whether a macro's body calls a function that its caller names: `$constructor(..)`.
fn calls_what_is_named(body: &str) -> bool {
    body.match_indices('$').any(|(at, _)| {
        let rest = body.get(at + 1..).unwrap_or_default();
        let after = rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
        after.len() < rest.len() && after.starts_with('(') && !body.get(..at).unwrap_or_default().ends_with('.')
    })
}

/// What a macro's body calls: `Type::function(`, `module::function(`, `function(`, `name!`, and `.method(` of a static or of what a
/// function without arguments gives.
fn calls_in(body: &str) -> HashSet<&str> {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let call = |(at, sign): (usize, &str)| {
        let before = body.get(..at)?;
        let start = before.trim_end_matches(is_path).len();
        // A method, a definition.
        let around = before.get(..start)?;
        if let Some(object) = around.strip_suffix('.') {
            return if is_shared(object.trim_end()) { body.get(start - 1..at + 1) } else { None };
        }
        if around.trim_end().ends_with("fn") {
            return None;
        }
        let path = before.get(start..)?;
        // The last two parts of a path, or a macro's name.
        let parts = if sign == "!" { 1 } else { 2 };
        let from = path.rmatch_indices("::").nth(parts - 1).map_or(0, |(at, colons)| at + colons.len());
        body.get(start + from..at + 1)
    };
    body.match_indices(['(', '!']).filter_map(call).collect()
}

/// Whether a text ends with a static, or with a call that needs nothing: what every call of a macro shares.
fn is_shared(object: &str) -> bool {
    let name = object.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    let is_static = !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    is_static || object.strip_suffix("()").is_some_and(|called| called.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// Whether a macro's body calls that macro of a crate which its caller names: `metrics::$kind!(..)`.
fn calls_any_of(krate: &str, body: &str) -> bool {
    body.match_indices(&format!("{krate}::$")).any(|(at, start)| {
        let rest = body.get(at + start.len()..).unwrap_or_default();
        rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').starts_with('!')
    })
}

/// Whether a macro's body makes a metric of that type of a crate which its caller names: `use prometheus::$ty; $ty::with_opts(..)`.
fn makes_any_of(krate: &str, body: &str) -> bool {
    let takes = || body.match_indices(&format!("{krate}::$")).any(|(at, _)| !body.get(..at).unwrap_or_default().ends_with(is_part_of_name));
    let named = |(at, _): (usize, &str)| {
        let before = body.get(..at).unwrap_or_default();
        let name = before.trim_end_matches(is_part_of_name);
        name.len() < before.len() && name.ends_with('$')
    };
    ["::new(", "::with_opts("].iter().any(|call| body.match_indices(call).any(named)) && takes()
}

fn is_part_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Every definition of a tree that is seen and not followed.
pub(super) fn unfollowed(world: &World<'_>, macros: &DefiningMacros<'_>, settings: &Settings) -> Vec<Unresolved> {
    let of_file = |file: usize| {
        let mut collector = Collector { macros, unresolved: Vec::new(), called: HashSet::default() };
        // What stands among statements is walked where it is called.
        if world.inline(file).is_none() {
            walk(world, file, settings.include_tests, &mut collector);
        }
        (collector.unresolved, collector.called)
    };
    let all: Vec<(Vec<Unresolved>, HashSet<String>)> = (0..world.files.len()).into_par_iter().map(of_file).collect();
    let (mut unresolved, mut called) = (Vec::new(), HashSet::default());
    for (more, names) in all {
        unresolved.extend(more);
        called.extend(names);
    }
    unresolved.extend(macros.uncalled(world, &called));
    unresolved
}

/// Collects from one file.
struct Collector<'d, 'a> {
    macros: &'d DefiningMacros<'a>,
    unresolved: Vec<Unresolved>,
    called: HashSet<String>,
}

impl<'a> Visitor<'a> for Collector<'_, 'a> {
    fn expr(&mut self, _: &'a Expr, _: &Context<'a, '_>) {}

    fn macro_call(&mut self, call: &'a MacroCall, span: Span, cx: &Context<'a, '_>) {
        let name = call.path.last();
        let Some((library, _)) = self.macros.by_name.get(name) else { return };
        self.called.insert(name.to_owned());
        if cx.world.leads_out(cx.file, &call.path) {
            // The library's own, which its collector reads.
            return;
        }
        let span = call.path.segments.first().map_or(span, |s| Span { start: s.name.span.start, end: call.body.end.saturating_add(1) });
        let reason = match cx.world.expansion(cx.file, call.body.start) {
            Some(Ok(_)) => return,
            Some(Err(why)) => format!("`{name}!` is a macro of this code base that defines a metric, and {why}"),
            None => format!("`{name}!` is a macro of this code base that defines a metric, and what it expands to is not followed"),
        };
        self.unresolved.push(unresolved(library, reason, cx.location(span)));
    }
}
