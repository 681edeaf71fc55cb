//! Values that functions and methods give, and what callers give to parameters.

use std::rc::Rc;

use super::super::types::{self, Named};
use super::super::world::{Miss, TypeDef};
use super::index::FnAt;
use super::names::fillers;
use super::numbers;
use super::scope::{Frame, From, Given, Scope};
use super::trace::{MAX_GIVERS, Tracer, bool, gives_nothing, root};
use super::typed::Typed;
use crate::extract::combine::{nothing, union};
use crate::model::{Provenance, ProvenanceKind as Kind};
use crate::source::Span;
use crate::syntax::rust::tree::{Expr, ExprKind, MethodCall, Path};

impl<'a> Tracer<'a, '_> {
    pub(super) fn call(&self, callee: &'a Expr, args: &'a [Expr], expr: &'a Expr, scope: &Scope<'a>) -> Provenance {
        let ExprKind::Path(path) = &callee.kind else { return Provenance::unknown("a call that is not followed") };
        // A closure in a variable.
        if let Some(name) = path.as_ident()
            && let Some((binding, _, before)) = scope.binding(name)
        {
            return match binding.init {
                Some(closure) if matches!(closure.kind, ExprKind::Closure(..)) => self.apply(closure, args, &before, scope),
                _ => Provenance::unknown(format!("what `{name}` gives")),
            };
        }
        let names: Vec<&'a str> = path.names().collect();
        if let Some(function) = self.function(&names, scope).filter(|f| !self.converts_elsewhere(*f, &names, scope)) {
            return self.result(function, self.arguments(None, args, scope), expr, scope);
        }
        let (last, before) = (path.last(), names.iter().rev().nth(1).copied().unwrap_or_default());
        // `T::name()` of a type parameter.
        if let Some(of) = scope.function.and_then(|f| f.bound(before)).map(Path::last)
            && let Some(found) = self.of_trait(of, last, &self.arguments(None, args, scope), expr, scope)
        {
            return found;
        }
        // An empty text; a list that has no elements yet.
        if let ([], "new" | "default", "String") = (args, last, before) {
            return Provenance::literals([String::new()]);
        }
        if fillers(expr).is_some() {
            return nothing();
        }
        // A number that is not above another, or one of two.
        if let ([one, other], "min" | "max") = (args, last) {
            return self.limited(last, self.value(one, scope), self.value(other, scope));
        }
        // What a closure gives that runs elsewhere or with care.
        if let (true, Some(run)) = (is_one(&self.rules.running, last), args.last()) {
            return match run.kind {
                ExprKind::Closure(..) => self.applied(run, Vec::new(), scope),
                _ => self.value(run, scope),
            };
        }
        let full = format!("{before}::{last}");
        let rules = &self.rules.functions;
        if let Some(says) = rules.find(&full).or_else(|| rules.find(last)) {
            return self.says(says, scope, expr.span);
        }
        if let ([inner], true) = (args, is_one(&self.rules.wrapping, last) && (before.is_empty() || is_one(&self.rules.holders, before))) {
            return self.value(inner, scope);
        }
        // `AsRef::<str>::as_ref(&x)`, `ToString::to_string(&x)`
        if let ([inner], true) = (args, names.len() > 1 && self.rules.transparent.has(last)) {
            return match last {
                "to_string" | "to_smolstr" => self.shown(inner, false, scope),
                _ => self.type_of(inner, scope).and_then(|ty| self.derived(ty, last)).unwrap_or_else(|| self.value(inner, scope)),
            };
        }
        if let ([inner], true) = (args, self.rules.transparent_functions.iter().any(|f| f == last)) {
            return self.value(inner, scope);
        }
        if let Some(variant) = self.of_variant(path, scope) {
            return variant;
        }
        // A struct around one value.
        if let [inner] = args
            && last.starts_with(char::is_uppercase)
            && let Some(TypeDef::Struct([_])) =
                self.world.type_def(scope.file, &[if last == "Self" { scope.self_ty.unwrap_or(last) } else { last }]).map(|t| t.kind)
        {
            // It may show less than what it holds.
            let name = if last == "Self" { scope.self_ty.unwrap_or(last) } else { last };
            if self.index.of_trait(name, "Display", "fmt").is_some()
                && let Some(shown) = self.display(Named { name, file: scope.file }, false, expr.span, scope)
            {
                return shown;
            }
            return self.value(inner, scope);
        }
        // What a type of the tree or of a rule makes.
        if before.starts_with(char::is_uppercase)
            && let Some(typed) =
                self.by_type(Named { name: if before == "Self" { scope.self_ty.unwrap_or("Self") } else { before }, file: scope.file })
        {
            return typed.through("made here", self.location(scope, expr.span));
        }
        // A type that lists its own values.
        if args.is_empty() && last == "iter" && before.starts_with(char::is_uppercase) {
            return Provenance { certain: false, ..Provenance::of(Kind::Closed, format!("the values of `{before}`")) };
        }
        // What a type of another crate is made of tells what it is.
        if let ([inner], true) = (args, before.starts_with(char::is_uppercase) && is_one(&self.rules.makers, last)) {
            self.ask(Miss::Text(format!("struct {before}")));
            if self.world.type_def(scope.file, &[before]).is_none() {
                return self.made_of(inner, scope);
            }
        }
        self.ask_for_function(last);
        Provenance::unknown(format!("what `{last}` gives"))
    }

    /// The one function that a path means; of two that the build chooses between, not the one for tests.
    pub(super) fn function(&self, names: &[&'a str], scope: &Scope<'a>) -> Option<FnAt<'a>> {
        let found = self.world.functions(scope.file, names, scope.self_ty);
        let mut built = found.iter().filter_map(|f| self.index.by_key((f.place.file, f.item.name.span.start)));
        let first = built.next()?;
        built.next().is_none().then_some(first)
    }

    /// The smaller or larger of two values: of a number that is written down, at most as many.
    fn limited(&self, how: &str, one: Provenance, other: Provenance) -> Provenance {
        let number = |of: &Provenance| match of.values.as_slice() {
            [only] => only.parse::<u64>().ok(),
            _ => None,
        };
        match number(&one).or(number(&other)).filter(|n| how == "min" && *n <= 1024) {
            Some(most) => Provenance { certain: false, ..Provenance::of(Kind::Index, "a number with a limit").count(most.checked_add(1)) },
            None => union(vec![one, other]),
        }
    }

    /// Whether this is one of many conversions into a type that the tree does not define, such as `String::from`.
    fn converts_elsewhere(&self, function: FnAt<'a>, names: &[&str], scope: &Scope<'a>) -> bool {
        let [.., ty, _] = names else { return false };
        function.of_trait.is_some_and(|of| is_one(&self.rules.conversions, of))
            && *ty != "Self"
            && self.world.type_def(scope.file, &[ty]).is_none()
    }

    /// A value that is made of another one: of a closed set where that one is.
    pub(super) fn made_of(&self, inner: &'a Expr, scope: &Scope<'a>) -> Provenance {
        match self.value(inner, scope) {
            of if matches!(of.kind, Kind::Literal | Kind::Match | Kind::Enum | Kind::Bool) => {
                Provenance { kind: Kind::Closed, values: Vec::new(), certain: false, ..of }
            }
            of => of,
        }
    }

    fn of_variant(&self, path: &'a crate::syntax::rust::tree::Path, scope: &Scope<'a>) -> Option<Provenance> {
        let names: Vec<&str> = path.names().collect();
        let (variant, ty) = names.split_last()?;
        let ty = if ty == ["Self"] { scope.self_ty? } else { ty.last()? };
        let meant = || Some(self.enumeration(&self.world.enum_with(scope.file, ty, variant)?));
        self.enum_named(Named { name: ty, file: scope.file }).or_else(meant)
    }

    /// The value of a function for these arguments; where its type tells, that.
    pub(super) fn result(&self, function: FnAt<'a>, given: Vec<Given<'a>>, expr: &'a Expr, scope: &Scope<'a>) -> Provenance {
        let output = function.function.output.as_ref().map(|ty| Typed { ty, file: function.file, owner: function.self_ty });
        numbers::sized(self.given_back(function, given, output, expr, scope), output)
    }

    fn given_back(
        &self,
        function: FnAt<'a>,
        given: Vec<Given<'a>>,
        output: Option<Typed<'a>>,
        expr: &'a Expr,
        scope: &Scope<'a>,
    ) -> Provenance {
        let given_to = match &expr.kind {
            ExprKind::MethodCall(call) => Some(&call.receiver),
            _ => None,
        };
        let typed = output.and_then(|ty| self.by_declared(ty));
        if let Some(typed) = typed.as_ref().filter(|t| t.certain && t.kind != Kind::Error) {
            return typed.clone().through(format!("`{}` gives {}", function.name(), typed.origin), self.location(scope, expr.span));
        }
        let found = self.returns(function, given, scope);
        // An identifier that a client names is an identifier still.
        if let Some(id) = typed.as_ref().filter(|t| t.kind == Kind::Id && found.kind.is_unbounded()) {
            return id.clone().through(format!("`{}` gives {}", function.name(), id.origin), self.location(scope, expr.span));
        }
        if found.kind != Kind::Unknown && !(found.count == Some(0) && typed.is_some()) {
            return found.through(format!("`{}` gives it", function.name()), self.location(scope, expr.span));
        }
        // A URI that the program puts together may be one of few.
        let typed = typed.filter(|t| t.kind != Kind::Path || t.certain);
        let told = || match given_to {
            Some(receiver) => self.by_name_of(receiver, function.name(), expr.span, scope),
            None => self.by_name(function.name(), expr.span, scope),
        };
        typed.or_else(told).unwrap_or(found)
    }

    pub(super) fn arguments(&self, receiver: Option<&'a Expr>, args: &'a [Expr], scope: &Scope<'a>) -> Vec<Given<'a>> {
        let outer = Rc::new(scope.clone());
        receiver.into_iter().chain(args).map(|arg| Given::Expr(arg, Rc::clone(&outer))).collect()
    }

    /// What a closure gives for these arguments.
    fn apply(&self, closure: &'a Expr, args: &'a [Expr], seen: &Scope<'a>, scope: &Scope<'a>) -> Provenance {
        self.applied(closure, self.arguments(None, args, scope), seen)
    }

    fn applied(&self, closure: &'a Expr, given: Vec<Given<'a>>, seen: &Scope<'a>) -> Provenance {
        let ExprKind::Closure(_, body) = &closure.kind else {
            return match &closure.kind {
                ExprKind::Path(path) => self.passed(path, given, seen),
                _ => Provenance::unknown("a closure that is not followed"),
            };
        };
        if seen.depth() > 6 {
            return Provenance::unknown("calls within calls");
        }
        let frame = Some(Rc::new(Frame { of: (seen.file, closure.span.start), given, outer: seen.frame.clone() }));
        let mut inner = Scope { frame, ..seen.clone() };
        inner.closure(closure, None);
        self.value(body, &inner)
    }

    /// `.map(Type::method)` and the like.
    fn passed(&self, path: &'a crate::syntax::rust::tree::Path, given: Vec<Given<'a>>, scope: &Scope<'a>) -> Provenance {
        if self.rules.transparent.has(path.last()) || is_one(&self.rules.wrapping, path.last()) {
            let names: Vec<&'a str> = path.names().collect();
            // A method of the tree does what its body says: a variant may be shown with what it holds.
            if let Some(function) = self.function(&names, scope).filter(|f| f.takes_self() && f.function.body.is_some()) {
                let of = function.self_ty.and_then(|name| self.enum_named(Named { name, file: function.file }));
                match (self.returns(function, given.clone(), scope), of) {
                    (found, Some(of)) if matches!(found.kind, Kind::Match | Kind::Literal | Kind::Closed) => {
                        return Provenance { kind: Kind::Enum, origin: of.origin, ..found };
                    }
                    (found, Some(of)) if found.kind == Kind::Unknown => return Provenance { certain: false, count: None, ..of },
                    (found, _) if found.kind != Kind::Unknown => return found,
                    _ => {}
                }
            }
            if let [ty, _] = names.as_slice()
                && let Some(found) = self.by_type(Named { name: ty, file: scope.file })
            {
                return found;
            }
            return match given.first() {
                Some(first) => self.given(first),
                None => Provenance::unknown("nothing"),
            };
        }
        let names: Vec<&'a str> = path.names().collect();
        match self.function(&names, scope) {
            Some(function) => self.returns(function, given, scope),
            None => Provenance::unknown(format!("what `{}` gives", path.last())),
        }
    }

    pub(super) fn method(&self, call: &'a MethodCall, expr: &'a Expr, scope: &Scope<'a>) -> Provenance {
        let name = call.method.as_str();
        let ty = self.type_of(&call.receiver, scope);
        // Methods of the tree.
        if let Some(ty) = ty {
            if let Some(found) = self.of_type(ty, call, expr, scope) {
                return found;
            }
            if let Some(texts) = self.derived(ty, name).filter(|_| call.args.is_empty()) {
                return texts;
            }
            if matches!(name, "to_string" | "to_smolstr")
                && let Some(shown) = self.display(ty, false, expr.span, scope)
            {
                return shown;
            }
        }
        // The name of an error's variant, rather than its text.
        let is_error = || match ty {
            Some(ty) => ty.name.ends_with("Error"),
            None => self.is_error(&call.receiver, scope),
        };
        if is_one(&self.rules.error_names, name) && call.args.is_empty() && is_error() {
            return Provenance { certain: false, ..Provenance::of(Kind::Enum, "the name of an error") };
        }
        // `.get::<MatchedPath>()`
        if let [generic] = call.generics.as_slice()
            && let Some(typed) = types::named(generic, scope.file, scope.self_ty).and_then(|ty| self.by_type(ty))
            && matches!(name, "get" | "remove" | "extension" | "get_ext" | "typed_get" | "extract")
        {
            return typed.clone().through(typed.origin, self.location(scope, expr.span));
        }
        let on = self.usual_type(&call.receiver, ty);
        let says = self.rules.methods.of(name).find(|s| s.on.is_empty() || on.is_some_and(|t| s.on.iter().any(|o| o == t)));
        if let Some(says) = says.filter(|says| call.args.is_empty() || !says.on.is_empty() && call.args.len() == 1) {
            let said = self.says(says, scope, expr.span);
            // An enum of the tree may have the name of what frameworks have.
            if said.kind == Kind::Status
                && !said.certain
                && let Some(of) = self.by_declaration(expr, scope).filter(|of| of.kind == Kind::Enum)
            {
                return of;
            }
            // Of a request that goes out nobody else decides.
            return if said.foreign && is_made_here(&call.receiver, scope) {
                Provenance { certain: false, foreign: false, ..said }
            } else {
                said
            };
        }
        // `request.uri().path()`.
        if name == "path" || name == "query" {
            let receiver = self.value(&call.receiver, scope);
            if receiver.kind == Kind::Path && receiver.foreign {
                return receiver;
            }
        }
        match (name, call.args.as_slice()) {
            ("is_some" | "is_none" | "is_ok" | "is_err" | "is_empty" | "contains" | "starts_with" | "ends_with" | "eq", _) => bool(),
            ("unwrap_or" | "or", [default]) => self.either(&call.receiver, default, scope),
            ("unwrap_or_else" | "or_else", [closure]) => {
                let all = vec![self.value(&call.receiver, scope), self.applied(closure, Vec::new(), scope)];
                union(self.beside_route(all, scope))
            }
            ("map" | "and_then", [closure]) => self.mapped(call, closure, scope),
            ("map_or" | "map_or_else", [default, closure]) => {
                let default = if matches!(default.kind, ExprKind::Closure(..)) || name == "map_or_else" {
                    self.applied(default, Vec::new(), scope)
                } else {
                    self.value(default, scope)
                };
                union(self.beside_route(vec![default, self.mapped(call, closure, scope)], scope))
            }
            (
                "filter" | "map_err" | "ok_or" | "ok_or_else" | "inspect_err" | "inspect" | "context" | "with_context" | "expect"
                | "unwrap",
                _,
            ) => self.value(&call.receiver, scope),
            // The keys of a map that is configured, or that a client sends, are so too.
            ("keys" | "into_keys", []) => self.of_whole(&call.receiver, scope).unwrap_or_else(|| Provenance::unknown("the keys of a map")),
            // What a map is given for a key that it does not have.
            ("or_insert_with" | "get_or_insert_with" | "get_or_init", [closure]) => self.applied(closure, Vec::new(), scope),
            ("then" | "then_some", [value]) => match value.kind {
                ExprKind::Closure(..) => self.applied(value, Vec::new(), scope),
                _ => self.value(value, scope),
            },
            ("find_map" | "filter_map" | "flat_map" | "map_while", [closure]) => self.mapped(call, closure, scope),
            ("to_string" | "to_smolstr", []) => self.shown(&call.receiver, false, scope),
            // A text with its matches replaced, or parts of it, by a pattern that is called on.
            // What is left may be few.
            ("replace_all", [given, _]) | ("captures" | "find_at", [given, ..]) => {
                Provenance { certain: false, ..self.made_of(given, scope) }
            }
            // The smaller of a number and another.
            ("min", [other]) => self.limited(name, self.value(&call.receiver, scope), self.value(other, scope)),
            ("clamp", [_, most]) => self.limited("min", self.value(&call.receiver, scope), self.value(most, scope)),
            (name, _) if self.rules.parts.has(name) => self.made_of(&call.receiver, scope),
            (name, args) if args.len() <= 1 && self.rules.transparent.has(name) => self.value(&call.receiver, scope),
            _ => self.only_method(call, expr, scope),
        }
    }

    /// Whether a method by convention shows a value as its name.
    pub(super) fn is_shown_by(&self, method: &str) -> bool {
        method.starts_with("as_") || is_one(&self.rules.shows, method)
    }

    fn either(&self, receiver: &'a Expr, default: &'a Expr, scope: &Scope<'a>) -> Provenance {
        let mut all = vec![self.value(receiver, scope)];
        if !gives_nothing(default) {
            all.push(self.value(default, scope));
        }
        union(self.beside_route(all, scope))
    }

    /// `option.map(|x| ..)`.
    fn mapped(&self, call: &'a MethodCall, closure: &'a Expr, scope: &Scope<'a>) -> Provenance {
        let given = self.arguments(Some(&call.receiver), &[], scope);
        self.applied(closure, given, scope)
    }

    /// Whether a file names a type of a crate that is not in the tree.
    pub(super) fn is_elsewhere(&self, ty: Named<'a>) -> bool {
        let full = self.world.full_path(ty.file, &[ty.name]);
        let root = full.first().copied().unwrap_or_default();
        full.len() > 1
            && !matches!(root, "crate" | "self" | "super" | "Self")
            && self.world.crate_in_tree(root).is_none()
            && self.world.type_def(ty.file, &[ty.name]).is_none()
    }

    /// A method that the tree defines for the receiver's type.
    fn of_type(&self, ty: Named<'a>, call: &'a MethodCall, expr: &'a Expr, scope: &Scope<'a>) -> Option<Provenance> {
        let name = call.method.as_str();
        if self.is_elsewhere(ty) {
            return None;
        }
        let all = self.index.methods_of(ty.name, name)?;
        let arity = call.args.len() + 1;
        let fit: Vec<FnAt<'a>> = all.iter().filter(|f| f.takes_self() && f.function.params.len() == arity).copied().collect();
        let package = self.world.package(ty.file);
        let own: Vec<FnAt<'a>> = fit.iter().filter(|f| self.world.package(f.file) == package).copied().collect();
        let chosen = match (own.as_slice(), fit.as_slice()) {
            ([only], _) | ([], [only]) => *only,
            _ => return None,
        };
        let given = || self.arguments(Some(&call.receiver), &call.args, scope);
        // A trait without a body: what every impl gives.
        if chosen.function.body.is_none() {
            let found = self.of_trait(ty.name, name, &given(), expr, scope);
            let output = chosen.function.output.as_ref().map(|ty| Typed { ty, file: chosen.file, owner: chosen.self_ty });
            return match found {
                Some(found) if found.kind != Kind::Unknown => Some(found),
                found => output.and_then(|ty| self.by_declared(ty)).or(found),
            };
        }
        let found = self.result(chosen, given(), expr, scope);
        // The names of an enum's variants, however they are written.
        match (self.enum_named(ty), found.kind) {
            (Some(of), Kind::Match | Kind::Literal | Kind::Closed) if call.args.is_empty() && self.is_shown_by(name) => {
                Some(Provenance { kind: Kind::Enum, origin: of.origin, count: found.count.or(of.count), ..found })
            }
            // What a variant holds may be shown with it.
            (Some(of), Kind::Unknown) if self.is_shown_by(name) => Some(Provenance { certain: false, count: None, ..of }),
            _ => Some(found),
        }
    }

    /// What all implementations of a trait's function give.
    fn of_trait(&self, of: &'a str, name: &'a str, given: &[Given<'a>], expr: &'a Expr, scope: &Scope<'a>) -> Option<Provenance> {
        self.ask(Miss::Text(format!("{of} for")));
        let impls = self.index.implementing(of, name)?;
        if impls.is_empty() || impls.len() > MAX_GIVERS {
            return None;
        }
        let all: Vec<Provenance> = impls.into_iter().map(|f| self.returns(f, given.to_vec(), scope)).collect();
        let several = all.len() > 1;
        let found = if several { crate::extract::combine::arms(all) } else { union(all) };
        Some(found.through(format!("what the implementations of `{name}` give"), self.location(scope, expr.span)))
    }

    /// Asks for the definition of a function of which none is known.
    pub(super) fn ask_for_function(&self, name: &str) {
        if self.index.by_name(name).next().is_none() && !self.rules.foreign.has(name) {
            self.ask(Miss::Calls(format!("fn {name}(")));
            self.ask(Miss::Text(format!("fn {name}<")));
        }
    }

    /// A field of an object.
    pub(super) fn field(&self, base: &'a Expr, name: &'a str, expr: &'a Expr, scope: &Scope<'a>) -> Provenance {
        let found = self.field_value(base, name, expr, scope);
        // A text that the program holds may have a better name.
        if found.kind == Kind::Literal
            && !found.certain
            && found.values.is_empty()
            && let Some(told) = self.by_name_of(base, name, expr.span, scope).filter(|told| told.kind.is_bounded())
        {
            return told;
        }
        if found.kind != Kind::Unknown {
            return found;
        }
        let of_config = leftmost(base).is_some_and(|r| matches!(r, "config" | "cfg" | "conf" | "opts" | "settings" | "args" | "cli"))
            || matches!(&base.kind, ExprKind::Field(_, n) if matches!(n.as_str(), "config" | "cfg" | "conf" | "opts" | "settings"));
        let sent = || self.type_of(base, scope).is_some_and(|ty| self.rules.read_from_outside.find(ty.name).is_some());
        if of_config && !sent() && !self.by_name(name, expr.span, scope).is_some_and(|n| n.kind.is_unbounded()) {
            return Provenance { certain: false, ..Provenance::of(Kind::Config, "the configuration") };
        }
        self.by_name_of(base, name, expr.span, scope).or_else(|| self.only_field(base, name, expr, scope)).unwrap_or(found)
    }

    /// The value that a type holds which is made around one, by the type's name.
    fn only_field(&self, base: &'a Expr, name: &str, expr: &'a Expr, scope: &Scope<'a>) -> Option<Provenance> {
        if name != "0" {
            return None;
        }
        let ty = self.type_of(base, scope)?;
        self.told_by_type(ty, expr.span, scope)
    }

    /// What the name of a type around one value tells of it, as if a variable had it.
    pub(super) fn told_by_type(&self, ty: Named<'a>, span: Span, scope: &Scope<'a>) -> Option<Provenance> {
        if !matches!(self.world.type_def(ty.file, &[ty.name])?.kind, TypeDef::Struct([_])) {
            return None;
        }
        let mut told = String::new();
        for (at, letter) in ty.name.char_indices() {
            if at > 0 && letter.is_uppercase() {
                told.push('_');
            }
            told.extend(letter.to_lowercase());
        }
        // One word is too little.
        let of = self.by_type(ty).or_else(|| self.by_name(&told, span, scope).filter(|_| told.contains('_')))?;
        Some(Provenance { certain: false, ..of })
    }
}

/// The variable whose field, or field of a field, an expression is.
fn leftmost(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Field(base, _) => leftmost(base),
        _ => root(expr),
    }
}

