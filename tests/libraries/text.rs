//! Exposition text by hand, and code that only reads such text.
use std::fmt::Write;

const DEPTH: &str = "shop_depth";

pub fn render(orders: &[(String, u64)], depth: u64, prefix: &str) -> String {
    let mut out = String::new();
    out.push_str("# HELP shop_orders_total Orders that came in.\n");
    out.push_str("# TYPE shop_orders_total counter\n");
    for (kind, count) in orders {
        out.push_str(&format!("shop_orders_total{{kind=\"{}\",way=\"web\"}} {}\n", kind, count));
    }
    writeln!(out, "# HELP {} Orders that wait.\n# TYPE {} gauge\n{} {}", DEPTH, DEPTH, DEPTH, depth).unwrap();
    writeln!(&mut out, "# TYPE {prefix}_open gauge").unwrap();
    out += &format!(
        r#"
# TYPE shop_took_seconds histogram
shop_took_seconds_bucket{{le="0.1"}} {}
shop_took_seconds_bucket{{le="1"}} {}
shop_took_seconds_bucket{{le="+Inf"}} {}
shop_took_seconds_sum 0
shop_took_seconds_count 0
# TYPE shop_sent counter
shop_sent_total 1
# TYPE shop_other summary
"#,
        1, 2, 3
    );
    out
}

fn header(out: &mut String, name: &str) {
    let _ = writeln!(out, "# TYPE {name} counter");
}

pub fn in_parts(out: &mut String, name: &str) {
    out.push_str("# TYPE ");
    out.push_str(name);
    out.push_str(" gauge\n");
}

pub fn read(text: &str, name: &str) -> bool {
    // # TYPE shop_comment counter
    if let Some(rest) = text.strip_prefix("# TYPE shop_read counter") {
        return rest.is_empty();
    }
    assert!(text.contains("# TYPE shop_asserted gauge"));
    let line = "# TYPE shop_line gauge";
    text.lines().any(|l| l == line || l.starts_with("# TYPE ")) || text.contains(&format!("# TYPE {name}_x counter"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn renders() {
        let mut out = String::new();
        out.push_str("# TYPE shop_tested_total counter\n");
    }
}
