//! The texts that the derive macros of the strum crate make of an enum's variants.

use super::super::types::Named;
use super::super::world::{TypeAt, TypeDef, World};
use super::super::{attributes, case};
use super::trace::Tracer;
use crate::model::Provenance;
use crate::syntax::rust::tree::{Attr, Expr, Variant};

/// Texts that are listed; more are counted.
const MAX_TEXTS: usize = 64;

impl<'a> Tracer<'a, '_> {
    /// What a conversion of this name gives that is derived for an enum.
    pub(super) fn derived(&self, ty: Named<'a>, conversion: &str) -> Option<Provenance> {
        self.derived_of(&self.defined(ty)?, conversion)
    }

    /// The same for the type that is defined there.
    pub(super) fn derived_of(&self, found: &TypeAt<'a>, conversion: &str) -> Option<Provenance> {
        let TypeDef::Enum(variants) = found.kind else { return None };
        let texts = variants.iter().zip(texts(self.world, found, conversion)?);
        let of = self.enumeration(found);
        let there = texts.filter(|(variant, _)| self.index.counts(&variant.attrs));
        let Provenance { values, count, .. } = Provenance::literals(there.map(|(_, text)| text));
        Some(if values.len() > MAX_TEXTS { of } else { Provenance { values, count, ..of } })
    }
}

/// What a conversion of this name that is derived for an enum gives for each variant.
pub(in crate::extract::rust) fn texts(world: &World<'_>, found: &TypeAt<'_>, conversion: &str) -> Option<Vec<String>> {
    let TypeDef::Enum(variants) = found.kind else { return None };
    let attrs = &found.item.attrs;
    let derives = |name: &str| attributes::derives(attrs, name);
    let by_strum = match conversion {
        "into" | "from" => derives("IntoStaticStr"),
        "as_ref" => derives("AsRefStr"),
        "VARIANTS" => derives("VariantNames") || derives("EnumVariantNames"),
        // Other crates derive that, too.
        "to_string" => {
            let crates = ["strum".to_owned(), "strum_macros".to_owned()];
            let full = world.full_path(found.place.file, &["Display"]);
            derives("Display")
                && (attributes::derives_by_path(attrs, "Display", &crates)
                    || full.first().is_some_and(|root| crates.iter().any(|own| own == root)))
        }
        _ => false,
    };
    texts_of(attrs, variants, conversion).filter(|_| by_strum)
}

/// The text of each variant; `None` where an attribute makes something of it that is not known.
fn texts_of(attrs: &[Attr], variants: &[Variant], conversion: &str) -> Option<Vec<String>> {
    let of_enum: Vec<_> = attributes::args(attrs, "strum").collect();
    if ["prefix", "suffix"].iter().any(|key| attributes::keyed(of_enum.iter().copied(), key).is_some()) {
        return None;
    }
    let case = match attributes::keyed(of_enum.iter().copied(), "serialize_all") {
        // Older names of some of them.
        Some(case) => Some(match case.as_str()? {
            "kebab_case" => "kebab-case",
            "snek_case" => "snake_case",
            "shouty_snake_case" | "shouty_snek_case" => "SCREAMING_SNAKE_CASE",
            "camel_case" => "PascalCase",
            "mixed_case" => "camelCase",
            "title_case" => "Title Case",
            case => case,
        }),
        None => None,
    };
    let one = |variant: &Variant| {
        let own: Vec<_> = attributes::args(&variant.attrs, "strum").collect();
        // What it holds is shown in its place.
        let holds = |word: &str| attributes::flag(own.iter().copied(), word) || attributes::keyed(own.iter().copied(), word).is_some();
        if conversion != "VARIANTS" && ["default", "default_with", "transparent"].iter().any(|word| holds(word)) {
            return None;
        }
        let text = |key: &str| attributes::keyed(own.iter().copied(), key);
        let text = match text("to_string") {
            Some(text) => text.as_str()?.to_owned(),
            None => {
                // The longest of several.
                let mut texts = own.iter().filter_map(|arg| attributes::keyed([*arg], "serialize")).map(Expr::as_str);
                let longest = texts.try_fold(None, |longest: Option<&str>, text| {
                    let text = text?;
                    Some(Some(longest.filter(|one| one.len() > text.len()).unwrap_or(text)))
                })?;
                match (longest, case) {
                    (Some(text), _) => text.to_owned(),
                    (None, Some(case)) => case::renamed(variant.name.as_str(), case)?,
                    (None, None) => variant.name.as_str().to_owned(),
                }
            }
        };
        (!text.contains('{')).then_some(text)
    };
    variants.iter().map(one).collect()
}
