//! Attributes: test code, conditional code, doc comments.

use crate::syntax::rust::tree::{Arg, Attr, Expr, ExprKind};

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
                Some("any") => !args.is_empty() && args.iter().all(requires_test),
                _ => false,
            },
            _ => false,
        },
        _ => false,
    }
}

/// The names in `#[derive(..)]`, last segments.
pub(super) fn derives<'a>(attrs: &'a [Attr], name: &str) -> bool {
    let named = |arg: &'a Arg| matches!(arg.value.as_ref().map(|v| &v.kind), Some(ExprKind::Path(path)) if path.last() == name);
    attrs.iter().filter(|a| &*a.name == "derive").flat_map(|a| &a.args).any(named)
}

/// The arguments of every attribute of this name.
pub(super) fn args<'a>(attrs: &'a [Attr], name: &'a str) -> impl Iterator<Item = &'a Arg> {
    attrs.iter().filter(move |a| &*a.name == name).flat_map(|a| &a.args)
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
        for attr in ["#[test]", "#[tokio::test]", "#[cfg(test)]", "#[cfg(all(test, feature = \"x\"))]"] {
            assert!(test_code(attr), "{attr}");
        }
        for attr in ["#[cfg(not(test))]", "#[cfg(any(test, feature = \"x\"))]", "#[cfg(feature = \"test\")]", "#[inline]"] {
            assert!(!test_code(attr), "{attr}");
        }
    }
}
