//! Groups of metrics in groups, label sets of all kinds, and what code implements itself.
use measured::label::{LabelGroupVisitor, LabelName, StaticLabelSet};
use measured::metric::counter::CounterState;
use measured::metric::gauge::GaugeState;
use measured::metric::histogram::Thresholds;
use measured::metric::name::MetricName;
use measured::{Counter, CounterVec, FixedCardinalityLabel, Gauge, Histogram, HistogramVec, LabelGroup, MetricGroup};

const STEPS: usize = 3;

#[derive(MetricGroup)]
#[metric(new())]
pub struct AppMetrics {
    #[metric(namespace = "shop")]
    #[metric(init = ShopMetrics::new())]
    shop: ShopMetrics,
    #[metric(flatten)]
    common: &'static CommonMetrics,
    #[metric(namespace = "outside")]
    outside: somewhere::Collector,
}

#[derive(MetricGroup)]
#[metric(new())]
struct ShopMetrics {
    /// Orders
    /// that came in
    orders_total: CounterVec<OrderSet>,
    #[metric(rename = "errors")]
    failures: CounterVec<StaticLabelSet<Failure>>,
    /// Time of an order.
    #[metric(metadata = Thresholds::exponential_buckets(0.5, 2.0))]
    took_seconds: Histogram<STEPS>,
    #[metric(metadata = Thresholds::with_buckets([1.0, 10.0]))]
    size: HistogramVec<OrderSet, 2>,
    #[metric(init = HistogramVec::with_metadata(Thresholds::linear_buckets(1.0, 1.0)))]
    steps: HistogramVec<StaticLabelSet<Failure>, 2>,
    #[metric(namespace = "lock")]
    lock: Lazy<Arc<LockMetrics>>,
    #[metric(flatten)]
    visits: PairVec<Visits>,
}

#[derive(measured::MetricGroup, Default)]
struct LockMetrics {
    /// Locks now
    held: measured::Gauge,
}

#[derive(MetricGroup, Default)]
struct CommonMetrics {
    info: InfoFamily<Info>,
    workers: CounterVec<Workers>,
}

#[derive(LabelGroup)]
#[label(set = OrderSet)]
struct Order<'a> {
    way: Way,
    #[label(dynamic_with = ThreadedRodeo, default, rename = "customer")]
    customer_name: &'a str,
}

#[derive(FixedCardinalityLabel, Clone, Copy)]
enum Way {
    WebSite,
    #[label(rename = "phone-call")]
    Phone,
}

#[derive(FixedCardinalityLabel, Clone, Copy)]
#[label(singleton = "code")]
enum Failure {
    NotFound = 404,
    Broken = 500,
}

/// Values of a pair: no group that is exposed.
#[derive(MetricGroup, Default)]
struct PairState {
    inc: CounterState,
    dec: CounterState,
}

struct PairVec<A: PairNames> {
    values: measured::metric::MetricVec<PairState, A::LabelGroupSet>,
}

struct Visits;
impl PairNames for Visits {
    const INC_NAME: &'static MetricName = MetricName::from_str("visits_begun_total");
    const DEC_NAME: &'static MetricName = MetricName::from_str("visits_ended_total");
    const INC_HELP: &'static str = "Visits that began";
    const DEC_HELP: &'static str = "Visits that ended";
    type LabelGroupSet = StaticLabelSet<Failure>;
}

struct InfoFamily<L> {
    label: L,
    value: GaugeState,
}

struct Info;
impl LabelGroup for Info {
    fn visit_values(&self, v: &mut impl LabelGroupVisitor) {
        v.write_value(LabelName::from_str("version"), &self.version);
    }
}

struct Workers(usize);
struct WorkerId(usize);
impl LabelGroupSet for Workers {
    type Group<'a> = WorkerId;
}
impl LabelGroup for WorkerId {
    fn visit_values(&self, v: &mut impl LabelGroupVisitor) {
        v.write_value(LabelName::from_str("worker"), self);
    }
}

#[derive(MetricGroup)]
struct HostMetrics {
    #[metric(namespace = "host")]
    usage: Usage,
}

struct Usage;
impl<T: Encoding> MetricGroup<T> for Usage {
    fn collect_group_into(&self, enc: &mut T) -> Result<(), T::Err> {
        const READ: &MetricName = MetricName::from_str("read_bytes");
        GaugeState::write_type(READ, enc)
    }
}
