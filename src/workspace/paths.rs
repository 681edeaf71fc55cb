//! Paths as reports show them.

use std::path::{Component, Path, PathBuf};

/// `path` relative to `cwd`, with `/` on every system; `""` for `cwd` itself. Both must be absolute. Purely lexical.
pub fn display(cwd: &Path, path: &Path) -> String {
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

fn normalize(path: &Path) -> PathBuf {
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
    }
}
