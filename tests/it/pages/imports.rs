//! Files of snapshots while they come, and what became of them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use forbear::service::access::Role;
use forbear::service::audit::Actor;

use super::browser::Browser;
use crate::api::app::App;
use crate::contact::known;
use crate::databases::on_both;

#[test]
fn a_file_is_seen_while_it_comes_and_when_it_came() {
    on_both(|database| {
        let app = App::start(known(database));
        let lead = Browser::of(&app, "lead", Role::CareLead);
        lead.get("/imports").shown().says("No file was taken in yet.");

        let one =
            |at: usize| format!(r#"{{"account":"F-{at}","as_of":"2026-06-30","currency":"CNY","status":"active"}}"#);
        let content = (0..600).map(one).collect::<Vec<_>>().join("\n") + "\n{\"account\": 1}\n";
        let token = app.service.make_token(&Actor::system(), "core", &[Role::Service], None).unwrap();
        let host = app.url.trim_start_matches("http://").to_owned();
        let mut connection = TcpStream::connect(&host).unwrap();
        let head = format!(
            "POST /v1/accounts HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n",
            content.len()
        );
        let (first, rest) = content.as_bytes().split_at(content.len() / 2);
        connection.write_all(head.as_bytes()).unwrap();
        connection.write_all(first).unwrap();
        let limit = Instant::now() + Duration::from_secs(30);
        let coming = loop {
            let page = lead.get("/imports").shown();
            if page.html.contains("being taken in") {
                break page;
            }
            assert!(Instant::now() < limit, "{}", page.html);
            std::thread::yield_now();
        };
        coming.says("data-live=\"2\"");
        let own = coming.html.split("href=\"/imports/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        lead.get(&format!("/imports/{own}")).shown().says("<progress");

        connection.write_all(rest).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let told = app.caller("core", Role::Service).get(&format!("/v1/imports/{own}")).is(200);
        let page = lead.get(&format!("/imports/{own}")).shown();
        assert!(!page.html.contains("data-live") && !page.html.contains("<progress"), "{}", page.html);
        for (word, name) in [
            ("Lines", "lines"),
            ("Bytes", "bytes"),
            ("New accounts", "new"),
            ("Changed", "changed"),
            ("Unchanged", "unchanged"),
            ("Older than what is known", "late"),
            ("More than once in the file", "repeated"),
            ("Unreadable", "bad"),
        ] {
            page.says(&format!("<dt>{word}</dt><dd>{}</dd>", told[name]));
        }
        assert_eq!((&told["new"], &told["bad"]), (&600.into(), &1.into()));
        page.says("<td class=\"n\">601</td><td>unreadable</td>");
        assert_eq!(Browser::borrower(&app, "P-1").get(&format!("/imports/{own}")).status, 403);
    });
}
