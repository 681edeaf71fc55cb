//! Code that runs more than once in a process for certain: what answers requests, and loops.

use super::frames::Callable;
use super::walk::{Context, Parent};
use crate::knowledge::vocab;
use crate::syntax::rust::tree::{Type, TypeKind};

/// What makes the code around run more than once: the nearest function is given a request, or a loop stands between.
pub(super) fn again(cx: &Context<'_, '_>) -> Option<String> {
    if cx.parents.iter().any(|p| matches!(p, Parent::Const(_))) {
        return None;
    }
    match cx.callables.last()? {
        Callable::Loop { .. } => Some("a loop".into()),
        Callable::Closure { .. } | Callable::Object { .. } | Callable::Field { .. } => None,
        Callable::Function { .. } => {
            let (item, function) = cx.functions.last()?;
            let request = function.params.iter().filter_map(|p| p.ty.as_ref()).find(|ty| is_request(ty))?;
            let TypeKind::Path(path) = &request.kind else { return None };
            Some(format!("`{}`, which is given a `{}`", item.name.as_str(), path.last()))
        }
    }
}

/// Whether a type is what a web framework hands to the function that answers a request.
fn is_request(ty: &Type) -> bool {
    matches!(&ty.kind, TypeKind::Path(path) if vocab::updates().requests.iter().any(|r| r == path.last()))
}
