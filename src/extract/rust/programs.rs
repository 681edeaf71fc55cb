//! Which packages are in which programs of a tree, as its manifests say.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Build, SourceFile};

/// The programs of a tree: for each the packages that it is built of.
#[derive(Debug, Default)]
pub(super) struct Programs<'s> {
    all: Vec<BTreeSet<&'s str>>,
}

impl<'s> Programs<'s> {
    /// Those that have a `main`.
    pub(super) fn new(files: impl Iterator<Item = &'s SourceFile>, builds: &BTreeMap<&'s str, &'s Build>) -> Self {
        let mains: BTreeSet<&str> = files.filter(|f| has_main(f)).map(|f| &*f.package).collect();
        Programs { all: mains.into_iter().map(|main| closure(main, builds)).collect() }
    }

    /// The same, for those who do not have the files.
    pub(super) fn named(&self) -> crate::model::Programs {
        crate::model::Programs::new(self.all.iter().map(|program| program.iter().map(|p| (*p).to_owned()).collect()).collect())
    }

    /// Of these packages those that are in a program with this one. All, where no program is known to hold it.
    pub(super) fn beside<'p>(&self, package: &str, of: &BTreeSet<&'p str>) -> BTreeSet<&'p str> {
        let holding: Vec<&BTreeSet<&str>> = self.all.iter().filter(|program| program.contains(package)).collect();
        let near: BTreeSet<&'p str> = of.iter().filter(|other| holding.iter().any(|program| program.contains(**other))).copied().collect();
        if near.is_empty() { of.clone() } else { near }
    }
}

fn has_main(file: &SourceFile) -> bool {
    let inside = file.path.strip_prefix(&*file.package_root).map(|p| p.trim_start_matches('/'));
    inside.is_some_and(|inside| inside == "src/main.rs" || inside.starts_with("src/bin/"))
}

/// A package and what it is built on.
fn closure<'s>(package: &'s str, builds: &BTreeMap<&'s str, &'s Build>) -> BTreeSet<&'s str> {
    let mut all = BTreeSet::from([package]);
    let mut next = vec![package];
    while let Some(package) = next.pop() {
        let dependencies = builds.get(package).into_iter().flat_map(|b| b.dependencies.keys()).map(String::as_str);
        // Others are not of the tree.
        for dependency in dependencies.filter(|d| builds.contains_key(d)) {
            if all.insert(dependency) {
                next.push(dependency);
            }
        }
    }
    all
}
