//! A list or text that statements after its `let` fill: `push`, `extend`, `push_str`, and loops over known ranges.

use super::calls::{bind, length};
use super::text::arithmetic;
use super::{Evaluator, MAX_LIST, Scope, Value};
use crate::syntax::rust::tree::{Block, Expr, ExprKind, Pat, Stmt};

/// Rounds of a loop over no list.
const MAX_ROUNDS: usize = 512;

/// What stands before a text that is changed.
const LENT: [&str; 3] = ["&mut ", "write!(", "writeln!("];
/// How it goes on after a text that is set.
const SETS: [&str; 2] = [" = ", " +="];
/// How methods begin that change a text; others read it.
const CHANGES: [&str; 12] =
    ["push", "insert", "clear", "truncate", "extend", "pop", "remove", "retain", "drain", "replace_range", "make_ascii", "write_"];

/// Whether a call of a method, from its name on, changes the text that it is called on.
fn changes(method: &str) -> bool {
    CHANGES.iter().any(|change| method.starts_with(change))
}

/// Variables that the statements change.
struct State<'a> {
    target: &'a str,
    list: Value,
    env: Vec<(&'a str, Value)>,
    /// Loops around the statement.
    loops: usize,
}

/// Where a statement leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    /// To the next one.
    On,
    /// To the next round of the loop.
    Continue,
    /// Out of the loop.
    Break,
}

