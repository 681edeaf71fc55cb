//! A convention that a tree breaks as a rule is one thing to decide, not one finding per metric.

use crate::finding::Finding;

/// Below this many, each breach is worth a line of its own.
const FEW: usize = 5;

/// From this many on, a line for each would bury everything else.
const MANY: usize = 20;

/// How many of the breaches the one finding shows.
const SHOWN: usize = 3;

/// Whether so many breaches among the `judged` metrics are said together, without a repair for each.
pub(super) fn is_broken_as_a_rule(breaches: usize, judged: usize) -> bool {
    breaches >= FEW && (breaches * 2 >= judged || breaches >= MANY)
}

/// Adds the breaches of a convention: each, or one finding with their number where at least half of the `judged` metrics break
/// it, or very many do.
///
/// `summary` is the message for all, such as "12 of 14 counters do not end in `_total`".
pub(super) fn report(mut breaches: Vec<Finding>, judged: usize, summary: impl Fn(usize, usize) -> String, findings: &mut Vec<Finding>) {
    let count = breaches.len();
    if !is_broken_as_a_rule(count, judged) {
        findings.append(&mut breaches);
        return;
    }
    breaches.sort_by(|a, b| (&a.location, &a.message).cmp(&(&b.location, &b.message)));
    let mut rest = breaches.into_iter();
    let Some(first) = rest.next() else { return };
    let mut all =
        Finding { message: summary(count, judged), metric: None, label: None, caret: Some("the first one".into()), fix: None, ..first };
    for other in rest.take(SHOWN) {
        all = all.related(other.message, other.location);
    }
    all.help = Some(
        "The tree does so as a rule. Change it in one go with everything that reads the metrics, or turn the lint off in `reduse.toml`."
            .into(),
    );
    findings.push(all);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Location, Span};

    fn reported(breaches: usize, judged: usize) -> usize {
        let one = |at| Finding::new(format!("breach {at}"), Location::new(&"src/lib.rs".into(), Span::new(at, at + 1)));
        let mut findings = Vec::new();
        report((0..breaches).map(one).collect(), judged, |n, of| format!("{n} of {of}"), &mut findings);
        findings.len()
    }

    #[test]
    fn what_most_do_is_one_finding() {
        assert_eq!(reported(12, 14), 1);
        assert_eq!(reported(4, 4), 4);
        assert_eq!(reported(6, 40), 6);
        assert_eq!(reported(30, 100), 1);
        assert_eq!(reported(0, 3), 0);
    }
}
