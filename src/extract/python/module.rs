//! A parsed file with its names: what each scope binds, what is called, what goes by which other names.

use std::collections::{HashMap, HashSet};

use super::parts::{arguments, is_scope, last_part, named, parameter_name};
use crate::syntax::python::{Id, Tree};

/// What gives a name its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Binding {
    /// An expression.
    Value(Id),
    /// One element of what an expression is, by position.
    Part(Id, usize),
    /// The loop or comprehension clause whose variable it is; the position inside a tuple of variables.
    Loop(Id, Option<usize>),
    /// A parameter of a function.
    Parameter(Id),
    /// A function.
    Function(Id),
    /// A class.
    Class(Id),
    /// An import: the module's dotted path with leading dots, and the name in it.
    Import(String, Option<String>),
    /// A change of a list or mapping in place: the call or the assignment.
    Change(Id),
    /// What an `except` clause caught.
    Caught(Id),
    /// What the expression of a `with` statement gives.
    Entered(Id),
}

/// A file with its names.
#[derive(Debug)]
pub(super) struct Module {
    pub(super) tree: Tree,
    /// Scope, and name, to bindings in the order of the text; the place of each.
    names: HashMap<Id, HashMap<String, Vec<(Id, Binding)>>>,
    /// Modules whose names are all taken over.
    globs: Vec<String>,
    /// Class and attribute to the values that its methods assign to it on `self`.
    attributes: HashMap<Id, HashMap<String, Vec<Id>>>,
    /// What is assigned to attributes of other objects.
    pub(super) on_others: Vec<(String, Id)>,
    /// All calls, by the last part of what they call.
    pub(super) calls: HashMap<String, Vec<Id>>,
    /// The calls of a parameter of a function around them.
    parametric: HashSet<Id>,
    /// The last part of a plain right-hand side to the last part of its left-hand side.
    pub(super) aliases: Vec<(String, String)>,
    /// The same of what a call made.
    pub(super) made: Vec<(String, String)>,
    /// What is handed on: its last part, the last part of what is called, the position.
    pub(super) passed: Vec<(String, String, usize)>,
    /// Classes with the last parts of their bases.
    pub(super) classes: Vec<(Id, Vec<String>)>,
    /// Functions by the name under which they are called: constructors by that of their class.
    pub(super) functions: Vec<(String, Id)>,
}

impl Module {
    pub(super) fn new(tree: Tree) -> Self {
        let mut module = Module {
            names: HashMap::new(),
            globs: Vec::new(),
            attributes: HashMap::new(),
            on_others: Vec::new(),
            calls: HashMap::new(),
            parametric: HashSet::new(),
            aliases: Vec::new(),
            made: Vec::new(),
            passed: Vec::new(),
            classes: Vec::new(),
            functions: Vec::new(),
            tree: Tree::default(),
        };
        // The scopes around, each with its last node.
        let mut scopes: Vec<(Id, Id)> = Vec::new();
        for id in tree.all() {
            while scopes.last().is_some_and(|(_, end)| *end <= id) {
                scopes.pop();
            }
            let scope = scopes.last().map_or(0, |(scope, _)| *scope);
            module.visit(&tree, id, scope);
            if is_scope(tree.kind(id)) {
                scopes.push((id, tree.below(id).end));
            }
        }
        module.tree = tree;
        let calls = module.calls.iter().flat_map(|(name, ids)| ids.iter().map(move |id| (name, *id)));
        module.parametric = calls.filter(|(name, id)| module.is_parameter(name, *id)).map(|(_, id)| id).collect();
        module
    }

    /// Whether what a call calls is a parameter of a function around it.
    fn is_parameter(&self, name: &str, call: Id) -> bool {
        if self.tree.field(call, "function").is_none_or(|f| self.tree.kind(f) != "identifier") {
            return false;
        }
        let mut at = call;
        while at != 0 {
            at = self.scope(at);
            if let [(_, binding), ..] = self.bindings(at, name) {
                return matches!(binding, Binding::Parameter(_));
            }
        }
        false
    }

    /// Bindings of a name in a scope, with the place of each.
    pub(super) fn bindings(&self, scope: Id, name: &str) -> &[(Id, Binding)] {
        self.names.get(&scope).and_then(|names| names.get(name)).map_or(&[], Vec::as_slice)
    }

    /// All names of a scope.
    pub(super) fn names_of(&self, scope: Id) -> Vec<(&str, Id)> {
        let names = self.names.get(&scope).into_iter().flatten();
        let mut all: Vec<(&str, Id)> = names.filter_map(|(n, b)| Some((&**n, b.first()?.0))).collect();
        all.sort_by_key(|(_, at)| *at);
        all
    }

    pub(super) fn globs(&self) -> &[String] {
        &self.globs
    }