impl<'a> Evaluator<'a, '_> {
    /// What the variable `name` is worth that starts so, after the statements from `next` on that stand before the use.
    pub(super) fn after_statements(
        &self,
        name: &'a str,
        value: Value,
        block: &'a Block,
        next: usize,
        scope: &Scope<'a, '_>,
        at: u32,
    ) -> Value {
        let before = || block.stmts.iter().skip(next).take_while(|s| end_of(s) <= at);
        match value {
            Value::List(_) | Value::Text(_) => self.filled(name, value, block, next, scope, at),
            Value::Struct(ty, fields) => {
                let statements: Vec<&'a Stmt> = before().collect();
                self.after_setting(name, (ty, fields), block, &statements, scope)
            }
            // What a loop makes of it is worked out with the list that it fills.
            Value::Number(_) if before().any(|s| self.may_set(s, name, scope)) => {
                Value::unknown(format!("the variable `{name}`, which changes"))
            }
            value => value,
        }
    }

    /// The list `name`, which starts as `list`, after the statements from `next` on that stand before the use.
    pub(super) fn filled(&self, name: &'a str, list: Value, block: &'a Block, next: usize, scope: &Scope<'a, '_>, at: u32) -> Value {
        let before: Vec<&'a Stmt> = block.stmts.iter().skip(next).take_while(|s| end_of(s) <= at).collect();
        let is_text = matches!(list, Value::Text(_));
        let fills = |s: &&'a Stmt| if is_text { self.may_extend(s, name, scope) } else { self.mentions(s, name, scope) };
        if !before.iter().any(fills) {
            return list;
        }
        // Everything bound before a statement is in scope of it.
        let mut bindings = scope.bindings.to_vec();
        // Parameters of the function, where no later variable hides them.
        let hidden = |n: &str| scope.bindings.iter().skip(scope.mark).any(|b| b.name == n);
        let given = scope.env.iter().filter(|(n, _)| !hidden(n)).cloned().collect();
        let mut state = State { target: name, list, env: given, loops: 0 };
        let outer = block.stmts.iter().take(next).chain(before.iter().copied());
        for statement in outer {
            if let Stmt::Let(statement) = statement
                && let Some(bound) = statement.pat.as_ident()
                && bound.as_str() != name
            {
                bindings.push(super::Binding {
                    name: bound.as_str(),
                    ty: statement.ty.as_ref(),
                    init: statement.init.as_ref(),
                    file: scope.file,
                    after: None,
                    origin: super::Origin::Let,
                });
            }
        }
        let scope = Scope { bindings: &bindings, env: &[], ..*scope };
        // What is made of parameters is worked out while they are known.
        if !state.env.is_empty() {
            block.stmts.iter().take(next).filter(|s| matches!(s, Stmt::Let(_))).for_each(|s| _ = self.run(s, &mut state, &scope));
        }
        for statement in before {
            self.run(statement, &mut state, &scope);
        }
        state.list
    }

    fn mentions(&self, stmt: &Stmt, name: &str, scope: &Scope<'a, '_>) -> bool {
        if let Stmt::Expr(expr, _) = stmt { self.holds_word(expr, name, scope) } else { false }
    }

    /// Whether the text of an expression holds these characters.
    fn holds_word(&self, expr: &Expr, word: &str, scope: &Scope<'a, '_>) -> bool {
        let Some(file) = self.world.files.get(scope.file) else { return false };
        memchr::memmem::find(expr.span.text(&file.source.text).as_bytes(), word.as_bytes()).is_some()
    }

    /// Whether a statement may change a list: sets it, lends it to be changed, or calls a method of it. What it takes over is not used
    /// again, and what it only refers to stays.
    fn may_change(&self, stmt: &Stmt, name: &str, scope: &Scope<'a, '_>) -> bool {
        let ways = [format!("&mut {name}"), format!("{name}."), format!("{name} ="), format!("{name}[")];
        ways.iter().any(|way| self.mentions(stmt, way, scope))
    }

    /// Whether a statement assigns to a variable.
    fn may_set(&self, stmt: &Stmt, name: &str, scope: &Scope<'a, '_>) -> bool {
        self.mentions(stmt, name, scope)
            && [" = ", " += ", " -= ", " *= ", " /= "].iter().any(|way| self.mentions(stmt, &format!("{name}{way}"), scope))
    }

    /// Whether a statement may change a text, whose methods mostly read it.
    fn may_extend(&self, stmt: &Stmt, name: &str, scope: &Scope<'a, '_>) -> bool {
        let expr = match stmt {
            Stmt::Expr(expr, _) => Some(expr),
            Stmt::Let(statement) => statement.init.as_ref(),
            Stmt::Item(_) => None,
        };
        let Some(expr) = expr else { return false };
        let Some(file) = self.world.files.get(scope.file) else { return false };
        let text = expr.span.text(&file.source.text);
        memchr::memmem::find_iter(text.as_bytes(), name.as_bytes()).any(|at| {
            let (Some(before), Some(after)) = (text.get(..at), text.get(at + name.len()..)) else { return false };
            // Another name that ends so, or a field.
            let other = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
            !before.ends_with(other)
                && (LENT.iter().any(|lent| before.ends_with(lent))
                    || SETS.iter().any(|set| after.starts_with(set))
                    || after.strip_prefix('.').is_some_and(changes))
        })
    }

    /// Whether what is followed may be another after a statement.
    fn touches(&self, stmt: &Stmt, state: &State<'a>, scope: &Scope<'a, '_>) -> bool {
        if is_text(&state.list) { self.may_extend(stmt, state.target, scope) } else { self.mentions(stmt, state.target, scope) }
    }

    /// Whether a statement may leave a loop that is gone through, or its round.
    fn may_leave(&self, stmt: &Stmt, state: &State<'a>, scope: &Scope<'a, '_>) -> bool {
        state.loops > 0 && ["break", "continue"].iter().any(|word| self.mentions(stmt, word, scope))
    }

    fn run(&self, stmt: &'a Stmt, state: &mut State<'a>, scope: &Scope<'a, '_>) -> Flow {
        match stmt {
            Stmt::Expr(expr, _) => return self.run_expr(expr, stmt, state, scope),
            Stmt::Let(statement) => {
                if is_text(&state.list) && self.may_extend(stmt, state.target, scope) {
                    state.list = Value::unknown("a text that is changed where it is not followed");
                }
                let leaves = |other: &Expr| ["break", "continue"].iter().any(|word| self.holds_word(other, word, scope));
                if state.loops > 0 && statement.otherwise.as_ref().is_some_and(leaves) {
                    state.list = Value::unknown("a list that is filled under a condition");
                }
                if let (Some(name), Some(init)) = (statement.pat.as_ident(), &statement.init)
                    && name.as_str() != state.target
                    && (scope.binding(name.as_str()).is_none() || !state.env.is_empty())
                {
                    let value = self.value(init, &with_env(scope, &state.env, init));
                    state.env.push((name.as_str(), value));
                }
            }
            Stmt::Item(_) => {}
        }
        Flow::On
    }

    fn run_block(&self, block: &'a Block, state: &mut State<'a>, scope: &Scope<'a, '_>) -> Flow {
        let mut flows = block.stmts.iter().map(|stmt| self.run(stmt, state, scope));
        flows.find(|flow| *flow != Flow::On).unwrap_or(Flow::On)
    }

    /// One round of a loop. Each costs, whatever its statements do: loops in loops end, too.
    fn run_round(&self, body: &'a Block, state: &mut State<'a>, scope: &Scope<'a, '_>) -> Flow {
        if !self.pay(1 + body.stmts.len()) {
            state.list = Value::unknown("a loop that takes too many steps");
            return Flow::Break;
        }
        state.loops += 1;
        let flow = self.run_block(body, state, scope);
        state.loops -= 1;
        flow
    }

    fn run_expr(&self, expr: &'a Expr, stmt: &'a Stmt, state: &mut State<'a>, scope: &Scope<'a, '_>) -> Flow {
        match &expr.kind {
            ExprKind::Break(_) | ExprKind::Other => {
                let text = self.world.files.get(scope.file).and_then(|f| f.source.text.get(expr.span.start as usize..)).unwrap_or_default();
                // Which of several loops is meant is not followed.
                if text.starts_with("break '") || text.starts_with("continue '") {
                    state.list = Value::unknown("a list that nested loops fill");
                }
                return match &expr.kind {
                    ExprKind::Break(_) => Flow::Break,
                    _ if text.starts_with("continue") => Flow::Continue,
                    _ => Flow::On,
                };
            }
            ExprKind::MethodCall(call) if is_variable(&call.receiver, state.target) && is_text(&state.list) => {
                let added = call.args.first().map(|a| self.value(a, &with_env(scope, &state.env, a)));
                match (call.method.as_str(), added) {
                    ("push_str" | "push", Some(added)) => self.append(state, &added, expr, scope),
                    ("clear", None) => state.list = self.text(String::new(), true, expr, scope),
                    (method, _) if changes(method) => state.list = Value::unknown(format!("a text that `{method}` changes")),
                    _ => {}
                }
            }
            ExprKind::Binary("+=", left, right) if is_variable(left, state.target) && is_text(&state.list) => {
                let added = self.value(right, &with_env(scope, &state.env, right));
                self.append(state, &added, expr, scope);
            }
            // A text is what it was, or what a condition makes of it.
            ExprKind::If(cond, then, otherwise) if is_text(&state.list) && self.may_extend(stmt, state.target, scope) => {
                let decided = self.decided(cond, state, scope);
                if decided.is_none() && self.may_leave(stmt, state, scope) {
                    state.list = Value::unknown("a text that is changed under a condition");
                    return Flow::On;
                }
                let before = state.list.clone();
                let mut flow = Flow::On;
                let mut values = Vec::new();
                if decided != Some(false) {
                    flow = self.run_block(then, state, scope);
                    values.push(std::mem::replace(&mut state.list, before));
                }
                if decided != Some(true) {
                    if let Some(other) = otherwise {
                        flow = self.run_expr(other, stmt, state, scope);
                    }
                    values.push(state.list.clone());
                }
                state.list = super::one_of(values);
                return if decided.is_some() { flow } else { Flow::On };
            }
            ExprKind::Match(..) | ExprKind::Call(..) | ExprKind::Macro(_)
                if is_text(&state.list) && self.may_extend(stmt, state.target, scope) =>
            {
                state.list = Value::unknown("a text that is changed where it is not followed");
            }
            ExprKind::MethodCall(call) if is_variable(&call.receiver, state.target) && !matches!(state.list, Value::Unknown(_)) => {
                let mut env = state.env.clone();
                env.push((state.target, state.list.clone()));
                let mut given = call.args.iter().map(|a| self.value(a, &with_env(scope, &env, a)));
                let (added, with) = (given.next(), given.next());
                state.list = match (call.method.as_str(), added) {
                    // An entry of a map.
                    ("insert", Some(key)) if !matches!(key, Value::Number(_)) => {
                        let entry = match with {
                            Some(value) => Value::Tuple(vec![key, value]),
                            None => key,
                        };
                        push(std::mem::replace(&mut state.list, Value::Absent), entry)
                    }
                    ("insert", Some(Value::Number(at))) => {
                        inserted(std::mem::replace(&mut state.list, Value::Absent), at, with.unwrap_or(Value::Absent))
                    }
                    ("reverse", None) => changed(std::mem::replace(&mut state.list, Value::Absent), |items| items.reverse()),
                    ("dedup", None) => changed(std::mem::replace(&mut state.list, Value::Absent), Vec::dedup),
                    ("truncate", Some(Value::Number(length))) => {
                        changed(std::mem::replace(&mut state.list, Value::Absent), |items| items.truncate(length as usize))
                    }
                    ("push", Some(value)) => push(std::mem::replace(&mut state.list, Value::Absent), value),
                    ("extend" | "extend_from_slice" | "append", Some(more)) => {
                        extend(std::mem::replace(&mut state.list, Value::Absent), more)
                    }
                    ("reserve" | "len" | "iter" | "is_empty", _) => return Flow::On,
                    ("sort" | "sort_by" | "sort_unstable" | "sort_unstable_by", _) => {
                        sorted(std::mem::replace(&mut state.list, Value::Absent))
                    }
                    (name, _) => Value::unknown(format!("a list that `{name}` changes")),
                };
            }
            ExprKind::Binary(op @ ("+=" | "-=" | "*=" | "/="), left, right) => {
                let ExprKind::Path(path) = &left.kind else { return Flow::On };
                let Some(name) = path.as_ident() else { return Flow::On };
                let value =
                    match (self.value(left, &with_env(scope, &state.env, left)), self.value(right, &with_env(scope, &state.env, right))) {
                        (Value::Number(a), Value::Number(b)) => arithmetic(op, a, b),
                        _ => Value::unknown(format!("the variable `{name}`, which changes at run time")),
                    };
                set(state, name, value);
            }
            ExprKind::Assign(left, right) if matches!(&left.kind, ExprKind::Index(base, _) if is_variable(base, state.target)) => {
                let ExprKind::Index(_, at) = &left.kind else { return Flow::On };
                let value = self.value(right, &with_env(scope, &state.env, right));
                let at = self.value(at, &with_env(scope, &state.env, at));
                match (&mut state.list, at) {
                    (Value::List(items), Value::Number(at)) if at >= 0.0 => {
                        if let Some(item) = items.get_mut(at as usize) {
                            *item = value;
                        }
                    }
                    (list, _) => *list = Value::unknown("a list whose elements change at run time"),
                }
            }
            ExprKind::Assign(left, right) => {
                if is_text(&state.list) && !is_variable(left, state.target) && self.may_extend(stmt, state.target, scope) {
                    state.list = Value::unknown("a text that is changed where it is not followed");
                }
                let ExprKind::Path(path) = &left.kind else { return Flow::On };
                let Some(name) = path.as_ident() else { return Flow::On };
                let value = self.value(right, &with_env(scope, &state.env, right));
                if name == state.target { state.list = value } else { set(state, name, value) }
            }
            ExprKind::For(pat, iter, body) => {
                // `0..` ends where the body leaves the loop.
                let endless = match &iter.kind {
                    ExprKind::Range(Some(start), None, _) => Some(self.value(start, &with_env(scope, &state.env, start))),
                    _ => None,
                };
                let items = match &endless {
                    Some(Value::Number(start)) => Value::List((0..MAX_ROUNDS).map(|i| Value::Number(start + i as f64)).collect()),
                    _ => self.value(iter, &with_env(scope, &state.env, iter)),
                };
                match items {
                    Value::List(items) => {
                        for item in items {
                            if self.budget.get() == 0 {
                                state.list = Value::unknown("a loop that takes too many steps");
                                return Flow::On;
                            }
                            let mut own = Vec::new();
                            bind(pat, item, &mut own);
                            let names: Vec<&'a str> = own.iter().map(|(name, _)| *name).collect();
                            state.env.extend(own);
                            let flow = self.run_round(body, state, scope);
                            // Only the loop's own variables go out of scope; changed ones stay.
                            for name in names {
                                if let Some(own) = state.env.iter().rposition(|(n, _)| *n == name) {
                                    state.env.remove(own);
                                }
                            }
                            if flow == Flow::Break {
                                return Flow::On;
                            }
                        }
                        if endless.is_some() && self.touches(stmt, state, scope) {
                            state.list = Value::unknown("a list that a loop fills at run time");
                        }
                    }
                    _ if self.touches(stmt, state, scope) => state.list = Value::unknown("a list that a loop fills at run time"),
                    _ => {}
                }
            }
            ExprKind::Block(block) => return self.run_block(block, state, scope),
            ExprKind::If(cond, then, otherwise) if self.touches(stmt, state, scope) || self.may_leave(stmt, state, scope) => {
                match self.decided(cond, state, scope) {
                    Some(true) => return self.run_block(then, state, scope),
                    Some(false) => return otherwise.as_ref().map_or(Flow::On, |other| self.run_expr(other, stmt, state, scope)),
                    None if matches!(state.list, Value::Unknown(_)) => {}
                    None if self.may_change(stmt, state.target, scope) || self.may_leave(stmt, state, scope) => {
                        state.list = Value::unknown("a list that is filled under a condition");
                    }
                    None => {}
                }
            }
            ExprKind::While(cond, body) if self.touches(stmt, state, scope) => {
                for _ in 0..MAX_ROUNDS {
                    match self.decided(cond, state, scope).filter(|_| self.budget.get() > 0) {
                        Some(true) if self.run_round(body, state, scope) == Flow::Break => return Flow::On,
                        Some(true) => {}
                        Some(false) => return Flow::On,
                        None => break,
                    }
                }
                state.list = Value::unknown("a list that a loop fills at run time");
            }
            ExprKind::Loop(body) if self.touches(stmt, state, scope) => {
                for _ in 0..MAX_ROUNDS {
                    if self.budget.get() == 0 {
                        break;
                    }
                    if self.run_round(body, state, scope) == Flow::Break {
                        return Flow::On;
                    }
                }
                state.list = Value::unknown("a list that a loop fills at run time");
            }
            // Under a condition or handed out: it may change.
            ExprKind::Match(..) | ExprKind::Call(..)
                if self.may_leave(stmt, state, scope) || !is_text(&state.list) && self.may_change(stmt, state.target, scope) =>
            {
                state.list = Value::unknown("a list that is filled under a condition");
            }
            _ if is_text(&state.list) && self.may_extend(stmt, state.target, scope) => {
                state.list = Value::unknown("a text that is changed where it is not followed");
            }
            _ => {}
        }
        Flow::On
    }
}

