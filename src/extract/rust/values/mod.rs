//! What an expression is worth, as far as the source tells: strings, numbers and lists of them.
//!
//! Follows literals, constants, local bindings, simple functions, iterator chains and loops that fill a list. Knows no metrics
//! library. Every evaluation has a budget: what would take too long is not known.

mod calls;
mod choices;
mod containers;
mod durations;
mod lists;
mod loops;
mod objects;
mod registries;
mod returns;
#[cfg(test)]
mod tests;
mod text;
mod texts;

pub(super) use calls::bind;
pub(super) use choices::bound_by;
pub(super) use lists::series;
pub(super) use registries::RegistryValue;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::frames::{Callable, Level, Open};
use super::walk::{Binding, Context, Origin};
use super::world::{Constant, Miss, TypeDef, World, is_type};
use crate::source::{Location, Span};
use crate::syntax::rust::tree::{Block, Expr, ExprKind, Lit, Pat, Path, Stmt};

/// Steps of one evaluation. A large value costs more than one: otherwise `f(x) = [x, x]`, nested, would double 64 times.
const BUDGET: usize = 100_000;
/// Steps of all evaluations of one evaluator: a file with many costly expressions must end, too.
const TOTAL: usize = 4_000_000;
/// Nesting of one evaluation.
const MAX_DEPTH: usize = 64;
/// Longest list that is written out.
const MAX_LIST: usize = 4_096;
/// Most values that one of several may be.
const MAX_CHOICES: usize = 256;
/// Longest text that is put together, in bytes.
const MAX_TEXT: usize = 16_384;

/// A string and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text {
    /// The text; `*` stands for a part that is not known.
    pub(crate) text: String,
    /// Whether every part is known.
    pub(crate) known: bool,
    /// The literal or expression that holds it.
    pub(crate) location: Location,
    /// Levels of callers that were left where it stands.
    pub(crate) left: usize,
    /// Where the object of the tree is made that holds it, and whether it is written there.
    pub(crate) made: Option<(Location, bool)>,
}

/// What an expression is worth.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Text(Text),
    Number(f64),
    Bool(bool),
    List(Vec<Value>),
    Tuple(Vec<Value>),
    /// A struct of this type, with its fields.
    Struct(Box<str>, Vec<(Box<str>, Value)>),
    /// A variant of an enum: package, type and variant.
    Variant(Box<str>, Box<str>, Box<str>),
    /// A list of which only the length is known.
    Count(usize),
    /// One of several, by a condition that is not known.
    OneOf(Vec<Value>),
    /// `None`.
    Absent,
    /// Not known, with the reason.
    Unknown(String),
}

impl Value {
    pub(crate) fn unknown(reason: impl Into<String>) -> Value {
        Value::Unknown(reason.into())
    }

    pub(crate) fn is_known(&self) -> bool {
        match self {
            Value::Unknown(_) | Value::Count(_) | Value::Struct(..) => false,
            Value::Text(text) => text.known,
            Value::List(items) | Value::Tuple(items) | Value::OneOf(items) => items.iter().all(Value::is_known),
            _ => true,
        }
    }

    /// The values that it may be, apart from none.
    pub(crate) fn present(self) -> Vec<Value> {
        match self {
            Value::OneOf(values) => values.into_iter().filter(|v| !matches!(v, Value::Absent)).collect(),
            Value::Absent => Vec::new(),
            value => vec![value],
        }
    }

    /// How many values it holds, itself included; long texts count more. Stops counting at `most`.
    fn weight(&self, most: usize) -> usize {
        match self {
            Value::List(items) | Value::Tuple(items) | Value::OneOf(items) => {
                let mut sum = 1;
                for item in items {
                    if sum >= most {
                        break;
                    }
                    sum += item.weight(most - sum);
                }
                sum
            }
            Value::Struct(_, fields) => {
                let mut sum = 1;
                for (_, item) in fields {
                    if sum >= most {
                        break;
                    }
                    sum += item.weight(most - sum);
                }
                sum
            }
            Value::Text(text) => 1 + text.text.len() / 64,
            _ => 1,
        }
    }
}

