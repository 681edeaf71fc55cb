//! The rule tests: for every alert when it fires, when it is only pending, and when it must be quiet.
//!
//! The cases are chosen so that a change of the threshold, the window, the quantile, the guard, a label or `for` makes one of them
//! fail: values lie within a quarter of the threshold on both sides, traffic changes inside the window, and times of evaluation
//! lie two steps on either side of the moment at which the alert must begin to fire.

use super::alerts::{Alert, Plan, Shape};
use super::annotation;
use super::load::{self, Phase, STEP, Series};
use super::template::TemplateError;

/// One test.
pub(crate) struct Case {
    pub(crate) name: String,
    /// Seconds between two samples.
    pub(crate) interval: u32,
    pub(crate) series: Vec<Series>,
    pub(crate) checks: Vec<Check>,
}

/// What is expected at one moment.
pub(crate) struct Check {
    /// Seconds since the start.
    pub(crate) at: u32,
    /// Labels and annotations when it fires; `None` when it does not.
    pub(crate) fires: Option<Firing>,
}

/// A firing alert.
#[derive(Clone)]
pub(crate) struct Firing {
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) annotations: Vec<(String, String)>,
}

/// Labels and annotations of an alert that keeps these labels and has this value; `None` where noise would change them.
pub(crate) fn firing(alert: &Alert, kept: &[(String, String)], value: f64) -> Result<Option<Firing>, String> {
    let render = |pairs: &[(String, String)]| -> Result<Option<Vec<(String, String)>>, String> {
        let mut out = Vec::with_capacity(pairs.len());
        for (name, template) in pairs {
            match annotation::render_stable(template, kept, value)? {
                Some(text) => out.push((name.clone(), text)),
                None => return Ok(None),
            }
        }
        Ok(Some(out))
    };
    let (Some(own), Some(annotations)) = (render(&alert.labels)?, render(&alert.annotations)?) else { return Ok(None) };
    let labels = kept.iter().filter(|(n, _)| own.iter().all(|(o, _)| o != n)).cloned().chain(own.clone()).collect();
    Ok(Some(Firing { labels, annotations }))
}

/// Good and bad events per step.
#[derive(Clone, Copy)]
struct Mix {
    good: u64,
    bad: u64,
    /// Value of the alert's expression with this mix.
    value: f64,
}

