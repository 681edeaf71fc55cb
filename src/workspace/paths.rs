//! Paths as reports show them.

use std::path::{Component, Path, PathBuf};

/// `path` relative to `cwd`, with `/` on every system; `""` for `cwd` itself. Both must be absolute. Purely lexical.
pub fn display(cwd: &Path, path: &Path) -> String {
    if let (Some(from), Some(to)) = (names(cwd), names(path)) {
        let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        let up = std::iter::repeat_n("..", from.len() - common);
        return up.chain(to.into_iter().skip(common)).collect::<Vec<_>>().join("/");
    }
    let (cwd, path) = (normalize(cwd), normalize(path));
    let mut from = cwd.components().peekable();
    let mut to = path.components().peekable();
    while let (Some(a), Some(b)) = (from.peek(), to.peek()) {
        if a != b {
            break;
        }
        from.next();
        to.next();
    }
    let up = from.map(|_| "..".to_owned());
    let down = to.map(|c| c.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// The folders that a path leads through, where it is written as plainly as almost all are.
fn names(path: &Path) -> Option<Vec<&str>> {
    let path = path.to_str().filter(|_| cfg!(unix))?.strip_prefix('/')?;
    if path.starts_with('.') || path.contains("/.") {
        return None;
    }
    Some(path.split('/').filter(|name| !name.is_empty()).collect())
}

/// A path without `.` and `..`. Purely lexical.
pub fn normalize(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// The path that a walk error is about.
pub(super) fn of_error(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => of_error(err),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_to_the_working_directory() {
        let show = |p: &str| display(Path::new("/a/b"), Path::new(p));
        assert_eq!(show("/a/b/src/./x.rs"), "src/x.rs");
        assert_eq!(show("/a/b"), "");
        assert_eq!(show("/a/c/x.rs"), "../c/x.rs");
        assert_eq!(show("/a/b/../c"), "../c");
        assert_eq!(show("/a/b/.c/x.rs"), ".c/x.rs");
        assert_eq!(show("//a/b//x.rs"), "x.rs");
        assert_eq!(show("/a/b/x/"), "x");
        assert_eq!(show("/"), "../..");
    }
}
