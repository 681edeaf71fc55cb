//! Macros that put the name of the method together and keep the builder in a variable. No `use` names the crate.

macro_rules! instrument {
    ($ty:ident, $kind:ident, $change:ident, $name:expr, $about:literal, $unit:literal, $value:expr, $attrs:expr) => {
        paste::paste! {{
            let make = |meter: opentelemetry::metrics::Meter| {
                let mut builder = meter.[<$ty _ $kind>]($name);
                builder = builder.with_description($about);
                if !$unit.is_empty() {
                    builder = builder.with_unit($unit);
                }
                builder.build()
            };
            make(opentelemetry::global::meter("post")).$change($value, &$attrs);
        }}
    };
    ($ty:ident, $kind:ident, $change:ident, $name:expr, $about:literal, $value:expr, $attrs:expr) => {
        instrument!($ty, $kind, $change, $name, $about, "", $value, $attrs)
    };
}

macro_rules! count {
    ($name:literal, $about:literal, $value:expr) => {
        instrument!(u64, counter, add, $name, $about, $value, [])
    };
}

macro_rules! time {
    ($name:literal, $about:literal, $value:expr) => {
        instrument!(f64, histogram, record, $name, $about, "s", $value, [])
    };
}

macro_rules! weigh {
    ($name:literal, $about:literal, $value:expr, $($($key:ident).+ = $label:expr),+) => {
        paste::paste! {{
            let make = |meter: opentelemetry::metrics::Meter| meter.[<f64_histogram>]($name).with_description($about).build();
            let kept = KEPT.get_or_init(|| hold(|p| make(p.meter("post"))));
            let labels: &[opentelemetry::KeyValue] = &[$(opentelemetry::KeyValue::new(stringify!($($key).+), $label)),+];
            kept.record($value, labels);
        }}
    };
}

pub fn deliver(seconds: f64, parcel: Parcel) {
    weigh!("post.weight", "Weight of a parcel", parcel.weight, parcel.kind = "letter", country = parcel.country);
    count!("post.letters", "Letters delivered", 1);
    time!("post.tour", "Time of a tour", seconds);
}
