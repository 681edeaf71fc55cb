//! Prometheus' functions: what each takes and gives.

use super::ast::Type;

/// A function's signature.
#[derive(Clone, Copy, Debug)]
pub(super) struct Function {
    pub(super) name: &'static str,
    /// One letter per argument: `v` instant vector, `m` range vector, `s` scalar, `t` string.
    pub(super) args: &'static str,
    /// 0: exactly these; n: the last may be left out, or repeated up to n times; -1: without limit.
    pub(super) variadic: i8,
    pub(super) returns: Type,
}

const fn f(name: &'static str, args: &'static str, variadic: i8, returns: Type) -> Function {
    Function { name, args, variadic, returns }
}

use Type::{Scalar, Vector};

/// All of them, experimental and bygone ones too: whether a server has them is not a matter of syntax.
static FUNCTIONS: &[Function] = &[
    f("abs", "v", 0, Vector),
    f("absent", "v", 0, Vector),
    f("absent_over_time", "m", 0, Vector),
    f("acos", "v", 0, Vector),
    f("acosh", "v", 0, Vector),
    f("asin", "v", 0, Vector),
    f("asinh", "v", 0, Vector),
    f("atan", "v", 0, Vector),
    f("atanh", "v", 0, Vector),
    f("avg_over_time", "m", 0, Vector),
    f("ceil", "v", 0, Vector),
    f("changes", "m", 0, Vector),
    f("clamp", "vss", 0, Vector),
    f("clamp_max", "vs", 0, Vector),
    f("clamp_min", "vs", 0, Vector),
    f("cos", "v", 0, Vector),
    f("cosh", "v", 0, Vector),
    f("count_over_time", "m", 0, Vector),
    f("day_of_month", "v", 1, Vector),
    f("day_of_week", "v", 1, Vector),
    f("day_of_year", "v", 1, Vector),
    f("days_in_month", "v", 1, Vector),
    f("deg", "v", 0, Vector),
    f("delta", "m", 0, Vector),
    f("deriv", "m", 0, Vector),
    f("double_exponential_smoothing", "mss", 0, Vector),
    f("drop_common_labels", "v", 0, Vector),
    f("end", "", 0, Scalar),
    f("exp", "v", 0, Vector),
    f("first_over_time", "m", 0, Vector),
    f("floor", "v", 0, Vector),
    f("histogram_avg", "v", 0, Vector),
    f("histogram_count", "v", 0, Vector),
    f("histogram_fraction", "ssv", 0, Vector),
    f("histogram_quantile", "sv", 0, Vector),
    f("histogram_quantiles", "vtss", 9, Vector),
    f("histogram_stddev", "v", 0, Vector),
    f("histogram_stdvar", "v", 0, Vector),
    f("histogram_sum", "v", 0, Vector),
    f("holt_winters", "mss", 0, Vector),
    f("hour", "v", 1, Vector),
    f("idelta", "m", 0, Vector),
    f("increase", "m", 0, Vector),
    f("info", "vv", 1, Vector),
    f("irate", "m", 0, Vector),
    f("label_join", "vttt", -1, Vector),
    f("label_replace", "vtttt", 0, Vector),
    f("last_over_time", "m", 0, Vector),
    f("ln", "v", 0, Vector),
    f("log10", "v", 0, Vector),
    f("log2", "v", 0, Vector),
    f("mad_over_time", "m", 0, Vector),
    f("max_over_time", "m", 0, Vector),
    f("min_over_time", "m", 0, Vector),
    f("minute", "v", 1, Vector),
    f("month", "v", 1, Vector),
    f("pi", "", 0, Scalar),
    f("predict_linear", "ms", 0, Vector),
    f("present_over_time", "m", 0, Vector),
    f("quantile_over_time", "sm", 0, Vector),
    f("rad", "v", 0, Vector),
    f("range", "", 0, Scalar),
    f("rate", "m", 0, Vector),
    f("resets", "m", 0, Vector),
    f("round", "vs", 1, Vector),
    f("scalar", "v", 0, Scalar),
    f("sgn", "v", 0, Vector),
    f("sin", "v", 0, Vector),
    f("sinh", "v", 0, Vector),
    f("sort", "v", 0, Vector),
    f("sort_by_label", "vt", -1, Vector),
    f("sort_by_label_desc", "vt", -1, Vector),
    f("sort_desc", "v", 0, Vector),
    f("sqrt", "v", 0, Vector),
    f("start", "", 0, Scalar),
    f("stddev_over_time", "m", 0, Vector),
    f("stdvar_over_time", "m", 0, Vector),
    f("step", "", 0, Scalar),
    f("sum_over_time", "m", 0, Vector),
    f("tan", "v", 0, Vector),
    f("tanh", "v", 0, Vector),
    f("time", "", 0, Scalar),
    f("timestamp", "v", 0, Vector),
    f("ts_of_first_over_time", "m", 0, Vector),
    f("ts_of_last_over_time", "m", 0, Vector),
    f("ts_of_max_over_time", "m", 0, Vector),
    f("ts_of_min_over_time", "m", 0, Vector),
    f("vector", "s", 0, Vector),
    f("year", "v", 1, Vector),
];

