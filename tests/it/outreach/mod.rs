//! Outreach: who wants to be left in peace, what people are told, and who may be contacted, on both databases.

mod campaigns;
mod flags;
mod guards;
mod http;
mod killed;

mod opt_outs;
mod senders;
mod sending;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use forbear::core_system::person::{Reported, parse_with_persons};
use forbear::secret::{Hidden, KeyRing};
use forbear::sender::{Letter, MessageSender, NotTaken};
use forbear::service::Service;
use forbear::service::care::CareSettings;
use forbear::service::care::channel::ChannelRow;
use forbear::service::care::channel::settings::Settings;
use forbear::service::care::outreach::progress::Progress;
use forbear::service::care::outreach::settings::{ContactRules, Outreach};
use forbear::service::care::outreach::template::Templates;
use forbear_engine::declaration::Declaration;
use forbear_engine::text::{Language, Text};
use serde_json::{Value, json};

use crate::care::channels;
use crate::databases::Database;
use crate::service::desk::{self, actor, write, zhengzhou};

/// A service with keys, on the 1st of July 2026 at ten in Shanghai.
pub fn service(database: &Database) -> Service {
    desk::service(database, "2026-07-01").with_keys(KeyRing::of_memory().unwrap())
}

/// Somebody as the core system reports them.
pub fn person(party: &str, phone: &str, language: &str) -> String {
    format!(r#"{{"party":"{party}","name":"张三","phone":"{phone}","language":"{language}"}}"#)
}

pub const SECRET: &[u8; 32] = b"the secret of the gateway .....!";

/// What a lender sets who tells people when a channel opens.
pub fn outreach() -> Outreach {
    Outreach {
        templates: Templates::shipped(&Text::both("示例银行", "Example Bank")).unwrap(),
        language: Language::Chinese,
        reminder_days: None,
        receipts: Some(Hidden::new(SECRET.to_vec())),
        patience: Duration::from_secs(1),
    }
}

/// Such a lender with the loan of the sample, in the floods of Zhengzhou, on 29 July 2021 at ten in Shanghai.
pub fn telling(database: &Database, outreach: Outreach) -> Service {
    ruled(database, outreach, ContactRules::default())
}

pub fn ruled(database: &Database, outreach: Outreach, contact_rules: ContactRules) -> Service {
    let care = CareSettings { outreach: Some(Arc::new(outreach)), contact_rules, ..CareSettings::default() };
    let service = zhengzhou(database).with_keys(KeyRing::of_memory().unwrap()).with_care(care);
    declare(&service, "zhengzhou-2021-07", "henan-flood-2021-07");
    service
}

/// Declares floods in Zhengzhou.
pub fn declare(service: &Service, slug: &str, event: &str) {
    let document = json!({
        "declaration": slug, "event": event, "kind": "flood", "severity": "I",
        "title": {"zh-CN": "郑州暴雨", "en": "the floods in Zhengzhou"},
        "declared_on": "2021-07-21", "incident": {"start": "2021-07-17"},
        "areas": [{"region": "CN-410100", "designation": "affected"}],
    });
    let document: Declaration = serde_json::from_value(document).unwrap();
    write(service, |conn| service.declare(conn, &actor("lead"), &document)).unwrap();
}

/// A loan of somebody who lives somewhere; `person` is what is said of who they are.
pub fn loan(account: &str, region: &str, party: &str, status: &str, person: Option<&str>) -> Reported {
    let beside = person.map(|person| format!(r#","person":{{"parties":[{person}]}}"#)).unwrap_or_default();
    let text = format!(
        r#"{{"account":"{account}","as_of":"2021-07-28","currency":"CNY","status":"{status}","parties":[{{"party":"{party}","role":"borrower",
           "addresses":[{{"role":"home","region":"{region}"}}]}}]{beside}}}"#
    );
    parse_with_persons(1, &text).unwrap()
}

/// A loan in Jinshui of somebody with a phone.
pub fn hit(service: &Service, account: &str, party: &str, phone: &str, language: &str) {
    let own = person(party, phone, language);
    service.take_report(&loan(account, "CN-410105", party, "active", Some(&own))).unwrap();
}

/// A channel on standby, its previews worked out.
pub fn prepared(service: &Service, declaration: &str, changes: &Value) -> ChannelRow {
    let mut all = channels::settings();
    for (key, value) in changes.as_object().unwrap() {
        all[key] = value.clone();
    }
    let settings: Settings = serde_json::from_value(all).unwrap();
    let row = write(service, |conn| service.prepare_channel(conn, &actor("lead"), declaration, &settings)).unwrap();
    while service.run_preview(&|| false).unwrap() {}
    row
}

pub fn open(service: &Service, row: &ChannelRow) -> ChannelRow {
    write(service, |conn| service.open_channel(conn, &actor("lead"), row.id, (&row.digest, None))).unwrap()
}

/// Everybody of the campaigns is looked at.
pub fn built(service: &Service) {
    while service.run_campaign(&|| false).unwrap() {}
}

/// A channel that is open and whose audience is known.
pub fn opened(service: &Service, declaration: &str, changes: &Value) -> ChannelRow {
    let row = open(service, &prepared(service, declaration, changes));
    built(service);
    row
}

/// What a channel tells on its opening.
pub fn opening(service: &Service, channel: &ChannelRow) -> Progress {
    let all = service.outreach_of(channel.id).unwrap();
    all.into_iter().find(|progress| progress.row.kind == "opening").unwrap()
}

/// Messages by state, and those suppressed by reason: `queued 3, suppressed 2 (no_phone 2)`.
pub fn counts(progress: &Progress) -> String {
    let list = |counts: &BTreeMap<String, i64>| {
        counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
    };
    let suppressed = list(&progress.suppressed);
    list(&progress.states) + &if suppressed.is_empty() { suppressed } else { format!(" ({suppressed})") }
}

/// One message that a gateway was handed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Had {
    pub phone: String,
    pub name: String,
    pub text: String,
    pub language: String,
}

/// A gateway that keeps what it is handed, and says what it is told to say.
#[derive(Default)]
pub struct Pocket {
    had: Mutex<Vec<Had>>,
    refuses: Mutex<Option<NotTaken>>,
}

impl Pocket {
    /// What it was handed since it was asked last, by phone.
    pub fn take(&self) -> Vec<Had> {
        let mut had = std::mem::take(&mut *self.had.lock().unwrap());
        had.sort();
        had
    }

    pub fn phones(&self) -> Vec<String> {
        self.take().into_iter().map(|had| had.phone).collect()
    }

    /// From now on it says this.
    pub fn says(&self, said: Option<NotTaken>) {
        *self.refuses.lock().unwrap() = said;
    }
}

impl MessageSender for Pocket {
    fn send(&self, letter: &Letter<'_>) -> Result<(), NotTaken> {
        self.had.lock().unwrap().push(Had {
            phone: letter.phone.show().clone(),
            name: letter.name.to_owned(),
            text: letter.text.to_owned(),
            language: letter.language.to_owned(),
        });
        self.refuses.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

/// Sets the clock.
pub fn at(service: &Service, moment: &str) {
    service.clock.set(moment.parse().unwrap());
}
