//! From an expression to the origin of its value.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::{FxHashMap as HashMap, FxHashSet as HashSet};

use super::super::types::Named;
use super::super::world::{Miss, TypeDef, World, is_type};
use super::index::{At, FnAt, Index};
use super::kept::{Asked, Kept, Misses};
use super::names::one_of_many;
use super::numbers;
use super::scope::{Frame, From, Given, Scope};
use super::typed::Typed;
use super::visit::{Node, every};
use crate::extract::combine::{arms, named, nothing, product, union};
use crate::knowledge::provenance::{ProvenanceRules, Says};
use crate::model::{Provenance, ProvenanceKind as Kind};
use crate::source::{Location, Span};
use crate::syntax::rust::tree::{Arm, Block, Expr, ExprKind, Lit, Pat, Path, Stmt};

/// Steps of one question.
const BUDGET: usize = 3_000;
/// Calls within calls.
const MAX_DEPTH: usize = 40;
/// Callers of one function, makers of one struct.
pub(super) const MAX_GIVERS: usize = 150;

/// Answers where values come from.
pub(super) struct Tracer<'a, 'w> {
    pub(super) world: &'w World<'a>,
    pub(super) index: &'w Index<'a>,
    pub(super) rules: &'static ProvenanceRules,
    misses: RefCell<Misses>,
    everywhere: &'w BTreeSet<String>,
    /// Types that macros of the tree make objects of.
    pub(super) by_macros: &'w HashSet<&'a str>,
    steps: Cell<usize>,
    depth: Cell<usize>,
    /// Parameters and fields that are being answered.
    active: RefCell<Vec<Question<'a>>>,
    /// Those that were answered without anything that is being answered.
    known: RefCell<HashMap<Question<'a>, (Provenance, Asked)>>,
    /// Those that were answered with something that still is: what they add to it.
    for_now: RefCell<HashMap<Question<'a>, ForNow>>,
    /// The outermost question being answered that an answer depended on.
    cyclic: Cell<usize>,
    /// Whether texts hold words that they were asked for.
    named: RefCell<HashMap<(usize, &'a str), bool>>,
    /// What was seen from places of the index.
    scopes: RefCell<HashMap<(usize, Span), Rc<Scope<'a>>>>,
    /// How functions are called, by file and place of the name.
    calls: RefCell<HashMap<(usize, u32), Calls>>,
}

/// How a function is called.
struct Calls {
    miss: Arc<Miss>,
    /// Whether that is in few enough places.
    can_be_read: bool,
}

/// Scopes that are kept.
const MAX_SCOPES: usize = 64;

/// The answer to a question that leads to one that is being answered. It is what it adds to that one, and holds as long as that one is
/// open: without it, every way through a circle of functions would be gone again from every other.
struct ForNow {
    found: Provenance,
    asked: Asked,
    /// The outermost question that it leads to, by its place among those that are being answered.
    of: usize,
}

/// A parameter of a function, or a field of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Question<'a> {
    Param(usize, u32, usize),
    /// A name in the pattern that it is taken apart with.
    Part(usize, u32, usize, &'a str),
    /// An element of the list that a parameter is.
    Element(usize, u32, usize, usize),
    /// By the type's name and the file that defines it.
    Field(&'a str, &'a str, Option<usize>),
}

impl<'a, 'w> Tracer<'a, 'w> {
    pub(super) fn new(
        world: &'w World<'a>,
        index: &'w Index<'a>,
        rules: &'static ProvenanceRules,
        everywhere: &'w BTreeSet<String>,
        by_macros: &'w HashSet<&'a str>,
        kept: Kept<'a>,
    ) -> Self {
        let (misses, known, named) = (RefCell::new(Misses::of(kept.misses)), RefCell::new(kept.known), RefCell::new(kept.named));
        let (active, for_now) = (RefCell::default(), RefCell::default());
        let (steps, depth, cyclic) = (Cell::new(BUDGET), Cell::new(0), Cell::new(usize::MAX));
        let (scopes, calls) = (RefCell::default(), RefCell::default());
        Tracer { world, index, rules, misses, everywhere, by_macros, steps, depth, active, known, for_now, cyclic, named, scopes, calls }
    }

