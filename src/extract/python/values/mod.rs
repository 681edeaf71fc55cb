//! What an expression is worth: texts, numbers, lists, mappings, classes, functions.
//!
//! A value that a caller or a loop decides is looked for in the frames of the environment; where there is none, the need for it is
//! noted, and whoever asked can look again once for each caller or element.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use super::parts::last_part;
use super::world::{Place, World};
use crate::knowledge::python::{self, Class, Library};
use crate::source::Location;
use crate::syntax::python::{Id, Tree, unescape};

mod builtins;
mod calls;
mod elements;
mod kept;
mod names;
mod records;

/// Deeper than this is not followed.
const MAX_DEPTH: u32 = 48;
/// Evaluation steps for one look at a definition.
const MAX_STEPS: u32 = 20_000;
/// Values that are kept from one look to the next.
const MAX_KEPT: usize = 100_000;
/// Values of one expression that are kept apart.
const MAX_CHOICES: usize = 24;

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// A text; `*` stands for a part that is not known.
    Text {
        text: String,
        known: bool,
        at: Location,
    },
    Number(f64),
    Bool(bool),
    None,
    /// Elements, and whether they are all.
    List(Vec<Value>, bool),
    /// Entries, and whether they are all.
    Dict(Vec<(Value, Value)>, bool),
    /// What makes a metric of a client library.
    Client(&'static Library, &'static Class),
    Class(Place),
    /// A function with what its surroundings know, and the class it is called on.
    Function(Place, Env, Option<Place>),
    /// An object of a class, and the call that made it.
    Instance(Place, Option<(Place, Env)>),
    /// A metric: the call that makes it.
    Metric(Place, Env),
    Module(usize),
    /// A dotted path outside the tree.
    External(String),
    OneOf(Vec<Value>),
    Unknown(&'static str),
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Text { text: a, .. }, Value::Text { text: b, .. }) => a == b,
            (Value::Number(a), Value::Number(b)) => a.total_cmp(b).is_eq(),
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::None, Value::None) => true,
            (Value::List(a, x), Value::List(b, y)) => a == b && x == y,
            (Value::Dict(a, x), Value::Dict(b, y)) => a == b && x == y,
            (Value::Client(_, a), Value::Client(_, b)) => std::ptr::eq(*a, *b),
            (Value::Class(a), Value::Class(b)) | (Value::Instance(a, _), Value::Instance(b, _)) => a == b,
            (Value::Function(a, ..), Value::Function(b, ..)) => a == b,
            (Value::Metric(a, x), Value::Metric(b, y)) => a == b && x.as_ref().map(Arc::as_ptr) == y.as_ref().map(Arc::as_ptr),
            (Value::Module(a), Value::Module(b)) => a == b,
            (Value::External(a), Value::External(b)) => a == b,
            (Value::OneOf(a), Value::OneOf(b)) => a == b,
            (Value::Unknown(_), Value::Unknown(_)) => true,
            _ => false,
        }
    }
}

impl Value {
    /// Any of several.
    pub(super) fn one_of(values: Vec<Value>) -> Value {
        let mut all: Vec<Value> = Vec::new();
        for value in values {
            let flat = match value {
                Value::OneOf(inner) => inner,
                other => vec![other],
            };
            for value in flat {
                if !all.contains(&value) && all.len() < MAX_CHOICES {
                    all.push(value);
                }
            }
        }
        match all.len() {
            0 => Value::Unknown("nothing that is known"),
            1 => all.swap_remove(0),
            _ => Value::OneOf(all),
        }
    }

    /// The possibilities.
    pub(super) fn choices(&self) -> &[Value] {
        match self {
            Value::OneOf(all) => all,
            one => std::slice::from_ref(one),
        }
    }

    pub(super) fn is_known(&self) -> bool {
        !matches!(self, Value::Unknown(_))
    }

    /// Whether it counts as true, where that is known.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Value::None => Some(false),
            Value::Bool(b) => Some(*b),
            Value::Number(n) => Some(*n != 0.0),
            Value::Text { text, known: true, .. } => Some(!text.is_empty()),
            Value::List(items, true) => Some(!items.is_empty()),
            Value::Client(..) | Value::Class(_) | Value::Function(..) | Value::Module(_) => Some(true),
            _ => None,
        }
    }
}

