//! What names hold: variables, parameters, and the parts that they are taken apart into.

use super::super::walk::Binding;
use super::calls::is_one;
use super::index::FnAt;
use super::numbers;
use super::scope::{From, Given, Scope};
use super::trace::{Question, Tracer, is_name, root};
use super::typed::{Typed, name_of};
use super::visit::{Node, every};
use crate::extract::combine::{arms, nothing, union};
use crate::model::{Provenance, ProvenanceKind as Kind};
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, Pat, Path};

impl<'a> Tracer<'a, '_> {
    /// What a name in scope holds; of what a set contains there, one of the set, unless it tells things that come and go; of what something
    /// is stored under, an identifier of that; and of what a check lets pass, nothing for certain.
    pub(super) fn name(&self, name: &'a str, span: Span, scope: &Scope<'a>) -> Option<Provenance> {
        let found = self.of_name(name, span, scope)?;
        let checked = scope.checked.contains(&name) && matches!(found.kind, Kind::Text | Kind::Path | Kind::Unknown);
        let closed = || Provenance { certain: false, ..Provenance::of(Kind::Closed, "a value that a set contains") };
        let foreign = found.foreign && matches!(found.kind, Kind::Text | Kind::Path);
        Some(if checked {
            closed()
        } else if foreign && scope.looked_up.contains(&name) {
            let words = "an identifier of something that was looked up";
            Provenance { kind: Kind::Id, certain: false, foreign: false, origin: words.into(), ..found }
        } else if foreign && scope.judged.contains(&name) {
            Provenance { certain: false, ..found }
        } else {
            found
        })
    }

    fn of_name(&self, name: &'a str, span: Span, scope: &Scope<'a>) -> Option<Provenance> {
        let (binding, from, before) = scope.binding(name)?;
        let typed = match binding.ty {
            Some(ty) => Some(Typed { ty, file: binding.file, owner: scope.self_ty }),
            None => self.taken_type(name, scope),
        };
        let found = self.of_declared_name(name, span, scope, (binding, from, &before), typed)?;
        Some(numbers::sized(found, typed))
    }

    fn of_declared_name(
        &self,
        name: &'a str,
        span: Span,
        scope: &Scope<'a>,
        (binding, from, before): (Binding<'a>, From<'a>, &Scope<'a>),
        typed: Option<Typed<'a>>,
    ) -> Option<Provenance> {
        let is_text = typed.and_then(name_of).is_some_and(|ty| matches!(ty.name, "String" | "str"));
        let typed = typed.and_then(|ty| self.by_declared(ty));
        // The header of an answer has the type of a client's.
        let a_header = |of: &Provenance| of.kind == Kind::Text && matches!(from, From::Let(_));
        if let Some(typed) = typed.as_ref().filter(|of| of.certain && !matches!(of.kind, Kind::Error | Kind::Address) && !a_header(of)) {
            let words = typed.origin.clone();
            let typed = self.of_process(name, typed.clone());
            return Some(typed.through(format!("`{name}` is {words}"), self.location(scope, span)));
        }
        let found = match from {
            From::Let(statement) => self.let_value(name, statement, before, scope),
            From::Param(function, at) => self.param(function, at, name, scope),
            From::Closure(closure, at, of) => match scope.frame_of((scope.file, closure.span.start)).and_then(|f| f.given.get(at)) {
                Some(given) => self.given(given),
                None if at == 0 && of.is_some() => of.map_or_else(nothing, |of| self.value(of, before)),
                None => Provenance::unknown(format!("`{name}`, which a closure is called with")),
            },
            From::Passed(closure, at, call) => match scope.frame_of((scope.file, closure.span.start)).and_then(|f| f.given.get(at)) {
                Some(given) => self.given(given),
                None => self.called_with(closure, at, name, call, before),
            },
            From::ParamPart(pat, function, at) => self.param_part(pat, function, at, name, scope),
            From::ClosurePart(pat, closure, at, of) => match scope.frame_of((scope.file, closure.span.start)).and_then(|f| f.given.get(at))
            {
                Some(Given::Expr(expr, outer)) => self.part(pat, name, expr, outer, true),
                _ => match of.filter(|_| at == 0) {
                    Some(of) => self.part(pat, name, of, before, true),
                    None => Provenance::unknown(format!("`{name}`, a part of a parameter")),
                },
            },
            From::Each(pat, iter) => one_of_many(self.part(pat, name, iter, before, true)),
            From::Part(pat, value) => self.part(pat, name, value, before, false),
            From::Taken => Provenance::unknown(format!("`{name}`, a part of a parameter")),
        };
        if found.count == Some(0)
            && let Some(typed) = typed.as_ref()
        {
            return Some(typed.clone());
        }
        // An identifier that a client names is an identifier still.
        if let Some(id) = typed.as_ref().filter(|t| t.kind == Kind::Id && found.kind.is_unbounded()) {
            return Some(id.clone().through(format!("`{name}` is {}", id.origin), self.location(scope, span)));
        }
        if let Some(header) = typed.as_ref().filter(|of| of.certain && a_header(of)) {
            let own = found.kind.is_unbounded() && !found.foreign;
            let words = format!("`{name}` is {}", header.origin);
            return Some(if own { found } else { header.clone().through(words, self.location(scope, span)) });
        }
        // The address that the process listens on, wherever it was taken from.
        if found.kind == Kind::Address
            && !found.foreign
            && let Some(own) = self.by_name(name, span, scope).filter(|told| told.kind == Kind::Config)
        {
            return Some(own);
        }
        // An address that is configured is one of few.
        if found.kind != Kind::Unknown && !(typed.as_ref().is_some_and(|t| t.certain) && found.kind != Kind::Config) {
            return Some(found);
        }
        // What a framework gives a handler that nobody else calls.
        if let From::Param(function, _) = from
            && let Some(extractor) = binding.ty.and_then(|ty| ty.path()).filter(|path| self.is_extractor(path))
            && let Some(sent) = self.sent(name, extractor.last(), function)
        {
            return Some(sent);
        }
        // A text is no number because of one word.
        let told =
            self.by_name_in(name, from, &found, span, before).filter(|told| !(is_text && told.kind == Kind::Index && !name.contains('_')));
        if binding.ty.is_some() || typed.is_none() {
            self.ask_for_type(binding.ty.filter(|_| typed.is_none()), binding.file);
        }
        let typed = match (&typed, &told) {
            (Some(ty), Some(own)) if ty.kind == Kind::Address && own.kind == Kind::Config => None,
            // The URI of a variable may be one of few; that of a parameter is often a request's.
            (Some(ty), _) if ty.kind == Kind::Path && !ty.certain && !matches!(from, From::Param(..)) => None,
            _ => typed,
        };
        // A text that the program holds may have a better name.
        let typed = typed.filter(|t| t.kind != Kind::Literal || t.certain || !told.as_ref().is_some_and(|n| n.kind.is_bounded()));
        Some(typed.or(told).unwrap_or(found))
    }

    /// What a type says of a value of this name: the identifier of the process itself may be the only one.
    pub(super) fn of_process(&self, name: &str, typed: Provenance) -> Provenance {
        let own = matches!(typed.kind, Kind::Uuid | Kind::Id) && is_one(&self.rules.of_process, name);
        Provenance { certain: typed.certain && !own, ..typed }
    }

    /// Whether a type is that of what a client sent, around a text.
    fn is_extractor(&self, path: &Path) -> bool {
        let Some(last) = path.segments.last().filter(|last| self.rules.extractors.has(last.name.as_str())) else { return false };
        last.generics.first().and_then(|inner| inner.path()).is_some_and(|inner| matches!(inner.last(), "String" | "str"))
    }

    fn let_value(&self, name: &'a str, statement: &'a crate::syntax::rust::tree::Let, before: &Scope<'a>, scope: &Scope<'a>) -> Provenance {
        let mut all = Vec::new();
        if let Some(init) = &statement.init {
            let value = self.value(init, before);
            all.push(value.through(format!("`{name}` is set here"), self.location(before, init.span)));
        }
        // Later assignments, and what is done to it in place.
        if let Some(function) = scope.function
            && let Some(body) = &function.function.body
        {
            let after = init_end(statement);
            let mut changed = false;
            let grows = statement.init.as_ref().is_some_and(|init| fillers(init).is_some());
            let mut later = Vec::new();
            let mut filled = Vec::new();
            every(Node::Block(body), true, &mut |expr| match &expr.kind {
                ExprKind::Assign(place, value) if is_place(place, name) && expr.span.start > after => later.push(&**value),
                ExprKind::Binary("+=", place, _) if is_name(place, name) => changed = true,
                ExprKind::Macro(call) if call.is("write") || call.is("writeln") => {
                    let first = call.args.first().and_then(|arg| arg.value.as_ref());
                    changed |= first.is_some_and(|place| root(place) == Some(name));
                }
                // A text that is handed out to be written to.
                ExprKind::Reference(place) if grows && is_name(place, name) => changed |= self.is_mutable(expr, scope),
                ExprKind::MethodCall(call) if is_name(&call.receiver, name) => match (call.method.as_str(), call.args.as_slice()) {
                    ("push" | "push_back" | "push_front" | "insert" | "extend" | "append", [value]) => filled.push(value),
                    ("insert", [_, value]) => filled.push(value),
                    ("push_str" | "insert_str" | "write_str" | "read_line" | "copy_from_slice" | "clone_from_slice" | "iter_mut", _) => {
                        changed = true;
                    }
                    _ => {}
                },
                _ => {}
            });
            // What a list is filled with is what its elements are; a text grows.
            let listed = statement.ty.as_ref().and_then(|ty| ty.path()).is_some_and(|path| is_list(path.last()));
            if let Some(init) = statement.init.as_ref().filter(|init| !filled.is_empty() && (listed || is_new_list(init))) {
                if is_new_list(init) {
                    all.clear();
                }
                later.extend(filled);
            } else {
                changed |= !filled.is_empty();
            }
            if changed {
                return Provenance::unknowable(format!("`{name}`, which is put together in place"));
            }
            for value in later.into_iter().take(8) {
                let there = Scope { frame: scope.frame.clone(), ..Scope::at(self.world, self.index, scope.file, value.span) };
                all.push(self.value(value, &there).through(format!("`{name}` is set here"), self.location(scope, value.span)));
            }
        }
        if all.len() > 1 { arms(all) } else { union(all) }
    }

    /// Whether a reference is one that lets its value be changed.
    fn is_mutable(&self, reference: &Expr, scope: &Scope<'a>) -> bool {
        self.world.text(scope.file, reference.span).is_some_and(|text| text.starts_with("&mut"))
    }

    pub(super) fn given(&self, given: &Given<'a>) -> Provenance {
        match given {
            Given::Value(value) => value.clone(),
            Given::Expr(expr, scope) => self.value(expr, scope),
        }
    }

    /// What a function's parameter is given, by the call that is being followed or else by every call.
    fn param(&self, function: FnAt<'a>, at: usize, name: &'a str, scope: &Scope<'a>) -> Provenance {
        if let Some(frame) = scope.frame_of(function.key()) {
            return match frame.given.get(at) {
                Some(Given::Expr(expr, outer)) => {
                    let value = self.value(expr, outer);
                    value.through(format!("`{name}` is given here"), self.location(outer, expr.span))
                }
                Some(given) => self.given(given),
                None => Provenance::unknown(format!("the parameter `{name}`")),
            };
        }
        let (file, place) = function.key();
        // A parameter that leads to itself adds nothing to what else it is given.
        let answer =
            self.answer(Question::Param(file, place, at), || self.by_callers(function, at, name, &|given, scope| self.value(given, scope)));
        answer.unwrap_or_else(nothing)
    }

    /// A part of a function's parameter.
    fn param_part(&self, pat: &'a Pat, function: FnAt<'a>, at: usize, name: &'a str, scope: &Scope<'a>) -> Provenance {
        // `Path(id): Path<String>` of a framework, which is what the client sent.
        let outer = function.function.params.get(at).and_then(|p| p.ty.as_ref()?.path()).map(Path::last);
        if let Pat::TupleStruct(path, _) = pat
            && outer == Some(path.last())
            && self.rules.extractors.has(path.last())
            && let Some(sent) = self.sent(name, path.last(), function)
        {
            return sent;
        }
        if let Some(frame) = scope.frame_of(function.key()) {
            return match frame.given.get(at) {
                Some(Given::Expr(expr, outer)) => self.part(pat, name, expr, outer, false),
                _ => Provenance::unknown(format!("`{name}`, a part of a parameter")),
            };
        }
        let (file, place) = function.key();
        let answer = self.answer(Question::Part(file, place, at, name), || {
            self.by_callers(function, at, name, &|given, scope| self.part(pat, name, given, scope, false))
        });
        answer.unwrap_or_else(nothing)
    }
}

