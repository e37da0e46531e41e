//! Ways to people: the gateway's webhook, mail, a file. What each says of a failure, and that it names nobody.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use forbear::core_system::webhook::{Webhook, signature};
use forbear::secret::Hidden;
use forbear::sender::file::MessageFile;
use forbear::sender::gateway::Gateway;
use forbear::sender::smtp::{Mail, Security, Server};
use forbear::sender::{Letter, MessageSender, NotTaken};
use serde_json::{Value, json};

use super::SECRET;
use crate::service::delivery::core_system;

fn send(sender: &dyn MessageSender) -> Result<(), NotTaken> {
    let phone = Hidden::text("8613812345678");
    let letter =
        Letter {
            name: "message_0000000000011", phone: &phone, text: "您好，郑州", language: "zh-CN", seconds: 1_000
        };
    sender.send(&letter)
}

#[test]
fn the_gateway_gets_it_signed_and_says_whether_to_try_again() {
    let (url, received) = core_system(vec![200, 409, 429, 500, 422, 400, 401]);
    let gateway = Gateway::new(Webhook::patient(&url, SECRET.to_vec(), Duration::from_secs(5)).unwrap());
    assert_eq!(send(&gateway), Ok(()));
    let (signed, body) = received.recv().unwrap();
    assert_eq!(signed, format!("t=1000,v1={}", signature(SECRET, 1_000, &body)));
    assert_eq!(
        serde_json::from_str::<Value>(&body).unwrap(),
        json!({"kind": "message", "message": "message_0000000000011", "phone": "8613812345678", "text": "您好，郑州", "language": "zh-CN"})
    );
    let later = |status: &str| Err(NotTaken::Later(format!("it answered {status}")));
    let never = |status: &str| Err(NotTaken::Never(format!("it answered {status}")));
    assert_eq!(send(&gateway), later("409 Conflict"));
    assert_eq!(send(&gateway), later("429 Too Many Requests"));
    assert_eq!(send(&gateway), later("500 Internal Server Error"));
    assert_eq!(send(&gateway), never("422 Unprocessable Entity"));
    assert_eq!(send(&gateway), never("400 Bad Request"));
    assert_eq!(send(&gateway), later("401 Unauthorized"));
}

/// A server that takes mail: says `answer` when it has the whole of one, and hands over what it was told.
fn mail_server(answers: Vec<&'static str>) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (send, receive) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut told, mut in_data) = (String::new(), false);
            write!(stream, "220 mail.example\r\n").unwrap();
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap_or(0) == 0 {
                    break;
                }
                told.push_str(&line);
                let said = match line.trim_end() {
                    "." if in_data => {
                        in_data = false;
                        answer
                    }
                    _ if in_data => continue,
                    "DATA" => {
                        in_data = true;
                        "354 go on"
                    }
                    "QUIT" => "221 bye",
                    _ => "250 ok",
                };
                if write!(stream, "{said}\r\n").is_err() {
                    break;
                }
            }
            if send.send(told).is_err() {
                return;
            }
        }
    });
    (port, receive)
}

#[test]
fn mail_goes_to_the_phones_address_under_one_name() {
    let (port, told) = mail_server(vec!["250 taken", "451 later", "550 never"]);
    let server = Server {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::None,
        signs_in: None,
        patience: Duration::from_secs(5),
    };
    let mail = || Mail::new(&server, "Example Bank <relief@bank.example>", "sms.example").unwrap();
    assert_eq!(send(&mail()), Ok(()));
    let first = told.recv().unwrap();
    for part in [
        "MAIL FROM:<relief@bank.example>",
        "RCPT TO:<8613812345678@sms.example>",
        "Message-ID: <message_0000000000011@bank.example>",
        // 您好，郑州
        "5oKo5aW977yM6YOR5bee",
    ] {
        assert!(first.contains(part), "{part} is not in {first}");
    }
    assert_eq!(send(&mail()), Err(NotTaken::Later("the server answered 451".to_owned())));
    assert_eq!(send(&mail()), Err(NotTaken::Never("the server answered 550".to_owned())));
    // Nobody listens there any more.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = Mail::new(&Server { port: gone, ..server }, "relief@bank.example", "sms.example").unwrap();
    assert_eq!(send(&nobody), Err(NotTaken::Later("the server cannot be reached".to_owned())));
}

#[test]
fn a_file_gets_a_line_for_each() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("messages.jsonl");
    let file = MessageFile::new(path.clone());
    send(&file).unwrap();
    send(&file).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 2);
    assert_eq!(serde_json::from_str::<Value>(text.lines().next().unwrap()).unwrap()["phone"], "8613812345678");
    let nowhere = MessageFile::new(folder.path().join("none/messages.jsonl"));
    assert!(matches!(send(&nowhere), Err(NotTaken::Later(_))));
}
