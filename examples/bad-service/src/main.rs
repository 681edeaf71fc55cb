//! A small LLM service whose monitoring is wrong in every classic way. Read, not run.

mod metrics;
mod queue;

use std::time::Duration;

fn main() {
    queue::install_recorder();
    // The series is there before the first error.
    metrics::GENERATION_ERRORS.with_label_values(&["timeout"]);
    // One request a line: path, user, hash of the prompt.
    for line in std::io::stdin().lines().map_while(Result::ok) {
        if let [path, user_id, prompt_hash] = line.split(' ').collect::<Vec<_>>()[..] {
            answer(path, user_id, prompt_hash);
        }
    }
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
