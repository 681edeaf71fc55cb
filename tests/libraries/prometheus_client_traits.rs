use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::{counter::Counter, family::Family, gauge::Gauge};
use prometheus_client::registry::Registry;
use std::sync::Arc;

/// Keeps a metric in the registry for as long as it is held.
pub struct Held<M> {
    metric: Arc<M>,
}

/// Those who have it put what they like before the name.
pub trait Shelf {
    fn register<M>(&self, name: &str, help: &str, metric: M) -> Held<M>;
}

/// What every shelf can do.
pub trait ShelfExt: Shelf {
    fn count(&self, name: &str, help: &str) -> Held<Counter> {
        self.register(name, help, Counter::default())
    }

    fn by<S, M>(&self, name: &str, help: &str) -> Held<Family<S, M>> {
        self.register(name, help, Family::<S, M>::default())
    }
}

impl<T: Shelf> ShelfExt for T {}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Aisle {
    aisle: Side,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

pub mod sold {
    use super::{Aisle, Held};
    use prometheus_client::metrics::{counter, family::Family};

    pub type Counter = Held<Family<Aisle, counter::Counter>>;
}

pub struct Books {
    lent: Held<Counter>,
    sold: sold::Counter,
    kept: Held<Family<Aisle, Gauge>>,
    torn: sold::Counter,
}

impl Books {
    pub fn new<S: Shelf>(shelf: &S) -> Self {
        let kept = shelf.by("kept", "Books that stay");
        Self {
            lent: shelf.count("lent", "Books that were lent"),
            sold: shelf.by("sold", "Books that were sold"),
            kept,
            torn: shelf.register("torn", "Books that are torn", Family::default()),
        }
    }
}

// A registry of the library's adds nothing.
pub fn open(registry: &mut Registry) {
    let doors = Gauge::<i64>::default();
    registry.register("doors", "Doors that are open", doors.clone());
}

pub fn start() {
    let mut registry = Registry::default();
    open(&mut registry);
}
