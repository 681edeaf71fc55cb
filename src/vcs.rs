//! git, as far as a comparison with a revision needs it: which files changed, what they held before, which lines are new.
//!
//! By subprocess: git itself knows the user's configuration, attributes, work trees and object formats, and nothing is linked for a
//! flag that few runs use. Every command is told to print what a program reads, whatever the user has configured.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use thiserror::Error;

/// Why git cannot answer.
#[derive(Debug, Error)]
pub enum VcsError {
    /// There is no git program.
    #[error("git is not installed, or not on the PATH")]
    NoGit,
    /// The folder is in no repository.
    #[error("{0} is in no git repository")]
    NoRepository(String),
    /// No commit has this name.
    #[error("unknown revision `{0}`{1}")]
    UnknownRevision(String, String),
    /// The history that is needed was not fetched.
    #[error(
        "this is a shallow clone, and {0}: fetch the whole history (`fetch-depth: 0` of actions/checkout, `GIT_DEPTH: 0` on GitLab, or `git fetch --unshallow`)"
    )]
    Shallow(String),
    /// git failed for a reason of its own.
    #[error("`git {0}` failed: {1}")]
    Failed(String, String),
}

/// A work tree.
#[derive(Debug)]
pub struct Repository {
    /// Its top folder, canonical.
    pub root: PathBuf,
}

/// What differs between a commit and the work tree, by path below the top folder, with `/`.
#[derive(Debug, Default)]
pub struct Changes {
    /// Every changed file with what it held at the commit; `None` where it was not there.
    pub before: BTreeMap<String, Option<Vec<u8>>>,
    /// Lines, from 1, that are new or changed beyond their white space, of files that were there before under this or another name.
    /// In a file that is new as a whole every line is, which says nothing: it may have been moved by hand.
    pub lines: BTreeMap<String, Vec<RangeInclusive<usize>>>,
}

impl Repository {
    /// The repository that `folder` is in.
    ///
    /// # Errors
    /// No git, or no repository.
    pub fn of(folder: &Path) -> Result<Repository, VcsError> {
        let args = ["rev-parse", "--show-toplevel"];
        match run(folder, &args)? {
            Ok(top) => {
                let path = PathBuf::from(String::from_utf8_lossy(&top).trim_end_matches(['\n', '\r']));
                Ok(Repository { root: path.canonicalize().unwrap_or(path) })
            }
            Err(words) if words.contains("not a git repository") || words.contains("must be run in a work tree") => {
                Err(VcsError::NoRepository(folder.display().to_string()))
            }
            Err(words) => Err(VcsError::Failed(args.join(" "), words)),
        }
    }

    /// The commit that the work tree's changes are counted from: where `revision` and `HEAD` parted, or `revision` itself where they
    /// have no common history.
    ///
    /// # Errors
    /// No such commit, or a clone that is too shallow to tell.
    pub fn base(&self, revision: &str) -> Result<String, VcsError> {
        let commit = self.commit(revision)?;
        match run(&self.root, &["merge-base", &commit, "HEAD"])? {
            Ok(base) => Ok(String::from_utf8_lossy(&base).trim().to_owned()),
            Err(_) if self.is_shallow()? => Err(VcsError::Shallow(format!("it does not reach back to where `{revision}` and HEAD parted"))),
            Err(_) => Ok(commit),
        }
    }

