//! The commented `reduse.toml` that a team starts from.

use std::collections::BTreeMap;

use minijinja::{Value, context};

use super::template::Templates;
use crate::knowledge::presets::{self, Preset};
use crate::knowledge::systems;
use crate::model::{DEFAULT_MAX_SERIES, Thresholds};

const NAME: &str = "config/reduse.toml";

/// The text of a `reduse.toml` with this preset.
///
/// # Errors
/// Why the template cannot be rendered.
pub fn starter_config(preset: &Preset) -> Result<String, String> {
    let replacements = BTreeMap::new();
    let templates = Templates::new(&replacements);
    let row = |p: &Preset| context! { name => &*p.name, summary => &*p.summary };
    let thresholds = Thresholds::default();
    let names: Vec<&str> = systems::all().iter().map(|s| s.name.as_str()).collect();
    let context = context! {
        presets => presets::all().iter().map(row).collect::<Vec<Value>>(),
        preset => &*preset.name,
        fail_on => &*preset.fail_on,
        systems => names.join(", "),
        system => names.first().copied(),
        max_series => DEFAULT_MAX_SERIES,
        thresholds => context! {
            error_ratio => format!("{:?}", thresholds.error_ratio),
            ttft_seconds => format!("{:?}", thresholds.ttft_seconds),
            cost_per_1k_usd => format!("{:?}", thresholds.cost_per_1k_usd),
            kv_cache_ratio => format!("{:?}", thresholds.kv_cache_ratio),
            disk_free_ratio => format!("{:?}", thresholds.disk_free_ratio),
        },
    };
    let source = templates.source(NAME).map_err(|e| e.to_string())?;
    let text = templates.text(NAME, source, &context).map_err(|e| e.to_string())?;
    Ok(format!("{}\n", text.trim_end()))
}
