//! The meaning of a parsed query: types, label flow, windows, the metrics and labels it needs.

use crate::model::{Consumer, Problem};

/// The meaning of one consumer's query.
#[derive(Clone, Debug)]
pub struct Query {
    /// Index of the consumer in the list the queries were made from.
    pub consumer: usize,
}

/// Parses the query of every consumer. A query that does not parse is a problem at its place and yields no `Query`.
pub fn parse_all(_consumers: &[Consumer]) -> (Vec<Query>, Vec<Problem>) {
    (Vec::new(), Vec::new())
}
