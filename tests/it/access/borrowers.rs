//! Borrowers: codes to phones, and tokens of the lender's app.

use std::sync::{Arc, Mutex};

use forbear::core_system::webhook::{Webhook, signature};
use forbear::secret::Hidden;
use forbear::sender::CodeSender;
use forbear::sender::file::CodeFile;
use forbear::sender::webhook::CodeWebhook;
use forbear::service::access::Role;
use forbear::service::access::borrower::{CodeAsked, CodeUsed};
use forbear::service::access::session::SignedIn;
use forbear::service::access::settings::{AccessSettings, HandOffKey};
use forbear::service::{Service, ServiceError};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::{bearer, cookie, hidden, later, logged, reported, service, verbs};
use crate::databases::{Database, on_both};
use crate::service::delivery::{SECRET, core_system};
use crate::service::desk::{actor, write};

const PHONE: &str = "13812345678";
const KEY: &[u8; 32] = b"a key that the lender's app has.";

/// Keeps what would have been sent.
#[derive(Default)]
struct Pocket(Mutex<Vec<(String, String, Option<String>)>>);

impl Pocket {
    fn sent(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    fn last(&self) -> Hidden<String> {
        hidden(&self.0.lock().unwrap().last().unwrap().1)
    }
}

impl CodeSender for Pocket {
    fn send(&self, phone: &Hidden<String>, code: &Hidden<String>, language: Option<&str>) -> Result<(), String> {
        let sent = (phone.show().clone(), code.show().clone(), language.map(str::to_owned));
        self.0.lock().unwrap().push(sent);
        Ok(())
    }
}

fn desk(database: &Database) -> (Service, Arc<Pocket>) {
    let pocket = Arc::new(Pocket::default());
    let access = AccessSettings {
        sender: Some(pocket.clone()),
        hand_off: Some(HandOffKey::new(Hidden::new(KEY.to_vec())).unwrap()),
        ..AccessSettings::default()
    };
    let service = service(database).with_access(access);
    let zhang = r#"{"party":"P-1","name":"张三","phone":"+86 138 1234 5678","id_number":"41010519900101123X","language":"zh-CN"}"#;
    service.take_report(&reported("A-1", "2026-06-30", "P-1", zhang)).unwrap();
    (service, pocket)
}

fn used(service: &Service, code: &Hidden<String>) -> CodeUsed {
    service.use_code(&hidden(PHONE), code, None).unwrap()
}

fn is_in(used: CodeUsed) -> Option<SignedIn> {
    match used {
        CodeUsed::In(signed_in) => Some(signed_in),
        CodeUsed::Refused => None,
        CodeUsed::WhichPerson => panic!("there is only one"),
    }
}

fn wrong(code: &Hidden<String>) -> Hidden<String> {
    let last = code.show().bytes().last().unwrap();
    hidden(&format!("{}{}", &code.show()[..5], char::from(b'0' + (last - b'0' + 1) % 10)))
}

#[test]
fn a_code_to_the_phone_lets_its_borrower_in_once() {
    on_both(|database| {
        let (service, pocket) = desk(database);
        assert_eq!(service.ask_code(&hidden(PHONE)).unwrap(), CodeAsked::OnItsWay);
        let sent = pocket.0.lock().unwrap()[0].clone();
        assert_eq!((sent.0.as_str(), sent.2.as_deref()), ("8613812345678", Some("zh-CN")));
        let code = pocket.last();
        assert!(is_in(used(&service, &wrong(&code))).is_none());
        let signed_in = is_in(used(&service, &code)).unwrap();
        let own = service.authenticate(&cookie(signed_in.token.show())).unwrap().unwrap();
        assert_eq!((own.borrower(), own.roles.as_slice()), (Some("P-1"), &[Role::Borrower][..]));
        assert_eq!((own.actor.id.as_str(), own.actor.person.as_str()), ("borrower_P-1", "borrower_P-1"));
        assert!(is_in(used(&service, &code)).is_none(), "once");
        later(&service, 29 * 60);
        assert!(service.authenticate(&cookie(signed_in.token.show())).unwrap().is_some());
        service.sign_out(signed_in.token.show()).unwrap();
        assert!(service.authenticate(&cookie(signed_in.token.show())).unwrap().is_none());
        assert_eq!(verbs(&service), ["code.send", "borrower.fail", "borrower.sign_in", "borrower.fail", "session.end"]);
        for entry in logged(&service) {
            // Its number is drawn, and may have any digits.
            let said = [entry.actor, entry.verb, entry.object, entry.detail].join(" ");
            assert!(!said.contains("1234") && !said.contains(code.show().as_str()), "{said}");
        }
    });
}

#[test]
fn a_code_is_tried_five_times_within_five_minutes() {
    on_both(|database| {
        let (service, pocket) = desk(database);
        service.ask_code(&hidden(PHONE)).unwrap();
        let code = pocket.last();
        for _ in 0..5 {
            assert!(is_in(used(&service, &wrong(&code))).is_none());
        }
        assert!(is_in(used(&service, &code)).is_none(), "the sixth is not looked at");
        later(&service, 60);
        service.ask_code(&hidden(PHONE)).unwrap();
        let code = pocket.last();
        later(&service, 5 * 60);
        assert!(is_in(used(&service, &code)).is_none(), "too late");
        service.ask_code(&hidden(PHONE)).unwrap();
        let first = pocket.last();
        later(&service, 60);
        service.ask_code(&hidden(PHONE)).unwrap();
        let last = pocket.last();
        assert!(first.show() == last.show() || is_in(used(&service, &first)).is_none(), "only the last one counts");
        assert!(is_in(used(&service, &last)).is_some());
    });
}

#[test]
fn codes_are_rationed_and_nobody_learns_who_is_a_borrower() {
    on_both(|database| {
        let (service, pocket) = desk(database);
        // A known phone and one that nobody has get the same answers.
        for round in 0..7 {
            let known = service.ask_code(&hidden(PHONE)).unwrap();
            assert_eq!(service.ask_code(&hidden("13987654321")).unwrap(), known, "{round}");
            assert_eq!(known, if round < 5 { CodeAsked::OnItsWay } else { CodeAsked::TooSoon });
            assert_eq!(service.ask_code(&hidden("+86 138-1234-5678")).unwrap(), CodeAsked::TooSoon);
            later(&service, 60);
        }
        assert_eq!(pocket.sent(), 5);
        let unknown = service.use_code(&hidden("13987654321"), &hidden("123456"), None).unwrap();
        assert!(matches!(unknown, CodeUsed::Refused));
        later(&service, 3600);
        assert_eq!(service.ask_code(&hidden(PHONE)).unwrap(), CodeAsked::OnItsWay);
        assert!(matches!(service.ask_code(&hidden("none")), Err(ServiceError::Invalid(_))));
        later(&service, 2 * 24 * 3600);
        assert!(service.sweep_access().unwrap() >= 11);
    });
}

#[test]
fn where_two_have_one_phone_the_number_says_who() {
    on_both(|database| {
        let (service, pocket) = desk(database);
        let li = r#"{"party":"P-2","name":"李四","phone":"13812345678","id_number":"410105199202023456"}"#;
        service.take_report(&reported("A-2", "2026-06-30", "P-2", li)).unwrap();
        service.ask_code(&hidden(PHONE)).unwrap();
        let code = pocket.last();
        assert!(matches!(used(&service, &code), CodeUsed::WhichPerson));
        let with = |number: &str| service.use_code(&hidden(PHONE), &code, Some(&hidden(number))).unwrap();
        assert!(matches!(with("410105199303034567"), CodeUsed::Refused));
        let signed_in = is_in(with("410105 19920202 3456")).unwrap();
        assert_eq!(signed_in.principal.borrower(), Some("P-2"));
        // Who is erased is neither reached nor let in.
        write(&service, |conn| service.erase_person(conn, &actor("chief"), "P-2", "asked for it")).unwrap();
        assert!(service.authenticate(&cookie(signed_in.token.show())).unwrap().is_none());
        later(&service, 60);
        service.ask_code(&hidden(PHONE)).unwrap();
        assert_eq!(is_in(used(&service, &pocket.last())).unwrap().principal.borrower(), Some("P-1"));
    });
}

fn handed(claims: &Value, key: &[u8], algorithm: Algorithm) -> String {
    encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(key)).unwrap()
}

