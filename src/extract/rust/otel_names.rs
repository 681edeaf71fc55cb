//! What exporters make of the names of OpenTelemetry's instruments.
//!
//! The `opentelemetry-prometheus` exporter adds the unit and `_total` to every name, also to one that ends in them. What pushes, and
//! what turns that into text elsewhere, adds only what is not there.

use super::draft::{Draft, sanitized};
use super::values::{Evaluator, Scope, Value};
use super::walk::Context;
use crate::knowledge::libraries::Library;
use crate::model::MetricType;
use crate::syntax::rust::tree::{Expr, ExprKind, Lit};

/// What one exporter is told.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Exporter {
    units: bool,
    suffixes: bool,
    namespace: Option<String>,
}

/// The exporters of a tree.
#[derive(Debug, Default)]
pub(super) struct Exporters {
    all: Vec<Exporter>,
    /// Whether code mends the names in the text that they give: `text.replace("_total_total", "_total")`.
    mended: bool,
}

impl Exporters {
    /// Takes note of an exporter that is built here: `opentelemetry_prometheus::exporter().without_units()`.
    pub(super) fn see<'a>(&mut self, library: &Library, expr: &'a Expr, eval: &Evaluator<'a, '_>, cx: &Context<'a, '_>) {
        if let ExprKind::MethodCall(call) = &expr.kind {
            let twice = |e: &Expr| matches!(&e.kind, ExprKind::Lit(Lit::Str(text)) if &**text == "_total_total");
            self.mended |= call.method.as_str() == "replace" && call.args.first().is_some_and(twice);
        }
        let ExprKind::Call(callee, _) = &expr.kind else { return };
        let ExprKind::Path(path) = &callee.kind else { return };
        let full = cx.world.full_path(cx.file, &path.names().collect::<Vec<_>>());
        let Some(known) = library.exporter.as_ref().filter(|known| full.first() == Some(&known.krate.as_str())) else { return };
        if !known.makers.iter().any(|maker| maker == path.last()) {
            return;
        }
        let mut exporter = Exporter { units: true, suffixes: true, namespace: None };
        let mut end = expr.span;
        for outer in cx.enclosing() {
            let ExprKind::MethodCall(call) = &outer.kind else { break };
            if call.receiver.span != end {
                break;
            }
            end = outer.span;
            match (call.method.as_str(), call.args.as_slice()) {
                (method, []) if method == known.without_units => exporter.units = false,
                (method, []) if method == known.without_counter_suffix => exporter.suffixes = false,
                (method, [namespace]) if method == known.namespace => {
                    if let Value::Text(text) = eval.value(namespace, &Scope::quiet(cx, outer.span))
                        && text.known
                    {
                        exporter.namespace = Some(format!("{}_", sanitized(&text.text).trim_end_matches('_')));
                    }
                }
                _ => {}
            }
        }
        self.all.push(exporter);
    }

    pub(super) fn extend(&mut self, other: Exporters) {
        self.all.extend(other.all);
        self.mended |= other.mended;
    }

    /// Gives a definition the name under which the exporter shows it, where all of the tree are told the same.
    pub(super) fn settle(&self, draft: &mut Draft) {
        let [exporter, others @ ..] = self.all.as_slice() else {
            draft.named_elsewhere = true;
            return;
        };
        let Some(plain) = draft.plain_name.as_deref().filter(|_| others.iter().all(|other| other == exporter)) else { return };
        let counter = draft.kind == MetricType::Counter;
        let plain = if counter && self.mended { plain.strip_suffix("_total").unwrap_or(plain) } else { plain };
        let mut name = format!("{}{plain}", exporter.namespace.as_deref().unwrap_or_default());
        if let Some(unit) = draft.plain_unit.as_deref().filter(|_| exporter.units) {
            name.push('_');
            name.push_str(unit);
        }
        if counter && exporter.suffixes {
            name.push_str("_total");
        }
        draft.name = name;
    }
}
