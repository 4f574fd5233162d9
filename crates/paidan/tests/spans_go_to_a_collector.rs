//! With the feature `otel`, spans go to a collector, the last of them at the end. `just otel` runs it.
#![cfg(feature = "otel")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use paidan::logging::{self, LogConfig};

/// Long enough for any machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Takes one request and answers it; the request's first line and body.
fn sink() -> (String, mpsc::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a connection");
        let mut reader = BufReader::new(&stream);
        let mut line = String::new();
        reader.read_line(&mut line).expect("a request");
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).expect("a header");
            if header.trim().is_empty() {
                break;
            }
            if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        (&stream)
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .expect("answered");
        send.send((line, body)).expect("the test waits");
    });
    (format!("http://{address}/v1/traces"), receive)
}

#[test]
fn a_span_is_sent_at_the_end_at_the_latest() {
    let (endpoint, requests) = sink();
    let config = LogConfig { otlp_endpoint: Some(endpoint), ..LogConfig::default() };
    let logging = logging::begin(&config, "info").expect("it begins");
    let span = tracing::info_span!(target: "gateway", "request", http.route = "/api/v1/probe");
    span.in_scope(|| tracing::info!(target: "gateway", "within"));
    tracing::info_span!(target: "reqwest", "not ours").in_scope(|| {});
    drop(span);
    drop(logging);
    let (line, body) = requests.recv_timeout(PATIENCE).expect("it was sent");
    assert!(line.starts_with("POST /v1/traces "), "{line}");
    let has = |text: &str| body.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has("http.route") && has("/api/v1/probe") && has("service.name"));
    assert!(!has("not ours"));
}
