//! What a name or an attribute means where it stands.

use super::super::parts::parameter_name;
use super::super::world::{Binding, Place};
use super::calls::unsure;
use super::{Env, Eval, Frame, Level, Need, Value, external, with};
use crate::syntax::python::Id;

impl Eval<'_, '_> {
    /// The value of a name.
    pub(super) fn name(&self, place: Place, env: &Env) -> Value {
        let Some(module) = self.world.module(place.file) else { return Value::Unknown("gone") };
        let name = module.tree.text(place.node);
        match self.scope_of(place) {
            Some(scope) => self.in_scope(scope, name, place.node, env),
            None => self.global(place.file, name),
        }
    }

    /// The scope that binds a name, in the file where it stands.
    pub(in super::super) fn scope_of(&self, place: Place) -> Option<Place> {
        let module = self.world.module(place.file)?;
        let name = module.tree.text(place.node);
        let mut at = place.node;
        let mut inside_function = false;
        loop {
            let scope = module.scope(at);
            let kind = module.tree.kind(scope);
            // The body of a class is no scope for the functions in it.
            let mut hidden = kind == "class_definition" && inside_function;
            if kind == "class_definition" && !hidden {
                // `X = X` in a class takes the outer one.
                hidden = module.bindings(scope, name).iter().all(|(node, _)| module.tree.holds(*node, place.node));
            }
            // A change in place binds nothing.
            if !hidden && module.bindings(scope, name).iter().any(|(_, b)| !matches!(b, Binding::Change(_))) {
                return Some(Place { node: scope, ..place });
            }
            if scope == 0 {
                return None;
            }
            inside_function |= matches!(kind, "function_definition" | "lambda");
            at = scope;
        }
    }

    /// A name that the file itself does not bind.
    fn global(&self, file: usize, name: &str) -> Value {
        for glob in self.world.module(file).map_or(&[][..], |m| m.globs()) {
            match self.world.resolve(file, glob) {
                Some(other) if other != file => {
                    let value = self.member(other, name);
                    if value.is_known() {
                        return value;
                    }
                }
                _ => {
                    let value = external(format!("{glob}.{name}"));
                    if matches!(value, Value::Client(..)) {
                        return value;
                    }
                }
            }
        }
        // A built-in, or nothing that is known.
        Value::External(name.to_owned())
    }

    /// A name of a module.
    pub(in super::super) fn member(&self, file: usize, name: &str) -> Value {
        let Some(module) = self.world.module(file) else { return Value::Unknown("gone") };
        if !module.bindings(0, name).is_empty() {
            return self.in_scope(Place { file, node: 0 }, name, Id::MAX, &None);
        }
        match self.global(file, name) {
            Value::External(_) => Value::Unknown("a name that the module does not have"),
            other => other,
        }
    }

    /// The value of a name that a scope binds, at a place.
    fn in_scope(&self, scope: Place, name: &str, at: Id, env: &Env) -> Value {
        let Some(module) = self.world.module(scope.file) else { return Value::Unknown("gone") };
        let tree = &module.tree;
        let (seen, later) = self.visible(scope, name, at);
        let is_change = |b: &Binding| matches!(b, Binding::Change(_));
        let mut bases: Vec<Value> = Vec::new();
        let mut first = seen.len();
        for (i, (node, binding)) in seen.iter().enumerate().rev() {
            // Not what stands in a branch that is known not to be taken.
            let branch = scope.node != 0 && matches!(binding, Binding::Value(_) | Binding::Part(..));
            if is_change(binding) || branch && self.reached(tree, Place { node: *node, ..scope }, env) == Some(false) {
                continue;
            }
            first = i;
            bases.push(self.bound(scope, binding, *node, name, env));
            if later && !matches!(binding, Binding::Value(_)) || self.always(scope, *node, at) {
                break;
            }
        }
        // A first value that only holds the place.
        if bases.len() > 1 && bases.iter().any(|b| !matches!(b, Value::None)) {
            bases.retain(|b| !matches!(b, Value::None));
        }
        let mut value = Value::one_of(bases);
        let made = seen.get(first).map(|(node, _)| *node);
        // Earlier rounds of a loop around both changed it, too, nobody knows how often, where it was made before them.
        let goes_round = |change: Id| {
            let is_loop = |up: &Id| tree.kind(*up) == "while_statement";
            let mut around = tree.ancestors(change).take_while(|up| *up != scope.node).filter(is_loop);
            at != Id::MAX && around.any(|up| tree.holds(up, at) && !made.is_some_and(|made| tree.holds(up, made)))
        };
        for (node, binding) in seen.iter().skip(first) {
            if is_change(binding) {
                value = self.changed(scope, value, *node, at, env);
                if goes_round(*node) {
                    value = unsure(value);
                }
            }
        }
        value
    }