/// All cases of one alert.
pub(crate) fn cases(plan: &Plan<'_>, alert: &Alert) -> Result<Vec<Case>, TemplateError> {
    let tester = Tester { plan, alert };
    let (window, hold) = (plan.spec.window / STEP, plan.spec.hold / STEP);
    let long = 2 * (window + hold);
    let above = tester.above()?;
    let quiet = |at: u32| Check { at: at * STEP, fires: None };
    let fires =
        |at: u32, mix: &Mix| -> Result<Check, TemplateError> { Ok(Check { at: at * STEP, fires: Some(tester.firing(mix.value)?) }) };
    let mut cases = Vec::new();

    // Traffic falls to a tenth inside the window: rates over different windows no longer agree, and the value would change.
    let busy = Phase { steps: window / 2, good: above.good * 10, bad: above.bad * 10, restart: false };
    let calm = Phase { steps: long, good: above.good, bad: above.bad, restart: false };
    cases.push(tester.case("is pending at first, then fires", &[busy, calm], false, vec![quiet(hold), fires(hold + 2, &above)?]));

    let (after, share) = tester.onset()?;
    let before = Phase { steps: window, good: after.good + after.bad, bad: 0, restart: false };
    let failing = Phase { steps: long, good: after.good, bad: after.bad, restart: false };
    // Prometheus 3 leaves out the first sample of a range, so the window may hold one growth less.
    let (earliest, crossing) = ((f64::from(window - 1) * share).ceil() as u32, (f64::from(window) * share).round() as u32);
    cases.push(tester.case(
        "fires once enough of the window is bad",
        &[before, failing],
        false,
        // The value is that of the mix only when the whole window is bad.
        vec![quiet(window + earliest + hold - 1), fires((window + crossing + hold + 2).max(2 * window + 1), &after)?],
    ));

    let below = tester.below();
    let all = |mix: Mix| [Phase { steps: long, good: mix.good, bad: mix.bad, restart: false }];
    cases.push(tester.case("is quiet just under the threshold", &all(below), true, vec![quiet(hold + 2), quiet(long - 2)]));
    let healthy = Mix { good: below.good + below.bad, bad: 0, value: 0.0 };
    cases.push(tester.case("is quiet when all is well", &all(healthy), false, vec![quiet(hold + 2), quiet(long - 2)]));
    let nothing = Mix { good: 0, bad: 0, value: 0.0 };
    cases.push(tester.case("is quiet without traffic", &all(nothing), false, vec![quiet(hold + 2), quiet(long - 2)]));

    // Half a window apart: what a window began with is what it ends with, so only a counter's own arithmetic sees the traffic.
    let life = Phase { steps: window / 2, good: above.good, bad: above.bad, restart: true };
    let lives = vec![life; 2 * long as usize / window.max(1) as usize];
    cases.push(tester.case("fires though the process restarts again and again", &lives, false, vec![fires(window + hold + 2, &above)?]));

    if matches!(plan.shape, Shape::Ratio) && plan.spec.guard > 0 {
        let little = [
            (plan.spec.guard, "is quiet on so little traffic that one failure is a large share"),
            (plan.spec.guard / 2, "is quiet on less traffic still"),
        ];
        for (count, what) in little {
            let Some((interval, few)) = tester.spread(count) else { continue };
            let phase = Phase { steps: long * STEP / interval + 2, good: 0, bad: few, restart: false };
            cases.push(Case { interval, ..tester.case(what, &[phase], false, vec![quiet(long)]) });
        }
        if let Some((interval, enough)) = tester.spread(plan.spec.guard + 1) {
            let phase = Phase { steps: long * STEP / interval + 2, good: 0, bad: enough, restart: false };
            let all_bad = Mix { good: 0, bad: enough, value: 1.0 };
            let what = "fires on little traffic that all fails";
            cases.push(Case { interval, ..tester.case(what, &[phase], false, vec![fires(long, &all_bad)?]) });
        }
    }
    Ok(cases)
}

struct Tester<'a> {
    plan: &'a Plan<'a>,
    alert: &'a Alert,
}

