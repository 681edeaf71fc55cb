//! Numbers: how many bits a value has by its type.

use super::typed::{Typed, name_of};
use crate::model::Provenance;

/// What a value is that is cast to, or declared to be, of this type.
pub(super) fn sized(of: Provenance, ty: Option<Typed<'_>>) -> Provenance {
    of.of_bits(ty.and_then(bits))
}

/// The bits of a number's type, also of one that may not be there.
pub(super) fn bits(ty: Typed<'_>) -> Option<u32> {
    match name_of(ty)?.name {
        "u8" | "i8" => Some(8),
        "u16" | "i16" => Some(16),
        "u32" | "i32" | "f32" => Some(32),
        "u64" | "i64" | "f64" | "usize" | "isize" => Some(64),
        "u128" | "i128" => Some(128),
        _ => None,
    }
}