    /// The commit that a revision names.
    ///
    /// # Errors
    /// No such commit.
    pub fn commit(&self, revision: &str) -> Result<String, VcsError> {
        let commit = format!("{revision}^{{commit}}");
        let Ok(commit) = run(&self.root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])? else {
            if self.is_shallow()? {
                return Err(VcsError::Shallow(format!("`{revision}` is not in it")));
            }
            return Err(VcsError::UnknownRevision(revision.to_owned(), self.hint(revision)?));
        };
        Ok(String::from_utf8_lossy(&commit).trim().to_owned())
    }

    fn is_shallow(&self) -> Result<bool, VcsError> {
        Ok(run(&self.root, &["rev-parse", "--is-shallow-repository"])?.is_ok_and(|out| out.starts_with(b"true")))
    }

    /// A branch of CI is often only there under the name of its remote.
    fn hint(&self, revision: &str) -> Result<String, VcsError> {
        let remote = format!("origin/{revision}");
        let commit = format!("{remote}^{{commit}}");
        let known = run(&self.root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])?.is_ok();
        Ok(if known { format!(": did you mean `{remote}`?") } else { ": name a branch, a tag or a commit that was fetched".to_owned() })
    }

    /// What differs between a commit and the work tree: committed, staged, unstaged and untracked.
    ///
    /// # Errors
    /// git failed.
    pub fn changes(&self, commit: &str) -> Result<Changes, VcsError> {
        let mut changes = Changes::default();
        let raw = self.output(&["diff", "--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=all", commit, "--"])?;
        let mut blobs = Vec::new();
        for (path, old) in raw_entries(&raw) {
            match old {
                Some(blob) => blobs.push((path, blob)),
                None => {
                    changes.before.insert(path, None);
                }
            }
        }
        self.read_blobs(&blobs, &mut changes.before)?;
        let patch = self.output(&[
            "diff",
            "--unified=0",
            "--ignore-all-space",
            "--find-renames",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--ignore-submodules=all",
            "--src-prefix=a/",
            "--dst-prefix=b/",
            commit,
            "--",
        ])?;
        changes.lines = changed_lines(&patch);
        let untracked = self.output(&["ls-files", "--others", "--exclude-standard", "-z"])?;
        for path in untracked.split(|&b| b == 0).filter(|p| !p.is_empty()) {
            changes.before.insert(String::from_utf8_lossy(path).into_owned(), None);
        }
        Ok(changes)
    }

    fn output(&self, args: &[&str]) -> Result<Vec<u8>, VcsError> {
        run(&self.root, args)?.map_err(|words| VcsError::Failed(args.join(" "), words))
    }

    /// Reads many blobs through one process. Its input is written by a thread of its own, since git answers before it has read all.
    fn read_blobs(&self, blobs: &[(String, String)], into: &mut BTreeMap<String, Option<Vec<u8>>>) -> Result<(), VcsError> {
        if blobs.is_empty() {
            return Ok(());
        }
        let failed = |words: String| VcsError::Failed("cat-file --batch".to_owned(), words);
        let mut child = git(&self.root, &["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| failed(e.to_string()))?;
        let (Some(mut stdin), Some(mut stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(failed("no pipe".to_owned()));
        };
        let ids: String = blobs.iter().map(|(_, id)| format!("{id}\n")).collect();
        let writer = std::thread::spawn(move || stdin.write_all(ids.as_bytes()));
        let mut answer = Vec::new();
        stdout.read_to_end(&mut answer).map_err(|e| failed(e.to_string()))?;
        // A git that stopped early shows below as an answer that is too short.
        let _ = writer.join();
        child.wait().map_err(|e| failed(e.to_string()))?;
        let mut rest = answer.as_slice();
        for (path, id) in blobs {
            let end = memchr::memchr(b'\n', rest).ok_or_else(|| failed(format!("no answer about {path}")))?;
            let (head, body) = rest.split_at(end);
            let size = String::from_utf8_lossy(head).rsplit(' ').next().and_then(|s| s.parse::<usize>().ok());
            let size = size.ok_or_else(|| failed(format!("{path}: {id} is missing")))?;
            let content = body.get(1..=size).ok_or_else(|| failed(format!("{path} was cut off")))?;
            into.insert(path.clone(), Some(content.to_vec()));
            rest = body.get(size + 2..).unwrap_or_default();
        }
        Ok(())
    }
}

fn git(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder);
    for setting in ["core.quotePath=false", "diff.noprefix=false", "diff.mnemonicPrefix=false", "diff.relative=false"] {
        command.args(["-c", setting]);
    }
    // Inside a hook these point at the repository that is being committed to, from wherever git stands: the folder decides here.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(variable);
    }
    // Messages are looked at, so they must not be translated; a look must not write the index.
    command.args(args).env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0").stdin(Stdio::null());
    command
}

/// The output of a git command, or what it said on standard error when it failed.
fn run(folder: &Path, args: &[&str]) -> Result<Result<Vec<u8>, String>, VcsError> {
    let output = git(folder, args).output().map_err(|e| match e.kind() {
        ErrorKind::NotFound => VcsError::NoGit,
        _ => VcsError::Failed(args.join(" "), e.to_string()),
    })?;
    let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Ok(if output.status.success() { Ok(output.stdout) } else { Err(words) })
}

/// Path and old blob of every entry of `git diff --raw -z`: `:100644 100644 <old> <new> M\0path\0`.
fn raw_entries(raw: &[u8]) -> Vec<(String, Option<String>)> {
    let mut fields = raw.split(|&b| b == 0);
    let mut entries = Vec::new();
    while let (Some(head), Some(path)) = (fields.next(), fields.next()) {
        let head = String::from_utf8_lossy(head);
        let mut words = head.trim_start_matches(':').split(' ');
        let (mode, old) = (words.next().unwrap_or(""), words.nth(1).unwrap_or(""));
        // Anything but a regular file (a link, a submodule, nothing) held no text.
        let blob = mode.starts_with("100").then(|| old.to_owned());
        entries.push((String::from_utf8_lossy(path).into_owned(), blob));
    }
    entries
}

