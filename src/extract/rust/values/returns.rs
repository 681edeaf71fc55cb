//! What statements decide of the value of a function or variable: `if plain { return ..; }`, `self.prefix = prefix;`.

use std::collections::BTreeSet;

use super::super::walk::Binding;
use super::{Evaluator, Scope, Value, one_of, tail};
use crate::syntax::rust::tree::{Block, Expr, ExprKind, Stmt};

/// Fields of an object.
type Fields = Vec<(Box<str>, Value)>;
/// The type of an object and its fields.
type Object = (Box<str>, Fields);

impl<'a, 'w> Evaluator<'a, 'w> {
    /// The value of what labels are given: a list of values that is not complete is none, so all that a function may return counts.
    pub(in crate::extract::rust) fn label_value(&self, expr: &'a Expr, scope: &Scope<'a, '_>) -> Value {
        let before = self.all_count.replace(true);
        let value = self.value(expr, scope);
        self.all_count.set(before);
        value
    }

    /// The value of a function's body: what it returns under a condition that holds, or may hold, else that of its last expression.
    pub(super) fn body(&self, body: &'a Block, scope: &Scope<'a, '_>) -> Value {
        let mut perhaps = Vec::new();
        let mut all = None;
        let last = body.stmts.len().saturating_sub(1);
        for (at, stmt) in body.stmts.iter().enumerate() {
            let early = match stmt {
                Stmt::Expr(Expr { kind: ExprKind::If(cond, then, None), .. }, _) => returned(then).map(|returned| (cond, then, returned)),
                _ => None,
            };
            let Some((cond, then, returned)) = early else {
                if self.all_count.get() && at < last && self.may_return(stmt, scope) {
                    perhaps.push(Value::unknown("what is returned early"));
                }
                continue;
            };
            let all: &Vec<Binding<'a>> = all.get_or_insert_with(|| self.bindings_in(body, scope));
            let here = scope.at_tail(bound_before(all, cond, scope), cond);
            let holds = self.holds(cond, &here);
            if holds == Some(false) {
                continue;
            }
            let inner = self.bindings_in(then, &here);
            let value = self.value(returned, &here.at_tail(&inner, returned));
            if holds == Some(true) {
                perhaps.push(value);
                return one_of(perhaps);
            }
            // What only a configuration gives says nothing of the names and bounds that the code has.
            if self.all_count.get() || value.is_known() && !matches!(value, Value::Absent) {
                perhaps.push(value);
            }
        }
        let value = match (self.block(body, scope), tail(body).and_then(variable)) {
            // `mut self` or another parameter, with what was set of it.
            (Value::Struct(ty, fields), Some(name)) if scope.given(name).is_some() => {
                let statements: Vec<&'a Stmt> = body.stmts.iter().collect();
                self.after_setting(name, (ty, fields), body, &statements, scope)
            }
            (value, _) => value,
        };
        if perhaps.is_empty() { value } else { one_of(perhaps.into_iter().chain([value]).collect()) }
    }

    /// Whether a statement may return from the function.
    fn may_return(&self, stmt: &Stmt, scope: &Scope<'a, '_>) -> bool {
        let Stmt::Expr(expr, _) = stmt else { return false };
        let Some(file) = self.world.files.get(scope.file) else { return false };
        memchr::memmem::find(expr.span.text(&file.source.text).as_bytes(), b"return ").is_some()
    }

    /// An object that a variable of a block holds, after statements that set fields of it.
    pub(super) fn after_setting(
        &self,
        name: &str,
        (ty, mut fields): Object,
        block: &'a Block,
        statements: &[&'a Stmt],
        scope: &Scope<'a, '_>,
    ) -> Value {
        let all = std::cell::OnceCell::new();
        let worth = |value: &'a Expr| {
            let all: &Vec<Binding<'a>> = all.get_or_init(|| self.bindings_in(block, scope));
            self.value(value, &scope.at_tail(bound_before(all, value, scope), value))
        };
        for stmt in statements {
            self.set_by(stmt, name, &mut fields, &worth, scope);
        }
        Value::Struct(ty, fields)
    }

