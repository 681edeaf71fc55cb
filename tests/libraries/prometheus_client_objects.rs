//! Metrics of prometheus-client that an object makes, types of the tree that are metrics, descriptors of lists.

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::histogram::Histogram as ClientHistogram;
use prometheus_client::metrics::{MetricType, TypedMetric};
use prometheus_client::registry::Registry;

/// A metric of our own.
#[derive(Clone)]
pub struct Tally(u64);

impl TypedMetric for Tally {
    const TYPE: MetricType = MetricType::Counter;
}

#[derive(Clone)]
pub struct Spread {
    bounds: Vec<f64>,
}

impl Spread {
    pub fn new(index: usize, bounds: impl Iterator<Item = f64>) -> Self {
        Spread { bounds: bounds.collect() }
    }
}

impl TypedMetric for Spread {
    const TYPE: MetricType = MetricType::Histogram;
}

pub trait Creator<M> {
    fn create(&self, index: usize) -> M;
}

struct TallyCreator;

impl Creator<Tally> for TallyCreator {
    fn create(&self, index: usize) -> Tally {
        Tally(0)
    }
}

struct SpreadCreator(Vec<f64>);

impl Creator<Spread> for SpreadCreator {
    fn create(&self, index: usize) -> Spread {
        Spread::new(index, self.0.iter().copied())
    }
}

pub struct Global {
    inner: Mutex<Registry>,
}

impl Global {
    pub fn create() -> Global {
        Global { inner: Mutex::new(Registry::with_prefix("shop")) }
    }

    pub fn register<M: Clone, C: Creator<M>>(&self, name: &str, help: &str, creator: C) -> M {
        let mut inner = self.inner.lock();
        let metric = creator.create(0);
        inner.register(name, help, metric.clone());
        metric
    }
}

static GLOBAL: LazyLock<Global> = LazyLock::new(Global::create);

pub fn tally(name: &str) -> Tally {
    GLOBAL.register(name, "A tally", TallyCreator)
}

pub fn spread(name: &str, bounds: impl Iterator<Item = f64>) -> Spread {
    let bounds = bounds.collect::<Vec<_>>();
    GLOBAL.register(name, "A spread", SpreadCreator(bounds))
}

static VISITS: LazyLock<Tally> = LazyLock::new(|| tally("visits"));
static BASKET: LazyLock<Spread> = LazyLock::new(|| spread("basket_size", [1.0, 10.0].iter().copied()));

struct Buckets {
    bounds: Vec<f64>,
}

impl MetricConstructor<ClientHistogram> for Buckets {
    fn new_metric(&self) -> ClientHistogram {
        ClientHistogram::new(self.bounds.clone())
    }
}

pub fn waits(registry: &mut Registry) {
    let waits = {
        let constructor: fn() -> ClientHistogram = || ClientHistogram::new([0.5, 5.0]);
        Family::<(), ClientHistogram>::new_with_constructor(constructor)
    };
    registry.register("waits", "Waits", waits.clone());
    let sizes: Family<(), ClientHistogram, Buckets> = Family::new_with_constructor(Buckets { bounds: vec![2.0, 4.0] });
    registry.register("sizes", "Sizes", sizes.clone());
}

pub fn all() {
    waits(&mut Registry::default());
}

#[derive(Debug)]
struct Totals;

impl Collector for Totals {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        for (name, value, help) in vec![("rows_read", 1, "Rows read"), ("rows_written", 2, "Rows written")] {
            let counter = ConstCounter::new(value);
            let part = encoder.encode_descriptor(name, help, None, counter.metric_type())?;
            counter.encode(part)?;
        }
        Ok(())
    }
}

pub fn collected(registry: &mut Registry) {
    registry.register_collector(Box::new(Totals));
}
