//! The embedded `rules/` folder, which the build turned into JSON.

use include_dir::{Dir, include_dir};
use serde::de::DeserializeOwned;

static RULES: Dir<'_> = include_dir!("$OUT_DIR/rules");

/// One embedded file of rules.
#[derive(Clone, Copy, Debug)]
pub struct RuleFile {
    /// Path below `rules/`, with `/`; it ends in `.json`, and that of the file it was made of in `.yaml`.
    pub path: &'static str,
    /// File name without its extension.
    pub stem: &'static str,
    /// The whole text, as JSON.
    pub text: &'static str,
}

/// All files below `rules/<folder>`, by path.
pub fn rule_files(folder: &str) -> Vec<RuleFile> {
    let mut files = Vec::new();
    if let Some(dir) = RULES.get_dir(folder) {
        collect(dir, &mut files);
    }
    files.sort_by_key(|f| f.path);
    files
}

fn collect(dir: &'static Dir<'static>, into: &mut Vec<RuleFile>) {
    for file in dir.files() {
        let (Some(path), Some(text)) = (file.path().to_str(), file.contents_utf8()) else { continue };
        let Some(stem) = file.path().file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_suffix(".json")) else { continue };
        files_push(into, path, stem, text);
    }
    for sub in dir.dirs() {
        collect(sub, into);
    }
}

fn files_push(into: &mut Vec<RuleFile>, path: &'static str, stem: &'static str, text: &'static str) {
    into.push(RuleFile { path, stem, text });
}

/// Reads one embedded file.
///
/// # Errors
/// The parse error with the file's path, when the text does not fit `T`.
pub fn load<T: DeserializeOwned>(file: &RuleFile) -> Result<T, String> {
    serde_json::from_str(file.text).map_err(|e| format!("rules/{}yaml: {e}", file.path.trim_end_matches("json")))
}
