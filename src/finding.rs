//! The result of one lint.

use crate::source::Location;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// An opinion, or something the user cannot change.
    Info,
    /// Probably a mistake.
    Warning,
    /// Wrong with high confidence.
    Error,
}

impl Severity {
    /// The word used on the command line and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A hint.
    Low,
    /// Likely.
    Medium,
    /// Certain from what was read.
    High,
}

impl Confidence {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
}

/// Another place that explains a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    /// What is there.
    pub message: String,
    /// Where.
    pub location: Location,
}

/// How an edit's replacement becomes bytes of the file.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// As it is.
    Bytes,
    /// Part of a YAML or JSON scalar that begins here: with the escapes of its style.
    Scalar(u32),
    /// The Rust string literal of a name, wherever it stands: alone in the code, or in each of these calls.
    Name {
        /// The name as the code writes it now.
        old: String,
        /// The calls that define or use it.
        calls: Vec<Location>,
    },
    /// The list of numbers that stands there, rising and each once; the replacement is not looked at.
    Rising,
}

/// One replacement of bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// The bytes to replace.
    pub location: Location,
    /// What to put there.
    pub replacement: String,
    /// How; the engine leaves only `Form::Bytes`.
    pub form: Form,
}

impl Edit {
    /// Puts `replacement` there as it is.
    pub fn new(location: Location, replacement: impl Into<String>) -> Self {
        Edit { location, replacement: replacement.into(), form: Form::Bytes }
    }
}

/// A mechanical repair that needs nobody to decide anything: all of its edits, or none.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What the fix does, in words.
    pub message: String,
    /// What it changes, perhaps in several files.
    pub edits: Vec<Edit>,
}

/// One defect.
///
/// A lint fills in message and place; its name, severity and confidence come from its YAML unless the lint has a reason to
/// differ, and the user's configuration has the last word.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Name of the lint; set by the engine.
    pub lint: &'static str,
    /// Severity; `None` until the engine has set the lint's own.
    pub severity: Option<Severity>,
    /// Confidence; `None` until the engine has set the lint's own.
    pub confidence: Option<Confidence>,
    /// One sentence without a final full stop.
    pub message: String,
    /// What stands under the caret, in a few words.
    pub caret: Option<String>,
    /// The metric meant.
    pub metric: Option<String>,
    /// The label meant.
    pub label: Option<String>,
    /// The primary place.
    pub location: Location,
    /// Other places.
    pub related: Vec<Related>,
    /// What to do instead, for this very case.
    pub help: Option<String>,
    /// A mechanical repair.
    pub fix: Option<Fix>,
    /// How it is said together with others, where many are alike; nothing once that is decided.
    pub alike: Option<Alike>,
}

/// What one finding says for many.
#[derive(Clone, Debug, PartialEq)]
pub struct Alike {
    /// The message, with `{n}` for their number.
    pub summary: String,
    /// Among how many things of the tree; `None` where only those of one file go together.
    pub judged: Option<usize>,
    /// What to do instead; what the first says, where there is none.
    pub help: Option<String>,
}

impl Finding {
    /// A finding with nothing but a message and a place.
    pub fn new(message: impl Into<String>, location: Location) -> Self {
        Finding {
            lint: "",
            severity: None,
            confidence: None,
            message: message.into(),
            caret: None,
            metric: None,
            label: None,
            location,
            related: Vec::new(),
            help: None,
            fix: None,
            alike: None,
        }
    }

    /// Names the metric.
    #[must_use]
    pub fn metric(mut self, name: &str) -> Self {
        self.metric = Some(name.to_owned());
        self
    }

    /// Names the label.
    #[must_use]
    pub fn label(mut self, name: &str) -> Self {
        self.label = Some(name.to_owned());
        self
    }

    /// Sets the words under the caret.
    #[must_use]
    pub fn caret(mut self, words: impl Into<String>) -> Self {
        self.caret = Some(words.into());
        self
    }

    /// Sets the help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn related(mut self, message: impl Into<String>, location: Location) -> Self {
        self.related.push(Related { message: message.into(), location });
        self
    }

    /// Overrides the lint's own severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// Overrides the lint's own confidence.
    #[must_use]
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = Some(confidence);
        self
    }

    /// Offers a mechanical repair of one place.
    #[must_use]
    pub fn fix(self, message: impl Into<String>, location: Location, replacement: impl Into<String>) -> Self {
        self.fixes(message, [Edit::new(location, replacement)])
    }

    /// Offers a mechanical repair; none without edits.
    #[must_use]
    pub fn fixes(mut self, message: impl Into<String>, edits: impl IntoIterator<Item = Edit>) -> Self {
        let edits: Vec<Edit> = edits.into_iter().collect();
        self.fix = (!edits.is_empty()).then(|| Fix { message: message.into(), edits });
        self
    }
}