impl<'a> Evaluator<'a, '_> {
    /// Whether a condition on the variables holds. What it takes apart is bound then.
    fn decided(&self, cond: &'a Expr, state: &mut State<'a>, scope: &Scope<'a, '_>) -> Option<bool> {
        let mut env = state.env.clone();
        env.push((state.target, state.list.clone()));
        let ExprKind::Let(pat, value) = &cond.kind else { return self.holds(cond, &with_env(scope, &env, cond)) };
        match (&**pat, self.value(value, &with_env(scope, &env, value))) {
            (_, Value::Unknown(_) | Value::OneOf(_)) => None,
            (Pat::TupleStruct(path, pats), held) if path.last() == "Some" => {
                if matches!(held, Value::Absent) {
                    return Some(false);
                }
                let mut inner = pats.first()?;
                while let Pat::Reference(of) = inner {
                    inner = of;
                }
                state.env.push((inner.as_ident()?.as_str(), held));
                Some(true)
            }
            _ => None,
        }
    }
}

impl<'a> Evaluator<'a, '_> {
    /// Puts a text at the end of the one that is followed.
    fn append(&self, state: &mut State<'a>, added: &Value, expr: &'a Expr, scope: &Scope<'a, '_>) {
        let one = |text: Value| match text {
            Value::Text(text) => self.joined(&[Value::Text(text), added.clone()], "", expr, scope),
            other => other,
        };
        state.list = match std::mem::replace(&mut state.list, Value::Absent) {
            Value::OneOf(all) => super::one_of(all.into_iter().map(one).collect()),
            text => one(text),
        };
    }
}

