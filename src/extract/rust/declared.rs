//! Calls of the macros, functions and methods that `reduse.toml` declares to define metrics.

use std::sync::Arc;

use super::collect::{self, Collect, Mark};
use super::draft::{Draft, Help, buckets_of, help_of, labels_of, name_of, unresolved};
use super::values::{Evaluator, Scope, Text, Value};
use super::walk::{Context, Visitor};
use crate::knowledge::libraries::{self, Library};
use crate::model::wrapper::{Argument, Called, Given, Piece, Template, Wrapper};
use crate::model::{Bound, BucketSource, Buckets, Label, MetricType};
use crate::source::Span;
use crate::syntax::rust::tree::{Arg, Expr, ExprKind, MacroCall};

/// Collects from one file.
pub(super) struct Collector<'a, 'w> {
    library: &'static Library,
    wrappers: Arc<[Wrapper]>,
    eval: Evaluator<'a, 'w>,
    found: collect::Ready,
}

/// The arguments of a call.
#[derive(Clone, Copy)]
enum Arguments<'a> {
    Plain(&'a [Expr]),
    Macro(&'a [Arg]),
}

impl<'a> Arguments<'a> {
    fn get(self, which: &Argument) -> Option<&'a Expr> {
        match (self, which) {
            (Arguments::Plain(args), Argument::Position(at)) => args.get(*at),
            (Arguments::Plain(_), Argument::Key(_)) => None,
            (Arguments::Macro(args), Argument::Position(at)) => {
                args.iter().filter(|a| a.key.is_none()).filter_map(|a| a.value.as_ref()).nth(*at)
            }
            (Arguments::Macro(args), Argument::Key(key)) => {
                let is_it =
                    |a: &&Arg| matches!(a.key.as_deref(), Some((Expr { kind: ExprKind::Path(p), .. }, _)) if p.as_ident() == Some(key));
                args.iter().find(is_it)?.value.as_ref()
            }
        }
    }
}

impl<'a, 'w> Collector<'a, 'w> {
    /// `None` where nothing is declared.
    pub(super) fn new(eval: Evaluator<'a, 'w>, wrappers: &Arc<[Wrapper]>) -> Option<Self> {
        if wrappers.is_empty() {
            return None;
        }
        Some(Collector { library: libraries::get("prometheus")?, wrappers: Arc::clone(wrappers), eval, found: collect::Ready::default() })
    }

    fn define(&mut self, wrapper: &Wrapper, args: Arguments<'a>, span: Span, cx: &Context<'a, '_>) {
        let scope = Scope::of(cx, span);
        // A call without what the name is made of is of another form, such as one that only adds labels.
        let Some(name) = self.text(&wrapper.name, args, &scope, span, cx) else { return };
        let name = match name_of(Value::Text(name)) {
            Ok(name) => name,
            Err(reason) => {
                self.found.unresolved.push(unresolved(self.library, reason, cx.location(span)));
                return;
            }
        };
        let mut draft = Draft::new(self.library, name, wrapper.kind, span, cx);
        draft.exclusive = false;
        let help = wrapper.help.as_ref().and_then(|help| self.text(help, args, &scope, span, cx));
        draft.help = help.map_or(Help::None, |help| help_of(&Value::Text(help)));
        let (labels, complete) = match &wrapper.labels {
            Some(Given::Fixed(names)) => {
                (names.iter().map(|n| Label { name: n.clone(), bound: Bound::unknown(), location: None }).collect(), true)
            }
            Some(Given::Argument(which)) => match args.get(which) {
                Some(labels) => labels_of(&self.eval.value(labels, &scope)),
                None => (Vec::new(), true),
            },
            None => (Vec::new(), false),
        };
        draft.labels = labels;
        draft.labels_complete = complete;
        if wrapper.kind == MetricType::Histogram {
            draft.buckets = match &wrapper.buckets {
                Some(Given::Fixed(bounds)) => Buckets::Known { bounds: bounds.clone(), source: BucketSource::Explicit, location: None },
                Some(Given::Argument(which)) => match args.get(which) {
                    Some(bounds) => buckets_of(&self.eval.value(bounds, &scope), Some(cx.location(bounds.span))),
                    None => Buckets::RunTime { count: None, location: None },
                },
                None => Buckets::RunTime { count: None, location: None },
            };
        }
        self.found.drafts.push(draft);
    }

