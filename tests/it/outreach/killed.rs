//! The program is killed at any moment while it tells people, over a gateway of which three in ten calls fail: each is told exactly
//! once, nobody is forgotten, and who said STOP or sleeps is left in peace.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Timelike, Utc};
use chrono_tz::Asia::Shanghai;
use forbear::clock::Clock;
use forbear::core_system::webhook::{Webhook, verify};
use forbear::secret::{Hidden, KeyRing};
use forbear::sender::gateway::Gateway;
use forbear::service::account::import::{NewImport, SnapshotFormat};
use forbear::service::care::CareSettings;
use forbear::service::care::channel::settings::Settings;
use forbear::service::care::outreach::opt_out::{Scope, Whom, stop};
use forbear::service::care::outreach::settings::{ContactRules, Quiet};
use forbear::service::{Lender, Service};
use forbear::store::Store;
use forbear_engine::declaration::Declaration;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use super::{SECRET, counts, opening, outreach};
use crate::api::program::Program;
use crate::care::channels;
use crate::databases::{Database, on_both};
use crate::service::desk::{actor, file, put_in_force, write};

/// Moments at which it is killed, and people for each of them: fifty and ten thousand in all in the long form.
fn moments_and_people() -> (usize, usize) {
    let given = std::env::var("FORBEAR_OUTREACH_KILLS").ok().and_then(|count| count.parse().ok());
    given.map_or((4, 50), |moments| (moments, 200))
}

/// Who says STOP at each moment.
const STOPS: usize = 4;

fn phone(at: usize) -> String {
    format!("86138{at:08}")
}

/// What a gateway did.
#[derive(Default)]
struct Told {
    /// Connections that are open.
    open: usize,
    /// Calls.
    calls: usize,
    /// Calls that it did not answer well.
    failed: usize,
    /// Calls for what it had taken before.
    repeated: usize,
    /// The names under which each phone was sent something.
    names: BTreeMap<String, BTreeSet<String>>,
    /// Phones that said STOP.
    stopped: BTreeSet<String>,
    /// What must not be.
    wrong: Vec<String>,
}

/// A gateway: of its calls three in ten fail, refused, unanswered or broken off, most of these after the message was taken.
struct Sms {
    told: Mutex<Told>,
    changed: Condvar,
    url: String,
}