    /// Sets the fields of an object that a statement sets.
    fn set_by(&self, stmt: &'a Stmt, name: &str, fields: &mut Fields, worth: &impl Fn(&'a Expr) -> Value, scope: &Scope<'a, '_>) {
        let expr = match stmt {
            Stmt::Expr(expr, _) => expr,
            Stmt::Let(statement) => match &statement.init {
                Some(init) => init,
                None => return,
            },
            Stmt::Item(_) => return,
        };
        if let Some((field, value)) = set_field(expr, name) {
            let value = worth(value);
            return put(fields, field, value);
        }
        // Only what sets one is looked into.
        let set = self.fields_set(expr, name, scope);
        if set.is_empty() {
            return;
        }
        match &expr.kind {
            ExprKind::Block(inner) => inner.stmts.iter().for_each(|s| self.set_by(s, name, fields, worth, scope)),
            ExprKind::If(..) => {
                let mut ways = Vec::new();
                let mut branch = Some(expr);
                // It is what one of the branches makes of it, or what it was.
                while let Some(Expr { kind: ExprKind::If(_, then, otherwise), .. }) = branch {
                    let mut own = fields.clone();
                    then.stmts.iter().for_each(|s| self.set_by(s, name, &mut own, worth, scope));
                    ways.push(own);
                    branch = otherwise.as_deref();
                }
                let mut own = fields.clone();
                if let Some(Expr { kind: ExprKind::Block(last), .. }) = branch {
                    last.stmts.iter().for_each(|s| self.set_by(s, name, &mut own, worth, scope));
                }
                ways.push(own);
                for field in set {
                    let of = |way: &Fields| way.iter().find(|(own, _)| **own == *field).map(|(_, value)| value.clone());
                    let values = ways.iter().filter_map(of).collect();
                    put(fields, field, one_of(values));
                }
            }
            // Which way a `match` goes, or how often a loop is gone through, is not followed.
            _ => set.into_iter().for_each(|field| put(fields, field, Value::unknown("a field that is set where it is not followed"))),
        }
    }

    /// The fields of the object that a variable holds which the text of an expression sets.
    fn fields_set(&self, expr: &Expr, name: &str, scope: &Scope<'a, '_>) -> BTreeSet<&'w str> {
        let Some(file) = self.world.files.get(scope.file) else { return BTreeSet::new() };
        let text = expr.span.text(&file.source.text);
        let field = |at: usize| {
            // Another name that ends so, or what a message says.
            if text.get(..at)?.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '"')) {
                return None;
            }
            let after = text.get(at + name.len()..)?.strip_prefix('.')?;
            let end = after.find(|c: char| !c.is_alphanumeric() && c != '_')?;
            let (field, after) = after.split_at_checked(end)?;
            (after.starts_with(" = ") || after.starts_with(" += ")).then_some(field)
        };
        memchr::memmem::find_iter(text.as_bytes(), name.as_bytes()).filter_map(field).collect()
    }
}

/// What a place in a block sees of all that is bound in it and around it.
fn bound_before<'a, 'b>(all: &'b [Binding<'a>], place: &Expr, scope: &Scope<'a, '_>) -> &'b [Binding<'a>] {
    let outer = scope.bindings.len();
    let own = all.iter().skip(outer).take_while(|b| b.init.is_none_or(|init| init.span.end <= place.span.start)).count();
    all.get(..outer + own).unwrap_or(all)
}

/// The field of the object that a variable holds which an expression sets, and to what.
fn set_field<'a>(expr: &'a Expr, name: &str) -> Option<(&'a str, &'a Expr)> {
    let ExprKind::Assign(place, value) = &expr.kind else { return None };
    match &place.kind {
        ExprKind::Field(base, field) if variable(base) == Some(name) => Some((field.as_str(), value)),
        _ => None,
    }
}

fn variable(expr: &Expr) -> Option<&str> {
    if let ExprKind::Path(path) = &expr.kind { path.as_ident() } else { None }
}

/// Puts a value into a field.
fn put(fields: &mut Fields, field: &str, value: Value) {
    match fields.iter_mut().find(|(own, _)| **own == *field) {
        Some((_, slot)) => *slot = value,
        None => fields.push((field.into(), value)),
    }
}

/// What a block returns at its end.
fn returned(block: &Block) -> Option<&Expr> {
    match block.stmts.last()? {
        Stmt::Expr(Expr { kind: ExprKind::Return(Some(value)), .. }, _) => Some(value),
        _ => None,
    }
}
