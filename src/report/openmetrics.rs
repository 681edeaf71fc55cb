//! The inventory as OpenMetrics: what is known of each metric family, without samples, which only a process has.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Write;

use crate::model::{Inventory, Metric, MetricType};

/// The text, and how many metrics it leaves out, since only the run decides their names or they are no names.
pub fn render(inventory: &Inventory) -> (String, usize) {
    let mut families: BTreeMap<&str, Family<'_>> = BTreeMap::new();
    let mut left_out = 0;
    for metric in inventory.metrics() {
        if !metric.is_writable() {
            left_out += 1;
            continue;
        }
        let family = Family::of(metric);
        match families.entry(family_name(metric)) {
            Entry::Vacant(slot) => _ = slot.insert(family),
            Entry::Occupied(mut slot) => slot.get_mut().join(&family),
        }
    }
    let mut out = String::new();
    for (name, family) in &families {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "# TYPE {name} {}", family.kind.as_str());
        if let Some(unit) = family.unit {
            let _ = writeln!(out, "# UNIT {name} {unit}");
        }
        if let Some(help) = family.help {
            let _ = writeln!(out, "# HELP {name} {}", escaped(help));
        }
    }
    out.push_str("# EOF\n");
    (out, left_out)
}

/// What is said of one family.
struct Family<'m> {
    kind: MetricType,
    unit: Option<&'m str>,
    help: Option<&'m str>,
}

impl<'m> Family<'m> {
    fn of(metric: &'m Metric) -> Self {
        // A unit has to be the end of the name.
        let ends_in = |unit: &&str| family_name(metric).strip_suffix(unit).is_some_and(|rest| rest.ends_with('_'));
        Family { kind: metric.kind, unit: metric.unit.as_deref().filter(ends_in), help: metric.help.as_deref().filter(|h| !h.is_empty()) }
    }

    /// Crates that are alternatives, or a counter `x_total` and a gauge `x`, share a family.
    fn join(&mut self, other: &Self) {
        if self.kind != other.kind {
            self.kind = MetricType::Unknown;
        }
        self.unit = self.unit.or(other.unit);
        self.help = self.help.or(other.help);
    }
}

/// The suffix of a counter belongs to its samples.
fn family_name(metric: &Metric) -> &str {
    match metric.kind {
        MetricType::Counter => metric.name.strip_suffix("_total").unwrap_or(&metric.name),
        _ => &metric.name,
    }
}

fn escaped(help: &str) -> String {
    help.replace('\\', "\\\\").replace('\n', "\\n").replace('"', "\\\"")
}