/// Whether what is followed is a text, or one of several.
fn is_text(value: &Value) -> bool {
    match value {
        Value::Text(_) => true,
        Value::OneOf(all) => all.iter().all(|v| matches!(v, Value::Text(_))),
        _ => false,
    }
}

fn with_env<'a, 'c>(scope: &Scope<'a, 'c>, env: &'c [(&'a str, Value)], expr: &Expr) -> Scope<'a, 'c> {
    scope.with_env(env, expr.span.start)
}

fn end_of(stmt: &Stmt) -> u32 {
    match stmt {
        Stmt::Let(statement) => statement.init.as_ref().map_or(0, |e| e.span.end),
        Stmt::Expr(expr, _) => expr.span.end,
        Stmt::Item(_) => 0,
    }
}

fn is_variable(expr: &Expr, name: &str) -> bool {
    match &expr.kind {
        ExprKind::Path(path) => path.as_ident() == Some(name),
        ExprKind::Reference(inner) => is_variable(inner, name),
        _ => false,
    }
}

fn set<'a>(state: &mut State<'a>, name: &'a str, value: Value) {
    match state.env.iter_mut().rev().find(|(n, _)| *n == name) {
        Some(slot) => slot.1 = value,
        None => state.env.insert(0, (name, value)),
    }
}