#[test]
fn the_lenders_app_hands_over_once() {
    on_both(|database| {
        let (service, _) = desk(database);
        let now = service.clock.now().and_utc().timestamp();
        let good = json!({"sub": "P-1", "iat": now - 120, "jti": "1"});
        let token = handed(&good, KEY, Algorithm::HS256);
        let signed_in = service.hand_off(&token).unwrap().unwrap();
        assert_eq!(signed_in.principal.borrower(), Some("P-1"));
        assert!(service.hand_off(&token).unwrap().is_none(), "once");
        let refused = [
            handed(&json!({"sub": "P-1", "iat": now - 121}), KEY, Algorithm::HS256),
            handed(&json!({"sub": "P-1", "iat": now + 31}), KEY, Algorithm::HS256),
            handed(&json!({"sub": "P-1"}), KEY, Algorithm::HS256),
            handed(&json!({"iat": now}), KEY, Algorithm::HS256),
            handed(&json!({"sub": "P-1", "iat": now, "aud": "elsewhere"}), KEY, Algorithm::HS256),
            handed(&json!({"sub": "P-9", "iat": now}), KEY, Algorithm::HS256),
            handed(&json!({"sub": "P-1", "iat": now}), &[0; 32], Algorithm::HS256),
            handed(&json!({"sub": "P-1", "iat": now}), KEY, Algorithm::HS512),
            format!("{token}="),
            String::new(),
        ];
        for (at, token) in refused.iter().enumerate() {
            assert!(service.hand_off(token).unwrap().is_none(), "{at}");
        }
        assert!(
            service
                .hand_off(&handed(&json!({"sub": "P-1", "iat": now, "aud": "forbear"}), KEY, Algorithm::HS256))
                .unwrap()
                .is_some()
        );
        assert!(service.authenticate(&bearer(&token)).unwrap().is_none(), "it is no bearer token");
        let verbs = verbs(&service);
        assert_eq!(verbs.iter().filter(|verb| *verb == "borrower.fail").count(), 11);
        assert!(HandOffKey::new(Hidden::new(KEY[1..].to_vec())).is_err());
    });
}