/// What is known around an expression: one frame for each call and loop that was entered.
pub(super) type Env = Option<Arc<Level>>;

/// A frame and those around it.
#[derive(Debug)]
pub(super) struct Level {
    pub(super) frame: Frame,
    pub(super) up: Env,
}

/// One call or one round of a loop.
#[derive(Debug)]
pub(super) enum Frame {
    /// A function, the call of it with its own environment (else the one at hand), the class it is called on, and whether the first
    /// parameter is given by that.
    Call { function: Place, call: Place, around: Option<Env>, receiver: Option<Place>, bound: bool },
    /// A loop and its element.
    Item { node: Place, value: Value },
}

pub(super) fn with(frame: Frame, up: &Env) -> Env {
    Some(Arc::new(Level { frame, up: up.clone() }))
}

/// What an evaluation lacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// A caller of this function; it may decide what a loop goes over, so it comes first.
    Caller(Place),
    /// The element of this loop.
    Item(Place),
    /// The classes that are made from this one.
    Subclasses(Place),
    /// More elements of a list or mapping than are known.
    More,
}

/// What an expression was worth before, in an environment that is kept so that its address stays its own.
enum Known {
    /// It is being looked at, this deep.
    Open(u32),
    Done {
        _env: Env,
        value: Value,
        needs: Vec<Need>,
    },
}

/// Evaluates expressions.
pub(super) struct Eval<'w, 'a> {
    pub(super) world: &'w World<'a>,
    pub(super) needs: RefCell<BTreeSet<Need>>,
    /// Who calls a function, as it was found before.
    pub(super) callers: RefCell<HashMap<Place, Rc<[Caller]>>>,
    depth: Cell<u32>,
    steps: Cell<u32>,
    /// Evaluation steps of all looks.
    all_steps: Cell<u64>,
    /// The least deep expression that something was cut off for: what stands above it and below here is not worth keeping.
    cut: Cell<u32>,
    /// Values without an environment.
    plain: RefCell<HashMap<Place, Known>>,
    /// Values in an environment.
    around: RefCell<HashMap<(Place, usize), Known>>,
    /// Environments that looks at a definition begin with, by what they know more than the one around: a look at the next definition
    /// finds the values of the one before.
    begun: RefCell<HashMap<(Place, usize, usize), Env>>,
}

/// A call of a function: with what its closure knows, on which class, and whether that gives the first parameter.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) call: Place,
    pub(super) closure: Env,
    pub(super) receiver: Option<Place>,
    pub(super) bound: bool,
    /// Whether it is known that it calls this function: else a method of what is not known has its name.
    pub(super) sure: bool,
    /// The call that hands the function on to the one which calls it, for a lambda.
    pub(super) through: Option<Box<Caller>>,
    pub(super) of: Place,
}

impl<'w, 'a> Eval<'w, 'a> {
    pub(super) fn new(world: &'w World<'a>) -> Self {
        Eval {
            world,
            needs: RefCell::default(),
            callers: RefCell::default(),
            depth: Cell::new(0),
            steps: Cell::new(0),
            all_steps: Cell::new(0),
            cut: Cell::new(u32::MAX),
            plain: RefCell::default(),
            around: RefCell::default(),
            begun: RefCell::default(),
        }
    }

    /// Evaluates something and gives what it lacked apart from what was lacked before.
    pub(super) fn apart<T>(&self, run: impl FnOnce() -> T) -> (T, BTreeSet<Need>) {
        let before = self.needs.take();
        let value = run();
        (value, self.needs.replace(before))
    }

    /// Begins a new look at a definition.
    pub(super) fn restart(&self) {
        self.steps.set(0);
        self.needs.take();
        if self.around.borrow().len() > MAX_KEPT {
            self.around.take();
        }
    }

    /// How many steps were taken so far.
    pub(super) fn taken(&self) -> u64 {
        self.all_steps.get()
    }

    /// An environment with the frame of a loop's round or of a function's caller, the same one each time.
    pub(super) fn begin(&self, of: Place, nth: usize, up: &Env, frame: impl FnOnce() -> Frame) -> Env {
        let key = (of, nth, up.as_ref().map_or(0, |level| Arc::as_ptr(level) as usize));
        self.begun.borrow_mut().entry(key).or_insert_with(|| with(frame(), up)).clone()
    }

