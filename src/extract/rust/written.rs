//! Which names stand as literals in other files than the one that describes them.

use std::collections::HashSet;

use aho_corasick::AhoCorasick;
use rayon::prelude::*;

use super::select::Selection;
use crate::source::Location;

/// Of literals at these places those that another file of the tree has, too. One pass over the texts, where there is any.
pub(super) fn elsewhere<'l>(literals: &[&'l Location], selection: &Selection) -> HashSet<&'l Location> {
    let files = selection.files();
    let text_of = |location: &Location| {
        let at = files.binary_search_by(|f| f.path.cmp(&location.path)).ok()?;
        Some(location.span.text(&files.get(at)?.text)).filter(|text| text.len() > 2 && text.starts_with('"') && text.ends_with('"'))
    };
    let wanted: Vec<(&'l Location, &str)> = literals.iter().filter_map(|l| Some((*l, text_of(l)?))).collect();
    let Ok(search) = AhoCorasick::new(wanted.iter().map(|(_, text)| text)) else { return HashSet::new() };
    if wanted.is_empty() {
        return HashSet::new();
    }
    let other = |(at, path): (usize, &str)| wanted.get(at).map(|(location, _)| *location).filter(|l| &*l.path != path);
    let found: Vec<Vec<&'l Location>> =
        files.par_iter().map(|f| search.find_iter(f.code()).filter_map(|m| other((m.pattern().as_usize(), &f.path))).collect()).collect();
    found.into_iter().flatten().collect()
}