#[test]
fn a_token_of_the_app_that_comes_twice_at_once_gets_one_in() {
    on_both(|database| {
        let (service, _) = desk(database);
        let now = service.clock.now().and_utc().timestamp();
        let token = handed(&json!({"sub": "P-1", "iat": now}), KEY, Algorithm::HS256);
        let (service, token) = (&service, &token);
        let got_in = std::thread::scope(|scope| {
            let all: Vec<_> = (0..6).map(|_| scope.spawn(move || service.hand_off(token).unwrap().is_some())).collect();
            all.into_iter().map(|one| one.join().unwrap()).filter(|got_in| *got_in).count()
        });
        assert_eq!(got_in, 1);
    });
}

#[test]
fn codes_go_to_the_gateway_signed_until_it_takes_them() {
    let (url, received) = core_system(vec![503, 200]);
    let sender = CodeWebhook::start(Webhook::new(&url, SECRET.to_vec()).unwrap()).unwrap();
    sender.send(&hidden("8613812345678"), &hidden("004711"), Some("zh-CN")).unwrap();
    let sent: Vec<(String, String)> = received.iter().take(2).collect();
    let message = json!({"kind": "code", "phone": "8613812345678", "code": "004711", "language": "zh-CN"});
    for (signed, body) in sent {
        assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), message);
        let (time, hex) = signed.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
        assert_eq!(hex, signature(SECRET, time.parse().unwrap(), &body));
    }
}

#[test]
fn codes_for_trying_out_go_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("codes.txt");
    let file = CodeFile::new(path.clone());
    file.send(&hidden("8613812345678"), &hidden("000001"), None).unwrap();
    file.send(&hidden("8613812345678"), &hidden("000002"), None).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "8613812345678 000001\n8613812345678 000002\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
