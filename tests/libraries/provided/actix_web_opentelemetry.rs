use actix_web_opentelemetry::RequestMetrics;
use opentelemetry_instrumentation_actix_web::RequestMetrics as Newer;

pub fn old(app: App) -> App {
    app.wrap(RequestMetrics::default())
}

pub fn new(app: App) -> App {
    app.wrap(Newer::builder().with_meter_provider(provider()).build())
}
