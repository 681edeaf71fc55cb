//! Where the values of labels come from: from the expression at a use back to the literal, enum, request or error that it is.
//!
//! Knows no metrics library. What types, attributes and names mean is data: `rules/provenance/python.yaml`.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use super::Asked;
use super::values::{Env, Eval};
use super::world::Place;
use crate::extract::combine::{arms, named, nothing, product, union};
use crate::knowledge::provenance::{self, ProvenanceRules, Says};
use crate::model::{Provenance, ProvenanceKind as Kind};
use crate::syntax::python::{Id, Tree, unescape};

mod calls;
mod checks;
mod declared;
mod given;
mod names;
mod types;

/// Steps of one question.
const BUDGET: u32 = 3_000;
/// Expressions within expressions.
const MAX_DEPTH: u32 = 40;
/// Steps of a way that is certain.
const MAX_WAY: usize = 6;
/// Parameters and attributes within each other that are followed, and of which callers in other files are asked for.
const MAX_QUESTIONS: usize = 6;
const MAX_ASKED: usize = 3;
/// Callers of one function, makers of one class.
const MAX_GIVERS: usize = 150;

/// What is answered once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Question {
    /// A parameter of a function, by its place.
    Parameter(Place),
    /// An attribute of the objects of a class.
    Field(Place, String),
}

/// Answers where values come from.
pub(super) struct Tracer<'e, 'w, 'a> {
    pub(super) eval: &'e Eval<'w, 'a>,
    rules: &'static ProvenanceRules,
    steps: Cell<u32>,
    depth: Cell<u32>,
    /// Expressions that were asked for, where nothing around decides anything.
    plain: RefCell<HashMap<Place, Provenance>>,
    /// What is being answered.
    active: RefCell<Vec<Question>>,
    /// What was answered without anything that is being answered.
    known: RefCell<HashMap<Question, Provenance>>,
    /// The outermost question being answered that an answer depended on.
    cyclic: Cell<usize>,
    /// Functions and classes whose callers decide something.
    pub(super) asked: RefCell<Asked>,
}

impl<'e, 'w, 'a> Tracer<'e, 'w, 'a> {
    pub(super) fn new(eval: &'e Eval<'w, 'a>) -> Self {
        Tracer {
            eval,
            rules: provenance::python(),
            steps: Cell::new(BUDGET),
            depth: Cell::new(0),
            plain: RefCell::default(),
            active: RefCell::default(),
            known: RefCell::default(),
            cyclic: Cell::new(usize::MAX),
            asked: RefCell::default(),
        }
    }

    /// Where the value of an expression comes from.
    pub(super) fn of(&self, place: Place, env: &Env) -> Provenance {
        if env.is_some() {
            return self.traced(place, env);
        }
        let known = self.plain.borrow().get(&place).cloned();
        known.unwrap_or_else(|| {
            let found = self.traced(place, env);
            self.plain.borrow_mut().insert(place, found.clone());
            found
        })
    }

    fn traced(&self, place: Place, env: &Env) -> Provenance {
        self.steps.set(BUDGET);
        self.depth.set(0);
        self.active.borrow_mut().clear();
        self.cyclic.set(usize::MAX);
        self.eval.restart();
        let found = self.value(place, env);
        // A long way through objects and callers is a guess.
        let far = found.kind.is_unbounded() && found.way.len() > MAX_WAY;
        let found = Provenance { certain: found.certain && !far, ..found };
        // The client writes `None` where there is no value.
        named(if found.count == Some(0) { Provenance::literals(["None".to_owned()]) } else { found })
    }

