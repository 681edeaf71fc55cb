//! Strings: `format!`, `concat!`, operators.

use super::super::world::Miss;
use super::{Evaluator, MAX_TEXT, Scope, Text, Value};
use crate::knowledge::{libraries, provides};
use crate::source::Span;
use crate::syntax::rust::tree::{Arg, Expr, ExprKind, MacroCall, Path, Separator, Stmt};

impl<'a> Evaluator<'a, '_> {
    /// What a standard macro gives.
    pub(super) fn macro_value(&self, call: &'a MacroCall, expr: &'a Expr, scope: &Scope<'a, '_>) -> Value {
        let args: Vec<&'a Expr> = call.args.iter().filter(|a| a.key.is_none()).filter_map(|a| a.value.as_ref()).collect();
        // Macros hand on those of other crates under hidden names.
        match call.path.last().trim_start_matches('_') {
            "vec" | "smallvec" | "btreeset" | "hashset" => match args.as_slice() {
                [value, length] if call.args.first().is_some_and(|a| a.semicolon) => self.repeat(value, length, scope),
                _ => self.list(args.iter().copied(), scope),
            },
            "concat" | "concatcp" => self.joined_texts(&args, expr, scope),
            "format" | "format_args" | "formatdoc" | "formatcp" | "const_format" => self.format(call, &args, expr, scope),
            "indoc" if args.len() == 1 => args.first().map_or(Value::Absent, |text| self.value(text, scope)),
            "stringify" => {
                let whole = self.world.text(scope.file, call.body).unwrap_or_default();
                let start = call.body.start as usize + (whole.len() - whole.trim_start().len());
                let text = whole.trim().replace(" . ", ".");
                // In an expansion the name is what the call gives, not the macro around it.
                let location = self.location(scope.file, Span::new(start, start + whole.trim().len()));
                Value::Text(Text { text, known: true, location, left: scope.frames.len(), made: None })
            }
            "env" | "option_env" => {
                let variable = args.first().map(|a| self.value(a, scope));
                match (variable, self.world.package(scope.file)) {
                    (Some(Value::Text(text)), package) if text.text == "CARGO_PKG_NAME" && !package.is_empty() => {
                        self.text(package.to_owned(), true, expr, scope)
                    }
                    (Some(Value::Text(text)), package) if text.text == "CARGO_CRATE_NAME" && !package.is_empty() => {
                        self.text(package.replace('-', "_"), true, expr, scope)
                    }
                    _ => Value::unknown("an environment variable of the build"),
                }
            }
            "module_path" if args.is_empty() => match self.world.module_of_file(scope.file) {
                Some(module) => self.text(module, true, expr, scope),
                None => Value::unknown("the path of a module"),
            },
            "map_ascii_case" => match args.as_slice() {
                [Expr { kind: ExprKind::Path(case), .. }, text] => match case.last() {
                    "Lower" => self.recase(self.value(text, scope), str::to_lowercase),
                    "Upper" => self.recase(self.value(text, scope), str::to_uppercase),
                    _ => Value::unknown("a text in another case"),
                },
                _ => Value::unknown("a text in another case"),
            },
            // `labels! { "k" => v }` of the `prometheus` crate, and maps written alike.
            "labels" | "hashmap" | "btreemap" if call.is_list => {
                let pair = |arg: &'a Arg| {
                    let of = |e: Option<&'a Expr>| e.map_or(Value::Absent, |e| self.value(e, scope));
                    Value::Tuple(vec![of(arg.key.as_deref().map(|(key, _)| key)), of(arg.value.as_ref())])
                };
                Value::List(call.args.iter().map(pair).collect())
            }
            _ => {
                let name = call.path.last();
                match self.world.expansion(scope.file, call.body.start) {
                    Some(Ok(file)) => {
                        if let Some(block) = self.world.inline(file) {
                            return self.block(block, &Scope { file, ..*scope });
                        }
                    }
                    None if self.world.macro_named(scope.file, &call.path, call.body.start).is_some() => {
                        self.misses.borrow_mut().insert(Miss::Expansion(scope.file, call.body.start));
                    }
                    _ => {}
                }
                Value::unknown(format!("the result of `{name}!`"))
            }
        }
    }

    /// Texts one after another.
    pub(in crate::extract::rust) fn joined_texts(&self, args: &[&'a Expr], expr: &'a Expr, scope: &Scope<'a, '_>) -> Value {
        let parts: Vec<Value> = args.iter().map(|a| self.value(a, scope)).collect();
        self.joined(&parts, "", expr, scope)
    }

    pub(in crate::extract::rust) fn format(&self, call: &'a MacroCall, args: &[&'a Expr], expr: &'a Expr, scope: &Scope<'a, '_>) -> Value {
        let Some((format, rest)) = args.split_first() else { return Value::unknown("an empty format") };
        let Value::Text(format) = self.value(format, scope) else { return Value::unknown("a format that is not a literal") };
        let mut out = String::new();
        let mut known = format.known;
        let mut next = 0;
        let mut holes: Vec<Text> = Vec::new();
        let mut words = false;
        let mut chars = format.text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '{' if chars.peek() == Some(&'{') => {
                    chars.next();
                    out.push('{');
                }
                '}' => {
                    if chars.peek() == Some(&'}') {
                        chars.next();
                    }
                    out.push('}');
                }
                '{' => {
                    let hole: String = chars.by_ref().take_while(|c| *c != '}').collect();
                    let name = hole.split(':').next().unwrap_or_default().trim();
                    let value = if name.is_empty() {
                        next += 1;
                        rest.get(next - 1).map(|a| self.value(a, scope))
                    } else if let Ok(position) = name.parse::<usize>() {
                        rest.get(position).map(|a| self.value(a, scope))
                    } else {
                        self.named_hole(call, name, scope)
                    };
                    let value = value.map(|value| self.displayed(value, scope));
                    let shaped = match (&value, hole.split_once(':')) {
                        (Some(Value::Number(n)), Some((_, spec))) => shaped(*n, spec),
                        _ => None,
                    };
                    match shaped {
                        Some(text) => out.push_str(&text),
                        None => known &= push(&mut out, value.as_ref()),
                    }
                    if let Some(Value::Text(text)) = value {
                        holes.push(text);
                    }
                }
                c => {
                    words |= c.is_alphanumeric();
                    out.push(c);
                }
            }
        }
        // A format that adds no word of its own stands where the nearest of its parts does.
        match holes.into_iter().max_by_key(|t| t.left).filter(|t| !words && t.left < scope.frames.len()) {
            Some(part) => Value::Text(Text { text: out, known, ..part }),
            None => self.text(out, known, expr, scope),
        }
    }

    fn named_hole(&self, call: &'a MacroCall, name: &str, scope: &Scope<'a, '_>) -> Option<Value> {
        let named = call.args.iter().find(|arg| match arg.key.as_deref() {
            Some((key, Separator::Equals)) => matches!(&key.kind, ExprKind::Path(p) if p.as_ident() == Some(name)),
            _ => false,
        });
        if let Some(arg) = named {
            return arg.value.as_ref().map(|v| self.value(v, scope));
        }
        if let Some(value) = scope.given(name) {
            return Some(value.clone());
        }
        if let Some((binding, inner)) = scope.binding(name) {
            return Some(self.bound(binding, &inner, scope.at));
        }
        let found = self.world.constants(scope.file, &[name], scope.self_ty);
        if found.is_empty() {
            self.misses.borrow_mut().extend(self.world.miss(scope.file, &[name]));
        }
        let constant = found.first()?;
        Some(self.value(constant.value?, &Scope::of_item(constant.place.file, constant.place.owner)))
    }

    /// What an object is written as: by the `write!` of its `Display`, else a name that is all that it holds.
    fn displayed(&self, value: Value, scope: &Scope<'a, '_>) -> Value {
        let (ty, fields) = match &value {
            Value::Struct(ty, fields) => (ty, fields.as_slice()),
            Value::Variant(_, ty, _) => (ty, Default::default()),
            _ => return value,
        };
        let mut found = self.world.methods_seen_from(scope.file, ty, "fmt");
        found.retain(|f| f.place.implements == Some("Display"));
        let [called] = found.as_slice() else { return value };
        let text = self.within(called, std::iter::once(value.clone()), scope, |tail, inner| self.written(tail, inner, 0));
        let is_name = |text: &Text| text.text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '*'));
        match (text.flatten(), fields) {
            (Some(text @ Value::Text(_)), _) => text,
            (None, [(_, Value::Text(text))]) if is_name(text) => Value::Text(text.clone()),
            _ => value,
        }
    }

    /// What the last expression of a `fmt` writes.
    fn written(&self, expr: &'a Expr, scope: &Scope<'a, '_>, depth: usize) -> Option<Value> {
        match &expr.kind {
            ExprKind::Macro(call) if call.path.last() == "write" => {
                let args: Vec<&'a Expr> = call.args.iter().filter(|a| a.key.is_none()).filter_map(|a| a.value.as_ref()).skip(1).collect();
                args.first().map(|format| self.format(call, &args, format, scope))
            }
            ExprKind::MethodCall(call) => match (call.method.as_str(), call.args.as_slice()) {
                ("write_str" | "pad", [text]) => Some(self.value(text, scope)),
                ("fmt", [_]) => Some(self.value(&call.receiver, scope)),
                _ => None,
            },
            ExprKind::Match(value, arms) if depth < 4 => self.written(&self.taken(value, arms, scope)?.body, scope, depth + 1),
            ExprKind::Block(block) if depth < 4 => match block.stmts.as_slice() {
                [Stmt::Expr(only, false)] => self.written(only, scope, depth + 1),
                _ => None,
            },
            _ => None,
        }
    }

    /// Several values written one after the other.
    pub(super) fn joined(&self, parts: &[Value], between: &str, expr: &'a Expr, scope: &Scope<'a, '_>) -> Value {
        let mut out = String::new();
        let mut known = true;
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                out.push_str(between);
            }
            known &= push(&mut out, Some(part));
        }
        self.text(out, known, expr, scope)
    }

    /// A constant of a crate outside of the tree that is known: bounds, or a name.
    pub(super) fn library_constant(&self, path: &'a Path, scope: &Scope<'a, '_>) -> Option<Value> {
        let provided = || {
            let full = self.world.full_path(scope.file, &path.names().collect::<Vec<_>>());
            provides::bounds(full.first()?, full.last()?)
        };
        match libraries::bounds(path.last()).or_else(provided) {
            Some(bounds) => Some(Value::List(bounds.iter().map(|b| Value::Number(*b)).collect())),
            None => self.name_constant(path, scope),
        }
    }

    /// A constant of a crate of names.
    fn name_constant(&self, path: &'a Path, scope: &Scope<'a, '_>) -> Option<Value> {
        let names: Vec<&str> = path.names().collect();
        let full = self.world.full_path(scope.file, &names);
        let (krate, name) = (full.first()?, full.last()?);
        let provided = || provides::name_constant(krate, name).map(str::to_owned);
        let text = libraries::name_constant(krate, name).or_else(provided)?;
        let location = self.location(scope.file, path.segments.last()?.name.span);
        Some(Value::Text(Text { text, known: true, location, left: scope.frames.len(), made: None }))
    }

    pub(super) fn binary(&self, op: &str, left: &'a Expr, right: &'a Expr, expr: &'a Expr, scope: &Scope<'a, '_>) -> Value {
        match (self.value(left, scope), self.value(right, scope)) {
            (Value::Number(a), Value::Number(b)) => arithmetic(op, a, b),
            (a @ Value::Text(_), b) if op == "+" => self.joined(&[a, b], "", expr, scope),
            (Value::Unknown(reason), _) | (_, Value::Unknown(reason)) => Value::Unknown(reason),
            _ => Value::unknown("an expression decided at run time"),
        }
    }
}