    pub(super) fn attribute(&self, class: Id, name: &str) -> &[Id] {
        self.attributes.get(&class).and_then(|names| names.get(name)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn all_calls(&self) -> impl Iterator<Item = (&String, Id)> {
        self.calls.iter().flat_map(|(name, ids)| ids.iter().map(move |id| (name, *id)))
    }

    /// The calls of what has this last part.
    pub(super) fn calls_of(&self, name: &str) -> &[Id] {
        self.calls.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether a call calls a parameter of a function around it.
    pub(super) fn calls_a_parameter(&self, call: Id) -> bool {
        self.parametric.contains(&call)
    }

    /// The parameter of a function that a caller gives at a position: the object of a method is none.
    pub(super) fn parameter_at(&self, function: Id, at: usize) -> Option<&str> {
        let list = self.tree.field(function, "parameters")?;
        let mut names = self.tree.children(list).filter_map(|p| parameter_name(&self.tree, p)).peekable();
        names.next_if(|first| matches!(*first, "self" | "cls"));
        names.nth(at)
    }

    /// The scope in which names are looked up at a node.
    pub(super) fn scope(&self, id: Id) -> Id {
        self.tree.ancestors(id).find(|up| is_scope(self.tree.kind(*up))).unwrap_or(0)
    }

    fn bind(&mut self, scope: Id, name: &str, at: Id, binding: Binding) {
        let names = self.names.entry(scope).or_default();
        match names.get_mut(name) {
            Some(all) => all.push((at, binding)),
            None => {
                names.insert(name.to_owned(), vec![(at, binding)]);
            }
        }
    }

    fn visit(&mut self, tree: &Tree, id: Id, scope: Id) {
        let kind = tree.kind(id);
        if matches!(kind, "identifier" | "attribute" | "string" | "argument_list" | "parenthesized_expression") {
            return;
        }
        match kind {
            "function_definition" | "class_definition" => {
                let Some(name) = tree.field(id, "name") else { return };
                let class = tree.kind(id) == "class_definition";
                self.bind(scope, tree.text(name), id, if class { Binding::Class(id) } else { Binding::Function(id) });
                if class {
                    let bases = tree
                        .field(id, "superclasses")
                        .map(|s| tree.children(s).filter_map(|b| last_part(tree, b)).map(str::to_owned).collect());
                    self.classes.push((id, bases.unwrap_or_default()));
                } else {
                    self.parameters(tree, id);
                    let class = (tree.text(name) == "__init__").then(|| tree.field(scope, "name")).flatten();
                    self.functions.push((tree.text(class.unwrap_or(name)).to_owned(), id));
                }
            }
            "lambda" => self.parameters(tree, id),
            "assignment" | "named_expression" => self.assignment(tree, id, scope),
            "augmented_assignment" => {
                if let Some(left) = tree.field(id, "left").filter(|l| tree.kind(*l) == "identifier") {
                    self.bind(scope, tree.text(left), id, Binding::Change(id));
                }
            }
            "for_statement" => {
                if let Some(left) = tree.field(id, "left") {
                    self.targets(tree, left, scope, id, &|at| Binding::Loop(id, at));
                }
            }
            "for_in_clause" => {
                if let (Some(left), Some(comprehension)) = (tree.field(id, "left"), tree.parent(id)) {
                    self.targets(tree, left, comprehension, id, &|at| Binding::Loop(id, at));
                }
            }
            "as_pattern" => {
                let target = tree.field(id, "alias").and_then(|alias| tree.first(alias)).filter(|t| tree.kind(*t) == "identifier");
                let (Some(target), Some(up), Some(value)) = (target, tree.parent(id), tree.first(id)) else { return };
                match tree.kind(up) {
                    "except_clause" => self.bind(scope, tree.text(target), id, Binding::Caught(up)),
                    "with_item" => self.bind(scope, tree.text(target), id, Binding::Entered(value)),
                    _ => {}
                }
            }
            "import_statement" => self.import(tree, id, scope),
            "import_from_statement" => self.import_from(tree, id, scope),
            "call" => self.call(tree, id, scope),
            "keyword_argument" => {
                if let (Some(name), Some(value)) = (tree.field(id, "name"), tree.field(id, "value")) {
                    self.alias(tree, value, tree.text(name));
                }
            }
            _ => {}
        }
    }

    /// Notes that what `value` names goes by another name too.
    fn alias(&mut self, tree: &Tree, value: Id, alias: &str) {
        match tree.kind(value) {
            "call" => {
                let Some(function) = tree.field(value, "function") else { return };
                if let Some(of) = last_part(tree, function) {
                    self.made.push((of.to_owned(), alias.to_owned()));
                }
                // A table that is asked, and what is given to a factory.
                if let Some(of) =
                    tree.field(function, "object").and_then(|o| last_part(tree, o)).filter(|_| tree.text(function).ends_with(".get"))
                {
                    self.aliases.push((of.to_owned(), alias.to_owned()));
                }
                for (what, _) in arguments(tree, value) {
                    self.aliases.push((what.to_owned(), alias.to_owned()));
                }
            }
            "boolean_operator" | "conditional_expression" | "parenthesized_expression" | "dictionary" | "list" | "tuple" => {
                for part in tree.children(value).collect::<Vec<_>>() {
                    self.alias(tree, part, alias);
                }
            }
            "subscript" => {
                for part in tree.children(value).collect::<Vec<_>>() {
                    self.alias(tree, part, alias);
                }
            }
            "pair" => {
                if let Some(value) = tree.field(value, "value") {
                    self.alias(tree, value, alias);
                }
            }
            _ => {
                if let Some(of) = named(tree, value) {
                    self.aliases.push((of.to_owned(), alias.to_owned()));
                }
            }
        }
    }

    fn parameters(&mut self, tree: &Tree, function: Id) {
        let Some(list) = tree.field(function, "parameters") else { return };
        for parameter in tree.children(list) {
            if let Some(name) = parameter_name(tree, parameter) {
                if let Some(value) = tree.field(parameter, "value") {
                    self.alias(tree, value, name);
                }
                self.bind(function, name, parameter, Binding::Parameter(function));
            }
        }
    }

    fn targets(&mut self, tree: &Tree, left: Id, scope: Id, at: Id, binding: &dyn Fn(Option<usize>) -> Binding) {
        match tree.kind(left) {
            "identifier" => self.bind(scope, tree.text(left), at, binding(None)),
            "pattern_list" | "tuple_pattern" | "list_pattern" | "tuple" => {
                for (i, part) in tree.children(left).enumerate() {
                    if tree.kind(part) == "identifier" {
                        self.bind(scope, tree.text(part), at, binding(Some(i)));
                    }
                }
            }
            _ => {}
        }
    }

    fn assignment(&mut self, tree: &Tree, id: Id, scope: Id) {
        let left = tree.field(id, "left").or_else(|| tree.field(id, "name"));
        let right = tree.field(id, "right").or_else(|| tree.field(id, "value"));
        let (Some(left), Some(right)) = (left, right) else { return };
        if let Some(alias) = last_part(tree, left) {
            self.alias(tree, right, alias);
        }
        match tree.kind(left) {
            "attribute" => {
                let on_self = tree.field(left, "object").is_some_and(|o| matches!(tree.text(o), "self" | "cls"));
                let class = tree.ancestors(id).find(|up| tree.kind(*up) == "class_definition");
                match (on_self, class, tree.field(left, "attribute")) {
                    (true, Some(class), Some(name)) => {
                        self.attributes.entry(class).or_default().entry(tree.text(name).to_owned()).or_default().push(right);
                    }
                    (false, _, Some(name)) => self.on_others.push((tree.text(name).to_owned(), right)),
                    _ => {}
                }
            }
            "subscript" => {
                if let Some(name) = tree.field(left, "value").filter(|v| tree.kind(*v) == "identifier") {
                    self.bind(scope, tree.text(name), id, Binding::Change(id));
                }
            }
            _ => {
                let whole = tree.kind(left) == "identifier";
                self.targets(tree, left, scope, id, &|at| match at {
                    Some(i) if !whole => Binding::Part(right, i),
                    _ => Binding::Value(right),
                });
            }
        }
    }

    fn import(&mut self, tree: &Tree, id: Id, scope: Id) {
        for child in tree.children(id) {
            if tree.kind(child) == "aliased_import" {
                if let (Some(name), Some(alias)) = (tree.field(child, "name"), tree.field(child, "alias")) {
                    self.bind(scope, tree.text(alias), id, Binding::Import(tree.text(name).to_owned(), None));
                }
            } else if tree.kind(child) == "dotted_name" {
                let root = tree.text(child).split('.').next().unwrap_or("").to_owned();
                self.bind(scope, &root.clone(), id, Binding::Import(root, None));
            }
        }
    }

    fn import_from(&mut self, tree: &Tree, id: Id, scope: Id) {
        let Some(module) = tree.field(id, "module_name") else { return };
        let path = tree.text(module).to_owned();
        for child in tree.children(id).filter(|c| *c != module) {
            match tree.kind(child) {
                "dotted_name" | "identifier" => {
                    let name = tree.text(child).to_owned();
                    self.bind(scope, &name.clone(), id, Binding::Import(path.clone(), Some(name)));
                }
                "aliased_import" => {
                    if let (Some(name), Some(alias)) = (tree.field(child, "name"), tree.field(child, "alias")) {
                        let name = tree.text(name).to_owned();
                        self.aliases.push((name.clone(), tree.text(alias).to_owned()));
                        self.bind(scope, tree.text(alias), id, Binding::Import(path.clone(), Some(name)));
                    }
                }
                "wildcard_import" => self.globs.push(path.clone()),
                _ => {}
            }
        }
    }

    fn call(&mut self, tree: &Tree, id: Id, scope: Id) {
        let Some(function) = tree.field(id, "function") else { return };
        let Some(name) = last_part(tree, function) else { return };
        self.calls.entry(name.to_owned()).or_default().push(id);
        self.passed.extend(arguments(tree, id).map(|(what, at)| (what.to_owned(), name.to_owned(), at)));
        let changes = matches!(name, "append" | "extend" | "insert" | "update" | "remove" | "add");
        let object = tree.field(function, "object").filter(|o| changes && tree.kind(*o) == "identifier");
        if let Some(object) = object {
            self.bind(scope, tree.text(object), id, Binding::Change(id));
        }
    }
}