    /// The bindings of a name that can give it its value at a place, and whether the place runs later than the scope.
    pub(in super::super) fn visible(&self, scope: Place, name: &str, at: Id) -> (Vec<&(Id, Binding)>, bool) {
        let Some(module) = self.world.module(scope.file) else { return (Vec::new(), false) };
        let tree = &module.tree;
        let bindings = module.bindings(scope.node, name);
        // Before the place, when the place runs with the scope; all, when it runs later.
        let later = at == Id::MAX
            || tree.ancestors(at).take_while(|up| *up != scope.node).any(|up| matches!(tree.kind(up), "function_definition" | "lambda"));
        let mut seen: Vec<&(Id, Binding)> =
            bindings.iter().filter(|(node, _)| later || *node < at && !tree.holds(*node, at) || matches!(bindings[..], [_])).collect();
        // The loop whose variable it is holds the place.
        seen.extend(
            bindings.iter().filter(|(node, b)| matches!(b, Binding::Loop(..)) && tree.holds(*node, at) && !later && bindings.len() > 1),
        );
        if seen.is_empty() {
            seen = bindings.iter().collect();
        }
        (seen, later)
    }

    /// Whether what stands at `node` always runs before `at`: no branch holds the one without the other.
    pub(in super::super) fn always(&self, scope: Place, node: Id, at: Id) -> bool {
        let Some(tree) = self.tree(scope.file) else { return false };
        let branches = tree.ancestors(node).take_while(|up| *up != scope.node).filter(|up| {
            matches!(
                tree.kind(*up),
                "if_statement"
                    | "elif_clause"
                    | "else_clause"
                    | "for_statement"
                    | "while_statement"
                    | "except_clause"
                    | "match_statement"
                    | "case_clause"
            )
        });
        branches.into_iter().all(|branch| {
            at != Id::MAX && tree.holds(branch, at) && tree.kind(branch) != "if_statement" || {
                // Inside the same `if`, the same block.
                at != Id::MAX
                    && tree.holds(branch, at)
                    && tree.ancestors(node).find(|up| tree.kind(*up) == "block").is_some_and(|b| tree.holds(b, at))
            }
        })
    }

    fn bound(&self, scope: Place, binding: &Binding, node: Id, name: &str, env: &Env) -> Value {
        let place = |node| Place { node, ..scope };
        match binding {
            Binding::Value(id) => self.value(place(*id), env),
            Binding::Part(id, at) => match self.value(place(*id), env) {
                Value::List(items, _) => items.get(*at).cloned().unwrap_or(Value::Unknown("an element that is not known")),
                _ => Value::Unknown("an element that is not known"),
            },
            Binding::Loop(id, at) => self.item(place(*id), *at, env),
            Binding::Parameter(function) => self.parameter(place(*function), node, name, env),
            Binding::Function(id) => self.decorated(place(*id), env),
            Binding::Class(id) => Value::Class(place(*id)),
            Binding::Import(path, member) => self.imported(scope.file, path, member.as_deref()),
            Binding::Change(_) | Binding::Caught(_) | Binding::Entered(_) => Value::Unknown("a value that is not followed"),
        }
    }

    fn decorated(&self, function: Place, env: &Env) -> Value {
        Value::Function(function, env.clone(), None)
    }