/// Where an expression is evaluated.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a, 'c> {
    pub(super) file: usize,
    pub(super) bindings: &'c [Binding<'a>],
    pub(super) self_ty: Option<&'a str>,
    /// Values of closure and function parameters and of variables of a loop.
    env: &'c [(&'a str, Value)],
    /// Bindings from this one on are newer than `env`.
    mark: usize,
    /// Offset of the use: later statements do not count.
    at: u32,
    /// Who calls the enclosing functions.
    pub(in crate::extract::rust) frames: &'c [Level<'a>],
    /// Whether a parameter that nobody gives is noted, so that its callers are looked for.
    follow: bool,
}

impl<'a, 'c> Scope<'a, 'c> {
    /// The scope of an expression at `span` that a walk is showing.
    pub(super) fn of(cx: &'c Context<'a, '_>, span: Span) -> Self {
        let here = &cx.here;
        let (bindings, frames) = (&here.bindings, &cx.frames);
        Scope { file: here.file, bindings, self_ty: here.self_ty, env: &[], mark: 0, at: span.start, frames, follow: true }
    }

    /// The same, where a parameter that nobody gives is left unknown.
    pub(super) fn quiet(cx: &'c Context<'a, '_>, span: Span) -> Self {
        Scope { follow: false, ..Scope::of(cx, span) }
    }

    /// The scope of an item's value.
    pub(super) fn of_item(file: usize, self_ty: Option<&'a str>) -> Self {
        Scope { file, bindings: &[], self_ty, env: &[], mark: 0, at: 0, frames: &[], follow: false }
    }

    /// The scope of what a level gives, and the levels after it.
    fn of_level(&self, at: usize, span: Span) -> Option<Self> {
        let from = &self.frames.get(at)?.from;
        let frames = self.frames.get(at + 1..).unwrap_or_default();
        Some(Scope { file: from.file, bindings: &from.bindings, self_ty: from.self_ty, env: &[], at: span.start, frames, ..*self })
    }

    /// The binding that a name means, and the scope of its value.
    pub(super) fn binding(&self, name: &str) -> Option<(&'c Binding<'a>, Scope<'a, 'c>)> {
        let at = self.bindings.iter().rposition(|b| b.name == name)?;
        let binding = self.bindings.get(at)?;
        let start = binding.init.map_or(self.at, |init| init.span.start);
        let bindings = self.bindings.get(..at).unwrap_or_default();
        // What is bound before the parameters of `env` does not see them.
        let env = if at >= self.mark { self.env } else { &[] };
        Some((binding, Scope { bindings, file: binding.file, env, at: start, ..*self }))
    }

    /// The value of a parameter or loop variable that no later binding hides.
    fn given(&self, name: &str) -> Option<&'c Value> {
        let (_, value) = self.env.iter().rev().find(|(n, _)| *n == name)?;
        let hidden = self.bindings.iter().rposition(|b| b.name == name).is_some_and(|at| at >= self.mark);
        (!hidden).then_some(value)
    }

    /// The offset of the use.
    pub(super) fn at(&self) -> u32 {
        self.at
    }

    /// The same place with other names in scope.
    pub(super) fn among<'b>(&self, bindings: &'b [Binding<'a>]) -> Scope<'a, 'b>
    where
        'c: 'b,
    {
        Scope { bindings, ..*self }
    }

    /// The scope of a block's last expression.
    pub(super) fn at_tail<'b>(&self, bindings: &'b [Binding<'a>], tail: &Expr) -> Scope<'a, 'b>
    where
        'c: 'b,
    {
        Scope { bindings, at: tail.span.start, ..*self }
    }

    /// The same place in one round of the innermost loop over a list, with what the names of its pattern are worth.
    pub(super) fn in_round(&self, env: &'c [(&'a str, Value)]) -> Self {
        let variables = self.bindings.iter().rposition(|b| matches!(b.origin, Origin::Each(..))).map_or(self.bindings.len(), |at| at + 1);
        Scope { env, mark: variables, ..*self }
    }

    /// The same place with more values known.
    fn with_env(&self, env: &'c [(&'a str, Value)], at: u32) -> Self {
        Scope { env, mark: self.bindings.len(), at, ..*self }
    }
}

