use autometrics::{autometrics, prometheus_exporter};

#[autometrics]
pub fn bake(loaves: u64) -> Result<u64, String> {
    Ok(loaves)
}

pub fn main() {
    prometheus_exporter::init();
    bake(1).ok();
}
