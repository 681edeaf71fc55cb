//! Calls: conversions, bucket helpers, iterator chains, simple functions of the tree.

use std::sync::Arc;

use super::super::walk::Origin;
use super::super::world::{FunctionAt, Miss, is_type};
use super::durations;
use super::lists::series;
use super::registries::RegistryValue;
use super::texts;
use super::{Evaluator, MAX_LIST, Scope, Value, one_of};
use crate::source::Location;
use crate::syntax::rust::tree::{Block, Expr, ExprKind, MethodCall, Pat, Path};

impl<'a> Evaluator<'a, '_> {
    pub(super) fn call(&self, callee: &'a Expr, args: &'a [Expr], expr: &'a Expr, scope: &Scope<'a, '_>) -> Value {
        let ExprKind::Path(path) = &callee.kind else { return Value::unknown("the result of a call") };
        let names: Vec<&'a str> = path.names().collect();
        let arg = |i: usize| args.get(i).map(|a| self.value(a, scope));
        match (names.as_slice(), args) {
            ([.., "Some" | "Ok"], [inner])
            | (
                [
                    ..,
                    "Box" | "Arc" | "Rc" | "Cow" | "LazyLock" | "Lazy" | "Mutex" | "RwLock" | "RefCell" | "Cell" | "ArcSwap" | "LazyCell",
                    "new" | "from" | "Borrowed" | "Owned" | "from_pointee",
                ],
                [inner],
            )
            | (
                [
                    ..,
                    "String" | "Vec" | "SharedString" | "Key" | "KeyName" | "Into" | "From" | "HashMap" | "BTreeMap" | "HashSet"
                    | "BTreeSet",
                    "from" | "into" | "from_static_str" | "from_iter" | "from_name" | "from_static_name",
                ],
                [inner],
            )
            | ([.., "f64" | "f32" | "usize" | "u8" | "u16" | "u32" | "u64" | "i32" | "i64", "from" | "try_from"], [inner])
            | ([.., "ToString", "to_string"] | [.., "const_str" | "black_box"], [inner]) => {
                return match &inner.kind {
                    ExprKind::Closure(params, body) if params.is_empty() => self.value(body, scope),
                    // `LazyLock::new(Registry::new)`
                    ExprKind::Path(_) if matches!(names.as_slice(), [.., "LazyLock" | "Lazy" | "LazyCell", "new"]) => {
                        self.call(inner, &[], expr, scope)
                    }
                    _ => self.value(inner, scope),
                };
            }
            ([.., "Vec" | "VecDeque" | "HashMap" | "BTreeMap", "new" | "with_capacity" | "default"], _) => return Value::List(Vec::new()),
            // What most types are by default: no option, no elements.
            (["Default", "default"] | ["std" | "core", "default", "Default", "default"], []) => return Value::Absent,
            ([.., "String", "new"], []) => return self.text(String::new(), true, expr, scope),
            ([.., "linear_buckets"], [_, _, _]) => return numbers([arg(0), arg(1), arg(2)], |[a, b, n]| series(a, b, n, false)),
            ([.., "exponential_buckets"], [_, _, _]) => return numbers([arg(0), arg(1), arg(2)], |[a, b, n]| series(a, b, n, true)),
            ([.., "exponential_buckets_range"], [_, _, _]) => {
                return numbers([arg(0), arg(1), arg(2)], |[low, high, n]| series(low, (high / low).powf(1.0 / (n - 1.0)), n, true));
            }
            ([.., "repeat_n"], [value, length]) => return self.repeat(value, length, scope),
            ([.., "Duration", maker], [_]) if durations::made(maker, 0.0).is_some() => {
                return numbers([arg(0)], |[n]| durations::made(maker, n).map_or(Value::Absent, Value::Number));
            }
            _ => {}
        }
        if let Some(registry) = self.new_registry(path, args, scope) {
            return registry;
        }
        let values: Vec<Value> = args.iter().map(|a| self.value(a, scope)).collect();
        if let Some((binding, inner)) = path.as_ident().and_then(|name| scope.binding(name)) {
            // A closure that the caller gives.
            if let Origin::Param(parameter) = binding.origin {
                return match self.argument(parameter, &inner) {
                    Some((closure, outer)) => self.closure(Some(closure), values, &outer),
                    None => Value::unknown("the result of a call"),
                };
            }
            return self.closure(binding.init, values, &inner);
        }
        match self.world.functions(scope.file, &names, scope.self_ty).as_slice() {
            [only] => {
                let given = placed(&values, scope.frames.len());
                self.made_at(self.apply(only, values, path.last(), scope), &given, expr, scope)
            }
            // A pair by any other name: `Label::new("k", v)`, `KeyValue::new("k", v)`.
            _ if names.len() > 1
                && values.len() == 2
                && matches!(path.last(), "new" | "from_static_parts" | "from_parts" | "from_static_labels") =>
            {
                Value::Tuple(values)
            }
            [] if is_type(path.last()) => {
                let given = placed(&values, scope.frames.len());
                self.made_at(self.tuple_struct(&names, values, scope), &given, expr, scope)
            }
            _ => Value::unknown(format!("the result of `{}(..)`", names.join("::"))),
        }
    }

    /// The result of a variable that holds a closure.
    fn closure(&self, init: Option<&'a Expr>, values: Vec<Value>, scope: &Scope<'a, '_>) -> Value {
        let Some(ExprKind::Closure(params, body)) = init.map(|i| &i.kind) else { return Value::unknown("the result of a call") };
        let mut env = scope.env.to_vec();
        for (param, value) in params.iter().zip(values) {
            bind(&param.pat, value, &mut env);
        }
        self.value(body, &scope.with_env(&env, body.span.start))
    }

    /// What a reader of expressions makes of the last expression of the function, or the closure that a variable holds, that is called,
    /// with its arguments known.
    pub(in crate::extract::rust) fn in_function<T>(
        &self,
        path: &'a Path,
        args: &'a [Expr],
        scope: &Scope<'a, '_>,
        read: impl FnOnce(&'a Expr, &Scope<'a, '_>) -> T,
    ) -> Option<T> {
        if let Some((binding, inner)) = path.as_ident().and_then(|name| scope.binding(name)) {
            let ExprKind::Closure(params, body) = &binding.init?.kind else { return None };
            let mut env = inner.env.to_vec();
            for (param, arg) in params.iter().zip(args) {
                bind(&param.pat, self.value(arg, scope), &mut env);
            }
            return Some(read(body, &inner.with_env(&env, body.span.start)));
        }
        let found = self.world.functions(scope.file, &path.names().collect::<Vec<_>>(), scope.self_ty);
        let [called] = found.as_slice() else { return None };
        self.within(called, args.iter().map(|a| self.value(a, scope)), scope, read)
    }

    /// The same for a method of an object of the tree.
    pub(in crate::extract::rust) fn in_method_of<T>(
        &self,
        object: Value,
        name: &str,
        args: &'a [Expr],
        scope: &Scope<'a, '_>,
        read: impl FnOnce(&FunctionAt<'a>, &'a Expr, &Scope<'a, '_>) -> T,
    ) -> Option<T> {
        let Value::Struct(ty, _) = &object else { return None };
        let found = self.world.methods_seen_from(scope.file, ty, name);
        let [called] = found.as_slice() else { return None };
        let values = std::iter::once(object).chain(args.iter().map(|a| self.value(a, scope)));
        self.within(called, values, scope, |tail, inner| read(called, tail, inner))
    }

    pub(super) fn within<T>(
        &self,
        called: &FunctionAt<'a>,
        values: impl Iterator<Item = Value>,
        scope: &Scope<'a, '_>,
        read: impl FnOnce(&'a Expr, &Scope<'a, '_>) -> T,
    ) -> Option<T> {
        let body = called.function.body.as_ref()?;
        if called.function.is_skipped() {
            self.miss_body(called, body);
            return None;
        }
        let mut env = Vec::with_capacity(called.function.params.len());
        for (param, value) in called.function.params.iter().zip(values) {
            bind(&param.pat, value, &mut env);
        }
        let inner = Scope { env: &env, at: body.span.end, frames: scope.frames, ..Scope::of_item(called.place.file, called.place.owner) };
        let tail = super::tail(body)?;
        Some(read(tail, &inner.at_tail(&self.bindings_in(body, &inner), tail)))
    }

    /// Asks for the body of a function, which was left out.
    pub(in super::super) fn ask_for_body(&self, called: &FunctionAt<'a>) {
        called.function.body.iter().for_each(|body| self.miss_body(called, body));
    }

    fn miss_body(&self, called: &FunctionAt<'a>, body: &Block) {
        if let Some(file) = self.world.files.get(called.place.file) {
            self.misses.borrow_mut().insert(Miss::Body(Arc::clone(&file.source.path), body.span.start));
        }
    }

    /// The result of a function of the tree with these arguments, the receiver of a method being the first.
    fn apply(&self, called: &FunctionAt<'a>, values: Vec<Value>, name: &str, scope: &Scope<'a, '_>) -> Value {
        let function = called.function;
        let Some(body) = &function.body else { return Value::unknown(format!("the result of `{name}(..)`")) };
        if function.is_skipped() {
            self.miss_body(called, body);
        }
        if body.stmts.len() > 40 {
            return Value::unknown(format!("the result of `{name}(..)`"));
        }
        let file = called.place.file;
        if let [Value::Text(text)] = values.as_slice()
            && self.world.text(file, body.span).is_some_and(|code| texts::sanitizes(code, text))
        {
            return Value::Text(text.clone());
        }
        let mut env = Vec::with_capacity(values.len());
        for (param, value) in function.params.iter().zip(values) {
            bind(&param.pat, value, &mut env);
        }
        let inner = Scope { env: &env, at: body.span.end, frames: scope.frames, ..Scope::of_item(file, called.place.owner) };
        match self.body(body, &inner) {
            Value::Unknown(_) => Value::unknown(format!("the result of `{name}(..)`")),
            value => value,
        }
    }

    /// The result of a method of a type of the tree.
    fn apply_method(&self, receiver: Value, name: &str, args: &'a [Expr], scope: &Scope<'a, '_>) -> Value {
        let unknown = || Value::unknown(format!("the result of `.{name}(..)`"));
        let ty: Box<str> = match &receiver {
            Value::Struct(ty, _) | Value::Variant(_, ty, _) => ty.clone(),
            _ => return unknown(),
        };
        let mut found = self.world.methods_seen_from(scope.file, &ty, name);
        if found.is_empty() {
            found.extend(self.world.shared_method(name));
        }
        match found.as_slice() {
            [only] => {
                let values = std::iter::once(receiver).chain(args.iter().map(|a| self.value(a, scope))).collect();
                self.apply(only, values, name, scope)
            }
            _ => unknown(),
        }
    }

    pub(super) fn method(&self, call: &'a MethodCall, expr: &'a Expr, scope: &Scope<'a, '_>) -> Value {
        let name = call.method.as_str();
        if matches!(name, "get" | "get_mut" | "pop" | "remove")
            && let Some(element) = self.element(&call.receiver, scope)
        {
            return element;
        }
        // What there is where a condition holds.
        match (name, call.args.as_slice()) {
            ("then_some", [value]) => return self.value(value, scope),
            ("then", [Expr { kind: ExprKind::Closure(params, body), .. }]) if params.is_empty() => return self.value(body, scope),
            _ => {}
        }
        let receiver = match name {
            "to_string" | "as_ref" | "into" => self.variants_with_trait(&call.receiver, scope),
            _ => None,
        };
        let receiver = receiver.unwrap_or_else(|| self.value(&call.receiver, scope));
        if call.args.is_empty() {
            let all = if let Value::OneOf(all) = &receiver { all.as_slice() } else { std::slice::from_ref(&receiver) };
            if let Some(texts) = all.iter().map(|v| self.converted(v, name)).collect::<Option<Vec<Value>>>() {
                return one_of(texts);
            }
        }
        if let Some(registry) = self.sub_registry(name, &receiver, &call.args, scope) {
            return registry;
        }
        let receiver = match receiver {
            // Most are methods of other crates: the type of the object need not be found out.
            Value::Unknown(reason) if self.world.all_methods(name) > 0 => match self.variants_of(&call.receiver, name, scope) {
                Some(variants) => variants,
                // What a method gives whatever its object holds.
                None => match self.method_of_type(&call.receiver, name, scope) {
                    Some(only) => {
                        let object = std::iter::once(Value::Unknown(reason));
                        return self.apply(&only, object.chain(call.args.iter().map(|a| self.value(a, scope))).collect(), name, scope);
                    }
                    None => Value::Unknown(reason),
                },
            },
            receiver => receiver,
        };
        // The same method of each of them.
        if let Value::OneOf(all) = &receiver
            && all.iter().all(|v| matches!(v, Value::Variant(..)))
            && !matches!(name, "clone" | "into" | "to_owned" | "borrow")
        {
            return one_of(all.iter().map(|v| self.apply_method(v.clone(), name, &call.args, scope)).collect());
        }
        match (name, call.args.as_slice()) {
            (
                "to_string" | "to_owned" | "into" | "as_str" | "as_ref" | "as_slice" | "clone" | "to_vec" | "unwrap" | "iter" | "into_iter"
                | "collect" | "copied" | "cloned" | "borrow" | "deref" | "as_deref" | "into_boxed_str" | "into_boxed_slice" | "into_string"
                | "unwrap_or_default" | "into_owned" | "leak" | "as_mut" | "as_deref_mut" | "lock" | "write" | "borrow_mut" | "get_mut"
                | "deref_mut",
                [],
            )
            | ("expect" | "map_err" | "context" | "with_context", [_])
                if !matches!(receiver, Value::Unknown(_) | Value::Variant(..)) =>
            {
                receiver
            }
            ("clone" | "into" | "to_owned" | "borrow" | "as_ref", []) if matches!(receiver, Value::Variant(..)) => receiver,
            ("rev", []) => match receiver {
                Value::List(mut items) => {
                    items.reverse();
                    Value::List(items)
                }
                other => other,
            },
            ("last" | "first", []) => match receiver {
                Value::List(items) => (if name == "last" { items.last() } else { items.first() }).cloned().unwrap_or(Value::Absent),
                _ => Value::unknown("an element chosen at run time"),
            },
            ("map", [f]) => self.map(receiver, f, scope),
            // Bounds that a configuration may replace: what the code has where nothing is configured.
            ("unwrap_or" | "unwrap_or_else", [default]) => {
                let default = match &default.kind {
                    ExprKind::Closure(_, body) => self.value(body, scope),
                    _ => self.value(default, scope),
                };
                match (receiver, default) {
                    (Value::Absent, default) => default,
                    // What is not known may be nothing.
                    (Value::Text(text), Value::Text(default)) if !text.known => {
                        if text.text.trim_start_matches('*') == default.text {
                            Value::Text(text)
                        } else {
                            one_of(vec![Value::Text(text), Value::Text(default)])
                        }
                    }
                    (Value::Unknown(_) | Value::OneOf(_), default @ Value::List(_)) if default.is_known() => default,
                    (Value::OneOf(values), default) => {
                        one_of(values.into_iter().filter(|v| !matches!(v, Value::Absent)).chain([default]).collect())
                    }
                    (receiver, _) => receiver,
                }
            }
            ("enumerate", []) => match receiver {
                Value::List(items) => Value::List(
                    items.into_iter().enumerate().map(|(at, item)| Value::Tuple(vec![Value::Number(at as f64), item])).collect(),
                ),
                other => other,
            },
            ("zip", [other]) => zip(receiver, self.value(other, scope)),
            ("chain", [other]) => chain(receiver, self.value(other, scope)),
            ("take", [n]) => match (receiver, self.value(n, scope)) {
                (Value::List(items), Value::Number(n)) if n >= 0.0 => Value::List(items.into_iter().take(n as usize).collect()),
                (Value::Count(length), Value::Number(n)) if n >= 0.0 => Value::Count(length.min(n as usize)),
                (Value::Unknown(reason), _) | (_, Value::Unknown(reason)) => Value::Unknown(reason),
                _ => Value::unknown("a list that is cut at run time"),
            },
            ("skip", [n]) => match (receiver, self.value(n, scope)) {
                (Value::List(items), Value::Number(n)) if n >= 0.0 => Value::List(items.into_iter().skip(n as usize).collect()),
                _ => Value::unknown("a list that is cut at run time"),
            },
            ("step_by", [n]) => match (receiver, self.value(n, scope)) {
                (Value::List(items), Value::Number(n)) if n >= 1.0 => Value::List(items.into_iter().step_by(n as usize).collect()),
                _ => Value::unknown("a list that is cut at run time"),
            },
            ("filter" | "filter_map" | "take_while" | "skip_while" | "flat_map" | "dedup", _) => {
                Value::unknown(format!("a list that `{name}` makes at run time"))
            }
            ("concat", []) | ("join", [_]) => {
                let between = match call.args.first().map(|a| self.value(a, scope)) {
                    Some(Value::Text(text)) if text.known => text.text,
                    None => String::new(),
                    _ => return Value::unknown("a joined text"),
                };
                match receiver {
                    Value::List(items) => self.joined(&items, &between, expr, scope),
                    other => other,
                }
            }
            ("collect", []) if self.is_sanitizing(&call.receiver) => self.unchanged(&call.receiver, scope),
            ("replace" | "split" | "strip_prefix" | "strip_suffix" | "trim" | "next" | "nth", args)
                if matches!(receiver, Value::Text(_) | Value::List(_)) =>
            {
                self.part_of(name, receiver, &call.receiver, args, scope)
            }
            ("to_lowercase" | "to_ascii_lowercase", []) => self.recase(receiver, str::to_lowercase),
            ("to_uppercase" | "to_ascii_uppercase", []) => self.recase(receiver, str::to_uppercase),
            ("powi" | "powf" | "pow", [n]) => numbers([Some(receiver), Some(self.value(n, scope))], |[a, n]| {
                Value::Number(if name == "powf" { a.powf(n) } else { powi(a, n) })
            }),
            ("sqrt" | "exp" | "exp2" | "ln" | "log10" | "log2" | "ceil" | "floor" | "round" | "abs", []) => {
                numbers([Some(receiver)], |[n]| Value::Number(function(name, n)))
            }
            (name, []) if durations::told(name, 0.0).is_some() && matches!(receiver, Value::Number(_)) => {
                numbers([Some(receiver)], |[n]| durations::told(name, n).map_or(Value::Absent, Value::Number))
            }
            ("len", []) if length(&receiver).is_some() => Value::Number(length(&receiver).unwrap_or_default() as f64),
            _ => match receiver {
                Value::Unknown(reason) => Value::Unknown(reason),
                receiver => self.apply_method(receiver, name, &call.args, scope),
            },
        }
    }

    pub(super) fn recase(&self, value: Value, change: impl Fn(&str) -> String) -> Value {
        match value {
            Value::Text(mut text) => {
                text.text = change(&text.text);
                Value::Text(text)
            }
            other => other,
        }
    }

    fn map(&self, list: Value, f: &'a Expr, scope: &Scope<'a, '_>) -> Value {
        let items = match list {
            Value::List(items) => items,
            // An option's inner value.
            Value::Text(_) | Value::Number(_) | Value::Struct(..) | Value::Variant(..) | Value::Tuple(_) => {
                return self.apply_closure(f, list, scope);
            }
            // What is known whatever the option holds.
            Value::Unknown(reason) => {
                return match self.apply_closure(f, Value::Unknown(reason.clone()), scope) {
                    Value::Tuple(items) if items.iter().any(|i| RegistryValue::of(i).is_some()) => Value::Tuple(items),
                    value if RegistryValue::of(&value).is_some() => value,
                    // A text with an optional part.
                    Value::Text(text) if text.text.contains(|c: char| c.is_alphanumeric()) => Value::Text(text),
                    _ => Value::Unknown(reason),
                };
            }
            Value::OneOf(values) => return one_of(values.into_iter().map(|value| self.map(value, f, scope)).collect()),
            other => return other,
        };
        let length = items.len();
        let mut mapped = Vec::with_capacity(length);
        for item in items {
            match self.apply_closure(f, item, scope) {
                Value::Unknown(_) => return Value::Count(length),
                value => mapped.push(value),
            }
        }
        Value::List(mapped)
    }

    fn apply_closure(&self, f: &'a Expr, value: Value, scope: &Scope<'a, '_>) -> Value {
        match &f.kind {
            ExprKind::Closure(params, body) => {
                if !self.pay(scope.env.iter().map(|(_, v)| v.weight(MAX_LIST) / 4).sum()) {
                    return Value::unknown("it takes too many steps to work out");
                }
                let mut env = scope.env.to_vec();
                if let Some(param) = params.first() {
                    bind(&param.pat, value, &mut env);
                }
                self.value(body, &scope.with_env(&env, body.span.start))
            }
            // `.map(f64::from)`, `.map(String::from)`, `.map(Into::into)`
            ExprKind::Path(path) if matches!(path.last(), "from" | "into" | "to_string" | "to_owned" | "Some" | "new") => value,
            ExprKind::Path(path) => {
                let names: Vec<&'a str> = path.names().collect();
                if let ([.., "Duration", maker], Value::Number(n)) = (names.as_slice(), &value)
                    && let Some(seconds) = durations::made(maker, *n)
                {
                    return Value::Number(seconds);
                }
                match self.world.functions(scope.file, &names, scope.self_ty).as_slice() {
                    [only] => self.apply(only, vec![value], path.last(), scope),
                    _ => Value::unknown("the result of a function"),
                }
            }
            _ => Value::unknown("the result of a function"),
        }
    }
}

/// Where the texts stand that no caller gives.
fn placed(values: &[Value], left: usize) -> Vec<Location> {
    let place = |value: &Value| match value {
        Value::Text(text) if text.left == left => Some(text.location.clone()),
        _ => None,
    };
    values.iter().filter_map(place).collect()
}

/// Binds the names of a pattern to the parts of a value.
pub(in crate::extract::rust) fn bind<'a>(pat: &'a Pat, value: Value, env: &mut Vec<(&'a str, Value)>) {
    match (pat, value) {
        (Pat::Ident(name, _), value) => env.push((name.as_str(), value)),
        (Pat::Reference(inner), value) => bind(inner, value, env),
        (Pat::Tuple(pats), Value::Tuple(values)) => {
            for (pat, value) in pats.iter().zip(values) {
                bind(pat, value, env);
            }
        }
        _ => {}
    }
}

/// Pairs; what is known of the first list is known of them.
fn zip(a: Value, b: Value) -> Value {
    let Value::List(a) = a else { return a };
    let (mut others, length) = match b {
        Value::List(b) => (b.into_iter(), a.len()),
        Value::Count(length) => (Vec::new().into_iter(), length),
        _ => (Vec::new().into_iter(), a.len()),
    };
    let shorter = if others.len() > 0 { others.len().min(length) } else { length };
    let other = |others: &mut std::vec::IntoIter<Value>| others.next().unwrap_or_else(|| Value::unknown("an element chosen at run time"));
    Value::List(a.into_iter().take(shorter).map(|item| Value::Tuple(vec![item, other(&mut others)])).collect())
}

fn chain(a: Value, b: Value) -> Value {
    match (a, b) {
        (Value::List(mut a), Value::List(b)) if a.len() + b.len() <= MAX_LIST => {
            a.extend(b);
            Value::List(a)
        }
        (Value::Unknown(reason), _) | (_, Value::Unknown(reason)) => Value::Unknown(reason),
        // `once(x)` and the like give no list here.
        (a, b) => match (length(&a), length(&b)) {
            (Some(a), Some(b)) => Value::Count(a + b),
            _ => Value::unknown("a list that is put together at run time"),
        },
    }
}

pub(super) fn length(value: &Value) -> Option<usize> {
    match value {
        Value::List(items) => Some(items.len()),
        Value::Count(n) => Some(*n),
        _ => None,
    }
}

fn numbers<const N: usize>(values: [Option<Value>; N], f: impl FnOnce([f64; N]) -> Value) -> Value {
    let mut all = [0.0; N];
    for (slot, value) in all.iter_mut().zip(values) {
        match value {
            Some(Value::Number(n)) => *slot = n,
            Some(Value::Unknown(reason)) => return Value::Unknown(reason),
            _ => return Value::unknown("a number decided at run time"),
        }
    }
    f(all)
}

fn powi(base: f64, exponent: f64) -> f64 {
    if exponent.fract() == 0.0 && exponent.abs() < 1024.0 { base.powi(exponent as i32) } else { base.powf(exponent) }
}

fn function(name: &str, n: f64) -> f64 {
    match name {
        "sqrt" => n.sqrt(),
        "exp" => n.exp(),
        "exp2" => n.exp2(),
        "ln" => n.ln(),
        "log10" => n.log10(),
        "log2" => n.log2(),
        "ceil" => n.ceil(),
        "floor" => n.floor(),
        "round" => n.round(),
        _ => n.abs(),
    }
}
