//! Instructions by webhook: signed, in order for each account, again until they are taken, and before a person at last.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};

use forbear::core_system::webhook::{Webhook, signature};
use forbear::service::Service;
use forbear::store::{self, id};
use serde_json::Value;

use super::desk::{actor, write, zhengzhou};
use crate::databases::on_both;

pub const SECRET: &[u8; 32] = b"a secret of thirty-two bytes....";

/// A core system, or a gateway, that answers with these, one after the other, and hands over what it was sent.
pub fn core_system(answers: Vec<u16>) -> (String, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for status in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut head, mut line) = (String::new(), String::new());
            while reader.read_line(&mut line).unwrap() > 2 {
                head.push_str(&line.to_lowercase());
                line.clear();
            }
            let field = |name: &str| {
                let found = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned));
                found.unwrap_or_default()
            };
            let mut body = vec![0; field("content-length").parse().unwrap()];
            reader.read_exact(&mut body).unwrap();
            write!(stream, "HTTP/1.1 {status} said\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
            if send.send((field("forbear-signature"), String::from_utf8(body).unwrap())).is_err() {
                return;
            }
        }
    });
    (url, receive)
}

fn state(service: &Service) -> Vec<(String, i32)> {
    let rows = service.store.read(|conn| store::instruction::page(conn, None, 0, 10)).unwrap();
    rows.into_iter().map(|(row, _)| (row.state, row.attempts)).collect()
}

/// Relief that is given and taken back: two instructions for one account.
fn two_instructions(service: &Service) {
    let given = write(service, |conn| service.give_relief(conn, &actor("lead"), "ZZ-20210220-01")).unwrap();
    let last = given.grants.last().unwrap().id;
    write(service, |conn| service.reverse_grant(conn, &actor("finance"), last, "a mistake")).unwrap();
}

#[test]
fn instructions_are_signed_and_go_out_in_order_until_they_are_taken() {
    on_both(|database| {
        let service = zhengzhou(database);
        two_instructions(&service);
        let (url, received) = core_system(vec![500, 200, 200]);
        let webhook = Webhook::new(&url, SECRET.to_vec()).unwrap();
        assert_eq!(service.deliver(&webhook).unwrap(), 0, "the first is refused, the second waits for it");
        assert_eq!(state(&service), [("pending".to_owned(), 1), ("pending".to_owned(), 0)]);
        assert_eq!(service.deliver(&webhook).unwrap(), 0, "not before its time");
        service.clock.set("2021-07-29T02:00:02Z".parse().unwrap());
        assert_eq!(service.deliver(&webhook).unwrap(), 1);
        assert_eq!(service.deliver(&webhook).unwrap(), 1);
        assert_eq!(state(&service), [("sent".to_owned(), 2), ("sent".to_owned(), 1)]);
        let sent: Vec<(String, String)> = received.iter().take(3).collect();
        let sequence = |body: &str| serde_json::from_str::<Value>(body).unwrap()["sequence"].as_i64().unwrap();
        assert_eq!(sent.iter().map(|(_, body)| sequence(body)).collect::<Vec<_>>(), [1, 1, 2]);
        for (signed, body) in &sent {
            let (time, hex) = signed.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
            assert_eq!(hex, signature(SECRET, time.parse().unwrap(), body));
        }
    });
}

#[test]
fn what_cannot_be_delivered_waits_for_a_person() {
    on_both(|database| {
        let service = zhengzhou(database);
        two_instructions(&service);
        // Nobody listens there.
        let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let webhook = Webhook::new(&format!("http://{gone}"), SECRET.to_vec()).unwrap();
        for day in 1..=16 {
            service.clock.set(format!("2021-08-{day:02}T02:00:00Z").parse().unwrap());
            assert_eq!(service.deliver(&webhook).unwrap(), 0);
        }
        assert_eq!(
            state(&service),
            [("dead".to_owned(), 16), ("pending".to_owned(), 0)],
            "the second is not before it"
        );
        let first = service.store.read(|conn| store::instruction::page(conn, Some("dead"), 0, 1)).unwrap()[0].0.id;
        write(&service, |conn| service.resend(conn, &actor("finance"), first)).unwrap();
        assert!(write(&service, |conn| service.resend(conn, &actor("finance"), first)).is_err());
        let (url, received) = core_system(vec![200]);
        let webhook = Webhook::new(&url, SECRET.to_vec()).unwrap();
        assert_eq!(service.deliver(&webhook).unwrap(), 1);
        let (_, body) = received.recv().unwrap();
        assert!(body.contains(&id::outside("instruction", first)), "{body}");
    });
}