    fn imported(&self, file: usize, path: &str, member: Option<&str>) -> Value {
        let Some(member) = member else {
            return self.world.resolve(file, path).map_or_else(|| external(path.to_owned()), Value::Module);
        };
        if let Value::Client(library, class) = external(format!("{path}.{member}")) {
            return Value::Client(library, class);
        }
        if let Some(module) = self.world.resolve(file, path).filter(|m| *m != file) {
            let value = self.member(module, member);
            if value.is_known() {
                return value;
            }
        }
        let full = format!("{}.{member}", path.trim_end_matches('.'));
        let whole = if path.ends_with('.') { format!("{path}{member}") } else { full.clone() };
        match self.world.resolve(file, &whole) {
            Some(module) if module != file => Value::Module(module),
            _ => external(full),
        }
    }

    fn item(&self, node: Place, at: Option<usize>, env: &Env) -> Value {
        let mut level = env.as_ref();
        while let Some(Level { frame, up }) = level.map(|l| &**l) {
            match frame {
                Frame::Item { node: found, value } if *found == node => {
                    return match (at, value) {
                        (None, value) => value.clone(),
                        (Some(at), Value::List(items, _)) => {
                            items.get(at).cloned().unwrap_or(Value::Unknown("an element that is not known"))
                        }
                        _ => Value::Unknown("an element that is not known"),
                    };
                }
                _ => level = up.as_ref(),
            }
        }
        self.needs.borrow_mut().insert(Need::Item(node));
        Value::Unknown("decided by a loop")
    }

    fn parameter(&self, function: Place, parameter: Id, name: &str, env: &Env) -> Value {
        let Some(tree) = self.tree(function.file) else { return Value::Unknown("gone") };
        let mut level = env.as_ref();
        let method = self.class_of(function);
        let index = tree.field(function.node, "parameters").and_then(|list| tree.children(list).position(|p| p == parameter));
        while let Some(Level { frame, up }) = level.map(|l| &**l) {
            match frame {
                Frame::Call { function: found, call, around, receiver, bound } if *found == function => {
                    if let (Some(0), true) = (index, *bound) {
                        return receiver.map_or(Value::Unknown("the object"), |class| Value::Instance(class, None));
                    }
                    let around = around.as_ref().unwrap_or(env);
                    let given = self.argument(function, parameter, name, index.unwrap_or(0), *call, around, *bound);
                    return if is_said(&given) { given } else { self.by_annotation(tree, Place { node: parameter, ..function }, given) };
                }
                _ => level = up.as_ref(),
            }
        }
        if let (Some(class), true) = (method, matches!(name, "self" | "cls")) {
            return if name == "self" { Value::Instance(class, None) } else { Value::Class(class) };
        }
        self.needs.borrow_mut().insert(Need::Caller(function));
        let unknown = Value::Unknown("decided by a caller");
        if !self.world.calls(&super::super::follow::called_as(self, function)).is_empty() {
            return unknown;
        }
        let default = tree.field(parameter, "value").map_or(unknown, |node| self.value(Place { node, ..function }, &None));
        if is_said(&default) { default } else { self.by_annotation(tree, Place { node: parameter, ..function }, default) }
    }

    /// The name of a function.
    pub(in super::super) fn function_name(&self, function: Place) -> &str {
        self.tree(function.file).and_then(|t| Some(t.text(t.field(function.node, "name")?))).unwrap_or("")
    }

    /// The class whose method a function is.
    pub(in super::super) fn class_of(&self, function: Place) -> Option<Place> {
        let module = self.world.module(function.file)?;
        let scope = module.scope(function.node);
        (module.tree.kind(scope) == "class_definition").then_some(Place { node: scope, ..function })
    }

