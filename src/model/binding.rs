//! Which metric answers which question.

/// How sure a binding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sureness {
    /// The user's configuration says so, or a known system answers.
    Certain,
    /// The name is one of the signal's own names.
    Name,
    /// The name ends in one of the signal's suffixes.
    Suffix,
}

/// A signal and the metric that answers it.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// Signal id, such as `red.ttft`.
    pub signal: String,
    /// Exposed name of the metric in the inventory; `None` when a system's query answers.
    pub metric: Option<String>,
    /// The known system that answers; `None` for the tree's own metrics.
    pub system: Option<String>,
    /// Label of the metric that plays each role: (role, label name), such as (`status`, `code`).
    pub roles: Vec<(String, String)>,
    /// Regular expression, anchored at both ends, of the values of the label for the status that mean a failure.
    pub failure: Option<String>,
    /// How sure it is.
    pub sureness: Sureness,
    /// Why this metric was chosen, in words.
    pub reason: String,
    /// Other metrics that would answer as well, by name.
    pub candidates: Vec<String>,
    /// What it says instead, where it only hints at the answer.
    pub proxy: Option<String>,
}

/// All bindings, by signal id.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    /// The bindings, sorted by signal id.
    pub bound: Vec<Binding>,
    /// Signals that nothing answers, sorted, each with what was looked for and why nothing fits.
    pub missing: Vec<(String, String)>,
    /// Stand-ins for missing signals, sorted by signal id. They are shown to people, and nothing is built on them unless it says so.
    pub proxies: Vec<Binding>,
    /// What is wrong with the signals of the user's configuration, in words, sorted.
    pub errors: Vec<String>,
}

impl Bindings {
    /// The stand-in for a signal that is missing.
    pub fn proxy(&self, signal: &str) -> Option<&Binding> {
        self.proxies.iter().find(|b| b.signal == signal)
    }

    /// The binding of a signal.
    pub fn get(&self, signal: &str) -> Option<&Binding> {
        self.bound.iter().find(|b| b.signal == signal)
    }
}

impl Binding {
    /// The label that plays `role`.
    pub fn role(&self, role: &str) -> Option<&str> {
        self.roles.iter().find(|(r, _)| r == role).map(|(_, label)| label.as_str())
    }
}
