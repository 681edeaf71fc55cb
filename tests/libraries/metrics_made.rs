use std::sync::LazyLock;

pub use const_format::concatcp as __concatcp;

pub const SYSTEM: &str = "shop";

pub struct Counter(metrics::Counter);

pub fn get_or_register(hash: u64, build: impl FnOnce() -> (&'static str, metrics::Key, metrics::Metadata<'static>)) -> Counter {
    let made = HANDLES.entry(hash).or_insert_with(|| {
        let (_, key, metadata) = build();
        metrics::with_recorder(|recorder| recorder.register_counter(&key, &metadata))
    });
    Counter(made.clone())
}

// A macro makes statics, and another one's code beside it names them.
#[macro_export]
macro_rules! key {
    (name: $name:literal, subsystem: $subsystem:expr $(, $label:literal => $value:literal)*) => {
        const KEY_NAME: &str = $crate::__concatcp!($crate::SYSTEM, "_", $subsystem, "_", $name);
        static LABELS: [metrics::Label; 1] = [$(metrics::Label::from_static_parts($label, $value)),*];
        static KEY: std::sync::LazyLock<metrics::Key> = std::sync::LazyLock::new(|| metrics::Key::from_static_parts(KEY_NAME, &LABELS));
    };
}

// So does the code that a third one writes.
#[macro_export]
macro_rules! declared {
    (by: $register:path, info: $info:expr) => {{
        thread_local! {
            static CACHE: std::cell::RefCell<Option<$crate::Counter>> = const { std::cell::RefCell::new(None) };
        }
        CACHE.with(|cell| $register(7, || ($info, KEY.clone(), METADATA.clone())))
    }};
}

#[macro_export]
macro_rules! count {
    (name: $name:literal, subsystem: $subsystem:expr $(, $label:literal => $value:literal)* $(,)?) => {{
        $crate::key!(name: $name, subsystem: $subsystem $(, $label => $value)*);
        $crate::declared!(by: $crate::get_or_register, info: "")
    }};
}

#[macro_export]
macro_rules! lazy_count {
    ($($arg:tt)*) => {
        LazyLock::new(|| $crate::count!($($arg)*))
    };
}

pub static ORDERS: LazyLock<Counter> = lazy_count!(name: "orders_total", subsystem: "till", "kind" => "paid");
pub static RETURNS: LazyLock<Counter> = LazyLock::new(|| count!(name: "returns_total", subsystem: "till"));
