//! `reduse.lock.json` beside the generated files: what each was when it was written, so that a person's edits are never overwritten.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Failure;

/// Name of the file.
pub(super) const NAME: &str = "reduse.lock.json";

/// Checksums of the files as they were written.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Lock {
    version: u32,
    /// File name to checksum.
    files: BTreeMap<String, String>,
}

/// What stands in the way of writing a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing is there, or what we wrote.
    Ours,
    /// It is what would be written.
    Same,
    /// Somebody changed it since.
    Edited,
    /// It was there before us.
    Foreign,
}

impl Lock {
    /// The lock of a folder; an empty one where there is none.
    pub(super) fn read(folder: &Path) -> Result<Lock, Failure> {
        let path = folder.join(NAME);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Lock::of(std::iter::empty())),
            Err(e) => return Err(Failure::Io(format!("cannot read {}: {e}", path.display()))),
        };
        serde_json::from_str(&text).map_err(|e| Failure::Usage(format!("{}: {e}; --force writes it anew", path.display())))
    }

    /// The lock of these files.
    pub(super) fn of<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Lock {
        Lock { version: 1, files: files.map(|(name, text)| (name.to_owned(), checksum(text))).collect() }
    }

    /// Adds what another lock says of files that this one does not know.
    pub(super) fn keep(&mut self, earlier: &Lock) {
        for (name, sum) in &earlier.files {
            self.files.entry(name.clone()).or_insert_with(|| sum.clone());
        }
    }

    /// Files of this lock that another one knows as something else, or not at all.
    pub(super) fn beyond<'a>(&'a self, other: &Lock) -> Vec<&'a str> {
        self.files.iter().filter(|(name, sum)| other.files.get(*name) != Some(*sum)).map(|(name, _)| name.as_str()).collect()
    }

    /// Files of an earlier run. The lock may come from anywhere: a name that leads out of the folder is none of ours.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str).filter(|name| Path::new(name).file_name().is_some_and(|last| last == *name))
    }

    /// What stands in the way of writing `text` to the file `name` of the folder.
    pub(super) fn state(&self, folder: &Path, name: &str, text: &str) -> Result<State, Failure> {
        let path = folder.join(name);
        let on_disk = match std::fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(State::Ours),
            Err(e) => return Err(Failure::Io(format!("cannot read {}: {e}", path.display()))),
        };
        // A checkout may have changed the ends of lines, which is nobody's edit.
        let on_disk = on_disk.replace("\r\n", "\n");
        Ok(match self.files.get(name) {
            _ if on_disk == text => State::Same,
            Some(sum) if *sum == checksum(&on_disk) => State::Ours,
            Some(_) => State::Edited,
            None => State::Foreign,
        })
    }

    /// The file's text.
    pub(super) fn text(&self) -> String {
        // Texts and a number always become JSON.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// FNV-1a, 64 bits: it tells an edit, and is no signature.
fn checksum(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("fnv1a64:{hash:016x}")
}