    /// What a template gives; `None` where the call lacks an argument.
    fn text(&self, template: &Template, args: Arguments<'a>, scope: &Scope<'a, '_>, span: Span, cx: &Context<'a, '_>) -> Option<Text> {
        let mut whole = Text { text: String::new(), known: true, location: cx.location(span), left: cx.frames.len(), made: None };
        let mut was_empty = false;
        for piece in &template.0 {
            match piece {
                // A part that is empty takes its separator with it, as the client libraries do it.
                Piece::Text(text) => whole.text.push_str(text.strip_prefix('_').filter(|_| was_empty).unwrap_or(text)),
                Piece::Argument(which) => match self.eval.value(args.get(which)?, scope) {
                    Value::Text(text) => {
                        was_empty = text.known && text.text.is_empty();
                        whole.text.push_str(&text.text);
                        whole.known &= text.known;
                    }
                    _ => {
                        was_empty = false;
                        whole.text.push('*');
                        whole.known = false;
                    }
                },
            }
        }
        // So does the last one.
        if was_empty && whole.text.ends_with('_') {
            whole.text.pop();
        }
        Some(whole)
    }

    fn each(&mut self, is_it: impl Fn(&Called) -> bool, args: Arguments<'a>, span: Span, cx: &Context<'a, '_>) {
        let wrappers = Arc::clone(&self.wrappers);
        for wrapper in wrappers.iter().filter(|w| is_it(&w.called)) {
            self.define(wrapper, args, span, cx);
        }
    }
}

impl<'a> Visitor<'a> for Collector<'a, '_> {
    fn expr(&mut self, expr: &'a Expr, cx: &Context<'a, '_>) {
        match &expr.kind {
            ExprKind::Call(callee, args) => {
                let ExprKind::Path(path) = &callee.kind else { return };
                let names: Vec<&str> = path.names().collect();
                let full = cx.world.full_path(cx.file, &names);
                let ends =
                    |own: &[String], path: &[&str]| path.len() >= own.len() && path.iter().rev().zip(own.iter().rev()).all(|(a, b)| a == b);
                let is_it = |called: &Called| matches!(called, Called::Function(own) if ends(own, &names) || ends(own, &full));
                self.each(is_it, Arguments::Plain(args), expr.span, cx);
            }
            ExprKind::MethodCall(call) => {
                let is_it = |called: &Called| matches!(called, Called::Method(name) if name == call.method.as_str());
                self.each(is_it, Arguments::Plain(&call.args), expr.span, cx);
            }
            _ => {}
        }
    }

    fn macro_call(&mut self, call: &'a MacroCall, span: Span, cx: &Context<'a, '_>) {
        let span = call.path.segments.first().map_or(span, |s| Span { start: s.name.span.start, end: call.body.end.saturating_add(1) });
        let is_it = |called: &Called| matches!(called, Called::Macro(name) if name == call.path.last());
        self.each(is_it, Arguments::Macro(&call.args), span, cx);
    }
}

impl<'a, 'w> Collect<'a, 'w> for Collector<'a, 'w> {
    fn mark(&self) -> Mark {
        [self.found.drafts.len(), self.found.unresolved.len(), 0, 0, 0]
    }

    fn rewind(&mut self, [drafts, unresolved, ..]: Mark) {
        self.found.drafts.truncate(drafts);
        self.found.unresolved.truncate(unresolved);
    }

    fn eval(&self) -> &Evaluator<'a, 'w> {
        &self.eval
    }

    fn give(&mut self, into: &mut collect::Found) {
        let found = std::mem::take(&mut self.found);
        into.ready.drafts.extend(found.drafts);
        into.ready.unresolved.extend(found.unresolved);
    }
}
