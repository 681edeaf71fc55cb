//! The lints: one file each, a function from the facts to findings.
//!
//! A lint sees the model, the knowledge and parsed queries: never a file, the environment, the clock, or a syntax tree of a
//! host language. Its words are in `rules/lints/<family>/<lint>.yaml`.

mod layouts;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::finding::Finding;
use crate::knowledge::systems::System;
use crate::model::{Bindings, Consumer, Dashboard, Inventory, Policies, Problem, ScrapeInterval};
use crate::promql::{Query, Recorded};

/// The facts of a run, built once.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Metrics and use sites.
    pub inventory: &'a Inventory,
    /// What the tree exposed before the change, where the run is about one.
    pub before: Option<&'a Inventory>,
    /// Alerts, recording rules, panels and variables.
    pub consumers: &'a [Consumer],
    /// Dashboards, by place.
    pub dashboards: &'a [Dashboard],
    /// The parsed queries of those consumers whose query parses.
    pub queries: &'a [Query],
    /// The labels of what recording rules write.
    pub recorded: &'a Recorded,
    /// How often configurations of Prometheus scrape.
    pub scrape_intervals: &'a [ScrapeInterval],
    /// Names of the alerts that tests ask for.
    pub tested: &'a BTreeSet<String>,
    /// What tests of rules feed and ask.
    pub tests: &'a [Consumer],
    /// Those of it that parse.
    pub test_queries: &'a [Query],
    /// What was wrong with the texts.
    pub problems: &'a [Problem],
    /// Which metric answers which signal.
    pub bindings: &'a Bindings,
    /// Systems the user named.
    pub systems: &'a [&'static System],
    /// The user's policies and thresholds.
    pub policies: &'a Policies,
}

/// A registered lint.
#[derive(Debug)]
pub struct Lint {
    /// Its name, such as `unbounded-label-name`.
    pub name: &'static str,
    /// Its family, such as `cardinality`.
    pub family: &'static str,
    /// Its logic.
    pub check: fn(&Context<'_>, &mut Vec<Finding>),
}

/// Lints that judge one definition by itself: where two programs define a metric of one name, each of them.
pub(crate) const OF_EACH_PROGRAM: [&str; 4] = ["bucket-gap", "buckets-not-increasing", "too-many-buckets", "unbounded-label-name"];

pub(crate) mod convention;
mod dashboard;
mod gone_label;
mod lookup;
mod outliers;
mod repair;
mod rules;
mod thresholds;

pub(crate) use cross::unknown_metric::is_third_party;

macro_rules! lints {
    ($($family:ident { $($lint:ident,)* })*) => {
        $(mod $family { $(pub(super) mod $lint;)* })*

        /// All lints, in the order of their families.
        pub static LINTS: LazyLock<Vec<Lint>> = LazyLock::new(|| vec![$($(Lint {
            name: kebab(stringify!($lint)),
            family: stringify!($family),
            check: $family::$lint::check,
        },)*)*]);
    };
}

/// Module name to lint name. Called once per lint and process, so the leak is bounded.
fn kebab(module: &str) -> &'static str {
    Box::leak(module.replace('_', "-").into_boxed_str())
}

// One line per lint, sorted within its family.
lints! {
    alerts {
        absent_without_for,
        alert_name_style,
        always_firing,
        duplicate_rule,
        for_versus_window,
        irate_in_alert,
        missing_runbook,
        missing_severity,
        missing_summary,
        never_firing,
        ratio_without_for,
        record_without_level,
        recorded_late,
        rule_policy,
        shadowed_alert,
        template_label,
        template_syntax,
        unformatted_value,
        unstable_selection,
        untested_alert,
        value_in_label,
    }
    buckets {
        bucket_gap,
        buckets_not_increasing,
        default_buckets,
        too_many_buckets,
    }
    cardinality {
        label_policy,
        reserved_label,
        series_budget,
        stale_series,
        unbounded_label_name,
        unbounded_label_value,
    }
    cross {
        exposed_differently,
        impossible_label_value,
        never_exposed,
        test_input_impossible,
        threshold_above_top_bucket,
        threshold_off_bucket,
        undefined_exposed,
        unknown_alert,
        unknown_label,
        unknown_metric,
        unmonitored_metric,
    }
    dashboards {
        duplicate_panel_id,
        duplicate_ref_id,
        editable_dashboard,
        empty_panel,
        equal_to_several,
        fixed_range,
        hard_coded_datasource,
        ignored_variable,
        limited_variable,
        missing_panel_unit,
        missing_variable,
        overlapping_panels,
        stale_variable,
        undefined_variable,
        undescribed_panel,
        unit_mismatch,
        unknown_reducer,
        unknown_unit,
        unlabelled_variable,
        unused_variable,
    }
    definitions {
        copied_label_value,
        described_not_emitted,
        duplicate_definition,
        first_increment_invisible,
        inconsistent_definition,
        label_count_mismatch,
        missing_help,
        never_updated,
        repeated_registration,
    }
    naming {
        colon_in_name,
        counter_without_total,
        missing_unit,
        misspelt_name,
        not_snake_case,
        prefix_policy,
        reserved_suffix,
        total_without_counter,
        type_in_name,
        unit_not_base,
    }
    promql {
        aggregation_policy,
        averaged_quantile,
        delta_on_counter,
        le_in_one_form,
        lost_label,
        missing_le,
        needless_regex,
        no_traffic,
        quantile_of_non_histogram,
        quantile_out_of_range,
        quantile_without_rate,
        range_beyond_retention,
        range_too_short,
        rate_of_sum,
        rate_on_gauge,
        raw_counter,
        selector_policy,
        unavailable_function,
        unmatched_join,
        unnamed_selector,
    }
    syntax {
        dashboard_schema,
        exposition_syntax,
        invalid_suppression,
        oversized_file,
        promql_syntax,
        python_syntax,
        rule_schema,
        rust_syntax,
        unreadable_file,
        useless_suppression,
        yaml_syntax,
    }
    types {
        counter_set,
        gauge_used_as_counter,
        summary,
        summary_by_default,
        value_in_other_unit,
    }
}

/// The lint with this name.
pub fn get(name: &str) -> Option<&'static Lint> {
    LINTS.iter().find(|l| l.name == name)
}

/// Findings for the problems of one kind: the whole logic of a syntax lint.
fn report_problems(context: &Context<'_>, kind: crate::model::ProblemKind, findings: &mut Vec<Finding>) {
    for problem in context.problems.iter().filter(|p| p.kind == kind) {
        let mut finding = Finding::new(problem.message.clone(), problem.location.clone());
        match (problem.until, context.policies.prometheus_version) {
            (Some(until), Some(version)) if version >= until => continue,
            // Which version reads the file is not known.
            (Some(_), None) => finding = finding.severity(crate::finding::Severity::Warning),
            // Whether Prometheus reads it is not known.
            _ if problem.relative => finding = finding.severity(crate::finding::Severity::Warning),
            _ => {}
        }
        finding.help.clone_from(&problem.help);
        findings.push(finding);
    }
}
