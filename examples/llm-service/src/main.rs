//! A text generation service with the standard library's sockets: `POST /v1/completions`, `GET /healthz`, `GET /metrics`.
//!
//!     cargo run
//!     curl -d 'say something' localhost:8080/v1/completions

mod batcher;
mod metrics;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Instant;

use prometheus::{Encoder, TextEncoder};

use batcher::Batcher;
use metrics::FailureReason;

const MAX_BODY: u64 = 64 * 1024;
const ANSWER_TOKENS: usize = 48;
const USD_PER_PROMPT_TOKEN: f64 = 0.000_003;
const USD_PER_COMPLETION_TOKEN: f64 = 0.000_015;

struct Response {
    status: u16,
    content_type: &'static str,
    body: Vec<u8>,
}

impl Response {
    fn text(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Response { status, content_type: "text/plain; charset=utf-8", body: body.into() }
    }
}

fn main() -> io::Result<()> {
    metrics::init();
    let batcher = Arc::new(Batcher::default());
    let listener = TcpListener::bind("127.0.0.1:8080")?;
    for stream in listener.incoming() {
        let batcher = Arc::clone(&batcher);
        let stream = stream?;
        std::thread::spawn(move || {
            if let Err(error) = serve(stream, &batcher) {
                eprintln!("connection: {error}");
            }
        });
    }
    Ok(())
}

fn serve(mut stream: TcpStream, batcher: &Batcher) -> io::Result<()> {
    let started = Instant::now();
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let mut length = 0;
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 || header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':') {
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap_or(0);
            }
        }
    }
    let mut body = String::new();
    reader.take(std::cmp::min(length, MAX_BODY)).read_to_string(&mut body)?;

    // The matched route, never the path: a scanner that tries a thousand paths makes one series.
    let (endpoint, response) = match (method, path) {
        ("POST", "/v1/completions") => ("/v1/completions", complete(&body, batcher)),
        ("GET", "/healthz") => ("/healthz", Response::text(200, "ok\n")),
        ("GET", "/metrics") => ("/metrics", exposition()),
        _ => ("unmatched", Response::text(404, "not found\n")),
    };
    let method = match method {
        "GET" => "GET",
        "POST" => "POST",
        _ => "other",
    };
    let status = match response.status {
        200 => "200",
        400 => "400",
        404 => "404",
        503 => "503",
        _ => "500",
    };
    metrics::HTTP_REQUESTS.with_label_values(&[endpoint, method, status]).inc();
    metrics::REQUEST_DURATION.with_label_values(&[endpoint]).observe(started.elapsed().as_secs_f64());

    let head = format!(
        "HTTP/1.1 {}\r\ncontent-type: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        response.status,
        response.content_type,
        response.body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&response.body)
}

fn complete(prompt: &str, batcher: &Batcher) -> Response {
    if prompt.trim().is_empty() {
        return Response::text(400, "an empty prompt\n");
    }
    match batcher.generate(prompt, ANSWER_TOKENS) {
        Ok(answer) => {
            metrics::TOKENS.with_label_values(&["prompt"]).inc_by(answer.prompt_tokens as u64);
            metrics::TOKENS.with_label_values(&["completion"]).inc_by(answer.completion_tokens as u64);
            metrics::GENERATION_LENGTH.observe(answer.completion_tokens as f64);
            let cost = answer.prompt_tokens as f64 * USD_PER_PROMPT_TOKEN + answer.completion_tokens as f64 * USD_PER_COMPLETION_TOKEN;
            metrics::COST_PER_REQUEST.observe(cost);
            metrics::COST_PER_1K_COMPLETION_TOKENS.observe(cost * 1000.0 / answer.completion_tokens as f64);
            Response::text(200, answer.text)
        }
        Err(reason) => {
            metrics::GENERATION_ERRORS.with_label_values(&[reason.as_str()]).inc();
            let status = match reason {
                FailureReason::Overloaded => 503,
                FailureReason::Timeout | FailureReason::Cancelled => 500,
            };
            Response::text(status, "the generation failed\n")
        }
    }
}

fn exposition() -> Response {
    let encoder = TextEncoder::new();
    let mut body = Vec::new();
    match encoder.encode(&prometheus::gather(), &mut body) {
        Ok(()) => Response { status: 200, content_type: "text/plain; version=0.0.4", body },
        Err(error) => Response::text(500, format!("{error}\n")),
    }
}
