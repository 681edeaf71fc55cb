//! Structs that derive their metrics with `vise`.

use vise::{Buckets, Counter, EncodeLabelSet, EncodeLabelValue, Family, Gauge, Global, Histogram, Info, LabeledFamily, Metrics, Unit};

const ITEM_BUCKETS: Buckets = Buckets::values(&[1.0, 5.0, 25.0]);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue, EncodeLabelSet)]
#[metrics(label = "stage", rename_all = "snake_case")]
enum Stage {
    ReadBasket,
    #[metrics(name = "pay")]
    TakeMoney,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    r#type: &'static str,
    cached: bool,
    stage: Option<Stage>,
}

#[derive(Debug, EncodeLabelSet)]
struct Build {
    version: &'static str,
}

type StageTimes = Family<Stage, Histogram<Duration>>;

#[derive(Debug, Metrics)]
#[metrics(prefix = "shop")]
struct ShopMetrics {
    /// Orders that were placed.
    /// One for each basket.
    orders: Counter,
    /// Time of each stage
    #[metrics(buckets = Buckets::LATENCIES, unit = Unit::Seconds)]
    stage_time: StageTimes,
    #[metrics(buckets = ITEM_BUCKETS)]
    items: Histogram<usize>,
    #[metrics(buckets = Buckets::exponential(1.0..=16.0, 2.0), unit = Unit::Bytes)]
    payload: Family<Route, Histogram<u64>>,
    #[metrics(buckets = Buckets::linear(0.0..=1.0, 0.5))]
    share: Histogram<f64>,
    #[metrics(labels = ["region", "till"])]
    queue: LabeledFamily<(&'static str, u64), Gauge<usize>, 2>,
    build: Info<Build>,
    #[metrics(labels = ["part"])]
    parts: LabeledFamily<&'static str, Info<Build>>,
    /// Its type says nothing.
    other: Elsewhere,
}

#[vise::register]
static METRICS: Global<ShopMetrics> = Global::new();

#[derive(Debug, Metrics)]
struct Unprefixed {
    restarts: Counter,
}

impl Shop {
    fn close(&self) {
        const LATE: Buckets = Buckets::values(&[60.0]);

        #[derive(Debug, Metrics)]
        #[metrics(prefix = "late")]
        struct LateMetrics {
            #[metrics(buckets = LATE)]
            minutes: Histogram<f64>,
        }
    }
}
