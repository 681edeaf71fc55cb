//! Reads the user's own templates: files of the same names as those below `templates/`, each of which replaces the built-in one.

use std::collections::BTreeMap;
use std::path::Path;

use walkdir::WalkDir;

use super::Failure;
use crate::config::suggest;
use crate::generate;

/// The files of a folder by name. A file that replaces nothing is a mistake, since it would have no effect.
pub(super) fn read(folder: Option<&Path>) -> Result<BTreeMap<String, String>, Failure> {
    let mut found = BTreeMap::new();
    let Some(folder) = folder else { return Ok(found) };
    if !folder.is_dir() {
        return Err(Failure::Usage(format!("--templates {}: no such folder", folder.display())));
    }
    let known = generate::template_names();
    for entry in WalkDir::new(folder).follow_links(true).max_depth(8).sort_by_file_name() {
        let entry = entry.map_err(|e| Failure::Io(format!("--templates: {e}")))?;
        let name = entry.path().strip_prefix(folder).unwrap_or(entry.path()).to_string_lossy().replace('\\', "/");
        let hidden = name.split('/').any(|part| part.starts_with('.'));
        if !entry.file_type().is_file() || hidden {
            continue;
        }
        if !known.contains(&name) {
            let hint = suggest(&name, known.iter().map(String::as_str)).map_or_else(String::new, |s| format!("; did you mean `{s}`?"));
            return Err(Failure::Usage(format!("--templates {}: no template is called `{name}`{hint}", folder.display())));
        }
        let text =
            std::fs::read_to_string(entry.path()).map_err(|e| Failure::Io(format!("cannot read {}: {e}", entry.path().display())))?;
        found.insert(name, text);
    }
    Ok(found)
}