    /// What was found out and holds for further questions.
    pub(super) fn kept(self) -> Kept<'a> {
        Kept { known: self.known.into_inner(), misses: self.misses.into_inner().all(), named: self.named.into_inner() }
    }

    /// Where the value of an expression comes from; where that is not known, what the type says that it is declared to have.
    /// Tells also what was looked up in vain for it.
    pub(super) fn of(&self, expr: &'a Expr, scope: &Scope<'a>, declared: Option<Named<'a>>) -> (Provenance, Asked) {
        self.begin();
        let found = self.answered(expr, scope, declared);
        (found, self.misses.borrow_mut().since(0))
    }

    /// Where an element of a list comes from, and what was looked up in vain for it.
    pub(super) fn of_element(&self, list: &'a Expr, at: usize, scope: &Scope<'a>) -> (Provenance, Asked) {
        self.begin();
        let found = named(self.nth(list, at, scope));
        let found = if found.count == Some(0) { Provenance::unknown("a value that is nowhere given") } else { found };
        (found, self.misses.borrow_mut().since(0))
    }

    /// What was looked up in vain since the question was asked.
    pub(super) fn asked(&self) -> Asked {
        self.misses.borrow_mut().since(0)
    }

    pub(super) fn begin(&self) {
        self.misses.borrow_mut().forget();
        self.steps.set(BUDGET);
        self.depth.set(0);
        self.active.borrow_mut().clear();
        self.for_now.borrow_mut().clear();
        self.cyclic.set(usize::MAX);
    }

    fn answered(&self, expr: &'a Expr, scope: &Scope<'a>, declared: Option<Named<'a>>) -> Provenance {
        let found = named(self.value(expr, scope));
        // Whatever is converted into an enum is one of its variants.
        if let Some(typed) = declared.and_then(|ty| self.by_type(ty)) {
            let closed = typed.certain && matches!(typed.kind, Kind::Enum | Kind::Bool);
            if found.kind == Kind::Unknown || closed && found.values.is_empty() {
                return typed;
            }
        }
        if found.count == Some(0) { Provenance::unknown("a value that is nowhere given") } else { found }
    }

    /// Asks for texts to be read that were not; says whether they can be, or are in too many places.
    pub(super) fn ask(&self, miss: Miss) -> bool {
        let known = self.can_be_read(&miss);
        self.misses.borrow_mut().insert(miss);
        known
    }

    fn can_be_read(&self, miss: &Miss) -> bool {
        !matches!(miss, Miss::Calls(text) | Miss::Text(text) if self.everywhere.contains(text))
    }

    /// Asks for the calls of a function; says whether they can be read, or are in too many places.
    pub(super) fn ask_for_calls(&self, function: FnAt<'a>) -> bool {
        let mut calls = self.calls.borrow_mut();
        let Calls { miss, can_be_read } = calls.entry(function.key()).or_insert_with(|| {
            let miss = function.calls();
            let can_be_read = self.can_be_read(&miss);
            Calls { miss: self.misses.borrow_mut().shared(miss), can_be_read }
        });
        self.misses.borrow_mut().again([&*miss]);
        *can_be_read
    }

    /// Asks for what may not be there.
    pub(super) fn ask_if(&self, miss: Option<Miss>) {
        if let Some(miss) = miss {
            self.misses.borrow_mut().insert(miss);
        }
    }

    /// Whether the text of a file holds a word.
    pub(super) fn is_named_in(&self, word: &'a str, file: usize) -> bool {
        let look = || self.world.files.get(file).is_some_and(|f| memchr::memmem::find(f.source.text.as_bytes(), word.as_bytes()).is_some());
        *self.named.borrow_mut().entry((file, word)).or_insert_with(look)
    }

    pub(super) fn location(&self, scope: &Scope<'a>, span: Span) -> Location {
        self.world.location(scope.file, span)
    }

    /// What a rule says of a value that stands there.
    pub(super) fn says(&self, says: &Says, scope: &Scope<'a>, span: Span) -> Provenance {
        let of = says.provenance();
        let words = of.origin.clone();
        of.through(words, self.location(scope, span))
    }