    /// What a call gives for a parameter.
    #[allow(clippy::too_many_arguments)]
    fn argument(&self, function: Place, parameter: Id, name: &str, index: usize, call: Place, around: &Env, bound: bool) -> Value {
        let (Some(tree), Some(caller)) = (self.tree(function.file), self.tree(call.file)) else { return Value::Unknown("gone") };
        let Some(list) = caller.field(call.node, "arguments") else { return Value::Unknown("gone") };
        let at = |node| self.value(Place { node, ..call }, around);
        let (mut positional, mut named, mut splat) = (Vec::new(), Vec::new(), false);
        for argument in caller.children(list) {
            match caller.kind(argument) {
                "keyword_argument" => {
                    if let (Some(key), Some(value)) = (caller.field(argument, "name"), caller.field(argument, "value")) {
                        named.push((caller.text(key).to_owned(), value));
                    }
                }
                "list_splat" | "dictionary_splat" => splat = true,
                _ => positional.push(argument),
            }
        }
        let first = index.saturating_sub(usize::from(bound));
        let parameters: Vec<Option<&str>> = tree
            .field(function.node, "parameters")
            .map(|l| tree.children(l).map(|p| parameter_name(tree, p)).collect())
            .unwrap_or_default();
        let kind = match tree.kind(parameter) {
            "typed_parameter" => tree.first(parameter).map_or("", |p| tree.kind(p)),
            kind => kind,
        };
        match kind {
            "list_splat_pattern" => return Value::List(positional.iter().skip(first).map(|n| at(*n)).collect(), !splat),
            "dictionary_splat_pattern" => {
                let rest = named.into_iter().filter(|(k, _)| !parameters.contains(&Some(k)));
                let location = self.world.location(call);
                let entries = rest.map(|(k, v)| (Value::Text { text: k, known: true, at: location.clone() }, at(v))).collect();
                return Value::Dict(entries, !splat);
            }
            _ => {}
        }
        if let Some((_, value)) = named.iter().find(|(k, _)| k == name) {
            return at(*value);
        }
        if let Some(value) = positional.get(first) {
            return at(*value);
        }
        // Further on in `*args` or `**kwargs` of the caller.
        for argument in caller.children(list).filter(|_| splat) {
            let Some(inner) = caller.first(argument) else { continue };
            match (caller.kind(argument), at(inner)) {
                ("dictionary_splat", Value::Dict(entries, _)) => {
                    if let Some((_, v)) = entries.iter().rev().find(|(k, _)| matches!(k, Value::Text { text, .. } if text == name)) {
                        return v.clone();
                    }
                }
                ("list_splat", Value::List(items, _)) => {
                    if let Some(v) = items.get(first.saturating_sub(positional.len())) {
                        return v.clone();
                    }
                }
                _ => {}
            }
        }
        match tree.field(parameter, "value") {
            Some(node) => self.value(Place { node, ..function }, &None),
            None => Value::Unknown("not given by the caller"),
        }
    }

    /// An attribute of a value.
    pub(super) fn attribute(&self, object: &Value, name: &str, env: &Env) -> Value {
        match object {
            Value::Module(file) => self.member(*file, name),
            Value::External(path) => external(format!("{path}.{name}")),
            // Members of enums stand for their values.
            Value::Text { .. } | Value::Number(_) if matches!(name, "value" | "name") => object.clone(),
            Value::Client(library, class) if library.bounds.iter().any(|b| b == name) && class.kind == "histogram" => {
                Value::List(library.default_buckets.iter().map(|n| Value::Number(*n)).collect(), true)
            }
            Value::Class(class) => self.of_class(*class, name, None, env, 0),
            // What hands out the series of a metric is still that metric.
            Value::Metric(..) => object.clone(),
            Value::Instance(class, made) => self.of_class(*class, name, Some(made), env, 0),
            _ => Value::Unknown("an attribute that is not known"),
        }
    }

    fn of_class(&self, class: Place, name: &str, instance: Option<&Option<(Place, Env)>>, env: &Env, depth: u32) -> Value {
        if let Some(given) = instance.and_then(|made| self.given_to_field(class, name, made.as_ref(), env)) {
            return given;
        }
        let found = self.declared(class, class, name, instance, env, depth);
        if !found.is_empty() || depth > 0 {
            return if found.is_empty() { Value::Unknown("an attribute that is not known") } else { Value::one_of(found) };
        }
        // A base may leave it to its subclasses.
        let module = self.world.module(class.file);
        let own = module.and_then(|m| m.tree.field(class.node, "name").map(|n| m.tree.text(n))).unwrap_or("");
        let all: Vec<Value> = self.world.subclasses(own).iter().flat_map(|sub| self.declared(*sub, *sub, name, instance, env, 8)).collect();
        Value::one_of(all)
    }

