//! What holds a family, by which its uses are told: `self.requests.get_or_create(&labels)`.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Collector, FieldAt, Found, function_of};
use crate::extract::rust::collect;
use crate::extract::rust::draft::handle;
use crate::extract::rust::prometheus::last_name;
use crate::extract::rust::provenance::{self, Family};
use crate::extract::rust::walk::Context;
use crate::extract::rust::world::World;
use crate::source::Location;
use crate::syntax::rust::tree::Expr;

/// The fields, variables or statics that hold a family.
#[derive(Clone, Debug, Default)]
pub(in crate::extract::rust) struct Held {
    names: Vec<String>,
    /// The struct that has the field, and its file.
    owner: Option<(String, usize)>,
}

impl<'a> Collector<'a, '_> {
    /// What holds the metric that is registered.
    pub(super) fn held(&self, metric: &'a Expr, cx: &Context<'a, '_>) -> Held {
        let around = handle(cx);
        let variable = last_name(metric);
        let field = |name: &str| match self.literals.fields.get(&(function_of(cx), name)) {
            Some((ty, FieldAt::Named(field))) => Some((*ty, *field)),
            _ => None,
        };
        if let Some((ty, name)) = variable.and_then(field).or_else(|| field(around.as_deref()?)) {
            let owner = cx.world.type_def(cx.file, &[ty]).map(|found| (found.item.name.as_str().to_owned(), found.place.file));
            return Held { names: vec![name.to_owned()], owner };
        }
        let mut names: Vec<String> = variable.map(str::to_owned).into_iter().chain(around).collect();
        names.dedup();
        Held { names, owner: None }
    }
}

/// The families of all files, with what sets their labels. Puts what the files found into the first of them.
pub(in crate::extract::rust) fn families(found: &mut [collect::Found], world: &World<'_>) -> Vec<Family> {
    let mut whole = Found::default();
    found.iter_mut().for_each(|of| whole.extend(std::mem::take(&mut of.client)));
    let drafts = whole.join();
    if let Some(first) = found.first_mut() {
        first.client = whole;
    }
    if drafts.iter().all(|d| d.held.names.is_empty()) {
        return Vec::new();
    }
    let files: HashMap<&Arc<str>, usize> =
        world.files.iter().enumerate().filter(|(_, f)| f.origin.is_none()).map(|(at, f)| (&f.source.path, at)).collect();
    let place = |of: &Location| Some(provenance::FieldAt { file: *files.get(&of.path)?, span: of.span });
    drafts
        .into_iter()
        .filter_map(|draft| {
            let labels: Vec<_> = draft.labels.iter().filter_map(|l| Some((l.name.clone(), place(l.location.as_ref()?)?))).collect();
            let Held { names, owner } = draft.held;
            let known = !labels.is_empty() && !names.is_empty();
            known.then_some(Family { metric: draft.name, package: draft.package, holders: names, owner, labels })
        })
        .collect()
}
