//! A batch of fixed size with a queue in front: the stand-in for an inference engine.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::metrics::{self, FailureReason};

const SLOTS: usize = 8;
const QUEUE: usize = 32;
const KV_SLOTS_PER_SEQUENCE: i64 = 64;
const KV_SLOTS: i64 = 448;
const STEP: Duration = Duration::from_millis(15);
const DEADLINE: Duration = Duration::from_secs(120);

#[derive(Default)]
struct Load {
    active: usize,
    waiting: usize,
}

/// Admits requests into the slots of the batch.
#[derive(Default)]
pub struct Batcher {
    load: Mutex<Load>,
    freed: Condvar,
}

/// A finished answer.
pub struct Answer {
    /// The text.
    pub text: String,
    /// Tokens of the prompt.
    pub prompt_tokens: usize,
    /// Tokens of the answer.
    pub completion_tokens: usize,
}

impl Batcher {
    /// Waits for a slot and generates `length` tokens.
    pub fn generate(&self, prompt: &str, length: usize) -> Result<Answer, FailureReason> {
        let arrived = Instant::now();
        self.admit()?;
        let answer = decode(prompt, length, arrived);
        self.release();
        answer
    }

    fn admit(&self) -> Result<(), FailureReason> {
        let mut load = self.load.lock().unwrap_or_else(PoisonError::into_inner);
        if load.active >= SLOTS {
            if load.waiting >= QUEUE {
                metrics::BATCHER_ADMISSION_ERRORS.inc();
                return Err(FailureReason::Overloaded);
            }
            load.waiting += 1;
            metrics::BATCHER_QUEUE_DEPTH.inc();
            load = self.freed.wait_while(load, |load| load.active >= SLOTS).unwrap_or_else(PoisonError::into_inner);
            load.waiting -= 1;
            metrics::BATCHER_QUEUE_DEPTH.dec();
        }
        load.active += 1;
        metrics::BATCHER_ACTIVE_SLOTS.inc();
        metrics::KV_CACHE_SLOTS_USED.add(KV_SLOTS_PER_SEQUENCE);
        if metrics::KV_CACHE_SLOTS_USED.get() > KV_SLOTS {
            metrics::KV_CACHE_EVICTIONS.inc();
        }
        Ok(())
    }

    fn release(&self) {
        self.load.lock().unwrap_or_else(PoisonError::into_inner).active -= 1;
        metrics::BATCHER_ACTIVE_SLOTS.dec();
        metrics::KV_CACHE_SLOTS_USED.sub(KV_SLOTS_PER_SEQUENCE);
        self.freed.notify_one();
    }
}

fn decode(prompt: &str, length: usize, arrived: Instant) -> Result<Answer, FailureReason> {
    let words: Vec<&str> = prompt.split_whitespace().collect();
    let mut text = String::new();
    let mut last = Instant::now();
    for index in 0..length {
        std::thread::sleep(STEP);
        if arrived.elapsed() > DEADLINE {
            return Err(FailureReason::Timeout);
        }
        if index == 0 {
            metrics::TIME_TO_FIRST_TOKEN.observe(arrived.elapsed().as_secs_f64());
        } else {
            metrics::INTER_TOKEN_LATENCY.observe(last.elapsed().as_secs_f64());
        }
        last = Instant::now();
        text.push_str(words.get(index % words.len().max(1)).copied().unwrap_or("…"));
        text.push(' ');
    }
    Ok(Answer { text, prompt_tokens: words.len(), completion_tokens: length })
}