/// A number in the width or with the digits that a format asks for: `{:02}`, `{:.1}`.
fn shaped(n: f64, spec: &str) -> Option<String> {
    let number = |text: &str| text.parse::<usize>().ok().filter(|n| *n <= 64);
    if let Some(width) = spec.strip_prefix('0').and_then(number) {
        return Some(format!("{n:0width$}"));
    }
    let digits = spec.strip_prefix('.').and_then(number)?;
    Some(format!("{n:.digits$}"))
}

pub(super) fn arithmetic(op: &str, a: f64, b: f64) -> Value {
    match op {
        "+" | "+=" => Value::Number(a + b),
        "-" | "-=" => Value::Number(a - b),
        "*" | "*=" => Value::Number(a * b),
        "/" | "/=" => Value::Number(a / b),
        "%" | "%=" => Value::Number(a % b),
        "<" => Value::Bool(a < b),
        "<=" => Value::Bool(a <= b),
        ">" => Value::Bool(a > b),
        ">=" => Value::Bool(a >= b),
        "==" => Value::Bool(a == b),
        "!=" => Value::Bool(a != b),
        "<<" if (0.0..63.0).contains(&b) => Value::Number(a * 2_f64.powf(b)),
        _ => Value::unknown("an operation that is not followed"),
    }
}

/// Writes a value; says whether it is known.
fn push(out: &mut String, value: Option<&Value>) -> bool {
    match value {
        Some(Value::Text(Text { text, known, .. })) if out.len() + text.len() <= MAX_TEXT => {
            out.push_str(text);
            return *known;
        }
        Some(Value::Number(n)) => out.push_str(&n.to_string()),
        Some(Value::Bool(b)) => out.push_str(if *b { "true" } else { "false" }),
        _ => {
            // Two unknown parts in a row are one.
            if !out.ends_with('*') {
                out.push('*');
            }
            return false;
        }
    }
    true
}
