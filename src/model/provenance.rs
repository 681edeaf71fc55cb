//! Where the value of a label comes from.

use crate::source::Location;

/// What a label value is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProvenanceKind {
    /// Literals of the source.
    Literal,
    /// The variants of an enum.
    Enum,
    /// `true` and `false`.
    Bool,
    /// A status code.
    Status,
    /// An HTTP method.
    Method,
    /// A route of the program's router.
    Route,
    /// The arms of a `match` or `if`.
    Match,
    /// A set that the program closes.
    Closed,
    /// The program's configuration, its build or its host.
    Config,
    /// A position below a fixed number.
    Index,
    /// A path or URL as it was asked for, or a file's path.
    Path,
    /// An identifier of something that comes and goes.
    Id,
    /// A network address.
    Address,
    /// The text of an error.
    Error,
    /// A UUID.
    Uuid,
    /// A moment or duration.
    Time,
    /// Text that somebody else writes.
    Text,
    /// Not known.
    Unknown,
}

impl ProvenanceKind {
    /// Every kind, the bounded ones first.
    pub const ALL: [ProvenanceKind; 18] = [
        ProvenanceKind::Literal,
        ProvenanceKind::Enum,
        ProvenanceKind::Bool,
        ProvenanceKind::Status,
        ProvenanceKind::Method,
        ProvenanceKind::Route,
        ProvenanceKind::Match,
        ProvenanceKind::Closed,
        ProvenanceKind::Config,
        ProvenanceKind::Index,
        ProvenanceKind::Path,
        ProvenanceKind::Id,
        ProvenanceKind::Address,
        ProvenanceKind::Error,
        ProvenanceKind::Uuid,
        ProvenanceKind::Time,
        ProvenanceKind::Text,
        ProvenanceKind::Unknown,
    ];

    /// The kind with this word; anything else is `Unknown`.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).unwrap_or(ProvenanceKind::Unknown)
    }

    /// The word used in JSON and in rule data.
    pub fn as_str(self) -> &'static str {
        match self {
            ProvenanceKind::Literal => "literal",
            ProvenanceKind::Enum => "enum",
            ProvenanceKind::Bool => "bool",
            ProvenanceKind::Status => "status",
            ProvenanceKind::Method => "method",
            ProvenanceKind::Route => "route",
            ProvenanceKind::Match => "match",
            ProvenanceKind::Closed => "closed",
            ProvenanceKind::Config => "config",
            ProvenanceKind::Index => "index",
            ProvenanceKind::Path => "path",
            ProvenanceKind::Id => "id",
            ProvenanceKind::Address => "address",
            ProvenanceKind::Error => "error",
            ProvenanceKind::Uuid => "uuid",
            ProvenanceKind::Time => "time",
            ProvenanceKind::Text => "text",
            ProvenanceKind::Unknown => "unknown",
        }
    }

    /// Whether the number of values is limited.
    pub fn is_bounded(self) -> bool {
        self <= ProvenanceKind::Index
    }

    /// Whether the number of values has no limit.
    pub fn is_unbounded(self) -> bool {
        !self.is_bounded() && self != ProvenanceKind::Unknown
    }
}

/// One step from the use of a value towards its origin.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// What is there.
    pub message: String,
    /// Where.
    pub location: Location,
}

/// Where a value comes from, and the way it took.
#[derive(Clone, Debug, PartialEq)]
pub struct Provenance {
    /// What it is made of.
    pub kind: ProvenanceKind,
    /// Number of distinct values, where known.
    pub count: Option<u64>,
    /// The values themselves, sorted, where every one is known.
    pub values: Vec<String>,
    /// Whether origin and way are certain, rather than told by a name.
    pub certain: bool,
    /// Whether somebody outside of the program chooses the value.
    pub foreign: bool,
    /// Of a number, the bits of its type, as far as types and casts show that it is one.
    pub number: Option<u32>,
    /// The origin in words, such as `the request path`.
    pub origin: String,
    /// The way, from the use to the origin.
    pub way: Vec<Step>,
}

impl Provenance {
    /// Nothing is known, for this reason.
    pub fn unknown(reason: impl Into<String>) -> Self {
        Provenance { certain: false, ..Provenance::of(ProvenanceKind::Unknown, reason) }
    }

    /// A value of this kind, certainly.
    pub fn of(kind: ProvenanceKind, origin: impl Into<String>) -> Self {
        let (count, values, number, way) = (None, Vec::new(), None, Vec::new());
        Provenance { kind, count, values, certain: true, foreign: false, number, origin: origin.into(), way }
    }

    /// These literal values.
    pub fn literals(values: impl IntoIterator<Item = String>) -> Self {
        let mut values: Vec<String> = values.into_iter().collect();
        values.sort();
        values.dedup();
        let count = Some(values.len() as u64);
        Provenance { values, count, ..Provenance::of(ProvenanceKind::Literal, "a literal") }
    }

    /// Nothing can be known of the values, whatever else is seen of them.
    pub fn unknowable(reason: impl Into<String>) -> Self {
        Provenance::of(ProvenanceKind::Unknown, reason)
    }

    /// With the number of values.
    #[must_use]
    pub fn count(self, count: Option<u64>) -> Self {
        Provenance { count, ..self }
    }

    /// As a number of a type of this many bits, where the type is one.
    #[must_use]
    pub fn of_bits(self, bits: Option<u32>) -> Self {
        let number = bits.map(|bits| self.number.map_or(bits, |known| known.min(bits))).or(self.number);
        Provenance { number, ..self }
    }

    /// With a step nearer to the use.
    #[must_use]
    pub fn through(mut self, message: impl Into<String>, location: Location) -> Self {
        self.way.insert(0, Step { message: message.into(), location });
        self
    }
}