/// An initializer, the list of levels around it, whether parameters are noted, and whether all values count.
type Variable<'a> = (*const Expr, *const Level<'a>, usize, bool, bool);

/// A package, a type and its field, and whether all values count.
type Element<'a> = (&'a str, &'a str, &'a str, bool);

/// Evaluates expressions of one tree.
pub(crate) struct Evaluator<'a, 'w> {
    pub(super) world: &'w World<'a>,
    budget: Cell<usize>,
    total: Cell<usize>,
    depth: Cell<usize>,
    /// Whether what a function may return counts though it is not known.
    all_count: Cell<bool>,
    open: RefCell<Option<Open<'a>>>,
    /// Parameters whose callers were looked for in vain.
    closed: RefCell<Arc<[Callable<'a>]>>,
    misses: RefCell<BTreeSet<Miss>>,
    /// What variables were worth in this evaluation: by the place of the initializer and the callers around it.
    variables: RefCell<HashMap<Variable<'a>, Value>>,
    /// What containers in fields hold.
    elements: RefCell<HashMap<Element<'a>, Option<Value>>>,
    /// Whether a file assigns something to a field of this name.
    set_later: RefCell<HashMap<(usize, &'a str), bool>>,
}

impl<'a, 'w> Evaluator<'a, 'w> {
    pub(super) fn new(world: &'w World<'a>) -> Self {
        Evaluator {
            world,
            budget: Cell::new(BUDGET),
            total: Cell::new(TOTAL),
            depth: Cell::new(0),
            all_count: Cell::new(false),
            open: RefCell::new(None),
            closed: RefCell::new(Arc::from([])),
            misses: RefCell::default(),
            variables: RefCell::default(),
            elements: RefCell::default(),
            set_later: RefCell::default(),
        }
    }

    pub(super) fn location(&self, file: usize, span: Span) -> Location {
        self.world.location(file, span)
    }

    /// From now on leaves the parameters of these alone.
    pub(super) fn close(&self, closed: &Arc<[Callable<'a>]>) {
        *self.closed.borrow_mut() = Arc::clone(closed);
    }

    /// Whether callers were looked for in vain, so that what they give is evaluated as it stands.
    pub(super) fn gave_up(&self) -> bool {
        !self.closed.borrow().is_empty()
    }

    /// The first parameter that an evaluation met and that nobody gives.
    pub(super) fn take_open(&self) -> Option<Open<'a>> {
        self.open.borrow_mut().take()
    }

    /// Whether an evaluation met such a parameter.
    pub(super) fn is_open(&self) -> bool {
        self.open.borrow().is_some()
    }

    /// Asks for the constant that a path names, where none was read that it can mean.
    pub(super) fn ask_for_constant(&self, file: usize, names: &[&str]) {
        self.misses.borrow_mut().extend(self.world.miss(file, names));
    }

    /// What was looked up in vain.
    pub(super) fn take_misses(&self) -> BTreeSet<Miss> {
        std::mem::take(&mut *self.misses.borrow_mut())
    }

    fn note(&self, callable: Callable<'a>, scope: &Scope<'a, '_>, items: Vec<Value>) {
        if scope.follow && !self.closed.borrow().contains(&callable) {
            self.open.borrow_mut().get_or_insert(Open { callable, left: scope.frames.len(), items });
        }
    }

    /// What `expr` is worth in `scope`.
    pub(crate) fn value(&self, expr: &'a Expr, scope: &Scope<'a, '_>) -> Value {
        let depth = self.depth.get();
        if depth == 0 {
            self.budget.set(BUDGET.min(self.total.get()));
            self.variables.borrow_mut().clear();
        }
        let start = self.budget.get();
        if start == 0 || depth >= MAX_DEPTH {
            return Value::unknown("it takes too many steps to work out");
        }
        self.depth.set(depth + 1);
        let mut value = self.value_inner(expr, scope);
        self.depth.set(depth);
        if !self.pay(1 + value.weight(BUDGET) / 4) {
            value = Value::unknown("it takes too many steps to work out");
        }
        if depth == 0 {
            self.total.set(self.total.get().saturating_sub(start - self.budget.get()));
        }
        value
    }

    /// Takes steps from the budget; whether there were enough.
    fn pay(&self, steps: usize) -> bool {
        let left = self.budget.get().checked_sub(steps);
        self.budget.set(left.unwrap_or(0));
        left.is_some()
    }

    fn value_inner(&self, expr: &'a Expr, scope: &Scope<'a, '_>) -> Value {
        match &expr.kind {
            ExprKind::Lit(lit) => self.literal(lit, expr, scope),
            ExprKind::Reference(inner) | ExprKind::Try(inner) | ExprKind::Await(inner) => self.value(inner, scope),
            ExprKind::Unary('*', inner) => dereferenced(self.value(inner, scope)),
            ExprKind::Unary('-', inner) => match self.value(inner, scope) {
                Value::Number(n) => Value::Number(-n),
                other => other,
            },
            ExprKind::Cast(inner, ty) => match (self.value(inner, scope), ty.path().map(Path::last)) {
                (Value::Number(n), Some("f32" | "f64")) => Value::Number(n),
                (Value::Number(n), _) => Value::Number(n.trunc()),
                (other, _) => other,
            },
            ExprKind::Array(items) => self.list(items, scope),
            ExprKind::Repeat(value, length) => self.repeat(value, length, scope),
            ExprKind::Tuple(items) => Value::Tuple(items.iter().map(|i| self.value(i, scope)).collect()),
            ExprKind::Path(path) => self.path(path, scope),
            ExprKind::Macro(call) => self.macro_value(call, expr, scope),
            ExprKind::Call(callee, args) => self.call(callee, args, expr, scope),
            ExprKind::MethodCall(call) => self.method(call, expr, scope),
            ExprKind::Block(block) => self.block(block, scope),
            ExprKind::If(cond, then, otherwise) => self.branch(cond, then, otherwise.as_deref(), scope),
            ExprKind::Match(value, arms) => self.chosen(value, arms, scope),
            ExprKind::Binary(op, left, right) => self.binary(op, left, right, expr, scope),
            ExprKind::Range(start, end, inclusive) => self.range(start.as_deref(), end.as_deref(), *inclusive, scope),
            // `list[..]`
            ExprKind::Index(base, index) if matches!(index.kind, ExprKind::Range(None, None, _)) => self.value(base, scope),
            ExprKind::Index(base, index) => match (self.value(base, scope), self.value(index, scope)) {
                (Value::List(items), Value::Number(n)) if n >= 0.0 => {
                    items.get(n as usize).cloned().unwrap_or_else(|| Value::unknown("the index is out of range"))
                }
                (Value::Unknown(reason), _) => Value::Unknown(reason),
                _ => Value::unknown("an element chosen at run time"),
            },
            ExprKind::Field(base, name) => self.field(base, name.as_str(), scope),
            ExprKind::Struct(made) => self.made_at(self.object(made, scope), &[], expr, scope),
            _ => Value::unknown("an expression decided at run time"),
        }
    }

    fn literal(&self, lit: &Lit, expr: &Expr, scope: &Scope<'a, '_>) -> Value {
        match lit {
            Lit::Str(text) => self.text(text.to_string(), true, expr, scope),
            Lit::Int(Some(n)) => Value::Number(*n as f64),
            Lit::Float(n) => Value::Number(*n),
            Lit::Bool(b) => Value::Bool(*b),
            Lit::Char(c) => self.text(c.to_string(), true, expr, scope),
            _ => Value::unknown("a literal of another kind"),
        }
    }

    fn text(&self, text: String, known: bool, expr: &Expr, scope: &Scope<'a, '_>) -> Value {
        Value::Text(Text { text, known, location: self.location(scope.file, expr.span), left: scope.frames.len(), made: None })
    }

    fn path(&self, path: &'a Path, scope: &Scope<'a, '_>) -> Value {
        if let Some(name) = path.as_ident() {
            if name == "None" {
                return Value::Absent;
            }
            if let Some(value) = scope.given(name) {
                return value.clone();
            }
            if let Some((binding, inner)) = scope.binding(name) {
                return self.bound(binding, &inner, scope.at);
            }
        }
        let names: Vec<&'a str> = path.names().collect();
        match names.as_slice() {
            ["f64" | "f32", "INFINITY"] | ["std", "f64" | "f32", "INFINITY"] => return Value::Number(f64::INFINITY),
            ["f64", "MAX"] => return Value::Number(f64::MAX),
            [.., "f64", "consts", "E"] => return Value::Number(std::f64::consts::E),
            _ => {}
        }
        let at = path.segments.last().map_or(0, |s| s.name.span.start);
        let found = self.world.constants_at(scope.file, &names, scope.self_ty, at);
        if self.world.strays(scope.file, &names, &found) {
            self.misses.borrow_mut().extend(self.world.miss(scope.file, &names));
        }
        let constant = |c: &Constant<'a>| {
            let scope = Scope { frames: scope.frames, ..Scope::of_item(c.place.file, c.place.owner) };
            Some(self.value(c.value?, &scope))
        };
        let values: Vec<Value> = found.iter().filter_map(constant).collect();
        match values.split_first() {
            Some((first, rest)) if rest.iter().all(|v| same(v, first)) => first.clone(),
            Some(_) => Value::unknown(format!("`{}` is defined differently in several places", path.last())),
            None => {
                if let Some(variant) = self.variant(&names, scope) {
                    return variant;
                }
                if found.is_empty()
                    && is_type(path.last())
                    && matches!(self.world.type_def(scope.file, &names), Some(t) if matches!(t.kind, TypeDef::Struct([])))
                {
                    return self.tuple_struct(&names, Vec::new(), scope);
                }
                if let Some(value) = self.library_constant(path, scope).filter(|_| found.is_empty()) {
                    return value;
                }
                if found.is_empty()
                    && let Some(miss) = self.world.miss(scope.file, &names)
                {
                    self.misses.borrow_mut().insert(miss);
                }
                Value::unknown(format!("`{}`, whose value is not in this package's source", expr_text(path)))
            }
        }
    }

    fn bound(&self, binding: &Binding<'a>, inner: &Scope<'a, '_>, at: u32) -> Value {
        match (binding.origin, binding.init) {
            (Origin::Let, Some(init)) => {
                let value = self.variable(init, inner);
                match binding.after {
                    Some((block, next)) => self.after_statements(binding.name, value, block, next, inner, at),
                    None => value,
                }
            }
            (Origin::Let, None) => Value::unknown(format!("the variable `{}`, which is set later", binding.name)),
            (Origin::Param(parameter), _) => match (self.parameter(binding.name, parameter, inner), binding.after) {
                (Value::List(items), Some((block, next))) => self.filled(binding.name, Value::List(items), block, next, inner, at),
                (value, _) => value,
            },
            (Origin::Each(callable, pat), Some(iter)) => self.each(binding.name, callable, pat, iter, inner),
            (Origin::Each(..), None) => Value::unknown(format!("`{}`, which is bound at run time", binding.name)),
            (Origin::PartOf(parameter, pat), _) => {
                let whole = self.parameter(binding.name, parameter, inner);
                self.part(pat, binding.name, whole)
            }
            (Origin::Part(pat), Some(whole)) => self.part(pat, binding.name, self.variable(whole, inner)),
            (Origin::Part(_), None) => self.part(&Pat::Wild, binding.name, Value::Absent),
        }
    }

    /// The value of an initializer. `let a = f(a, a);`, again and again, would take twice as long each time.
    fn variable(&self, init: &'a Expr, scope: &Scope<'a, '_>) -> Value {
        if !scope.env.is_empty() {
            return self.value(init, scope);
        }
        let key = (std::ptr::from_ref(init), scope.frames.as_ptr(), scope.frames.len(), scope.follow, self.all_count.get());
        if let Some(value) = self.variables.borrow().get(&key) {
            return if self.pay(1 + value.weight(BUDGET) / 4) {
                value.clone()
            } else {
                Value::unknown("it takes too many steps to work out")
            };
        }
        let value = self.value(init, scope);
        if self.budget.get() > 0 && self.depth.get() > 0 {
            self.variables.borrow_mut().insert(key, value.clone());
        }
        value
    }

    /// The bindings in the last expression of a block.
    pub(super) fn bindings_in(&self, block: &'a Block, scope: &Scope<'a, '_>) -> Vec<Binding<'a>> {
        let mut bindings = scope.bindings.to_vec();
        for (at, stmt) in block.stmts.iter().enumerate() {
            if let Stmt::Let(statement) = stmt
                && let Some(name) = statement.pat.as_ident()
            {
                bindings.push(Binding {
                    name: name.as_str(),
                    ty: statement.ty.as_ref(),
                    init: statement.init.as_ref(),
                    file: scope.file,
                    after: Some((block, at + 1)),
                    origin: Origin::Let,
                });
            }
        }
        bindings
    }

    /// The value of a block: that of its last expression.
    fn block(&self, block: &'a Block, scope: &Scope<'a, '_>) -> Value {
        match tail(block) {
            Some(tail) => self.value(tail, &scope.at_tail(&self.bindings_in(block, scope), tail)),
            None => Value::unknown("a block without a value"),
        }
    }
}

/// What a struct that only wraps a text gives access to.
fn dereferenced(value: Value) -> Value {
    match value {
        Value::Struct(ty, fields) => match fields.as_slice() {
            [(_, text @ Value::Text(_))] => text.clone(),
            _ => Value::Struct(ty, fields),
        },
        value => value,
    }
}

/// The expression whose value is that of the block.
pub(super) fn tail(block: &Block) -> Option<&Expr> {
    match block.stmts.last()? {
        Stmt::Expr(tail, false) => Some(tail),
        Stmt::Expr(tail, true) => match &tail.kind {
            ExprKind::Return(Some(value)) => Some(value),
            _ => None,
        },
        _ => None,
    }
}

/// Whether an expression never gives a value: `return`, `panic!(..)`, `continue`.
pub(super) fn diverges(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Return(_) | ExprKind::Break(_) => true,
        ExprKind::Macro(call) => matches!(call.path.last(), "panic" | "unreachable" | "todo" | "unimplemented" | "bail"),
        _ => false,
    }
}

fn expr_text(path: &Path) -> String {
    path.names().collect::<Vec<_>>().join("::")
}

/// Whether two values are the same apart from where they stand.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.text == b.text && a.known && b.known,
        (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Unknown(_), _) | (_, Value::Unknown(_)) => false,
        (a, b) => a == b,
    }
}

pub(in crate::extract::rust) fn one_of(values: Vec<Value>) -> Value {
    let all = values.into_iter().flat_map(|value| if let Value::OneOf(inner) = value { inner } else { vec![value] });
    let mut kept: Vec<Value> = Vec::new();
    for value in all {
        if kept.iter().any(|k| same(k, &value)) {
            continue;
        }
        // There are more.
        if kept.len() == MAX_CHOICES {
            kept.push(Value::unknown("one of too many values"));
            break;
        }
        kept.push(value);
    }
    match <[Value; 1]>::try_from(kept) {
        Ok([only]) => only,
        Err(all) if all.is_empty() => Value::unknown("nothing gives it a value"),
        Err(all) => Value::OneOf(all),
    }
}
