//! Calls of the tree's own macros that define metrics, and what they expand to.
//!
//! An expansion becomes a file of its own in the world. Its places lead back to the call.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use rayon::prelude::*;
use typed_arena::Arena;

use super::identifiers::Identifiers;
use super::places;
use super::select;
use super::spliced::{self, Makers};
use super::walk::{Context, Visitor, walk};
use super::world::{MacroAt, Miss, Origin, Parsed, World};
use super::wrappers::DefiningMacros;
use crate::extract::Settings;
use crate::source::{FileKind, Location, SourceFile, Span};
use crate::syntax::rust::tree::{Expr, MacroCall};
use crate::syntax::rust::{Expansion, Rules, parse};

/// Macro calls inside what macro calls expand to.
const MAX_DEPTH: usize = 8;
/// Calls that one thread expands with rules that it has read.
const MAX_TOGETHER: usize = 32;
/// Calls that are expanded in one tree.
const MAX_EXPANSIONS: usize = 20_000;

/// A call to expand.
struct Call<'a> {
    file: usize,
    body: Span,
    whole: Location,
    definition: MacroAt<'a>,
    /// That in which it defines metrics.
    library: Option<&'static str>,
    inline: bool,
    depth: usize,
}

/// Expands the calls in these files: of macros that define metrics, and those that an evaluation asked for. Gives the files that
/// became another text, the expansions that are files to collect from, and the macros to look for.
pub(super) fn expand_all<'a>(
    world: &mut World<'a>,
    arena: &'a Arena<Parsed>,
    macros: &DefiningMacros<'_>,
    files: &[usize],
    misses: &BTreeSet<Miss>,
    settings: &Settings,
) -> (BTreeSet<usize>, Vec<usize>, BTreeSet<Miss>) {
    let (mut changed, mut standalone) = (BTreeSet::new(), Vec::new());
    let mut asked: HashSet<(usize, u32)> = misses
        .iter()
        .filter_map(|m| match m {
            Miss::Expansion(file, at) => Some((*file, *at)),
            _ => None,
        })
        .collect();
    let wanted = Constants::new(misses);
    let mut ask = BTreeSet::new();
    asked.extend(wanted.made_in(world, 0, &mut ask));
    let mut open: Vec<usize> = files.to_vec();
    open.extend(asked.iter().map(|(file, _)| outermost(world, *file)));
    open.sort_unstable();
    open.dedup();
    for _ in 0..=MAX_DEPTH {
        let calls: Vec<Call<'a>> = open
            .par_iter()
            .flat_map_iter(|file| {
                let mut finder = Finder { macros, asked: &asked, calls: Vec::new() };
                walk(world, *file, settings.include_tests, &mut finder);
                finder.calls
            })
            .collect();
        if calls.is_empty() || world.files.len() > MAX_EXPANSIONS {
            break;
        }
        let expanded = expand_together(world, calls);
        open.clear();
        let before = world.item_macros.len();
        for (call, parsed) in expanded {
            let outer = outermost(world, call.file);
            changed.insert(outer);
            let to = parsed.map(|parsed| world.add(arena.alloc(parsed)));
            world.expand(call.file, call.body.start, to);
            if let Ok(file) = to {
                if call.inline {
                    open.push(outer);
                } else {
                    open.push(file);
                    standalone.push(file);
                }
            }
        }
        asked.extend(wanted.made_in(world, before, &mut ask));
        open.sort_unstable();
        open.dedup();
    }
    for (file, at) in asked {
        if world.expansion(file, at).is_none() {
            world.expand(file, at, Err("its call is not met"));
        }
    }
    (changed, standalone, ask)
}

/// Constants that are looked for and that a macro may make.
struct Constants<'m> {
    /// By package and name.
    wanted: HashSet<(&'m str, &'m str)>,
    names: Identifiers<'m>,
}

impl<'m> Constants<'m> {
    fn new(misses: &'m BTreeSet<Miss>) -> Self {
        let constant = |miss: &'m Miss| match miss {
            Miss::Constant { package, name } => Some((package.as_str(), name.as_str())),
            _ => None,
        };
        let wanted: HashSet<(&str, &str)> = misses.iter().filter_map(constant).collect();
        Constants { names: Identifiers::new(wanted.iter().map(|(_, name)| *name)), wanted }
    }

    /// The calls of the tree's macros, from this one on, that stand where items do and name one of them. Asks for macros that no file
    /// read so far defines.
    fn made_in(&self, world: &World<'_>, from: usize, ask: &mut BTreeSet<Miss>) -> Vec<(usize, u32)> {
        let mut made = Vec::new();
        if self.wanted.is_empty() {
            return made;
        }
        for (file, call) in world.item_macros.get(from..).unwrap_or_default() {
            let (package, at) = (world.package(*file), call.body.start);
            let names_one = |text: &str| self.names.find_in(text).any(|(_, name)| self.wanted.contains(&(package, name)));
            if world.expansion(*file, at).is_some() || !world.text(*file, call.body).is_some_and(names_one) {
                continue;
            }
            match world.macro_named(*file, &call.path, at) {
                Some(_) => made.push((*file, at)),
                None => _ = ask.insert(Miss::Text(format!("macro_rules! {}", call.path.last()))),
            }
        }
        made
    }
}

/// The file in whose walk an expansion is met.
pub(super) fn outermost(world: &World<'_>, mut file: usize) -> usize {
    while let Some(origin) = world.files.get(file).and_then(|f| f.origin.as_ref()).filter(|o| o.inline) {
        file = origin.file;
    }
    file
}

