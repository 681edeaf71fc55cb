//! `rules/presets/<preset>.yaml`: how strict a run is, as one word.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{load, rule_files};

/// One preset.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// The word in `reduse.toml`: the file's stem.
    pub name: String,
    /// One line.
    pub summary: String,
    /// The lowest severity that fails a run.
    pub fail_on: String,
    /// What lints become whose own level is `info`: `off`, `info`, `warning` or `error`.
    #[serde(default)]
    pub opinions: Option<String>,
    /// Levels of lints and families that differ from their own.
    #[serde(default)]
    pub lints: BTreeMap<String, String>,
}

static PRESETS: LazyLock<Vec<Preset>> = LazyLock::new(|| rule_files("presets").iter().filter_map(|f| load(f).ok()).collect());

/// All presets, by name.
pub fn all() -> &'static [Preset] {
    &PRESETS
}

/// The preset with this name.
pub fn get(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|p| p.name == name)
}
