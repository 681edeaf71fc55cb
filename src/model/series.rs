//! The series that a metric is made of, by name.

use super::{Inventory, Language, Metric, MetricType};

/// Suffixes of the series a family is made of.
const PARTS: [&str; 4] = ["_bucket", "_count", "_sum", "_created"];

/// Splits the name of a series into that of its family, if it has one, and the part.
pub fn split_series(name: &str) -> (&str, &str) {
    PARTS.iter().find_map(|part| name.strip_suffix(part).map(|family| (family, *part))).unwrap_or((name, ""))
}

impl Metric {
    /// Whether a metric of this type has series of this part, such as `_bucket`.
    pub fn has_part(&self, part: &str) -> bool {
        match (self.kind, part) {
            (MetricType::Summary, "_bucket") => false,
            (MetricType::Histogram | MetricType::Summary, _) => true,
            // A recorded metric or an untyped one is a single series.
            (MetricType::Counter, "_created") => true,
            (MetricType::Unknown, _) => self.language != Language::Yaml,
            _ => false,
        }
    }

    /// Whether the metric is, or, where a part of its name is only known at run time, may be called so.
    pub fn may_be(&self, name: &str) -> bool {
        glob(&self.name, name)
    }
}

impl Inventory {
    /// Whether a definition that could not be resolved may have series of this name.
    pub fn may_hide(&self, name: &str) -> bool {
        let (family, _) = split_series(name);
        self.unresolved.iter().any(|u| glob(&u.name, name) || glob(&u.name, family))
    }

    /// Whether something here has, or may have, series of this name.
    pub fn may_have(&self, name: &str) -> bool {
        if self.get(name).is_some() {
            return true;
        }
        let (family, part) = split_series(name);
        if !part.is_empty() {
            let families = self.named(family).iter().chain(self.named(&format!("{family}_total")));
            if families.into_iter().any(|m| m.has_part(part)) {
                return true;
            }
        }
        self.patterns().any(|m| m.may_be(name) || !part.is_empty() && m.may_be(family))
    }

    /// All metrics with exactly this name.
    pub fn named(&self, name: &str) -> &[Metric] {
        let metrics = self.metrics();
        let start = metrics.partition_point(|m| m.name.as_str() < name);
        let end = metrics.partition_point(|m| m.name.as_str() <= name);
        metrics.get(start..end).unwrap_or_default()
    }
}

/// Whether `pattern`, whose `*` stand for any text, matches `name`.
fn glob(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or(""),
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn stars_match_any_text() {
        assert!(glob("a_*_total", "a_b_c_total"));
        assert!(glob("*", ""));
        assert!(glob("*_x_*", "a_x_b"));
        assert!(!glob("a_*_total", "a_total"));
        assert!(!glob("ab", "abc"));
    }
}