    /// What a class and its bases say of an attribute of the objects of `own`, which is that class or made from it.
    fn declared(&self, class: Place, own: Place, name: &str, instance: Option<&Option<(Place, Env)>>, env: &Env, depth: u32) -> Vec<Value> {
        let Some(module) = self.world.module(class.file) else { return Vec::new() };
        let mut found = Vec::new();
        let made = instance.and_then(Option::as_ref);
        let around = match (made, self.method(class, "__init__", 0)) {
            (Some((call, around)), Some((function, _))) => {
                with(Frame::Call { function, call: *call, around: Some(around.clone()), receiver: Some(class), bound: true }, &None)
            }
            _ => env.clone(),
        };
        for node in module.attribute(class.node, name) {
            let value = self.value(Place { node: *node, ..class }, &around);
            let declared = || module.tree.parent(*node).and_then(|up| module.tree.field(up, "type"));
            let classes = || declared().and_then(|ty| self.declared_classes(&module.tree, Place { node: ty, ..class }));
            found.push(if value.is_known() { value } else { classes().unwrap_or(value) });
        }
        if found.is_empty() && !module.bindings(class.node, name).is_empty() {
            found.push(match self.in_scope(class, name, Id::MAX, env) {
                Value::Function(function, env, _) => self.bound_method(function, env, own, instance.is_some()),
                other => other,
            });
        }
        if found.iter().all(|v| matches!(v, Value::None)) && depth < 8 {
            for base in self.bases(class) {
                let of_base = self.declared(base, own, name, instance, env, depth + 1);
                if !of_base.is_empty() {
                    found.extend(of_base);
                    break;
                }
            }
        }
        found
    }

    /// A method, or what it gives when it is a property.
    fn bound_method(&self, function: Place, env: Env, class: Place, instance: bool) -> Value {
        let Some(tree) = self.tree(function.file) else { return Value::Unknown("gone") };
        let above = tree.parent(function.node).filter(|up| tree.kind(*up) == "decorated_definition");
        let decorators: Vec<&str> =
            above.map(|up| tree.children(up).filter(|c| tree.kind(*c) == "decorator").map(|c| tree.text(c)).collect()).unwrap_or_default();
        if instance && decorators.iter().any(|d| d.ends_with("property")) {
            return self.returned(function, &env);
        }
        let fixed = decorators.contains(&"@staticmethod");
        Value::Function(function, env, (!fixed && (instance || decorators.contains(&"@classmethod"))).then_some(class))
    }

    /// The classes that a class is made from, as far as they are in the tree.
    pub(in super::super) fn bases(&self, class: Place) -> Vec<Place> {
        let Some(tree) = self.tree(class.file) else { return Vec::new() };
        let list = tree.field(class.node, "superclasses");
        let values = list.map(|l| tree.children(l).map(|node| self.value(Place { node, ..class }, &None)).collect::<Vec<_>>());
        values
            .unwrap_or_default()
            .into_iter()
            .filter_map(|v| if let Value::Class(base) = v { Some(base) } else { None })
            .filter(|b| *b != class)
            .collect()
    }

    /// A method of a class or of its bases, with the class that has it.
    pub(in super::super) fn method(&self, class: Place, name: &str, depth: u32) -> Option<(Place, Place)> {
        let module = self.world.module(class.file)?;
        for (_, binding) in module.bindings(class.node, name) {
            if let Binding::Function(node) = binding {
                return Some((Place { node: *node, ..class }, class));
            }
        }
        if depth > 8 {
            return None;
        }
        self.bases(class).into_iter().find_map(|base| self.method(base, name, depth + 1))
    }
}

/// Whether a value says what it is: what comes from outside the tree does not.
fn is_said(value: &Value) -> bool {
    !matches!(value, Value::Unknown(_) | Value::External(_))
}