/// Expands calls, of which some have one macro's rules read for all of them. Gives them in the order in which they are given.
fn expand_together<'a>(world: &World<'a>, calls: Vec<Call<'a>>) -> Vec<(Call<'a>, Result<Parsed, &'static str>)> {
    let mut by_macro: Vec<(usize, Call<'a>)> = calls.into_iter().enumerate().collect();
    by_macro.sort_by_key(|(_, call)| call.definition.key());
    let mut groups: Vec<Vec<(usize, Call<'a>)>> = Vec::new();
    for (at, call) in by_macro {
        match groups.last_mut() {
            Some(group)
                if group.len() < MAX_TOGETHER && group.first().is_some_and(|(_, c)| c.definition.key() == call.definition.key()) =>
            {
                group.push((at, call));
            }
            _ => groups.push(vec![(at, call)]),
        }
    }
    let makers = Makers::of(world);
    let of_group = |group: Vec<(usize, Call<'a>)>| {
        let text = group.first().and_then(|(_, c)| world.text(c.definition.file, c.definition.body));
        let rules = text.map(Rules::new);
        let expand = |call: &Call<'a>| {
            let rules = rules.as_ref().ok_or("its rules are not known")?;
            let caller = world.files.get(call.file).ok_or("its call is not known")?;
            rules.expand(call.body.text(&caller.source.text), &root_of(world, call.definition.file, call.file))
        };
        let all: Vec<_> = group.iter().map(|(_, call)| expand(call)).collect();
        // Other rules are read from now on.
        drop(rules);
        let one = |((at, call), expansion): ((usize, Call<'a>), Result<Expansion, &'static str>)| {
            let parsed = expansion.and_then(|expansion| parsed(world, &makers, &call, text.unwrap_or_default(), expansion));
            (at, call, parsed)
        };
        group.into_iter().zip(all).map(one).collect::<Vec<_>>()
    };
    let mut all: Vec<_> = groups.into_par_iter().flat_map_iter(of_group).collect();
    all.sort_by_key(|(at, ..)| *at);
    all.into_iter().map(|(_, call, parsed)| (call, parsed)).collect()
}

/// What `$crate` in a macro that one file defines stands for in another.
pub(super) fn root_of(world: &World<'_>, definition: usize, caller: usize) -> String {
    let package = world.package(definition);
    if package == world.package(caller) { "crate".to_owned() } else { package.replace('-', "_") }
}

fn parsed(world: &World<'_>, makers: &Makers<'_>, call: &Call<'_>, text: &str, expansion: Expansion) -> Result<Parsed, &'static str> {
    let caller = world.files.get(call.file).ok_or("its call is not known")?;
    let around = if call.inline { ("fn expansion() {", "}") } else { ("", "") };
    let (expansion, further) = match makers.are_in(&expansion.text) {
        true => spliced::written_out(world, (call.file, call.body.start), expansion, around),
        false => (expansion, Vec::new()),
    };
    let (before, after) = around;
    let expansion_text = format!("{before}{}{after}", expansion.text);
    let shift = |span: Span| Span::new(span.start as usize + before.len(), span.end as usize + before.len());
    let tree = parse(&expansion_text).map_err(|_| "what it expands to is not read")?;
    let start = call.body.start;
    let pieces = expansion
        .pieces
        .iter()
        .flat_map(|(here, there)| caller.sources(shift(*here), Span { start: start + there.start, end: start + there.end }));
    let origin = Origin {
        file: call.file,
        call: call.whole.clone(),
        pieces: pieces.collect(),
        module: places::module_at(caller, start).map(str::to_owned),
        inline: call.inline,
        depth: call.depth + 1,
    };
    // The expansion's tokens stand apart, so that a word of several is found in the rules only.
    let mut libraries: Vec<&'static str> = std::iter::once(text).chain(further).flat_map(select::libraries_of).collect();
    libraries.extend(select::libraries_of(&expansion_text));
    libraries.extend(call.library);
    libraries.sort_unstable();
    libraries.dedup();
    let mut source = SourceFile::new(&caller.source.path, FileKind::Rust, &expansion_text);
    source.package = Arc::clone(&caller.source.package);
    Ok(Parsed { source: Arc::new(source), libraries, tree, origin: Some(origin) })
}

struct Finder<'m, 'a> {
    macros: &'m DefiningMacros<'m>,
    asked: &'m HashSet<(usize, u32)>,
    calls: Vec<Call<'a>>,
}

impl<'a> Visitor<'a> for Finder<'_, 'a> {
    fn expr(&mut self, _: &'a Expr, _: &Context<'a, '_>) {}

    fn macro_call(&mut self, call: &'a MacroCall, span: Span, cx: &Context<'a, '_>) {
        let name = call.path.last();
        let given = || cx.world.text(cx.file, call.body).is_some_and(|text| self.macros.is_given(name, text, cx));
        let wanted = self.macros.holds(name) || self.asked.contains(&(cx.file, call.body.start)) || given();
        if !wanted || cx.world.expansion(cx.file, call.body.start).is_some() {
            return;
        }
        let depth = cx.world.files.get(cx.file).and_then(|f| f.origin.as_ref()).map_or(0, |o| o.depth);
        let Some(definition) = cx.world.macro_named(cx.file, &call.path, call.body.start).filter(|_| depth < MAX_DEPTH) else { return };
        let start = call.path.segments.first().map_or(span.start, |s| s.name.span.start);
        self.calls.push(Call {
            file: cx.file,
            body: call.body,
            whole: cx.location(Span { start, end: call.body.end.saturating_add(1) }),
            definition,
            library: self.macros.library_of(call.path.last()),
            inline: !cx.functions.is_empty() || !cx.parents.is_empty(),
            depth,
        });
    }
}
