//! Collectors that write families themselves, an info, and a label set that a feature derives.
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::{MetricType, counter::Counter, family::Family, info::Info};
use prometheus_client::registry::{Registry, Unit};

#[derive(Clone, Debug, Default)]
pub struct Peers(u64);

impl Collector for Peers {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        {
            let mut family = encoder.encode_descriptor("protocols", "Peers by protocol", None, MetricType::Gauge)?;
            for (protocol, count) in &self.counts {
                let labels = [("protocol", protocol.as_str()), ("kind", "remote")];
                count.encode(family.encode_family(&labels)?)?;
            }
        }
        let seen = encoder.encode_descriptor("seen", "Time seen", Some(&Unit::Seconds), MetricType::Counter)?;
        self.seen.encode(seen)?;
        encoder.encode_descriptor(&self.name, "Another", None, MetricType::Gauge)?;
        Ok(())
    }
}

#[derive(Clone, Hash, PartialEq, Eq)]
#[cfg_attr(feature = "metrics", derive(EncodeLabelSet, Debug))]
pub struct Labels {
    way: String,
}

pub struct Lonely;
impl Collector for Lonely {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        encoder.encode_descriptor("lonely", "Nobody registers it", None, MetricType::Info)?;
        Ok(())
    }
}

pub fn all() {
    let mut registry = Registry::default();
    let peers = Peers::default();
    let below = registry.sub_registry_with_prefix("identify");
    below.register_collector(Box::new(peers.clone()));
    registry.register("visits", "Visits", Family::<Labels, Counter>::default());
    registry.register("build", "Build", Info::new(vec![("version", "1.0"), ("commit", env!("COMMIT"))]));
    registry.register("later", "Later", make());
}

fn make() -> Info<Vec<(String, String)>> {
    Info::new(read())
}
