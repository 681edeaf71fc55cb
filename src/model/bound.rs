//! How many values a label can take.

/// Why a label is thought to be bounded, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BoundKind {
    /// Every value seen is a literal in the source.
    Values,
    /// The variants of an enum.
    Enum,
    /// Declared by the user's configuration.
    Policy,
    /// Nothing is known.
    Unknown,
    /// The source shows that the values have no limit.
    Unbounded,
}

impl BoundKind {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            BoundKind::Values => "values",
            BoundKind::Enum => "enum",
            BoundKind::Policy => "policy",
            BoundKind::Unknown => "unknown",
            BoundKind::Unbounded => "unbounded",
        }
    }
}

/// The number of values a label can take, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The reason.
    pub kind: BoundKind,
    /// Number of distinct values over all time, where known.
    pub count: Option<u64>,
    /// The values themselves, sorted, where known.
    pub values: Vec<String>,
}

impl Bound {
    /// Nothing is known.
    pub fn unknown() -> Self {
        Bound { kind: BoundKind::Unknown, count: None, values: Vec::new() }
    }

    /// A closed set of literal values.
    pub fn of_values(values: impl IntoIterator<Item = String>) -> Self {
        let mut values: Vec<String> = values.into_iter().collect();
        values.sort();
        values.dedup();
        Bound { kind: BoundKind::Values, count: Some(values.len() as u64), values }
    }

    /// All values, where the source shows them.
    pub fn all_values(&self) -> Option<&[String]> {
        let known = matches!(self.kind, BoundKind::Values | BoundKind::Enum) && self.count == Some(self.values.len() as u64);
        (known && !self.values.is_empty()).then_some(&self.values[..])
    }

    /// Whether the number of values is limited by something the tool has seen.
    pub fn is_bounded(&self) -> bool {
        matches!(self.kind, BoundKind::Values | BoundKind::Enum | BoundKind::Policy)
    }
}