    /// Answers a question once, and says so where it leads to itself.
    pub(super) fn answer(&self, question: Question<'a>, answer: impl FnOnce() -> Provenance) -> Option<Provenance> {
        if let Some((known, asked)) = self.known.borrow().get(&question) {
            self.misses.borrow_mut().again(asked.iter());
            return Some(known.clone());
        }
        let at = self.active.borrow().iter().position(|q| *q == question);
        if let Some(at) = at {
            self.cyclic.set(self.cyclic.get().min(at));
            return None;
        }
        if let Some(ForNow { found, asked, of }) = self.for_now.borrow().get(&question) {
            self.misses.borrow_mut().again(asked.iter());
            self.cyclic.set(self.cyclic.get().min(*of));
            return Some(found.clone());
        }
        let own = self.active.borrow().len();
        self.active.borrow_mut().push(question);
        let outer = self.cyclic.replace(usize::MAX);
        let steps = self.steps.get();
        let before = self.misses.borrow().len();
        let mut found = answer();
        self.active.borrow_mut().pop();
        let inner = self.cyclic.get();
        self.for_now.borrow_mut().retain(|_, answer| {
            let stays = answer.of < own || inner < own;
            answer.of = answer.of.min(inner);
            stays
        });
        if inner < own && self.steps.get() > 0 {
            let asked = self.misses.borrow_mut().since(before);
            self.for_now.borrow_mut().insert(question, ForNow { found: found.clone(), asked, of: inner });
        }
        if inner >= own {
            if inner == own && found.count == Some(0) {
                found = Provenance::unknown("a value that leads only to itself");
            }
            if self.steps.get() > 0 || steps == BUDGET {
                let asked = self.misses.borrow_mut().since(before);
                self.known.borrow_mut().insert(question, (found.clone(), asked));
            }
        }
        self.cyclic.set(if inner < own { outer.min(inner) } else { outer });
        Some(found)
    }

    pub(super) fn value(&self, expr: &'a Expr, scope: &Scope<'a>) -> Provenance {
        let (steps, depth) = (self.steps.get(), self.depth.get());
        if steps == 0 || depth >= MAX_DEPTH {
            return Provenance::unknown("too many steps");
        }
        self.steps.set(steps - 1);
        self.depth.set(depth + 1);
        let value = self.value_inner(expr, scope);
        self.depth.set(depth);
        value
    }

