//! A real Prometheus on loopback, which scrapes a text. Without the program the tests say that they were skipped, and fail where `CI` is set.

#![allow(clippy::print_stderr)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Answers every request with the text, until the test ends.
pub fn serve(text: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // All of the question, with what it holds: what closes before it was read is no answer.
            let mut question = BufReader::new(&stream);
            let mut length = 0;
            let mut line = String::new();
            while question.read_line(&mut line).is_ok_and(|read| read > 2) {
                let (name, value) = line.split_once(':').unwrap_or_default();
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.trim().parse().unwrap_or_default();
                }
                line.clear();
            }
            let _ = std::io::copy(&mut question.take(length), &mut std::io::sink());
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nConnection: close\r\n";
            let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{text}", text.len());
        }
    });
    port
}

/// Stops the process when the test ends, however it ends.
pub struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The value of a query that gives one number.
    pub fn one(&self, query: &str) -> Option<u64> {
        let encoded: String = query.bytes().map(|b| format!("%{b:02X}")).collect();
        let answer = self.get(&format!("/api/v1/query?query={encoded}"))?;
        answer["data"]["result"][0]["value"][1].as_str()?.parse::<u64>().ok()
    }

    /// The answer to GET, or `None` while it is not ready.
    fn get(&self, path: &str) -> Option<Value> {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        serde_json::from_str(answer.split_once("\r\n\r\n")?.1).ok()
    }
}

/// A Prometheus that has scraped the target as job `app`, with its data in `dir`; `None` without Prometheus.
pub fn start(dir: &Path, target: u16) -> Option<Server> {
    if !Command::new("prometheus").arg("--version").output().is_ok_and(|o| o.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "prometheus is missing: install Debian's package `prometheus`");
        eprintln!("skipped: prometheus is not installed (Debian's package `prometheus`)");
        return None;
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = format!(
        "global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\nscrape_configs:\n  - job_name: app\n    static_configs:\n      - targets: ['127.0.0.1:{target}']\n"
    );
    super::write(dir, "prometheus.yml", config.as_bytes());
    let child = Command::new("prometheus")
        .current_dir(dir)
        .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data", &format!("--web.listen-address=127.0.0.1:{port}")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let server = Server { child, port };
    let until = Instant::now() + Duration::from_secs(60);
    while server.one("up{job=\"app\"}") != Some(1) {
        assert!(Instant::now() < until, "Prometheus did not scrape");
        std::thread::sleep(Duration::from_millis(100));
    }
    Some(server)
}