/// Functions of PromQL's relatives: a query that calls one is written for LogQL or MetricsQL and is not judged here.
static FOREIGN: &[&str] = &[
    "aggr_over_time", "any", "ascent_over_time", "bitmap_and", "buckets_limit", "bytes_over_time", "bytes_rate", "count_eq_over_time",
    "count_gt_over_time", "count_le_over_time", "count_ne_over_time", "count_values_over_time", "default_rollup", "descent_over_time",
    "distinct", "distinct_over_time", "duration_over_time", "geomean", "geomean_over_time", "histogram", "histogram_over_time",
    "histogram_share", "hoeffding_bound_lower", "hoeffding_bound_upper", "increase_prometheus", "increase_pure", "increases_over_time",
    "integrate", "interpolate", "iqr_over_time", "keep_last_value", "keep_next_value", "label_copy", "label_del", "label_graphite_group",
    "label_keep", "label_lowercase", "label_map", "label_match", "label_mismatch", "label_move", "label_set", "label_transform",
    "label_uppercase", "label_value", "labels_equal", "lag", "lifetime", "limit_offset", "limitk_over_time", "mad", "max_prometheus",
    "median", "median_over_time", "mode", "mode_over_time", "now", "outlier_iqr_over_time", "outliersk", "prometheus_buckets",
    "quantiles", "quantiles_over_time", "rand", "range_avg", "range_first", "range_last", "range_linear_regression", "range_max",
    "range_median", "range_min", "range_normalize", "range_over_time", "range_quantile", "range_stddev", "range_sum", "range_trim_outliers",
    "range_zscore", "rate_counter", "rate_over_sum", "rate_prometheus", "remove_resets", "rollup", "rollup_candlestick", "rollup_delta",
    "rollup_deriv", "rollup_increase", "rollup_rate", "rollup_scrape_interval", "running_avg", "running_max", "running_min",
    "running_sum", "scrape_interval", "share", "share_eq_over_time", "share_gt_over_time", "share_le_over_time", "smooth_exponential",
    "sort_by_label_numeric", "sort_by_label_numeric_desc", "stale_samples_over_time", "sum2", "sum2_over_time", "sum_gt_over_time",
    "timestamp_with_name", "timezone_offset", "tfirst_over_time", "tlast_over_time", "tlast_change_over_time", "tmax_over_time",
    "tmin_over_time", "topk_avg", "topk_last", "topk_max", "topk_median", "topk_min", "bottomk_avg", "bottomk_last", "bottomk_max",
    "bottomk_median", "bottomk_min", "union", "with", "zscore", "zscore_over_time", "unwrap", "approx_topk", "xrate", "xincrease", "xdelta",
];

/// The function with this name.
pub(super) fn get(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|f| f.name == name)
}

/// Whether only a relative of PromQL has this function.
pub(super) fn is_foreign(name: &str) -> bool {
    FOREIGN.iter().any(|f| f.eq_ignore_ascii_case(name))
}

/// The known name nearest to `name`, when one is near.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let near = |other: &'static str| (strsim::damerau_levenshtein(&name.to_ascii_lowercase(), other), other);
    let aggregations = super::parser::AGGREGATIONS.iter().copied();
    let best = FUNCTIONS.iter().map(|f| f.name).chain(aggregations).map(near).min()?;
    (best.0 <= 1 + name.len() / 5).then_some(best.1)
}