    /// Counts a step, where one is left.
    pub(super) fn step(&self) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(1));
        left > 0
    }

    fn value_inner(&self, expr: &'a Expr, scope: &Scope<'a>) -> Provenance {
        match &expr.kind {
            ExprKind::Lit(lit) => literal(lit),
            ExprKind::Reference(inner) | ExprKind::Try(inner) | ExprKind::Await(inner) | ExprKind::Unary('*' | '-', inner) => {
                self.value(inner, scope)
            }
            ExprKind::Cast(inner, ty) => numbers::sized(self.value(inner, scope), Some(Typed { ty, file: scope.file, owner: None })),
            ExprKind::Index(inner, _) => one_of_many(self.value(inner, scope)),
            ExprKind::Unary(..) | ExprKind::Let(..) => bool(),
            ExprKind::Binary("==" | "!=" | "<" | ">" | "<=" | ">=" | "&&" | "||", ..) => bool(),
            ExprKind::Binary("%", _, right) => Provenance::of(Kind::Index, "a remainder").count(small(right)),
            // As many texts or numbers as there are pairs of them.
            ExprKind::Binary("+" | "-" | "*" | "/", left, right) => {
                let both = vec![self.value(left, scope), self.value(right, scope)];
                // One that leads to itself, such as the counter that is counted up.
                let grows = both.iter().any(|of| of.count == Some(0));
                if grows { Provenance::unknown("a number that is counted up") } else { product(both) }
            }
            ExprKind::Array(items) if items.is_empty() => nothing(),
            ExprKind::Array(items) => union(items.iter().map(|i| self.value(i, scope)).collect()),
            ExprKind::Repeat(value, _) => self.value(value, scope),
            ExprKind::Range(..) => Provenance { certain: false, ..Provenance::of(Kind::Index, "a position in a range") },
            ExprKind::Path(path) => self.path(path, expr.span, scope),
            ExprKind::Block(block) | ExprKind::Async(block) => self.block(block, scope),
            ExprKind::If(cond, then, otherwise) => self.conditional(cond, then, otherwise.as_deref(), scope),
            ExprKind::Match(value, all) => self.chosen(value, all, scope),
            ExprKind::Macro(call) => self.macro_call(call, expr, scope),
            ExprKind::Call(callee, args) => self.call(callee, args, expr, scope),
            ExprKind::MethodCall(call) => self.method(call, expr, scope),
            ExprKind::Field(base, name) => self.field(base, name.as_str(), expr, scope),
            ExprKind::Struct(made) => self.variant(&made.path, scope).unwrap_or_else(|| Provenance::unknown("an object")),
            _ => Provenance::unknown("an expression that is not followed"),
        }
    }

    pub(super) fn block(&self, block: &'a Block, scope: &Scope<'a>) -> Provenance {
        let mut inner = scope.clone();
        inner.statements(block);
        match block.stmts.last() {
            Some(Stmt::Expr(tail, false)) => self.value(tail, &inner),
            _ => Provenance::unknown("a block without a value"),
        }
    }

    fn conditional(&self, cond: &'a Expr, then: &'a Block, otherwise: Option<&'a Expr>, scope: &Scope<'a>) -> Provenance {
        let mut all = Vec::new();
        let mut inner = scope.clone();
        inner.condition(cond);
        if let Some(value) = tail(then).filter(|t| !gives_nothing(t)) {
            all.push(match self.checked(cond, value) {
                Some(closed) => closed,
                None => self.block(then, &inner),
            });
        }
        if let Some(value) = otherwise.filter(|e| !gives_nothing(e)) {
            all.push(self.value(value, scope));
        }
        let guarded = all.len() > 1 && all.iter().any(|p| p.kind == Kind::Literal) && guards(cond);
        let found = arms(self.beside_route(all, scope));
        // What stands beside a literal may be what a check that is not understood lets pass.
        if guarded && found.kind.is_unbounded() { Provenance { certain: false, foreign: false, ..found } } else { found }
    }

    /// A value that is used only where a closed set contains it.
    fn checked(&self, cond: &'a Expr, value: &'a Expr) -> Option<Provenance> {
        let name = root(value)?;
        match &cond.kind {
            ExprKind::MethodCall(call) if matches!(call.method.as_str(), "contains" | "contains_key") => {
                let [given] = call.args.as_slice() else { return None };
                (root(given)? == name).then(|| Provenance::of(Kind::Closed, "a value that a closed set contains"))
            }
            ExprKind::Macro(call) if call.is("matches") => {
                let given = call.args.first()?.value.as_ref()?;
                (root(given)? == name).then(|| Provenance::of(Kind::Closed, "a value that a closed set contains"))
            }
            ExprKind::Binary("&&", left, right) => self.checked(left, value).or_else(|| self.checked(right, value)),
            _ => None,
        }
    }

    fn chosen(&self, value: &'a Expr, all: &'a [Arm], scope: &Scope<'a>) -> Provenance {
        let mut values = Vec::new();
        for arm in all.iter().filter(|a| self.index.counts(&a.attrs) && !gives_nothing(&a.body)) {
            let same = root(&arm.body).is_some() && root(&arm.body) == root(value);
            if let Some(count) = range(&arm.pat).filter(|_| same) {
                values.push(Provenance::of(Kind::Match, "a number in a range").count(Some(count)));
                continue;
            }
            let closed = is_closed(&arm.pat).filter(|_| same);
            if let Some(literals) = closed {
                values.push(Provenance::literals(literals));
                continue;
            }
            if let Some(closed) = arm.guard.as_ref().and_then(|guard| self.checked(guard, &arm.body)) {
                values.push(closed);
                continue;
            }
            let mut inner = scope.clone();
            inner.pattern(&arm.pat, From::Part(&arm.pat, value));
            values.push(self.value(&arm.body, &inner));
        }
        let beside = values.len() > 1 && values.iter().any(|p| p.kind == Kind::Literal);
        let found = arms(self.beside_route(values, scope));
        // What a status lets pass, such as the path of a request that is not answered with "not found", may be few.
        let guarded = beside && found.kind.is_unbounded() && self.value(value, scope).kind == Kind::Status;
        if guarded { Provenance { certain: false, foreign: false, ..found } } else { found }
    }

    fn path(&self, path: &'a Path, span: Span, scope: &Scope<'a>) -> Provenance {
        if path.as_ident() == Some("None") {
            return nothing();
        }
        if let Some(name) = path.as_ident()
            && let Some(found) = self.name(name, span, scope)
        {
            return found;
        }
        if let Some(variant) = self.variant(path, scope) {
            return variant;
        }
        let names: Vec<&'a str> = path.names().collect();
        self.constant(&names, span, scope)
    }

    /// `Enum::Variant`.
    fn variant(&self, path: &'a Path, scope: &Scope<'a>) -> Option<Provenance> {
        let mut names: Vec<&str> = path.names().collect();
        // A variant that is imported, perhaps under another name.
        if names.len() == 1 && names.iter().all(|name| is_type(name)) {
            names = self.world.full_path(scope.file, &names);
        }
        let (last, ty) = names.split_last()?;
        let ty: Vec<&str> = if ty == ["Self"] { vec![scope.self_ty?] } else { ty.to_vec() };
        let found = self.world.type_def(scope.file, &ty)?;
        match found.kind {
            TypeDef::Enum(variants) => variants.iter().any(|v| v.name.as_str() == *last).then(|| self.enumeration(&found)),
            _ => None,
        }
    }

    /// The values that a function gives.
    pub(super) fn returns(&self, function: FnAt<'a>, given: Vec<Given<'a>>, scope: &Scope<'a>) -> Provenance {
        self.returned(function, given, scope, &|value, inner| self.value(value, inner))
    }

    /// What is found out about each value that a function gives.
    pub(super) fn returned(
        &self,
        function: FnAt<'a>,
        given: Vec<Given<'a>>,
        scope: &Scope<'a>,
        answer: &dyn Fn(&'a Expr, &Scope<'a>) -> Provenance,
    ) -> Provenance {
        let Some(body) = &function.function.body else { return Provenance::unknown(format!("what `{}` gives", function.name())) };
        if function.function.is_skipped() {
            if let Some(file) = self.world.files.get(function.file) {
                self.ask(Miss::Body(file.source.path.clone(), body.span.start));
            }
            return Provenance::unknown(format!("what `{}` gives", function.name()));
        }
        // A function that calls itself gives nothing but what it gives else.
        if scope.frame_of(function.key()).is_some() {
            return nothing();
        }
        if scope.depth() > 6 {
            return Provenance::unknown("calls within calls");
        }
        if tail(body).is_some_and(gives_nothing) && body.stmts.len() == 1 {
            return nothing();
        }
        let frame = Some(Rc::new(Frame { of: function.key(), given, outer: scope.frame.clone() }));
        let mut values: Vec<&'a Expr> = tail(body).filter(|t| !gives_nothing(t)).into_iter().collect();
        every(Node::Block(body), false, &mut |expr| {
            if let ExprKind::Return(Some(value)) = &expr.kind
                && !gives_nothing(value)
            {
                values.push(value);
            }
        });
        let one = |value: &'a Expr| {
            let inner = Scope { frame: frame.clone(), ..Scope::of_body(function, value.span) };
            answer(value, &inner)
        };
        let several = values.len() > 1;
        let all: Vec<Provenance> = values.into_iter().take(64).map(one).collect();
        if several { arms(all) } else { union(all) }
    }

    /// A place of the index as an expression with its scope.
    pub(super) fn scope_of(&self, at: &At<'a>) -> Rc<Scope<'a>> {
        let mut scopes = self.scopes.borrow_mut();
        if scopes.len() > MAX_SCOPES {
            scopes.clear();
        }
        let look = || Rc::new(Scope::at(self.world, self.index, at.file, at.expr.span));
        Rc::clone(scopes.entry((at.file, at.expr.span)).or_insert_with(look))
    }
}

