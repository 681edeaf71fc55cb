//! Structs that derive their metrics with `iroh-metrics`.

use iroh_metrics::{Counter, EncodeLabelSet, EncodeLabelValue, Family, Gauge, Histogram, MetricsGroup};

#[derive(Debug, Default, MetricsGroup)]
#[metrics(name = "courier", default)]
pub struct CourierMetrics {
    /// Parcels that were sent.
    ///
    /// Those that came back count, too.
    pub sent: Counter,
    #[metrics(help = "Parcels on the road")]
    pub on_road: Gauge,
    pub took: Histogram,
    /// Parcels by state
    pub by_state: Family<StateLabels, Counter>,
}

#[derive(Debug, Default, MetricsGroup)]
pub struct DepotDoors {
    /// Doors that were opened.
    pub opened_total: Counter,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct StateLabels {
    #[label(name = "state")]
    current: State,
    depot: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum State {
    InDepot,
    #[label(name = "gone")]
    Delivered,
}