fn push(list: Value, value: Value) -> Value {
    match list {
        Value::List(mut items) if items.len() < MAX_LIST => {
            items.push(value);
            Value::List(items)
        }
        Value::List(items) => Value::Count(items.len() + 1),
        Value::Count(n) => Value::Count(n + 1),
        other => other,
    }
}

fn extend(list: Value, more: Value) -> Value {
    match (list, more) {
        (Value::List(mut items), Value::List(more)) if items.len() + more.len() <= MAX_LIST => {
            items.extend(more);
            Value::List(items)
        }
        (list, more) => match (length(&list), length(&more)) {
            (Some(a), Some(b)) => Value::Count(a + b),
            _ => Value::unknown("a list that is extended at run time"),
        },
    }
}

/// A list with a value put in at a place.
fn inserted(list: Value, at: f64, value: Value) -> Value {
    match list {
        Value::List(mut items) if items.len() < MAX_LIST && at >= 0.0 && at as usize <= items.len() => {
            items.insert(at as usize, value);
            Value::List(items)
        }
        Value::Count(n) => Value::Count(n + 1),
        _ => Value::unknown("a list that `insert` changes"),
    }
}

/// A list that is known, changed.
fn changed(list: Value, change: impl FnOnce(&mut Vec<Value>)) -> Value {
    match list {
        Value::List(mut items) => {
            change(&mut items);
            Value::List(items)
        }
        _ => Value::unknown("a list that changes at run time"),
    }
}

fn sorted(list: Value) -> Value {
    let Value::List(mut items) = list else { return list };
    let number = |v: &Value| match v {
        Value::Number(n) => *n,
        _ => f64::NAN,
    };
    items.sort_by(|a, b| number(a).total_cmp(&number(b)));
    Value::List(items)
}