/// Whether a condition may be a check of the value, rather than of whether there is one.
fn guards(cond: &Expr) -> bool {
    match &cond.kind {
        ExprKind::Let(..) => false,
        ExprKind::Unary('!', inner) => guards(inner),
        ExprKind::MethodCall(call) => !matches!(call.method.as_str(), "is_empty" | "is_some" | "is_none" | "is_ok" | "is_err"),
        _ => true,
    }
}

/// The expression that a block ends with.
pub(super) fn tail(block: &Block) -> Option<&Expr> {
    match block.stmts.last() {
        Some(Stmt::Expr(tail, false)) => Some(tail),
        _ => None,
    }
}

/// Whether an expression gives no value that can be used: it leaves, or is `None` or an error.
pub(super) fn gives_nothing(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Return(_) | ExprKind::Break(_) => true,
        ExprKind::Path(path) => matches!(path.last(), "continue" | "None"),
        ExprKind::Macro(call) => matches!(call.path.last(), "panic" | "unreachable" | "unimplemented" | "todo" | "bail" | "return_err"),
        ExprKind::Call(callee, _) => matches!(&callee.kind, ExprKind::Path(path) if path.last() == "Err" || path.last() == "exit"),
        ExprKind::Block(block) => match block.stmts.last() {
            Some(Stmt::Expr(last, _)) => gives_nothing(last),
            Some(_) => true,
            None => true,
        },
        ExprKind::Other => true,
        _ => false,
    }
}

