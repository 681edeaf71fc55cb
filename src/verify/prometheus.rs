//! A Prometheus, or what speaks its HTTP API.

use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;

/// No answer takes longer: a server that hangs is one that does not answer.
const LIMIT: Duration = Duration::from_secs(30);

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum PrometheusError {
    /// The address is none.
    #[error("{0}: not an address of a Prometheus: it starts with http:// or https://")]
    Address(String),
    /// Nothing answered, or not in the way Prometheus does.
    #[error("{0}: {1}")]
    Silent(String, String),
}

/// A server, by the address that its API is below.
#[derive(Debug)]
pub struct Prometheus {
    address: String,
    agent: ureq::Agent,
}

/// The result of an instant query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The labels of every series.
    Series(Vec<Vec<(String, String)>>),
    /// It does not take the query; its words.
    Refused(String),
}

#[derive(Deserialize)]
struct Body {
    status: String,
    #[serde(default)]
    error: String,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(default)]
    result: Vec<Series>,
}

#[derive(Deserialize)]
struct Series {
    #[serde(default)]
    metric: std::collections::BTreeMap<String, String>,
}

impl Prometheus {
    /// The server at an address such as `http://prometheus:9090`; nothing is asked yet.
    ///
    /// # Errors
    /// What is not the address of a web server.
    pub fn new(address: &str) -> Result<Self, PrometheusError> {
        let rest = address.strip_prefix("http://").or_else(|| address.strip_prefix("https://"));
        if rest.is_none_or(|host| host.is_empty() || host.starts_with('/')) {
            return Err(PrometheusError::Address(address.to_owned()));
        }
        let config = ureq::Agent::config_builder().timeout_global(Some(LIMIT)).http_status_as_error(false).build();
        Ok(Prometheus { address: address.trim_end_matches('/').to_owned(), agent: config.into() })
    }

    /// Asks an instant query.
    ///
    /// # Errors
    /// No answer within the time, or one that is not Prometheus'.
    pub fn query(&self, query: &str) -> Result<Found, PrometheusError> {
        let silent = |why: String| PrometheusError::Silent(self.address.clone(), why);
        let url = format!("{}/api/v1/query", self.address);
        // A query may be longer than an address may be.
        let mut answer = self.agent.post(&url).send_form([("query", query)]).map_err(|e| silent(format!("no answer: {e}")))?;
        let status = answer.status();
        let text = answer.body_mut().read_to_string().map_err(|e| silent(format!("the answer broke off: {e}")))?;
        match serde_json::from_str::<Body>(&text) {
            Ok(body) if body.status == "success" => {
                let series = body.data.map(|d| d.result).unwrap_or_default();
                Ok(Found::Series(series.into_iter().map(|s| s.metric.into_iter().collect()).collect()))
            }
            // What is wrong with the query; everything else is about the server.
            Ok(body) if matches!(status.as_u16(), 400 | 422) => Ok(Found::Refused(body.error)),
            Ok(body) => Err(silent(format!("{status}: {}", body.error))),
            Err(_) => {
                let start: String = text.trim().chars().take(80).collect();
                Err(silent(format!("{status}: the answer is not Prometheus': {}", start.lines().next().unwrap_or_default())))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_web_server() {
        for bad in ["prometheus:9090", "", "http://", "ftp://x", "https:///x"] {
            assert!(Prometheus::new(bad).is_err(), "{bad}");
        }
        assert!(Prometheus::new("https://mimir.example/prometheus/").is_ok_and(|p| p.address == "https://mimir.example/prometheus"));
    }
}