    pub(super) fn tree(&self, file: usize) -> Option<&'w Tree> {
        self.world.module(file).map(|m| &m.tree)
    }

    /// The value of an expression.
    pub(super) fn value(&self, place: Place, env: &Env) -> Value {
        let Some(tree) = self.tree(place.file) else { return Value::Unknown("gone") };
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        self.all_steps.set(self.all_steps.get() + 1);
        let depth = self.depth.get() + 1;
        if depth > MAX_DEPTH || steps > MAX_STEPS {
            self.cut.set(0);
            return Value::Unknown("too deep");
        }
        let kept = matches!(tree.kind(place.node), "identifier" | "attribute" | "call" | "subscript")
            || matches!(tree.kind(place.node), "conditional_expression" | "list_comprehension" | "dictionary_comprehension");
        if kept && let Some(value) = self.known(place, env) {
            return value;
        }
        let before = kept.then(|| self.needs.take());
        self.depth.set(depth);
        let value = self.expression(tree, place, env);
        self.depth.set(depth - 1);
        if let Some(before) = before {
            let needs: Vec<Need> = self.needs.replace(before).into_iter().collect();
            self.needs.borrow_mut().extend(needs.iter().copied());
            let whole = self.cut.get() >= depth;
            if whole {
                self.cut.set(u32::MAX);
            }
            self.keep(place, env, whole.then(|| Known::Done { _env: env.clone(), value: value.clone(), needs }));
        }
        value
    }

    fn field(&self, tree: &Tree, place: Place, name: &str, env: &Env) -> Value {
        tree.field(place.node, name).map_or(Value::None, |node| self.value(Place { node, ..place }, env))
    }

    fn expression(&self, tree: &Tree, place: Place, env: &Env) -> Value {
        let id = place.node;
        match tree.kind(id) {
            "string" => self.string(tree, place, env),
            "concatenated_string" => {
                let parts = tree.children(id).map(|node| self.value(Place { node, ..place }, env)).collect();
                self.joined(parts, place)
            }
            "integer" | "float" => builtins::number(tree.text(id)).map_or(Value::Unknown("a number"), Value::Number),
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "none" => Value::None,
            "parenthesized_expression" | "expression_statement" | "type" | "await" => {
                tree.first(id).map_or(Value::None, |node| self.value(Place { node, ..place }, env))
            }
            "named_expression" => self.field(tree, place, "value", env),
            "list" | "tuple" | "set" | "expression_list" => self.list(tree, place, env),
            "dictionary" => self.dictionary(tree, place, env),
            "identifier" => self.name(place, env),
            "attribute" => self.attribute_of(tree, place, env),
            "call" => self.call(place, env),
            "subscript" => self.subscript(tree, place, env),
            "binary_operator" => self.binary(tree, place, env),
            "unary_operator" => match (tree.text(id).starts_with('-'), self.field(tree, place, "argument", env)) {
                (true, Value::Number(n)) => Value::Number(-n),
                (_, other) => other,
            },
            "boolean_operator" => {
                let left = self.field(tree, place, "left", env);
                let or = tree.field(id, "operator").is_some_and(|o| tree.text(o) == "or");
                match (left.truth(), or) {
                    (Some(true), true) | (Some(false), false) => left,
                    (Some(_), _) => self.field(tree, place, "right", env),
                    (None, true) => {
                        let known: Vec<Value> = left.choices().iter().filter(|v| !matches!(v, Value::None)).cloned().collect();
                        Value::one_of(known.into_iter().chain([self.field(tree, place, "right", env)]).collect())
                    }
                    (None, false) => self.field(tree, place, "right", env),
                }
            }
            "comparison_operator" => self.comparison(tree, place, env).map_or(Value::Unknown("a comparison"), Value::Bool),
            "not_operator" => match self.field(tree, place, "argument", env).truth() {
                Some(truth) => Value::Bool(!truth),
                None => Value::Unknown("a condition"),
            },
            "conditional_expression" => {
                let parts: Vec<Id> = tree.children(id).collect();
                let [then, condition, otherwise] = parts[..] else { return Value::Unknown("broken") };
                let at = |node| self.value(Place { node, ..place }, env);
                match at(condition).truth() {
                    Some(true) => at(then),
                    Some(false) => at(otherwise),
                    None => Value::one_of(vec![at(then), at(otherwise)]),
                }
            }
            "list_comprehension" | "set_comprehension" | "generator_expression" | "dictionary_comprehension" => {
                self.comprehension(tree, place, env)
            }
            "lambda" => Value::Function(place, env.clone(), None),
            _ => Value::Unknown("a form that is not followed"),
        }
    }

    fn comparison(&self, tree: &Tree, place: Place, env: &Env) -> Option<bool> {
        let parts: Vec<Id> = tree.children(place.node).filter(|c| tree.role(*c) != Some("operators")).collect();
        let [left, right] = parts[..] else { return None };
        let between = tree.text(place.node);
        let operator = between.get(
            (tree.span(left).end - tree.span(place.node).start) as usize..(tree.span(right).start - tree.span(place.node).start) as usize,
        )?;
        let (left, right) = (self.value(Place { node: left, ..place }, env), self.value(Place { node: right, ..place }, env));
        let plain = |v: &Value| !matches!(v, Value::Unknown(_) | Value::OneOf(_) | Value::External(_) | Value::Text { known: false, .. });
        match operator.split_whitespace().collect::<Vec<_>>()[..] {
            ["is"] | ["=="] if plain(&left) && plain(&right) => Some(left == right),
            ["is", "not"] | ["!="] if plain(&left) && plain(&right) => Some(left != right),
            ["in"] => builtins::contains(&right, &left),
            ["not", "in"] => builtins::contains(&right, &left).map(|c| !c),
            _ => None,
        }
    }

    fn string(&self, tree: &Tree, place: Place, env: &Env) -> Value {
        let at = self.world.location(place);
        let raw = tree.text(place.node).trim_start_matches(['f', 'F', 'b', 'B', 'u', 'U']).starts_with(['r', 'R']);
        let (mut text, mut known) = (String::new(), true);
        for part in tree.children(place.node) {
            match tree.kind(part) {
                "string_content" if raw => text.push_str(tree.text(part)),
                "string_content" => text.push_str(&unescape(tree.text(part)).replace("{{", "{").replace("}}", "}")),
                "interpolation" => {
                    let inner = tree.first(part).map_or(Value::None, |node| self.value(Place { node, ..place }, env));
                    match as_text(&inner) {
                        Some(inner) => text.push_str(&inner),
                        None => {
                            text.push('*');
                            known = false;
                        }
                    }
                }
                _ => {}
            }
        }
        Value::Text { text, known, at }
    }

    /// Texts one after the other.
    fn joined(&self, parts: Vec<Value>, place: Place) -> Value {
        let (mut all, mut known) = (String::new(), true);
        for part in parts {
            match part {
                Value::Text { text, known: k, .. } => {
                    all.push_str(&text);
                    known &= k;
                }
                _ => {
                    all.push('*');
                    known = false;
                }
            }
        }
        Value::Text { text: all, known, at: self.world.location(place) }
    }

    fn list(&self, tree: &Tree, place: Place, env: &Env) -> Value {
        let (mut items, mut all) = (Vec::new(), true);
        for node in tree.children(place.node) {
            if tree.kind(node) == "list_splat" {
                let inner = tree.first(node).map_or(Value::None, |node| self.value(Place { node, ..place }, env));
                match self.elements(&inner) {
                    Some((more, complete)) => {
                        items.extend(more);
                        all &= complete;
                    }
                    None => {
                        self.needs.borrow_mut().insert(Need::More);
                        all = false;
                    }
                }
            } else {
                items.push(self.value(Place { node, ..place }, env));
            }
        }
        Value::List(items, all)
    }

    fn dictionary(&self, tree: &Tree, place: Place, env: &Env) -> Value {
        let (mut entries, mut all) = (Vec::new(), true);
        for node in tree.children(place.node) {
            match tree.kind(node) {
                "pair" => {
                    let pair = Place { node, ..place };
                    entries.push((self.field(tree, pair, "key", env), self.field(tree, pair, "value", env)));
                }
                "dictionary_splat" => {
                    let inner = tree.first(node).map_or(Value::None, |node| self.value(Place { node, ..place }, env));
                    // Any of several may be there.
                    for one in inner.choices() {
                        match one {
                            Value::Dict(more, complete) => {
                                entries.extend(more.iter().cloned());
                                all &= *complete;
                            }
                            _ => {
                                self.needs.borrow_mut().insert(Need::More);
                                all = false;
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        Value::Dict(entries, all)
    }

    fn subscript(&self, tree: &Tree, place: Place, env: &Env) -> Value {
        let ((key, object), needs) = self.apart(|| (self.field(tree, place, "subscript", env), self.field(tree, place, "value", env)));
        let found = match (&object, &key) {
            (Value::Dict(entries, _), _) => entries.iter().rev().find(|(k, _)| *k == key).map(|(_, v)| v.clone()),
            (Value::List(items, true), Value::Number(n)) => items.get(builtins::index(*n, items.len())).cloned(),
            (Value::List(items, true), Value::Unknown(_)) => {
                tree.field(place.node, "subscript").and_then(|s| builtins::slice(items, tree.text(s)))
            }
            // `type[X]`, `list[X]`.
            (Value::External(path), _) if tree.kind(place.node) == "subscript" && path.ends_with("Type") => Some(key.clone()),
            _ => None,
        };
        match (found, key) {
            (Some(found), _) => {
                self.needs.borrow_mut().extend(needs);
                found
            }
            // A table that is indexed by a class of the client holds what stands for that class.
            (None, client @ Value::Client(..)) => client,
            _ => {
                self.needs.borrow_mut().extend(needs);
                Value::Unknown("an element that is not known")
            }
        }
    }

    fn binary(&self, tree: &Tree, place: Place, env: &Env) -> Value {
        let (left, right) = (self.field(tree, place, "left", env), self.field(tree, place, "right", env));
        let operator = tree.field(place.node, "operator").map_or("", |o| tree.text(o));
        self.operation(operator, left, right, place)
    }

    pub(super) fn operation(&self, operator: &str, left: Value, right: Value, place: Place) -> Value {
        match (operator, left, right) {
            (_, Value::Number(a), Value::Number(b)) => match operator {
                "+" => Value::Number(a + b),
                "-" => Value::Number(a - b),
                "*" => Value::Number(a * b),
                "/" if b != 0.0 => Value::Number(a / b),
                "//" if b != 0.0 => Value::Number((a / b).floor()),
                "**" => Value::Number(a.powf(b)),
                _ => Value::Unknown("a calculation"),
            },
            ("+", Value::OneOf(all), right) => {
                Value::one_of(all.into_iter().map(|l| self.operation("+", l, right.clone(), place)).collect())
            }
            ("+", left, Value::OneOf(all)) => Value::one_of(all.into_iter().map(|r| self.operation("+", left.clone(), r, place)).collect()),
            ("+", Value::List(mut a, x), Value::List(b, y)) => {
                a.extend(b);
                Value::List(a, x && y)
            }
            ("+", Value::List(a, _), Value::Unknown(_) | Value::External(_))
            | ("+", Value::Unknown(_) | Value::External(_), Value::List(a, _)) => Value::List(a, false),
            ("|", Value::Dict(mut a, x), Value::Dict(b, y)) => {
                a.extend(b);
                Value::Dict(a, x && y)
            }
            ("+", a @ Value::Text { .. }, b) | ("+", a, b @ Value::Text { .. }) => self.joined(vec![a, b], place),
            ("%", Value::Text { text, .. }, right) => builtins::percent(&text, &right, self.world.location(place)),
            _ => Value::Unknown("a calculation"),
        }
    }

    fn attribute_of(&self, tree: &Tree, place: Place, env: &Env) -> Value {
        let name = tree.field(place.node, "attribute").map_or("", |a| tree.text(a));
        let object = self.field(tree, place, "object", env);
        let all = object.choices().iter().map(|one| self.attribute(one, name, env)).collect();
        Value::one_of(all)
    }
}

/// A value as it stands in a formatted text.
pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::Text { text, known: true, .. } => Some(text.clone()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

/// What a dotted path outside the tree means.
pub(super) fn external(path: String) -> Value {
    match python::class_at(&path) {
        Some((library, class)) => Value::Client(library, class),
        None => Value::External(path),
    }
}

/// The last part of what a call calls.
pub(super) fn called(tree: &Tree, call: Id) -> Option<&str> {
    last_part(tree, tree.field(call, "function")?)
}
