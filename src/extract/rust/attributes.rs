//! Attributes: test code, conditional code, doc comments.

use crate::syntax::rust::tree::{Arg, Attr, Expr, ExprKind, Separator};

/// Whether an attribute of this name is there.
pub(super) fn has(attrs: &[Attr], name: &str) -> bool {
    attrs.iter().any(|a| &*a.name == name)
}

/// Whether the attributes say that what follows exists in tests only.
pub(super) fn is_test(attrs: &[Attr]) -> bool {
    attrs.iter().any(|attr| match &*attr.name {
        "cfg" => attr.args.iter().any(|a| a.value.as_ref().is_some_and(requires_test)),
        "test" | "bench" | "rstest" | "test_case" | "quickcheck" | "proptest" => true,
        name => name.ends_with("::test"),
    })
}

/// Whether the attributes make what follows depend on the build.
pub(super) fn is_conditional(attrs: &[Attr]) -> bool {
    has(attrs, "cfg")
}

fn requires_test(condition: &Expr) -> bool {
    match &condition.kind {
        ExprKind::Path(path) => path.as_ident() == Some("test"),
        ExprKind::Call(callee, args) => match &callee.kind {
            ExprKind::Path(path) => match path.as_ident() {
                Some("all") => args.iter().any(requires_test),
                // Of features beside `test`, those that are there for the tests of other crates.
                Some("any") => args.iter().any(requires_test) && args.iter().all(|arg| requires_test(arg) || is_test_feature(arg)),
                _ => false,
            },
            _ => false,
        },
        _ => false,
    }
}

/// `feature = "testing"`, `feature = "test-utils"` and the like.
fn is_test_feature(condition: &Expr) -> bool {
    match &condition.kind {
        ExprKind::Assign(key, value) => is_path(key, "feature") && value.as_str().is_some_and(|name| name.contains("test")),
        _ => false,
    }
}

/// The names in `#[derive(..)]`, last segments.
pub(super) fn derives<'a>(attrs: &'a [Attr], name: &str) -> bool {
    let named = |arg: &'a Arg| arg.value.as_ref().is_some_and(|v| ends_in(v, name));
    // `cfg_attr(condition, derive(Name))` as well: what the build may derive.
    let conditional = |arg: &'a Arg| match arg.value.as_ref().map(|v| &v.kind) {
        Some(ExprKind::Call(callee, args)) => is_path(callee, "derive") && args.iter().any(|a| ends_in(a, name)),
        _ => false,
    };
    attrs.iter().any(|attr| match &*attr.name {
        "derive" => attr.args.iter().any(named),
        "cfg_attr" => attr.args.iter().any(conditional),
        _ => false,
    })
}

/// Whether a derive of this name is named by a path that begins with one of these crates.
pub(super) fn derives_by_path(attrs: &[Attr], name: &str, crates: &[String]) -> bool {
    let paths = attrs.iter().filter(|a| &*a.name == "derive").flat_map(|a| &a.args).filter_map(|arg| match &arg.value.as_ref()?.kind {
        ExprKind::Path(path) if path.last() == name => path.names().next(),
        _ => None,
    });
    paths.into_iter().any(|root| crates.iter().any(|c| c == root))
}

/// The arguments of every attribute of this name.
pub(super) fn args<'a>(attrs: &'a [Attr], name: &'a str) -> impl Iterator<Item = &'a Arg> {
    attrs.iter().filter(move |a| &*a.name == name).flat_map(|a| &a.args)
}

/// The arguments `name = value` of attributes, by key.
pub(super) fn keyed<'a>(args: impl IntoIterator<Item = &'a Arg>, name: &str) -> Option<&'a Expr> {
    args.into_iter().find_map(|arg| match (arg.key.as_deref(), &arg.value) {
        (Some((key, Separator::Equals)), Some(value)) if is_path(key, name) => Some(value),
        _ => None,
    })
}

/// What the argument `name(..)` of attributes holds.
pub(super) fn listed<'a>(args: impl IntoIterator<Item = &'a Arg>, name: &str) -> Option<&'a [Expr]> {
    args.into_iter().find_map(|arg| match arg.value.as_ref().map(|v| &v.kind) {
        Some(ExprKind::Call(callee, items)) if arg.key.is_none() && is_path(callee, name) => Some(items.as_slice()),
        _ => None,
    })
}

/// Whether one of the arguments is the bare word `name`.
pub(super) fn flag<'a>(args: impl IntoIterator<Item = &'a Arg>, name: &str) -> bool {
    args.into_iter().any(|arg| arg.key.is_none() && arg.value.as_ref().is_some_and(|v| is_path(v, name)))
}

fn ends_in(expr: &Expr, name: &str) -> bool {
    matches!(&expr.kind, ExprKind::Path(path) if path.last() == name)
}

fn is_path(expr: &Expr, name: &str) -> bool {
    matches!(&expr.kind, ExprKind::Path(path) if path.as_ident() == Some(name))
}

/// The lines of a doc comment, each without the blanks around it.
pub(super) fn docs(attrs: &[Attr]) -> Vec<&str> {
    let lines = attrs.iter().filter(|a| &*a.name == "doc").flat_map(|a| &a.args).filter(|a| a.key.is_none());
    lines.filter_map(|a| a.value.as_ref()?.as_str()).map(str::trim).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::rust::parse;

    fn test_code(attr: &str) -> bool {
        let file = parse(&format!("{attr} fn f() {{}}")).expect("parses");
        is_test(&file.items[0].attrs)
    }

    #[test]
    fn test_attributes_are_known() {
        let features = ["#[cfg(all(test, feature = \"x\"))]", "#[cfg(any(test, feature = \"test-utils\"))]"];
        for attr in ["#[test]", "#[tokio::test]", "#[cfg(test)]"].into_iter().chain(features) {
            assert!(test_code(attr), "{attr}");
        }
        for attr in ["#[cfg(not(test))]", "#[cfg(any(test, feature = \"x\"))]", "#[cfg(feature = \"test\")]", "#[inline]"] {
            assert!(!test_code(attr), "{attr}");
        }
    }
}