/// Whether an expression is a variable, or an element of the list that it is.
fn is_place(expr: &Expr, name: &str) -> bool {
    match &expr.kind {
        ExprKind::Index(list, _) => is_name(list, name),
        _ => is_name(expr, name),
    }
}

/// Whether an expression makes a list or map that has no elements yet.
pub(super) fn is_new_list(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Macro(call) => call.is("vec") && call.args.is_empty(),
        ExprKind::Call(callee, _) => is_list_maker(callee),
        _ => false,
    }
}

/// The methods that put something into the list, map or text that an expression makes with nothing in it yet.
pub(super) fn fillers(expr: &Expr) -> Option<&'static [&'static str]> {
    let of = match &expr.kind {
        ExprKind::Macro(call) if call.is("vec") && call.args.is_empty() => "Vec",
        ExprKind::Call(callee, _) => match &callee.kind {
            ExprKind::Path(path) if matches!(path.last(), "new" | "with_capacity" | "default") => path.names().rev().nth(1)?,
            _ => return None,
        },
        _ => return None,
    };
    match of {
        "String" => Some(&["push", "push_str", "insert_str"]),
        _ if of.ends_with("Map") => Some(&["insert", "extend", "entry"]),
        _ if of.ends_with("Set") => Some(&["insert", "extend"]),
        _ if of.ends_with("Vec") || of.ends_with("Deque") => Some(&["push", "push_back", "push_front", "extend", "append"]),
        _ => None,
    }
}

/// Whether a path is a function that makes a list or map, such as `HashMap::new`.
pub(super) fn is_list_maker(expr: &Expr) -> bool {
    let ExprKind::Path(path) = &expr.kind else { return false };
    let ty = path.names().rev().nth(1).unwrap_or_default();
    is_list(ty) && matches!(path.last(), "new" | "with_capacity" | "default")
}

/// Whether a type of this name holds several values.
fn is_list(ty: &str) -> bool {
    ["Map", "Set", "Vec", "Deque"].iter().any(|end| ty.ends_with(end))
}

fn init_end(statement: &crate::syntax::rust::tree::Let) -> u32 {
    statement.init.as_ref().map_or(0, |init| init.span.end)
}

/// An element of a list of which nothing is known but that the program holds it: how many it has is not known either.
pub(super) fn one_of_many(of: Provenance) -> Provenance {
    let open = of.kind == Kind::Literal && of.values.is_empty() && of.count == Some(1);
    if open { Provenance { count: None, ..of } } else { of }
}