    fn tree(&self, place: Place) -> Option<&'w Tree> {
        self.eval.tree(place.file)
    }

    fn through(&self, found: Provenance, words: impl Into<String>, place: Place) -> Provenance {
        found.through(words, self.eval.world.location(place))
    }

    /// Asks for the files that name something, unless the way there is long already.
    fn ask(&self, word: String, owners: Vec<String>) {
        if self.active.borrow().len() <= MAX_ASKED {
            self.asked.borrow_mut().entry(word).or_default().extend(owners);
        }
    }

    /// What a rule says of a value that stands there.
    fn says(&self, says: &Says, place: Place) -> Provenance {
        let of = says.provenance();
        let words = of.origin.clone();
        self.through(of, words, place)
    }

    /// What a rule says of a name, where nothing else tells.
    fn by_name(&self, name: &str, place: Place) -> Option<Provenance> {
        self.rules.names.find(name).map(|says| self.says(says, place))
    }

    /// Answers a question once, and says so where it leads to itself.
    fn answer(&self, question: Question, answer: impl FnOnce() -> Provenance) -> Provenance {
        if let Some(known) = self.known.borrow().get(&question) {
            return known.clone();
        }
        let at = self.active.borrow().iter().position(|q| *q == question);
        if let Some(at) = at {
            self.cyclic.set(self.cyclic.get().min(at));
            return nothing();
        }
        let own = self.active.borrow().len();
        if own >= MAX_QUESTIONS {
            self.cyclic.set(0);
            return Provenance::unknown("too many callers of callers");
        }
        self.active.borrow_mut().push(question.clone());
        let outer = self.cyclic.replace(usize::MAX);
        let mut found = answer();
        self.active.borrow_mut().pop();
        let inner = self.cyclic.get();
        if inner == own && found.count == Some(0) {
            found = Provenance::unknown("a value that leads only to itself");
        }
        if inner >= own && self.steps.get() > 0 {
            self.known.borrow_mut().insert(question, found.clone());
        }
        self.cyclic.set(if inner < own { outer.min(inner) } else { outer });
        found
    }

    fn value(&self, place: Place, env: &Env) -> Provenance {
        let (steps, depth) = (self.steps.get(), self.depth.get());
        if steps == 0 || depth >= MAX_DEPTH {
            self.steps.set(0);
            return Provenance::unknown("too many steps");
        }
        let Some(tree) = self.tree(place) else { return Provenance::unknown("nothing") };
        self.steps.set(steps - 1);
        self.depth.set(depth + 1);
        let mut found = self.expression(tree, place, env);
        if !found.kind.is_bounded() && matches!(tree.kind(place.node), "identifier" | "attribute" | "subscript") {
            found = self.checked(tree, place, env).unwrap_or(found);
        }
        self.depth.set(depth);
        found
    }

    fn field(&self, tree: &Tree, place: Place, name: &str, env: &Env) -> Provenance {
        match tree.field(place.node, name) {
            Some(node) => self.value(Place { node, ..place }, env),
            None => Provenance::unknown("a broken expression"),
        }
    }

    fn expression(&self, tree: &Tree, place: Place, env: &Env) -> Provenance {
        let at = |node: Id| Place { node, ..place };
        let all = || tree.children(place.node).map(|node| self.value(at(node), env)).collect::<Vec<_>>();
        match tree.kind(place.node) {
            "string" => self.text(tree, place, env),
            "concatenated_string" => product(all()),
            "integer" | "float" => Provenance::literals([tree.text(place.node).to_owned()]),
            "true" => Provenance::literals(["True".to_owned()]),
            "false" => Provenance::literals(["False".to_owned()]),
            "none" => nothing(),
            "parenthesized_expression" | "expression_statement" | "await" | "type" | "list_splat" => {
                tree.first(place.node).map_or_else(nothing, |node| self.value(at(node), env))
            }
            "named_expression" => self.field(tree, place, "value", env),
            "list" | "tuple" | "set" | "expression_list" => union_or_nothing(all()),
            "dictionary" => {
                let values = tree.children(place.node).filter_map(|pair| tree.field(pair, "value").or_else(|| tree.first(pair)));
                union_or_nothing(values.map(|node| self.value(at(node), env)).collect())
            }
            "comparison_operator" | "not_operator" => bool(),
            "boolean_operator" => {
                let or = tree.field(place.node, "operator").is_some_and(|o| tree.text(o) == "or");
                let right = self.field(tree, place, "right", env);
                if or { arms(vec![self.field(tree, place, "left", env), right]) } else { right }
            }
            "conditional_expression" => self.conditional(tree, place, env),
            "binary_operator" => self.binary(tree, place, env),
            "unary_operator" => self.field(tree, place, "argument", env),
            "subscript" => self.element(tree, place, env),
            "attribute" => self.attribute(tree, place, env),
            "call" => self.call(tree, place, env),
            "identifier" => self.name(tree, place, env),
            "list_comprehension" | "set_comprehension" | "generator_expression" => self.field(tree, place, "body", env),
            _ => Provenance::unknown("an expression that is not followed"),
        }
    }

    /// A text of literal parts and of values.
    fn text(&self, tree: &Tree, place: Place, env: &Env) -> Provenance {
        let parts: Vec<Id> = tree.children(place.node).filter(|part| tree.kind(*part) == "interpolation").collect();
        if parts.is_empty() {
            let inside = tree.children(place.node).filter(|part| tree.kind(*part) == "string_content");
            return Provenance::literals([inside.map(|part| unescape(tree.text(part))).collect::<String>()]);
        }
        let values = parts.iter().filter_map(|part| tree.first(*part)).map(|node| self.value(Place { node, ..place }, env));
        self.put_together(values.collect(), place)
    }

    fn put_together(&self, parts: Vec<Provenance>, place: Place) -> Provenance {
        let found = product(parts);
        if found.kind == Kind::Unknown { found } else { self.through(found, "put together here", place) }
    }

    fn conditional(&self, tree: &Tree, place: Place, env: &Env) -> Provenance {
        let parts: Vec<Id> = tree.children(place.node).collect();
        let [then, condition, otherwise] = parts[..] else { return Provenance::unknown("a broken expression") };
        let branch = |node: Id, wanted: bool| {
            let place = Place { node, ..place };
            self.closed_by(tree, Place { node: condition, ..place }, place, wanted, env).unwrap_or_else(|| self.value(place, env))
        };
        let all = vec![branch(then, true), branch(otherwise, false)];
        let guarded = all.iter().any(|p| p.kind == Kind::Literal) && checks::guards(tree, condition);
        let found = arms(all);
        // What stands beside a literal may be what a check that is not understood lets pass.
        if guarded && found.kind.is_unbounded() { Provenance { certain: false, foreign: false, ..found } } else { found }
    }

    fn binary(&self, tree: &Tree, place: Place, env: &Env) -> Provenance {
        let (Some(left), Some(right)) = (tree.field(place.node, "left"), tree.field(place.node, "right")) else {
            return Provenance::unknown("a broken expression");
        };
        let at = |node: Id| Place { node, ..place };
        let operator = tree.field(place.node, "operator").map_or("", |o| tree.text(o));
        match operator {
            "%" if matches!(tree.kind(left), "string" | "concatenated_string") => {
                let values: Vec<Id> = if tree.kind(right) == "tuple" { tree.children(right).collect() } else { vec![right] };
                self.put_together(values.into_iter().map(|node| self.value(at(node), env)).collect(), place)
            }
            "%" => match tree.text(right).parse() {
                Ok(count) => Provenance::of(Kind::Index, "a remainder").count(Some(count)),
                Err(_) => Provenance::unknown("a remainder"),
            },
            "+" => product(vec![self.value(at(left), env), self.value(at(right), env)]),
            // A number that is a multiple, a rounded one, a joined path: as many as there are of the parts.
            "*" | "/" | "//" | "-" => {
                let found = product(vec![self.value(at(left), env), self.value(at(right), env)]);
                Provenance { values: Vec::new(), ..found }
            }
            _ => union(vec![self.value(at(left), env), self.value(at(right), env)]),
        }
    }
}

fn union_or_nothing(all: Vec<Provenance>) -> Provenance {
    if all.is_empty() { nothing() } else { union(all) }
}

fn bool() -> Provenance {
    Provenance::of(Kind::Bool, "a bool").count(Some(2))
}
