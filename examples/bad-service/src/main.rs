//! A small LLM service whose monitoring is wrong in every classic way. Read, not run.

mod metrics;
mod queue;

use std::time::Duration;

fn main() {
    queue::install_recorder();
    answer("/v1/users/42/chat", "42", "9f86d081884c7d65");
}

fn answer(path: &str, user_id: &str, prompt_hash: &str) {
    queue::waited(Duration::from_millis(3));
    metrics::REQUESTS.with_label_values(&[path, "POST", "200", user_id]).inc();
    metrics::PROMPTS.with_label_values(&[prompt_hash]).inc();
    metrics::TIME_TO_FIRST_TOKEN.observe(0.4);
    metrics::DURATION.observe(1.7);
    metrics::GENERATION_ERRORS.with_label_values(&["timeout"]).inc();
    metrics::TOKENS.observe(180.0);
}