/// The new side's line ranges of a patch without context lines.
fn changed_lines(patch: &[u8]) -> BTreeMap<String, Vec<RangeInclusive<usize>>> {
    let mut files: BTreeMap<String, Vec<RangeInclusive<usize>>> = BTreeMap::new();
    let mut path = None;
    let mut is_new = false;
    let mut body = 0;
    for line in patch.split(|&b| b == b'\n') {
        // What a hunk holds may look like a header.
        if body > 0 && (line.starts_with(b"+") || line.starts_with(b"-")) {
            body -= 1;
        } else if line.starts_with(b"--- ") {
            is_new = line.starts_with(b"--- /dev/null");
        } else if let Some(name) = line.strip_prefix(b"+++ ") {
            path = new_name(&String::from_utf8_lossy(name));
        } else if let Some((old, new)) = line.strip_prefix(b"@@ ").and_then(|l| hunk(&String::from_utf8_lossy(l))) {
            body = old.1 + new.1;
            if let (Some(path), true) = (&path, new.1 > 0 && !is_new) {
                files.entry(path.clone()).or_default().push(new.0..=new.0 + new.1 - 1);
            }
        }
    }
    files
}

/// `-3,2 +4 @@ …`: first line and count of both sides.
fn hunk(text: &str) -> Option<((usize, usize), (usize, usize))> {
    let mut words = text.split(' ');
    let mut side = |sign: char| {
        let range = words.next()?.strip_prefix(sign)?;
        let (start, count) = range.split_once(',').unwrap_or((range, "1"));
        Some((start.parse().ok()?, count.parse().ok()?))
    };
    Some((side('-')?, side('+')?))
}

/// The path of a `+++` line: after `b/`, quoted as in C when it holds a quote or a control character, followed by a tab when it
/// holds a space. `/dev/null` is no file.
fn new_name(written: &str) -> Option<String> {
    let written = written.trim_end_matches(['\t', '\r']);
    let Some(quoted) = written.strip_prefix('"').and_then(|w| w.strip_suffix('"')) else {
        return written.strip_prefix("b/").map(str::to_owned);
    };
    let mut bytes = Vec::new();
    let mut rest = quoted.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next()? {
                b'n' => b'\n',
                b't' => b'\t',
                b'r' => b'\r',
                digit @ b'0'..=b'7' => {
                    let mut octal = |so_far: u8| Some(so_far.wrapping_mul(8).wrapping_add(rest.next()?.wrapping_sub(b'0')));
                    let second = octal(digit - b'0')?;
                    octal(second)?
                }
                other => other,
            },
            other => other,
        });
    }
    String::from_utf8_lossy(&bytes).strip_prefix("b/").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hunks_become_line_ranges_and_their_content_is_no_header() {
        let patch = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,0 +2,2 @@ fn f()\n++++ b/y\n+@@ -1 +1 @@\n@@ -9 +11 @@\n--- a/z\n+new\n\
                     --- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+a\n--- a/gone\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n--- a/a b\n+++ b/a b\t\n@@ -0,0 +1 @@\n+c\n\\ No newline at end of file\n";
        let lines = changed_lines(patch.as_bytes());
        assert_eq!(lines.keys().collect::<Vec<_>>(), ["a b", "x"]);
        assert_eq!(lines["x"], [2..=3, 11..=11]);
    }

    #[test]
    fn quoted_names_are_read() {
        assert_eq!(new_name("\"b/a\\\"b\\303\\251.rs\"").as_deref(), Some("a\"bé.rs"));
        assert_eq!(new_name("b/é.rs").as_deref(), Some("é.rs"));
        assert_eq!(new_name("/dev/null"), None);
    }

    #[test]
    fn raw_entries_name_the_old_blob() {
        let raw = b":100644 100644 aaa 000 M\0src/a b.rs\0:000000 100644 000 bbb A\0new.rs\0:120000 100644 ccc 000 T\0link.rs\0";
        let entries = raw_entries(raw);
        assert_eq!(entries[0], ("src/a b.rs".to_owned(), Some("aaa".to_owned())));
        assert_eq!((&entries[1].1, &entries[2].1), (&None, &None));
    }
}
