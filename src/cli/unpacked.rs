//! Rules that Kubernetes objects hold, as the plain files that promtool reads.

use std::path::Path;

use serde::Deserialize as _;
use serde_yaml::{Mapping, Value};

use crate::source::{FileKind, SourceFile, Sources};
use crate::verify::promtool::{self, Said};
use crate::workspace;

/// Whether a file holds objects, and no plain rules.
pub(super) fn is_object(file: &SourceFile) -> bool {
    file.kind != FileKind::Yaml || file.text.contains("\nkind:") || file.text.starts_with("kind:")
}

/// What promtool says about the rules of a file of objects; `None` where there are none that it reads.
pub(super) fn check(file: &SourceFile) -> Option<Said> {
    let texts = rules(&file.text);
    if texts.is_empty() {
        return None;
    }
    let asked = in_folder(|folder| {
        for (i, text) in texts.iter().enumerate() {
            let path = folder.join(format!("rules-{i}.yml"));
            std::fs::write(&path, text)?;
            match promtool::check_rules(&path) {
                Said::Fine => {}
                Said::Bad(words) => return Ok(Said::Bad(words.replace(&*path.to_string_lossy(), &file.path))),
                missing @ Said::Missing(_) => return Ok(missing),
            }
        }
        Ok(Said::Fine)
    });
    Some(asked)
}

/// What promtool says about a file of rule tests. Those that name a file of objects are run with what that file holds.
pub(super) fn test(file: &SourceFile, sources: &Sources, cwd: &Path) -> Said {
    let absolute = cwd.join(&*file.path);
    let folder = absolute.parent().unwrap_or(cwd);
    let parsed: Option<Mapping> = serde_yaml::from_str(&file.text).ok();
    let named = parsed.as_ref().and_then(|test| test.get("rule_files")?.as_sequence()).cloned().unwrap_or_default();
    // promtool would run the tests without rules, and say of each what it did not get.
    let gone = |name: &str| !name.contains(['*', '?', '[']) && !folder.join(name).exists();
    let names: Vec<&str> = named.iter().filter_map(Value::as_str).collect();
    if !names.is_empty() && names.iter().all(|name| gone(name)) {
        return Said::Bad(format!("not run: none of its rule_files is there: {}", names.join(", ")));
    }
    let object = |name: &Value| sources.get(&workspace::display(cwd, &folder.join(name.as_str()?))).filter(|f| is_object(f));
    let (Some(mut test), true) = (parsed, named.iter().any(|name| object(name).is_some())) else {
        return promtool::test_rules(&absolute);
    };
    in_folder(|temporary| {
        let mut files = Vec::new();
        for name in &named {
            let Some(of) = object(name) else {
                files.push(name.as_str().map_or_else(|| name.clone(), |n| Value::from(folder.join(n).to_string_lossy().into_owned())));
                continue;
            };
            for text in rules(&of.text) {
                let path = temporary.join(format!("rules-{}.yml", files.len()));
                std::fs::write(&path, text)?;
                files.push(Value::from(path.to_string_lossy().into_owned()));
            }
        }
        test.insert(Value::from("rule_files"), Value::from(files));
        let path = temporary.join("test.yml");
        std::fs::write(&path, serde_yaml::to_string(&test).unwrap_or_default())?;
        Ok(match promtool::test_rules(&path) {
            Said::Bad(words) => Said::Bad(words.replace(&*path.to_string_lossy(), &file.path)),
            said => said,
        })
    })
}

fn in_folder(ask: impl FnOnce(&Path) -> std::io::Result<Said>) -> Said {
    let asked = tempfile::tempdir().and_then(|folder| ask(folder.path()));
    asked.unwrap_or_else(|error| Said::Missing(format!("rules of an object cannot be unpacked for it: {error}")))
}

/// The rule files that the objects of a text hold: the groups of each `PrometheusRule`, the entries of each `ConfigMap` that have some.
fn rules(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text) {
        let Ok(root) = Value::deserialize(document) else { return out };
        match root.get("items").and_then(Value::as_sequence) {
            Some(items) => items.iter().for_each(|item| of_object(item, &mut out)),
            None => of_object(&root, &mut out),
        }
    }
    out
}

fn of_object(object: &Value, out: &mut Vec<String>) {
    match object.get("kind").and_then(Value::as_str) {
        Some("PrometheusRule") => {
            let groups = object.get("spec").and_then(|spec| spec.get("groups"));
            let file = groups.map(|groups| Mapping::from_iter([(Value::from("groups"), groups.clone())]));
            out.extend(file.and_then(|file| serde_yaml::to_string(&file).ok()));
        }
        Some("ConfigMap") => {
            let entries = object.get("data").and_then(Value::as_mapping).into_iter().flatten();
            let is_file = |text: &&str| serde_yaml::from_str::<Mapping>(text).is_ok_and(|file| file.contains_key("groups"));
            out.extend(entries.filter_map(|(_, value)| value.as_str()).filter(is_file).map(str::to_owned));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_objects_are_plain_rule_files() {
        let rule = "kind: PrometheusRule\nspec:\n  groups:\n  - name: a\n    rules: []\n";
        let map = "kind: ConfigMap\ndata:\n  a.yml: |\n    groups: []\n  b: c\n";
        assert_eq!(rules(rule), ["groups:\n- name: a\n  rules: []\n"]);
        assert_eq!(rules(&format!("{rule}---\n{map}")).len(), 2);
        let list = "kind: List\nitems:\n- kind: PrometheusRule\n  spec: {groups: [{name: a}]}\n- kind: Service\n  spec: {}\n";
        assert_eq!(rules(list), ["groups:\n- name: a\n"]);
        assert!(rules("kind: VMRule\nspec: {groups: []}\n").is_empty());
    }
}