impl Sms {
    fn start() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let own = Arc::new(Self { told: Mutex::default(), changed: Condvar::new(), url });
        std::thread::spawn({
            let own = Arc::clone(&own);
            move || {
                for stream in listener.incoming() {
                    let own = Arc::clone(&own);
                    own.change(|told| told.open += 1);
                    std::thread::spawn(move || {
                        // A program that was killed breaks off anywhere.
                        let _ = own.answer(stream.unwrap());
                        own.change(|told| told.open -= 1);
                    });
                }
            }
        });
        own
    }

    fn change(&self, change: impl FnOnce(&mut Told)) {
        change(&mut self.told.lock().unwrap());
        self.changed.notify_all();
    }

    fn answer(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let (mut head, mut line) = (BTreeMap::new(), String::new());
        while reader.read_line(&mut line)? > 2 {
            if let Some((name, value)) = line.trim_end().split_once(": ") {
                head.insert(name.to_lowercase(), value.to_owned());
            }
            line.clear();
        }
        let length = head.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        if body.is_empty() {
            return stream.write_all(b"HTTP/1.1 204 here\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
        let body = String::from_utf8(body).unwrap();
        let mut dice = 0;
        self.change(|told| {
            told.calls += 1;
            dice = told.calls * 7 % 20;
            told.failed += usize::from(dice < 6);
            // Refused before it is looked at, or never read.
            if dice > 1 {
                told.take(&head, &body);
            }
        });
        match dice {
            0 => stream.write_all(b"HTTP/1.1 503 busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
            // No answer until the other side gives up.
            1..4 => reader.read_to_end(&mut Vec::new()).map(|_| ()),
            4 | 5 => Ok(()),
            _ => stream.write_all(b"HTTP/1.1 200 taken\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
        }
    }

    /// Waits until something is so; not for ever.
    fn wait(&self, long: Duration, until: impl Fn(&Told) -> bool) {
        let told = self.told.lock().unwrap();
        drop(self.changed.wait_timeout_while(told, long, |told| !until(told)).unwrap());
    }

    /// Waits until everything that was sent is dealt with: whoever came before us was let in before us.
    fn quiesce(&self) {
        let address = self.url.trim_start_matches("http://");
        let mut own = TcpStream::connect(address).unwrap();
        own.write_all(b"GET / HTTP/1.1\r\nhost: sms\r\n\r\n").unwrap();
        own.read_to_end(&mut Vec::new()).unwrap();
        self.wait(Duration::from_secs(60), |told| told.open == 0);
        assert_eq!(self.told.lock().unwrap().open, 0);
    }

    fn calls(&self) -> usize {
        self.told.lock().unwrap().calls
    }
}

impl Told {
    fn take(&mut self, head: &BTreeMap<String, String>, body: &str) {
        let signed = head.get("forbear-signature").map(String::as_str);
        let at: i64 = signed.unwrap().split(['=', ',']).nth(1).unwrap().parse().unwrap();
        if let Err(reason) = verify(SECRET, signed.unwrap(), body.as_bytes(), at) {
            self.wrong.push(reason.said().to_owned());
        }
        let message: Value = serde_json::from_str(body).unwrap();
        let (name, phone) = (head["idempotency-key"].clone(), message["phone"].as_str().unwrap().to_owned());
        if self.stopped.contains(&phone) {
            self.wrong.push(format!("{phone} had said STOP"));
        }
        self.repeated += usize::from(!self.names.entry(phone).or_default().insert(name));
    }
}

/// Hours of the day that are far from now, and such as it is now.
fn quiet(hours_from_now: u32) -> String {
    let hour = Utc::now().with_timezone(&Shanghai).hour();
    format!("{:02}:00-{:02}:00", (hour + hours_from_now) % 24, (hour + hours_from_now + 3) % 24)
}

/// People in floods of today, a channel that has just opened, and a program's configuration.
fn prepared(database: &Database, sms: &Sms, people: usize) -> (Service, i64, String) {
    let keys = KeyRing::open(&database.folder.path().join("keys")).unwrap().0;
    let contact_rules = ContactRules { quiet: Quiet::read(&quiet(8)).unwrap(), weekly: 3 };
    let care = CareSettings { outreach: Some(Arc::new(outreach())), contact_rules, ..CareSettings::default() };
    let store = Store::open(&database.url, 20).unwrap();
    let service =
        Service::new(store, Clock::standing(Shanghai, Utc::now()), Lender::default()).with_keys(keys).with_care(care);
    put_in_force(&service, &file("samples/policy-late-fees.json"));
    let today = service.clock.today();
    let document = json!({
        "declaration": "drill", "event": "drill", "kind": "flood", "severity": "I",
        "title": {"zh-CN": "郑州暴雨", "en": "the floods in Zhengzhou"}, "declared_on": today,
        "incident": {"start": today}, "areas": [{"region": "CN-410100", "designation": "affected"}],
    });
    let document: Declaration = serde_json::from_value(document).unwrap();
    write(&service, |conn| service.declare(conn, &actor("lead"), &document)).unwrap();
    let lines: String = (0..people)
        .map(|at| {
            let line = json!({
                "account": format!("K-{at}"), "as_of": today, "currency": "CNY", "status": "active",
                "parties": [{"party": format!("K{at}"), "role": "borrower", "addresses": [{"role": "home", "region": "CN-410105"}]}],
                "person": {"parties": [{"party": format!("K{at}"), "phone": phone(at), "language": if at % 3 == 0 { "en" } else { "zh-CN" }}]},
            });
            format!("{line}\n")
        })
        .collect();
    let new = NewImport { format: SnapshotFormat::Jsonl, content_digest: None };
    service.take_stream(&actor("core"), &new, lines.as_bytes()).unwrap();
    let mut settings = channels::settings();
    settings["policies"] = json!(["late-fees-at-once"]);
    settings["expires_on"] = json!(today + TimeDelta::days(60));
    let settings: Settings = serde_json::from_value(settings).unwrap();
    let row = write(&service, |conn| service.prepare_channel(conn, &actor("lead"), "drill", &settings)).unwrap();
    let seen = (row.digest.as_str(), Some("people are on their roofs"));
    write(&service, |conn| service.open_channel(conn, &actor("lead"), row.id, seen)).unwrap();
    let secret = database.folder.path().join("secret");
    std::fs::write(&secret, SECRET).unwrap();
    let config = format!(
        "[outreach]\nquiet = \"QUIET\"\npatience_seconds = 1\nlender = {{ zh-CN = \"示例银行\", en = \"Example Bank\" }}\n\
         [outreach.gateway]\nurl = \"{}\"\nsecret = \"{}\"\n",
        sms.url,
        secret.display()
    );
    (service, row.id, config)
}

/// Runs the program until the gateway had so many calls, and kills it.
fn run_and_kill(database: &Database, sms: &Sms, config: &str, (calls, long): (usize, u64)) {
    let path = database.folder.path().join("forbear.toml");
    std::fs::write(&path, config).unwrap();
    let before = sms.calls();
    let (program, _) = Program::start(database, &["--config", path.to_str().unwrap()]);
    sms.wait(Duration::from_secs(long), |told| told.calls >= before + calls);
    program.kill();
    sms.quiesce();
}

#[test]
fn killed_at_any_moment_each_is_told_once_and_nobody_forgotten() {
    on_both(|database| {
        let (began, (moments, each)) = (Instant::now(), moments_and_people());
        let people = moments * each;
        let sms = Sms::start();
        let (service, channel, config) = prepared(database, &sms, people);
        let mut dice = StdRng::seed_from_u64(0x0F0B_EA12);
        let asleep = config.replace("QUIET", &quiet(23));
        let awake = config.replace("QUIET", &quiet(8));
        for moment in 0..moments {
            // The first ones while the audience is still gone through.
            let calls = if moment < 3 { moment * 2 } else { dice.random_range(1..=2 * each) };
            run_and_kill(database, &sms, &awake, (calls, 30));
            if moment % 10 == 3 {
                // While it is quiet nobody is written to, however many are due.
                let before = sms.calls();
                run_and_kill(database, &sms, &asleep, (1, 3));
                assert_eq!(sms.calls(), before);
            }
            // Some who were not told yet say STOP.
            let told: BTreeSet<String> = sms.told.lock().unwrap().names.keys().cloned().collect();
            let waiting: Vec<usize> = (0..people).filter(|at| !told.contains(&phone(*at))).collect();
            for _ in 0..STOPS.min(waiting.len()) {
                let own = phone(waiting[dice.random_range(0..waiting.len())]);
                let said = (Scope::Messages, "sms");
                let hidden = Hidden::text(&own);
                write(&service, |conn| stop(&service, conn, &actor("sms"), Whom::Phone(&hidden), said)).unwrap();
                sms.change(|told| {
                    told.stopped.insert(own);
                });
            }
        }
        let killed = sms.calls();
        finish(&service, &sms, channel);
        sms.quiesce();
        let progress = service.outreach_of(channel).unwrap().remove(0);
        let told = sms.told.lock().unwrap();
        assert_eq!(told.wrong, Vec::<String>::new());
        for at in 0..people {
            let names = told.names.get(&phone(at)).map_or(0, BTreeSet::len);
            let expected = usize::from(!told.stopped.contains(&phone(at)));
            assert_eq!(names, expected, "{} is told once, or wanted nothing", phone(at));
        }
        let stopped = told.stopped.len();
        assert!(stopped > 0 && told.failed * 10 >= told.calls * 2, "some said STOP, and calls failed");
        assert_eq!(counts(&progress), format!("sent {}, suppressed {stopped} (opt_out {stopped})", people - stopped));
        eprintln!(
            "{}: {} people, {} kills, {} calls until the last kill and {} in all, {} failed, {} again for what was taken, {stopped} \
             said STOP, {:.0?}",
            database.url.split(':').next().unwrap(),
            people,
            moments,
            killed,
            told.calls,
            told.failed,
            told.repeated,
            began.elapsed()
        );
    });
}

/// The rest goes out, in this program, whose clock is set on when nothing is due.
fn finish(service: &Service, sms: &Sms, channel: i64) {
    let webhook = Webhook::patient(&sms.url, SECRET.to_vec(), Duration::from_secs(1)).unwrap();
    let gateway = Gateway::new(webhook);
    // Whatever a killed program held it holds no longer.
    service.clock.set(Utc::now() + TimeDelta::minutes(10));
    while service.run_campaign(&|| false).unwrap() {}
    let row = service.channel(channel).unwrap().0;
    assert!(opening(service, &row).row.built_at.is_some(), "everybody was looked at");
    let waits = || opening(service, &row).states.get("queued").copied().unwrap_or(0);
    for _ in 0..2_000 {
        if service.send_messages(&gateway).unwrap() == 0 {
            if waits() == 0 {
                return;
            }
            service.clock.set(service.clock.now().and_utc() + TimeDelta::minutes(2));
        }
    }
    panic!("{} still wait", waits());
}
