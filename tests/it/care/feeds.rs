//! Feeds: folders, files and addresses, read when they are due.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};

use chrono::TimeDelta;
use forbear::feed::alert::Format;
use forbear::feed::source::Source;
use forbear::feed::source::web::{Hosts, Web};
use forbear::service::Service;
use forbear::service::care::FeedRow;
use forbear::service::care::feeding::Feed;
use forbear::service::care::reading::Trust;

use super::{Cap, drafts};
use crate::databases::on_both;
use crate::service::desk::{at, service};

pub fn feed(source: Source, hosts: Hosts) -> Feed {
    let trust = Trust::default();
    Feed { name: "drop".to_owned(), source, every: TimeDelta::seconds(60), trust, web: Web::new(hosts) }
}

pub fn folder(path: &Path) -> Feed {
    feed(Source::Folder(path.to_owned()), Hosts::default())
}

/// Reads it when it is next due; how it stands then.
fn read(service: &Service, feed: &Feed) -> FeedRow {
    let due = service.feeds().unwrap()[0].next_at;
    service.clock.set(due.and_utc());
    while service.read_feed(feed).unwrap() {}
    service.feeds().unwrap().remove(0)
}

fn counts(row: &FeedRow) -> (i64, i64, i64) {
    (row.taken, row.repeated, row.refused)
}

#[test]
fn each_file_of_a_folder_is_read_once() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        let place = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| std::fs::write(place.path().join(name), text).unwrap();
        let feed = folder(place.path());
        service.set_feeds(std::slice::from_ref(&feed)).unwrap();
        put("a.cap", &Cap::new("a-1").text());
        put("b.cap", "<a>");
        let row = read(&service, &feed);
        assert_eq!((counts(&row), row.failure.as_deref(), row.failures), ((1, 0, 1), None, 0));
        assert_eq!((row.next_at - row.good_at.unwrap()).num_seconds(), 60);
        // Not before it is due.
        put("c.cap", &Cap::new("a-2").from("b@example.cn").text());
        assert!(!service.read_feed(&feed).unwrap());
        assert_eq!(drafts(&service).len(), 1);
        // What was read is left alone; the same under another name is the same; a file that changed is read.
        put("d.cap", &Cap::new("a-1").text());
        put("b.cap", &Cap::new("a-3").from("c@example.cn").text());
        assert_eq!(counts(&read(&service, &feed)), (3, 0, 1));
        assert_eq!(counts(&read(&service, &feed)), (3, 0, 1));
        assert_eq!(drafts(&service).len(), 3);
        // The folder goes away and comes back.
        std::fs::rename(place.path(), place.path().with_extension("away")).unwrap();
        let row = read(&service, &feed);
        assert!(row.failure.as_ref().unwrap().starts_with("cannot read "), "{row:?}");
        assert_eq!((row.failures, (row.next_at - row.read_at.unwrap()).num_seconds()), (1, 120));
        let row = read(&service, &feed);
        assert_eq!((row.failures, (row.next_at - row.read_at.unwrap()).num_seconds()), (2, 240));
        std::fs::rename(place.path().with_extension("away"), place.path()).unwrap();
        let row = read(&service, &feed);
        assert_eq!((row.failures, row.failure, row.taken), (0, None, 3));
        // One that is no longer set is kept and not read.
        service.set_feeds(&[]).unwrap();
        assert!(!service.feeds().unwrap()[0].configured);
    });
}

#[test]
fn a_feed_takes_alerts_of_its_senders_and_its_format_alone() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("now.cap");
        let mut feed = feed(Source::File(file.clone()), Hosts::default());
        feed.trust = Trust { senders: vec!["cma@example.cn".to_owned()], format: Some(Format::Cap), as_sent: false };
        service.set_feeds(std::slice::from_ref(&feed)).unwrap();
        std::fs::write(&file, Cap::new("a-1").from("forger@example.org").text()).unwrap();
        assert_eq!(counts(&read(&service, &feed)), (0, 0, 1));
        // The same file says nothing new.
        assert_eq!(counts(&read(&service, &feed)), (0, 0, 1));
        std::fs::write(&file, Cap::new("a-1").text()).unwrap();
        assert_eq!(counts(&read(&service, &feed)), (1, 0, 1));
        std::fs::write(&file, "{\"type\": \"FeatureCollection\", \"features\": []}").unwrap();
        assert_eq!(counts(&read(&service, &feed)), (1, 0, 2));
        let refused = service.refused_alerts(0, 10).unwrap();
        assert_eq!(refused.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["unknown_sender", "value"]);
        assert_eq!(refused[0].via, "feed:drop");
    });
}

