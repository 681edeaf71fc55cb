//! One value out of several, and what the values at its uses say of a label. Knows no language.

use crate::model::{Bound, BoundKind, LabelUse, Provenance, ProvenanceKind as Kind, Step};
use crate::source::Location;

/// Values that are listed; more are counted.
const MAX_VALUES: usize = 64;

/// A value that is one of these.
pub(super) fn union(all: Vec<Provenance>) -> Provenance {
    let number = widest(all.iter().filter(|p| !is_nothing(p)));
    Provenance { number, ..one_of(all) }
}

/// The bits of the widest of these, where every one is a number.
fn widest<'p>(mut all: impl Iterator<Item = &'p Provenance>) -> Option<u32> {
    let first = all.next()?.number?;
    all.try_fold(first, |bits, p| Some(bits.max(p.number?)))
}

fn one_of(all: Vec<Provenance>) -> Provenance {
    let mut all = all;
    // What gives no value adds none; whether it gives none may not be certain.
    let unsure = all.iter().any(|p| is_nothing(p) && !p.certain) && all.iter().any(|p| !is_nothing(p));
    if unsure {
        all.retain(|p| !is_nothing(p));
        return Provenance { certain: false, ..one_of(all) };
    }
    if all.iter().any(|p| !is_nothing(p)) {
        all.retain(|p| !is_nothing(p));
    }
    if all.len() == 1 {
        return all.pop().unwrap_or_else(|| Provenance::unknown("nothing"));
    }
    // What is unbounded stays so, whatever else there is; the certain and the foreign first.
    let worst = all.iter().filter(|p| p.kind.is_unbounded()).max_by_key(|p| (p.certain, p.foreign));
    if let Some(worst) = worst {
        return worst.clone();
    }
    if let Some(unknown) = all.iter().find(|p| p.kind == Kind::Unknown) {
        return unknown.clone();
    }
    let Some(main) = all.iter().max_by_key(|p| rank(p.kind)).cloned() else { return Provenance::unknown("nothing") };
    let mixed = all.iter().any(|p| p.kind != main.kind && rank(p.kind) >= 2);
    let kind = if mixed { Kind::Closed } else { main.kind };
    let certain = all.iter().all(|p| p.certain);
    let mut values: Vec<String> = all.iter().flat_map(|p| p.values.iter().cloned()).collect();
    values.sort();
    values.dedup();
    let listed = all.iter().all(|p| !p.values.is_empty()) && values.len() <= MAX_VALUES;
    let same = all.iter().all(|p| p.kind == main.kind && p.count == main.count && p.origin == main.origin);
    let count = if listed {
        Some(values.len() as u64)
    } else if same {
        main.count
    } else {
        sum_of_counts(&all)
    };
    Provenance { kind, certain, count, values: if listed { values } else { Vec::new() }, ..main }
}

/// How many values these have together. What is known of an enum by its values is a part of what is known of it by its variants.
fn sum_of_counts(all: &[Provenance]) -> Option<u64> {
    let whole = |p: &Provenance| p.kind == Kind::Enum && p.values.is_empty();
    let mut sum: u64 = 0;
    for (at, one) in all.iter().enumerate() {
        let of_enum = |other: &&Provenance| other.kind == Kind::Enum && other.origin == one.origin;
        if one.kind != Kind::Enum || !all.iter().filter(of_enum).any(whole) {
            sum = sum.checked_add(one.count?)?;
        } else if !all.iter().take(at).any(|other| of_enum(&other)) {
            // Once for all that is known of the enum.
            let counts: Option<Vec<u64>> = all.iter().filter(of_enum).map(|p| p.count).collect();
            sum = sum.checked_add(counts?.into_iter().max()?)?;
        }
    }
    Some(sum)
}

/// No value at all, such as `None`.
pub(super) fn nothing() -> Provenance {
    Provenance::of(Kind::Literal, "nothing").count(Some(0))
}

fn is_nothing(of: &Provenance) -> bool {
    of.count == Some(0)
}

/// A text put together of these.
pub(super) fn product(all: Vec<Provenance>) -> Provenance {
    let count = all.iter().map(|p| p.count).try_fold(1_u64, |product, count| product.checked_mul(count?));
    let varied = all.iter().filter(|p| p.count != Some(1)).count();
    let number = if varied == 1 { widest(all.iter().filter(|p| p.count != Some(1))) } else { None };
    let joined = union(all.into_iter().map(|p| Provenance { values: Vec::new(), ..p }).collect());
    let kind = if varied > 1 && joined.kind.is_bounded() && rank(joined.kind) < 2 { Kind::Closed } else { joined.kind };
    Provenance { count, kind, number, ..joined }
}

/// Which kind of several names the whole.
fn rank(kind: Kind) -> usize {
    match kind {
        Kind::Literal => 0,
        Kind::Match => 1,
        _ => 2,
    }
}

/// What the arms of a `match` or `if` give.
pub(super) fn arms(all: Vec<Provenance>) -> Provenance {
    let several = all.len() > 1;
    let joined = union(all);
    match joined.kind {
        Kind::Literal if several && joined.count != Some(1) => {
            named(Provenance { kind: Kind::Match, origin: "the arms of a `match` or `if`".into(), ..joined })
        }
        _ => joined,
    }
}

/// A set of values that has a name of its own.
pub(super) fn named(of: Provenance) -> Provenance {
    let only = |words: &[&str]| !of.values.is_empty() && of.values.iter().all(|v| words.contains(&v.as_str()));
    if of.values.len() == 2 && only(&["true", "false"]) {
        return Provenance { kind: Kind::Bool, ..of };
    }
    let methods = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "OTHER", "Other", "other"];
    if of.values.len() > 3 && only(&methods) {
        return Provenance { kind: Kind::Method, ..of };
    }
    of
}

/// A label at a use site, from where its value comes from.
pub(super) fn label_use(name: &str, mut provenance: Provenance, location: Location) -> LabelUse {
    if provenance.kind == Kind::Unknown {
        let message = format!("not followed further: {}", provenance.origin);
        provenance.way.push(Step { message, location: location.clone() });
    }
    let value = match provenance.values.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    };
    LabelUse { name: name.to_owned(), value, location, provenance }
}

/// What a use says of the number of values of a label.
pub(super) fn bound_of(label: &LabelUse) -> Bound {
    let of = &label.provenance;
    match of.count {
        Some(_) if of.kind.is_bounded() && of.certain && !of.values.is_empty() => Bound::of_values(of.values.iter().cloned()),
        Some(count) if of.kind.is_bounded() && of.certain => Bound { kind: BoundKind::Enum, count: Some(count), values: Vec::new() },
        _ if of.kind.is_unbounded() && of.certain => Bound { kind: BoundKind::Unbounded, ..Bound::unknown() },
        _ => Bound::unknown(),
    }
}

/// The bound of a label that has either of two.
pub(super) fn both(a: &Bound, b: &Bound) -> Bound {
    match (a.kind, b.kind) {
        (BoundKind::Values, BoundKind::Values) => Bound::of_values(a.values.iter().chain(&b.values).cloned()),
        _ if a == b => a.clone(),
        (BoundKind::Values | BoundKind::Enum, BoundKind::Values | BoundKind::Enum) => {
            // The values of the one may be those of the other: neither the sum nor the larger count need be right.
            Bound { kind: BoundKind::Enum, count: None, values: Vec::new() }
        }
        // One use without a limit is enough.
        (BoundKind::Unbounded, _) | (_, BoundKind::Unbounded) => Bound { kind: BoundKind::Unbounded, ..Bound::unknown() },
        _ => Bound::unknown(),
    }
}