impl Tester<'_> {
    fn case(&self, what: &str, phases: &[Phase], near: bool, checks: Vec<Check>) -> Case {
        Case { name: format!("{} {what}", self.alert.name), interval: STEP, series: load::series(self.plan, phases, near), checks }
    }

    fn error(&self, message: String) -> TemplateError {
        TemplateError::new(&format!("alerts/{}", self.plan.spec.id), message)
    }

    /// Labels and annotations of the alert with this value.
    fn firing(&self, value: f64) -> Result<Firing, TemplateError> {
        self.try_firing(value)?.ok_or_else(|| self.error(format!("the annotations change with the last bits of {value}: round them")))
    }

    fn try_firing(&self, value: f64) -> Result<Option<Firing>, TemplateError> {
        firing(self.alert, &load::kept_labels(self.plan), value).map_err(|e| self.error(e))
    }

    /// A mix a little above the threshold, with a value that reads well.
    fn above(&self) -> Result<Mix, TemplateError> {
        match &self.plan.shape {
            Shape::Quantile { bounds, at } => {
                let mut candidates: Vec<(usize, Mix)> = Vec::new();
                for hundreds in 1..=20 {
                    for past in 1..=5 * hundreds {
                        let mix = self.quantile_mix(bounds, *at, hundreds, past);
                        if mix.value > self.plan.threshold * 1.02 && mix.value <= self.plan.threshold * 1.08 {
                            candidates.push((super::number::decimal((mix.value * 1e9).round() / 1e9).len(), mix));
                        }
                    }
                }
                candidates.sort_by_key(|(digits, mix)| (*digits, mix.good + mix.bad));
                for (_, mix) in candidates {
                    if self.try_firing(mix.value)?.is_some() {
                        return Ok(mix);
                    }
                }
                Ok(self.quantile_mix(bounds, *at, 20, 1))
            }
            _ => self.stable_share(&[1.05, 1.04, 1.06, 1.045, 1.055, 1.03, 1.07]),
        }
    }

    /// A mix of which most of a window is enough to pass the threshold, and the share of the window that is.
    fn onset(&self) -> Result<(Mix, f64), TemplateError> {
        match &self.plan.shape {
            Shape::Quantile { bounds, at } => {
                let tail = 1.0 - self.plan.spec.quantile;
                for times in [1.25, 1.3, 1.4, 1.6, 2.0, 2.5, 4.0] {
                    let total = 1000_u64;
                    let bad = whole(tail * times * 1000.0).min(total);
                    let share = bad as f64 / 1000.0;
                    let value = between(bounds, *at, 1.0 - tail / share);
                    let mix = Mix { good: total - bad, bad, value };
                    if self.try_firing(value)?.is_some() {
                        return Ok((mix, tail / share));
                    }
                }
                Err(self.error("no mix of requests gives a value that the annotations show without noise".to_owned()))
            }
            _ => {
                let mix = self.stable_share(&[1.25, 1.2, 1.3, 1.22, 1.28])?;
                Ok((mix, self.plan.threshold / mix.value))
            }
        }
    }

    /// A mix just under the threshold.
    fn below(&self) -> Mix {
        match &self.plan.shape {
            // Nine tenths of the tail that the quantile allows; the other events lie just under the threshold.
            Shape::Quantile { .. } => {
                let bad = whole((1.0 - self.plan.spec.quantile) * 900.0);
                Mix { good: 1000 - bad, bad, value: 0.0 }
            }
            _ => self.share_mix(0.95),
        }
    }

    /// The first of these mixes whose value the annotations show without noise.
    fn stable_share(&self, times: &[f64]) -> Result<Mix, TemplateError> {
        for times in times {
            let mix = self.share_mix(*times);
            if self.try_firing(mix.value)?.is_some() {
                return Ok(mix);
            }
        }
        Err(self.error("no share of requests gives a value that the annotations show without noise".to_owned()))
    }

    /// A mix whose share of bad events is so many times the threshold.
    fn share_mix(&self, times: f64) -> Mix {
        let threshold = self.plan.threshold;
        let mut total = 100_u64;
        while threshold * (total as f64) < 1000.0 && total < 1_000_000_000 {
            total *= 10;
        }
        let exact = threshold * total as f64;
        let bad = if times > 1.0 { whole((exact * times).round()).max(whole(exact) + 1).min(total) } else { whole(exact * times) };
        Mix { good: total - bad, bad, value: bad as f64 / total as f64 }
    }

    /// `hundreds` hundred events per step, of which so many that the quantile lies `past` events into the bucket above the threshold.
    fn quantile_mix(&self, bounds: &[f64], at: usize, hundreds: u64, past: u64) -> Mix {
        // Thousandths, so that a quantile such as 0.995 is a whole number of events.
        let scale = if (self.plan.spec.quantile * 100.0).fract().abs() < 1e-9 { 100 } else { 1000 };
        let total = hundreds * scale;
        let tail = whole((1.0 - self.plan.spec.quantile) * total as f64);
        let bad = (tail + past).min(total);
        Mix { good: total - bad, bad, value: between(bounds, at, past as f64 / bad as f64) }
    }

    /// An interval, and events per interval, that make exactly so many in the window.
    fn spread(&self, count: u32) -> Option<(u32, u64)> {
        let window = self.plan.spec.window;
        let steps = [10, 6, 5, 4, 3, 2].into_iter().find(|n| window.is_multiple_of(*n) && count.is_multiple_of(*n))?;
        // Samples that lie further apart are gone between two of them.
        (window / steps <= 150).then(|| (window / steps, u64::from(count / steps)))
    }
}

/// The value that interpolation gives in the bucket above the bound at `at`.
fn between(bounds: &[f64], at: usize, fraction: f64) -> f64 {
    match (bounds.get(at), bounds.get(at + 1)) {
        (Some(low), Some(high)) => low + (high - low) * fraction,
        (Some(low), None) => *low,
        _ => 0.0,
    }
}

/// A count from a number that is never negative and always small.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, and counts are small and positive")]
fn whole(value: f64) -> u64 {
    (value + 1e-6).floor() as u64
}
