//! Traces go to a collector, and name routes and nobody.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{self, Receiver};

use forbear::service::access::Role;
use forbear::service::audit::Actor;

use super::app::Caller;
use super::program::Program;
use crate::databases::sqlite;
use crate::service::desk::service;

/// A collector: where it is, and what it gets, as text with its other bytes replaced.
fn collector() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = BufReader::new(connection.unwrap());
            let mut length = 0;
            loop {
                let mut line = String::new();
                connection.read_line(&mut line).unwrap();
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            connection.read_exact(&mut body).unwrap();
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            connection.get_mut().write_all(answer).unwrap();
            if send.send(String::from_utf8_lossy(&body).into_owned()).is_err() {
                return;
            }
        }
    });
    (url, receive)
}

#[test]
fn spans_name_routes_and_nobody() {
    let database = sqlite();
    let token =
        service(&database, "2021-07-29").make_token(&Actor::system(), "agent", &[Role::CareAgent], None).unwrap();
    let (url, got) = collector();
    let set = [("FORBEAR_TRACES", url.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "20"), ("FORBEAR_LOG", "info")];
    let (program, url) = Program::start_with(&database, &[], &set);
    let agent = Caller::of(&url, &token);
    assert_eq!(agent.get("/v1/accounts/SECRET-1").status, 404);
    assert_eq!(agent.get("/v1/persons/SECRET-2").status, 404);
    assert_eq!(agent.get("/v1/requests?name=SECRET-3").status, 405);
    let mut all = String::new();
    while !all.contains("GET /v1/persons/{person}")
        || !all.contains("GET /v1/accounts/{account}")
        || !all.contains("work")
    {
        all.push_str(&got.recv().unwrap());
    }
    assert!(all.contains("service.name") && all.contains("http.response.status_code") && all.contains("request_id"));
    for canary in ["SECRET", "127.0.0.1", "ureq", &token] {
        assert!(!all.contains(canary), "{canary} is in {all}");
    }
    program.kill();
}
