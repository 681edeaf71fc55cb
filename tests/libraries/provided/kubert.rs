use prometheus_client::registry::Registry;

pub fn serve() {
    let mut registry = Registry::default();
    kubert_prometheus_process::register(registry.sub_registry_with_prefix("process")).unwrap();
    kubert_prometheus_tokio::Runtime::register(registry.sub_registry_with_prefix("tokio_rt"), handle());
}