/// Whether a word is one of a list of the rules.
pub(super) fn is_one(list: &[String], word: &str) -> bool {
    list.iter().any(|known| known == word)
}

/// How methods that make a request are called.
const MAKING: [&str; 4] = ["build", "make", "create", "new"];

/// Whether an expression is an object that a call of its type's functions, such as `Request::get(url)`, makes in this function.
fn is_made_here<'a>(expr: &'a Expr, scope: &Scope<'a>) -> bool {
    let mut expr = expr;
    let mut inner;
    let mut scope = scope;
    // Ends: each step goes to a part of the expression, or to an earlier variable.
    loop {
        match &expr.kind {
            ExprKind::Reference(of) | ExprKind::Try(of) | ExprKind::Await(of) | ExprKind::Field(of, _) => expr = of,
            ExprKind::MethodCall(call) if MAKING.iter().any(|verb| call.method.as_str().starts_with(verb)) => return true,
            ExprKind::MethodCall(call) => expr = &call.receiver,
            ExprKind::Call(callee, _) => {
                let ExprKind::Path(path) = &callee.kind else { return false };
                return path.names().rev().nth(1).is_some_and(|ty| ty.starts_with(|c: char| c.is_ascii_uppercase()));
            }
            ExprKind::Path(path) => {
                let Some((_, From::Let(statement), before)) = path.as_ident().and_then(|name| scope.binding(name)) else { return false };
                let Some(init) = &statement.init else { return false };
                expr = init;
                inner = before;
                scope = &inner;
            }
            _ => return false,
        }
    }
}
