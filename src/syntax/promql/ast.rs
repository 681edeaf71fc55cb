//! The tree.

use crate::source::Span;

/// An expression and its bytes in the query text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) span: Span,
}

/// The forms of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ExprKind {
    /// A number or a duration as a number.
    Number(f64),
    /// A string.
    String(String),
    /// A Grafana variable that stands for an expression.
    Variable,
    /// An instant vector selector.
    Vector(VectorSelector),
    /// `expr[range]`; the range in seconds where it is a literal.
    Matrix(Box<Expr>, Option<f64>),
    /// `expr[range:step]`.
    Subquery(Box<Expr>, Option<f64>),
    /// `expr offset …`, true, or `expr @ …`, false.
    Modified(Box<Expr>, bool),
    /// A function call.
    Call(Call),
    /// An aggregation.
    Aggregate(Aggregate),
    /// `-expr` or `+expr`; true for minus.
    Unary(Box<Expr>, bool),
    /// Two operands.
    Binary(Binary),
    /// `(expr)`.
    Paren(Box<Expr>),
}

/// A name and its bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ident {
    /// The name; each variable in it is a `*`.
    pub(crate) name: String,
    pub(crate) span: Span,
    /// Whether the name holds a variable.
    pub(crate) variable: bool,
}

/// A selector.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VectorSelector {
    /// The name before the braces, or a quoted one inside.
    pub(crate) name: Option<Ident>,
    pub(crate) matchers: Vec<Matcher>,
    /// Whether a variable in the braces may add matchers.
    pub(crate) open: bool,
}

/// How a matcher compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MatchOp {
    Equal,
    NotEqual,
    Regex,
    NotRegex,
}

/// A label matcher.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Matcher {
    pub(crate) label: Ident,
    pub(crate) op: MatchOp,
    /// The decoded value.
    pub(crate) value: String,
    /// The value with its quotes.
    pub(crate) value_span: Span,
    /// Whether the value holds a variable.
    pub(crate) variable: bool,
}

impl Matcher {
    /// Whether only series that have a value for the label match: `a="x"`, `a=~"x|y"`, `a!=""`, `a=~"$x"`.
    pub(crate) fn asks_for_value(&self) -> bool {
        let takes_nothing = || ["", ".*"].contains(&self.value.as_str()) || self.value.ends_with('|') || self.value.starts_with('|');
        match self.op {
            MatchOp::Equal => !self.value.is_empty(),
            MatchOp::Regex => !takes_nothing(),
            MatchOp::NotEqual | MatchOp::NotRegex => self.value.is_empty(),
        }
    }
}

/// A function call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) name: Ident,
    pub(crate) args: Vec<Expr>,
}

/// `by (…)` or `without (…)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grouping {
    pub(crate) without: bool,
    pub(crate) labels: Vec<Ident>,
    /// Keyword and list.
    pub(crate) span: Span,
}

impl Grouping {
    /// Whether a variable in the list may stand for any label.
    pub(crate) fn open(&self) -> bool {
        self.labels.iter().any(|l| l.variable)
    }
}

/// An aggregation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Aggregate {
    /// The operator in lower case.
    pub(crate) op: Ident,
    pub(crate) grouping: Option<Grouping>,
    /// The parameter of `topk`, `quantile` and their like.
    pub(crate) param: Option<Box<Expr>>,
    pub(crate) expr: Box<Expr>,
}

/// A binary operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BinaryOp {
    Or,
    And,
    Unless,
    Equal,
    NotEqual,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Atan2,
    Pow,
}

impl BinaryOp {
    pub(crate) fn is_comparison(self) -> bool {
        use BinaryOp::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
        matches!(self, Equal | NotEqual | Greater | GreaterEqual | Less | LessEqual)
    }

    pub(crate) fn is_set(self) -> bool {
        matches!(self, BinaryOp::Or | BinaryOp::And | BinaryOp::Unless)
    }
}

/// Two operands and how they are matched.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Binary {
    pub(crate) op: BinaryOp,
    pub(crate) op_span: Span,
    pub(crate) bool_span: Option<Span>,
    /// `on (…)` is a grouping with `without: false`, `ignoring (…)` one with `true`.
    pub(crate) matching: Option<Grouping>,
    /// `group_left (…)` or `group_right (…)`.
    pub(crate) include: Option<Grouping>,
    pub(crate) lhs: Box<Expr>,
    pub(crate) rhs: Box<Expr>,
}

/// The type of an expression's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Scalar,
    String,
    Vector,
    Matrix,
    /// A variable stands for it.
    Any,
}

impl Type {
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Type::Scalar => "scalar",
            Type::String => "string",
            Type::Vector => "instant vector",
            Type::Matrix => "range vector",
            Type::Any => "variable",
        }
    }

    /// Whether a value of this type may stand where `other` is wanted.
    pub(crate) fn fits(self, other: Type) -> bool {
        self == other || self == Type::Any || other == Type::Any
    }
}

impl Expr {
    /// The expression without parentheses, modifiers and signs around it.
    pub(crate) fn peeled(&self) -> &Expr {
        let mut expr = self;
        while let ExprKind::Paren(inner) | ExprKind::Modified(inner, _) = &expr.kind {
            expr = inner;
        }
        expr
    }

    /// The number, when the expression is a literal one, perhaps signed or in parentheses.
    pub(crate) fn number(&self) -> Option<f64> {
        let (mut expr, mut sign) = (self, 1.0);
        loop {
            match &expr.kind {
                ExprKind::Number(n) => return Some(sign * n),
                ExprKind::Paren(inner) => expr = inner,
                ExprKind::Unary(inner, minus) => {
                    sign = if *minus { -sign } else { sign };
                    expr = inner;
                }
                _ => return None,
            }
        }
    }

    /// The direct operands and arguments.
    pub(crate) fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            ExprKind::Number(_) | ExprKind::String(_) | ExprKind::Variable | ExprKind::Vector(_) => Vec::new(),
            ExprKind::Matrix(e, _) | ExprKind::Subquery(e, _) | ExprKind::Modified(e, _) | ExprKind::Unary(e, _) | ExprKind::Paren(e) => {
                vec![e]
            }
            ExprKind::Call(call) => call.args.iter().collect(),
            ExprKind::Aggregate(a) => a.param.iter().map(|p| &**p).chain(std::iter::once(&*a.expr)).collect(),
            ExprKind::Binary(b) => vec![&b.lhs, &b.rhs],
        }
    }
}
