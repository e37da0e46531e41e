//! Bodies larger than memory, and connections that break off.

use std::io::{Cursor, Read, Write};
use std::net::TcpStream;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use forbear::service::access::Role;
use forbear::service::audit::Actor;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::app::{App, Caller};
use super::program::Program;
use crate::databases::{on_both, sqlite};
use crate::service::desk::{file, service};

/// The sample loan on one line, under another number.
fn line(at: usize) -> String {
    let text = file("samples/account-zhengzhou.json").replace('\n', "");
    text.replace("ZZ-20210220-01", &format!("L-{at}"))
}

#[test]
fn a_connection_that_breaks_off_is_made_good_by_sending_again() {
    on_both(|database| {
        let app = App::start(service(database, "2021-07-29"));
        let core = app.caller("core", Role::Service);
        let content: String = (0..700).map(|at| line(at) + "\n").collect();
        let digest = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(content.as_bytes())));
        let token = app.service.make_token(&Actor::system(), "core", &[Role::Service], None).unwrap();
        let host = app.url.trim_start_matches("http://").to_owned();
        let mut connection = TcpStream::connect(&host).unwrap();
        let head = format!(
            "POST /v1/accounts HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Digest: {digest}\r\n\
             Content-Length: {}\r\n\r\n",
            content.len()
        );
        connection.write_all(head.as_bytes()).unwrap();
        connection.write_all(&content.as_bytes()[..content.len() / 2]).unwrap();
        drop(connection);

        let headers = [("Content-Digest", digest.as_str())];
        let taken = core.send("POST", "/v1/accounts", Some(&content), &headers).is(200);
        assert_eq!((&taken["state"], &taken["lines"], &taken["bad"]), (&json!("done"), &json!(700), &json!(0)));
        assert_eq!(taken["digest"], taken["content_digest"]);
        let listed = core.get("/v1/imports").is(200);
        let sum =
            |of: &str| listed["items"].as_array().unwrap().iter().map(|item| item[of].as_i64().unwrap()).sum::<i64>();
        assert_eq!((sum("new"), sum("changed")), (700, 0), "each account was taken in once: {listed:#}");
        let own = format!("/v1/imports/{}", taken["import"].as_str().unwrap());
        assert_eq!(core.get(&own).is(200)["new"], taken["new"]);

        let wrong = core.send("POST", "/v1/accounts", Some("{}\n"), &[("Content-Digest", "md5=:AA==:")]);
        assert_eq!(wrong.status, 400);
        let differs = core.send("POST", "/v1/accounts", Some("{}\n"), &[("Content-Digest", digest.as_str())]).is(422);
        assert!(differs["errors"][0]["detail"].as_str().unwrap().contains("not what Content-Digest says"));
        let lines = core.send("POST", "/v1/accounts", Some("{}\n"), &[]).is(200);
        let path = format!("/v1/imports/{}/lines?kind=bad", lines["import"].as_str().unwrap());
        assert_eq!(core.get(&path).is(200)["items"][0]["line"], 1);
        assert_eq!(core.get(&path.replace("bad", "good")).status, 400);
    });
}

/// Loans with long lines of blanks behind each.
struct Long {
    next: usize,
    loans: usize,
    held: Cursor<Vec<u8>>,
}

/// Bytes of a long line, and how many of them are behind each loan.
const LINE: usize = 64 << 10;
const BEHIND: usize = 5;

impl Read for Long {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.held.position() as usize == self.held.get_ref().len() && self.next < self.loans {
            let mut text = line(self.next).into_bytes();
            text.push(b'\n');
            for _ in 0..BEHIND {
                text.resize(text.len() + LINE - 1, b' ');
                text.push(b'\n');
            }
            self.next += 1;
            self.held = Cursor::new(text);
        }
        self.held.read(into)
    }
}

/// The most memory that a program ever had, in kilobytes.
fn most_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_body_of_any_size_needs_little_memory() {
    let database = sqlite();
    let token = service(&database, "2021-07-29").make_token(&Actor::system(), "core", &[Role::Service], None).unwrap();
    let (program, url) = Program::start(&database, &[]);
    let before = most_memory(program.id());
    let loans = 600;
    let mut body = Long { next: 0, loans, held: Cursor::default() };
    let mut answer = ureq::post(format!("{url}/v1/accounts"))
        .header("Authorization", format!("Bearer {token}"))
        .send(ureq::SendBody::from_reader(&mut body))
        .unwrap();
    let taken: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
    assert_eq!((&taken["new"], &taken["lines"]), (&json!(loans), &json!(loans * (1 + BEHIND))));
    let bytes = taken["bytes"].as_u64().unwrap() >> 20;
    assert!(bytes >= 187, "{bytes} MiB went through");
    let more = (most_memory(program.id()) - before) >> 10;
    assert!(more < 64, "{bytes} MiB went through, and memory grew by {more} MiB");
    assert_eq!(Caller::of(&url, &token).get("/v1/imports").is(200)["items"][0]["state"], "done");
    program.kill();
}