pub(super) fn bool() -> Provenance {
    Provenance::of(Kind::Bool, "a bool").count(Some(2))
}

fn literal(lit: &Lit) -> Provenance {
    match lit {
        Lit::Str(text) => Provenance::literals([text.to_string()]),
        Lit::Char(c) => Provenance::literals([c.to_string()]),
        Lit::Int(Some(n)) => Provenance::literals([n.to_string()]),
        Lit::Bool(b) => Provenance::literals([b.to_string()]),
        Lit::Float(n) => Provenance::literals([n.to_string()]),
        _ => Provenance::of(Kind::Literal, "a literal").count(Some(1)),
    }
}

fn small(expr: &Expr) -> Option<u64> {
    match &expr.kind {
        ExprKind::Lit(Lit::Int(n)) => *n,
        _ => None,
    }
}

/// The variable that an expression hands on.
pub(super) fn root(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Path(path) => path.as_ident(),
        ExprKind::Reference(inner) | ExprKind::Unary('*', inner) => root(inner),
        ExprKind::MethodCall(call) if call.args.is_empty() => root(&call.receiver),
        ExprKind::Macro(call) if call.is("format") => match call.args.iter().map(|a| a.value.as_ref()).collect::<Vec<_>>().as_slice() {
            [Some(Expr { kind: ExprKind::Lit(Lit::Str(text)), .. })] => only_hole(text),
            [Some(Expr { kind: ExprKind::Lit(Lit::Str(text)), .. }), Some(value)] if &**text == "{}" => root(value),
            _ => None,
        },
        ExprKind::Block(block) if block.stmts.len() == 1 => tail(block).and_then(root),
        _ => None,
    }
}

/// The variable that a template shows, where it shows nothing else.
fn only_hole(template: &str) -> Option<&str> {
    let name = template.strip_prefix('{')?.strip_suffix('}')?;
    (!name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')).then_some(name)
}

pub(super) fn is_name(expr: &Expr, name: &str) -> bool {
    matches!(&expr.kind, ExprKind::Path(path) if path.as_ident() == Some(name))
}

/// How many numbers a pattern that is a range has.
fn range(pat: &Pat) -> Option<u64> {
    let Pat::Value(value) = pat else { return None };
    let ExprKind::Range(Some(start), Some(end), _) = &value.kind else { return None };
    small(end)?.checked_sub(small(start)?)?.checked_add(1).filter(|n| *n <= 256)
}

/// The literals that a pattern without a binding can match.
fn is_closed(pat: &Pat) -> Option<Vec<String>> {
    match pat {
        Pat::Value(value) => match &value.kind {
            ExprKind::Lit(lit) => Some(crate::extract::combine::union(vec![literal(lit)]).values),
            _ => None,
        },
        Pat::Or(pats) => {
            let all: Option<Vec<Vec<String>>> = pats.iter().map(is_closed).collect();
            all.map(|all| all.into_iter().flatten().collect())
        }
        Pat::Ident(_, Some(inner)) => is_closed(inner),
        _ => None,
    }
}