/// A server that answers with these, one after the other, and says what it was asked.
fn server(answers: Vec<Vec<u8>>) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut head, mut line) = (String::new(), String::new());
            while reader.read_line(&mut line).unwrap() > 2 {
                head.push_str(&line.to_lowercase());
                line.clear();
            }
            send.send(head).unwrap();
            // Whoever has read enough goes away.
            drop(stream.write_all(&answer));
        }
    });
    (address, receive)
}

fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}").into_bytes()
}

#[test]
fn an_address_is_asked_for_what_is_new_alone() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        let first = answer(
            "200 OK",
            "etag: \"v1\"\r\nlast-modified: Mon, 20 Jul 2026 00:00:00 GMT\r\n",
            &Cap::new("a-1").text(),
        );
        let same = answer("304 Not Modified", "", "");
        let moved = answer("302 Found", "location: /newer\r\n", "");
        let second = answer("200 OK", "", &Cap::new("a-2").from("b@example.cn").text());
        let (address, asked) = server(vec![first, same, moved, second, answer("503 Busy", "", "")]);
        let hosts = Hosts { listed: Vec::new(), inside: vec![address.clone()] };
        let feed = feed(Source::Web(format!("http://{address}/alerts")), hosts);
        service.set_feeds(std::slice::from_ref(&feed)).unwrap();
        let row = read(&service, &feed);
        assert_eq!((counts(&row), row.failure.as_deref(), row.etag.as_deref()), ((1, 0, 0), None, Some("\"v1\"")));
        let head = asked.recv().unwrap();
        assert!(head.starts_with("get /alerts ") && !head.contains("if-none-match"), "{head}");
        assert_eq!(counts(&read(&service, &feed)), (1, 0, 0));
        let head = asked.recv().unwrap();
        assert!(
            head.contains("if-none-match: \"v1\"") && head.contains("if-modified-since: mon, 20 jul 2026"),
            "{head}"
        );
        assert_eq!(counts(&read(&service, &feed)), (2, 0, 0));
        assert!(asked.recv().unwrap().starts_with("get /alerts ") && asked.recv().unwrap().starts_with("get /newer "));
        let row = read(&service, &feed);
        assert!(row.failure.as_ref().unwrap().ends_with("/alerts answered 503"), "{row:?}");
        assert_eq!((row.failures, row.taken), (1, 2));
    });
}

#[test]
fn an_address_that_leads_elsewhere_or_says_too_much_is_refused() {
    let service = service(&crate::databases::sqlite(), "2026-07-20");
    let to = |place: &str| answer("302 Found", &format!("location: {place}\r\n"), "");
    let mut flood = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
    flood.resize(33 << 20, b' ');
    let cases = [
        (vec![to("https://evil.example/")], "evil.example:443 is not among the hosts"),
        (vec![to("http://169.254.169.254/latest")], "does not begin with https"),
        (vec![to("file:///etc/passwd")], "is no address"),
        (vec![to("//evil.example/")], "neither an address nor a path"),
        (vec![answer("301 Moved", "", "")], "leads nowhere"),
        (vec![to("/a"), to("/b"), to("/c"), to("/d")], "more than 3 times"),
        (vec![answer("404 Not Found", "", "")], "answered 404"),
        (vec![answer("206 Partial Content", "", "<a/>")], "answered 206"),
        (vec![b"nonsense\r\n\r\n".to_vec()], "http"),
        (vec![flood], "limit"),
    ];
    for (answers, why) in cases {
        let (address, _asked) = server(answers);
        let hosts = Hosts { listed: Vec::new(), inside: vec![address.clone()] };
        let feed = feed(Source::Web(format!("http://{address}/")), hosts);
        service.set_feeds(std::slice::from_ref(&feed)).unwrap();
        let row = read(&service, &feed);
        let said = row.failure.unwrap();
        assert!(said.contains(why), "wanted {why}: {said}");
    }
    assert!(drafts(&service).is_empty());
}

#[test]
fn two_programs_read_a_feed_once() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join("a.cap"), Cap::new("a-1").text()).unwrap();
        let feeds = [folder(place.path())];
        service.set_feeds(&feeds).unwrap();
        service.clock.set(at("2026-07-20T03:00:00Z"));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| service.read_feed(&feeds[0]).unwrap());
            }
        });
        let row = service.feeds().unwrap().remove(0);
        assert_eq!((counts(&row), drafts(&service).len()), ((1, 0, 0), 1));
    });
}
