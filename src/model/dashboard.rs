//! A dashboard as its file describes it: what lints of layout, units and variables look at. Its queries are consumers.

use crate::source::{Location, Scalar, Span};

/// A word of the file and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// The word.
    pub text: String,
    /// Its place, without quotes.
    pub location: Location,
    /// The whole scalar, for whoever writes there.
    pub raw: Span,
}

impl Word {
    /// The word of a scalar in this file.
    pub fn of(scalar: &Scalar, location: impl Fn(Span) -> Location) -> Word {
        let end = u32::try_from(scalar.text.len()).unwrap_or(u32::MAX);
        Word { text: scalar.text.to_string(), location: location(scalar.span(Span { start: 0, end })), raw: scalar.raw }
    }
}

/// Where a panel stands on the grid of 24 columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Left column.
    pub x: i64,
    /// Top row.
    pub y: i64,
    /// Columns.
    pub w: i64,
    /// Rows.
    pub h: i64,
    /// Where that is written.
    pub location: Location,
}

/// One panel, of whatever data source.
#[derive(Clone, Debug, PartialEq)]
pub struct DashboardPanel {
    /// Title; the id where there is none.
    pub title: String,
    /// Whether that is a title of its own, rather than the id.
    pub titled: bool,
    /// The title, or the panel's first byte.
    pub location: Location,
    /// Panel type, such as `timeseries`; `row` for rows.
    pub panel_type: String,
    /// Panel id.
    pub id: Option<Word>,
    /// Whether it has words for its readers.
    pub described: bool,
    /// Place on the grid.
    pub grid: Option<Grid>,
    /// Panels with the same number share one grid.
    pub group: usize,
    /// Ids of the targets.
    pub ref_ids: Vec<Word>,
    /// Number of targets, of all data sources.
    pub targets: usize,
    /// The scalars of its Prometheus queries.
    pub queries: Vec<Span>,
    /// The one unit of all values; `None` where overrides or transformations may change it.
    pub unit: Option<Word>,
    /// Every unit that it names.
    pub units: Vec<Word>,
    /// Every calculation that it names.
    pub reducers: Vec<Word>,
    /// Whether it is kept in Grafana's library, and the file only names it.
    pub is_library: bool,
    /// A data source that is named by its id in one Grafana.
    pub fixed_source: Option<Location>,
}

/// One variable.
#[derive(Clone, Debug, PartialEq)]
pub struct DashboardVariable {
    /// Its name.
    pub name: Word,
    /// Its type, such as `query`.
    pub kind: String,
    /// What people read in its place.
    pub label: Option<String>,
    /// Of a variable that stands for a data source, its type, such as `prometheus`.
    pub source_type: Option<String>,
    /// The data source it asks, where that is one of one Grafana.
    pub fixed_source: Option<Location>,
    /// When its values are asked for again: 0 never, 1 on load, 2 when the time range changes.
    pub refresh: Option<Word>,
    /// Whether several values can be chosen at once.
    pub multi: bool,
    /// Whether all values can be chosen at once.
    pub include_all: bool,
    /// What stands for all of them; where nothing does, Grafana lists each.
    pub all_value: Option<String>,
}

impl DashboardVariable {
    /// Whether it can stand for more than one value.
    pub fn takes_several(&self) -> bool {
        self.multi || self.include_all
    }
}

/// One dashboard.
#[derive(Clone, Debug, PartialEq)]
pub struct Dashboard {
    /// Its title.
    pub title: String,
    /// The title, or the first byte.
    pub location: Location,
    /// `editable`, where it is said.
    pub editable: Option<Word>,
    /// Panels in order, those of rows included.
    pub panels: Vec<DashboardPanel>,
    /// Variables in order.
    pub variables: Vec<DashboardVariable>,
    /// Names that stand for something besides: inputs of an export.
    pub inputs: Vec<String>,
    /// Names of variables that are mentioned outside of their own definition.
    pub mentioned: Vec<String>,
    /// Names of variables for each value of which a panel or a row is shown.
    pub repeated: Vec<String>,
    /// Whether something that is not in the file, such as a library panel, may mention any of them.
    pub open: bool,
}

/// The variables that a text mentions as `$name`, `${name}`, `${name:csv}` or `[[name]]`, with their places in it.
pub fn variables_of(text: &str) -> Vec<(String, Span)> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(next) = memchr::memchr2(b'$', b'[', bytes.get(at..).unwrap_or_default()) {
        let start = at + next;
        let rest = text.get(start..).unwrap_or("");
        at = start + 1;
        let open = if rest.starts_with("${") || rest.starts_with("[[") { 2 } else { usize::from(rest.starts_with('$')) };
        let inner = rest.get(open..).filter(|_| open > 0).unwrap_or("");
        let length = inner.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let (name, after) = inner.split_at(length);
        let closed = match rest.as_bytes().get(..2) {
            Some(b"${") => after.starts_with(['}', ':', '.']),
            Some(b"[[") => after.starts_with("]]") || after.starts_with(':'),
            _ => true,
        };
        if closed && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            let end = start
                + open
                + length
                + match rest.as_bytes().get(..2) {
                    Some(b"${") if after.starts_with('}') => 1,
                    Some(b"[[") if after.starts_with("]]") => 2,
                    _ => 0,
                };
            found.push((name.to_owned(), Span::new(start, end)));
            at = end;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_mention_a_variable() {
        let names = |text: &str| variables_of(text).into_iter().map(|(n, s)| format!("{n}:{}", s.text(text))).collect::<Vec<_>>();
        assert_eq!(names("x{a=~\"$job\", b=\"${zone:csv}\"}[$__interval]"), ["job:$job", "zone:${zone", "__interval:$__interval"]);
        assert_eq!(names("[[ds]] ${c.value} $d.e"), ["ds:[[ds]]", "c:${c", "d:$d"]);
        assert_eq!(names("\"^a$\" $1 ${2} x[5m] $ [[a b]] ${}"), Vec::<String>::new());
    }
}
