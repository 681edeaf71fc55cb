use poem::middleware::OpenTelemetryMetrics;
use poem::{EndpointExt, Route};

pub fn app() -> impl poem::Endpoint {
    Route::new().nest("/api", api()).with(OpenTelemetryMetrics::new())
}
