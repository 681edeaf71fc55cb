//! Writing files: whole or not at all.

use std::io::Write;
use std::path::Path;

use super::Failure;

/// Replaces a file that is there, and keeps who may read it; a link keeps its place.
pub(super) fn replace_kept(path: &Path, text: &str) -> Result<(), Failure> {
    let fail = |e: std::io::Error| Failure::Io(format!("cannot write {}: {e}", path.display()));
    let real = path.canonicalize().map_err(fail)?;
    let permissions = std::fs::metadata(&real).map_err(fail)?.permissions();
    if permissions.readonly() {
        return Err(Failure::Io(format!("cannot write {}: it is read-only", path.display())));
    }
    replace(&real, text)?;
    std::fs::set_permissions(&real, permissions).map_err(fail)
}

/// Replaces a file atomically: a temporary file in the same folder, then a rename.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let fail = |e: std::io::Error| Failure::Io(format!("cannot write {}: {e}", path.display()));
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".reduse-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The temporary file's own mode would be private; what is generated is meant to be read by others, and the umask still applies.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let fail = |e: std::io::Error| fail(without_path(e));
    let mut file = builder.tempfile_in(folder).map_err(fail)?;
    file.write_all(text.as_bytes()).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|e| fail(e.error))?;
    Ok(())
}

/// What went wrong, without the name of the temporary file, which nobody asked for.
fn without_path(error: std::io::Error) -> std::io::Error {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((what, _)) => std::io::Error::new(error.kind(), what.to_owned()),
        None => error,
    }
}
