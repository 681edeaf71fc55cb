//! The series and labels that a query reads, by another parser than ours.

use std::collections::BTreeSet;

use promql_parser::label::Matchers;
use promql_parser::parser::{self, Expr, LabelModifier, VectorMatchCardinality, VectorSelector};

/// What a query reads and what it groups by.
#[derive(Default)]
pub(crate) struct Reads {
    /// Series names, each with the labels that its matchers ask for.
    pub(crate) series: Vec<(String, Vec<String>)>,
    /// Labels that it groups, joins or leaves by.
    pub(crate) grouping: BTreeSet<String>,
    /// Labels that `label_replace` makes.
    pub(crate) made: BTreeSet<String>,
}

impl Reads {
    pub(crate) fn of(query: &str) -> Self {
        let tree = parser::parse(query).unwrap_or_else(|e| panic!("{e}: {query}"));
        let mut reads = Reads::default();
        reads.walk(&tree);
        reads
    }

    fn modifier(&mut self, modifier: &LabelModifier) {
        let (LabelModifier::Include(labels) | LabelModifier::Exclude(labels)) = modifier;
        self.grouping.extend(labels.labels.iter().cloned());
    }

    fn selector(&mut self, selector: &VectorSelector) {
        let Matchers { matchers, or_matchers } = &selector.matchers;
        assert!(or_matchers.is_empty());
        let name = selector.name.clone().expect("every selector names its metric");
        self.series.push((name, matchers.iter().map(|m| m.name.clone()).collect()));
    }

    fn walk(&mut self, expr: &Expr) {
        match expr {
            Expr::Aggregate(aggregate) => {
                aggregate.modifier.iter().for_each(|m| self.modifier(m));
                self.walk(&aggregate.expr);
            }
            Expr::Binary(binary) => {
                if let Some(modifier) = &binary.modifier {
                    modifier.matching.iter().for_each(|m| self.modifier(m));
                    assert!(matches!(modifier.card, VectorMatchCardinality::OneToOne | VectorMatchCardinality::ManyToMany));
                }
                self.walk(&binary.lhs);
                self.walk(&binary.rhs);
            }
            Expr::Call(call) => {
                let made = (call.func.name == "label_replace").then(|| call.args.args.get(1)).flatten();
                if let Some(Expr::StringLiteral(label)) = made.map(AsRef::as_ref) {
                    self.made.insert(label.val.clone());
                }
                call.args.args.iter().for_each(|arg| self.walk(arg));
            }
            Expr::Paren(inner) => self.walk(&inner.expr),
            Expr::Unary(inner) => self.walk(&inner.expr),
            Expr::Subquery(inner) => self.walk(&inner.expr),
            Expr::VectorSelector(selector) => self.selector(selector),
            Expr::MatrixSelector(matrix) => self.selector(&matrix.vs),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) => {}
            Expr::Extension(_) => panic!("an extension"),
        }
    }
}
