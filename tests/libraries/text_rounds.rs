//! Exposition text by hand: the bounds of a histogram that a loop goes through, in a helper that is given one out of a map.
use std::collections::HashMap;
use std::sync::Mutex;

const WAIT_BOUNDS: &[f64] = &[0.5, 1.0, 2.5];

struct Histogram {
    bounds: &'static [f64],
    counts: Vec<u64>,
}

impl Histogram {
    fn new(bounds: &'static [f64]) -> Self {
        Self { bounds, counts: vec![0; bounds.len() + 1] }
    }
}

pub struct Registry {
    waits: Mutex<HashMap<String, Histogram>>,
    sizes: Mutex<HashMap<String, Histogram>>,
}

impl Registry {
    pub fn waited(&self, queue: &str) {
        let mut guard = self.waits.lock();
        let _histogram = guard.entry(queue.to_owned()).or_insert_with(|| Histogram::new(WAIT_BOUNDS));
    }

    pub fn sized(&self, queue: &str) {
        self.sizes.lock().insert(queue.to_owned(), Histogram::new(&[1.0, 10.0]));
    }

    pub fn render(&self) -> String {
        let mut out = String::new();
        out.push_str("# TYPE shop_wait_seconds histogram\n");
        let waits = self.waits.lock();
        for (queue, _) in waits.iter() {
            let histogram = waits.get(queue).unwrap();
            render(&mut out, "shop_wait_seconds", histogram);
        }
        out.push_str("# TYPE shop_size histogram\n");
        let sizes = self.sizes.lock();
        render(&mut out, "shop_size", sizes.get("a").unwrap());
        out
    }
}

fn render(out: &mut String, name: &str, histogram: &Histogram) {
    for (at, &bound) in histogram.bounds.iter().enumerate() {
        let count = histogram.counts[at];
        out.push_str(&format!("{name}_bucket{{le=\"{bound}\"}} {count}\n"));
    }
    out.push_str(&format!("{name}_bucket{{le=\"+Inf\"}} 0\n{name}_sum 0\n{name}_count 0\n"));
}
