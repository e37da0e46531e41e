//! From an alert to a draft, from a draft to a declaration: on both databases.

pub mod channels;
mod command;
mod drafts;
pub mod feeds;
mod fema;
mod gathering;
pub mod hostile;
mod proposals;
mod replay;

use forbear::service::Service;
use forbear::service::care::reading::Trust;
use forbear::service::care::taking::{Origin, Taken};
use forbear::service::care::{DraftRow, Of};
use forbear_engine::declaration::Area;

use crate::service::desk::actor;

/// A CAP alert in the making.
pub struct Cap {
    identifier: String,
    sender: String,
    sent: String,
    head: String,
    event: String,
    severity: String,
    times: String,
    areas: String,
}

impl Cap {
    /// Torrential rain in Zhengzhou's Jinshui, on a morning of the clock's day.
    pub fn new(identifier: &str) -> Self {
        let code = area("金水区", "410105000000");
        Self {
            identifier: identifier.to_owned(),
            sender: "cma@example.cn".to_owned(),
            sent: "2026-07-20T08:00:00+08:00".to_owned(),
            head: "<msgType>Alert</msgType>".to_owned(),
            event: "暴雨".to_owned(),
            severity: "Orange".to_owned(),
            times: "<expires>2026-07-21T08:00:00+08:00</expires>".to_owned(),
            areas: code,
        }
    }

    pub fn from(self, sender: &str) -> Self {
        Self { sender: sender.to_owned(), ..self }
    }

    pub fn sent(self, at: &str) -> Self {
        Self { sent: at.to_owned(), ..self }
    }

    /// As an update or a cancel of another.
    pub fn of(self, message: &str, sender: &str, identifier: &str, sent: &str) -> Self {
        let head = format!("<msgType>{message}</msgType><references>{sender},{identifier},{sent}</references>");
        Self { head, ..self }
    }

    pub fn event(self, event: &str) -> Self {
        Self { event: event.to_owned(), ..self }
    }

    pub fn severity(self, severity: &str) -> Self {
        Self { severity: severity.to_owned(), ..self }
    }

    pub fn times(self, onset: &str, expires: &str) -> Self {
        Self { times: format!("<onset>{onset}</onset><expires>{expires}</expires>"), ..self }
    }

    pub fn areas(self, areas: &[(&str, &str)]) -> Self {
        Self { areas: areas.iter().map(|(name, code)| area(name, code)).collect(), ..self }
    }

    pub fn text(&self) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">\
             <identifier>{}</identifier><sender>{}</sender><sent>{}</sent><status>Actual</status>{}<scope>Public</scope>\
             <info><language>zh-CN</language><category>Met</category><event>{}</event><urgency>Immediate</urgency>\
             <severity>{}</severity><certainty>Likely</certainty>{}<headline>{}预警</headline>{}</info></alert>",
            self.identifier,
            self.sender,
            self.sent,
            self.head,
            self.event,
            self.severity,
            self.times,
            self.event,
            self.areas
        )
    }
}

fn area(name: &str, code: &str) -> String {
    let code = if code.is_empty() {
        String::new()
    } else {
        format!("<geocode><valueName>行政区划代码</valueName><value>{code}</value></geocode>")
    };
    format!("<area><areaDesc>{name}</areaDesc>{code}</area>")
}

/// Takes a file in.
pub fn take(service: &Service, text: &str) -> Taken {
    let core = actor("feed");
    service.take_file(&Origin { actor: &core, via: "test" }, text.as_bytes(), &Trust::default()).unwrap()
}

/// What the one alert of a file did.
#[track_caller]
pub fn outcome(service: &Service, cap: &Cap) -> &'static str {
    let taken = take(service, &cap.text());
    assert_eq!((taken.taken.len(), taken.refused.len()), (1, 0), "{taken:?}");
    taken.taken[0].outcome
}

/// Why the one alert of a file is refused.
#[track_caller]
pub fn refusal(service: &Service, cap: &Cap) -> &'static str {
    let taken = take(service, &cap.text());
    assert_eq!((taken.taken.len(), taken.refused.len()), (0, 1), "{taken:?}");
    taken.refused[0].refusal.name()
}

pub fn drafts(service: &Service) -> Vec<DraftRow> {
    service.drafts(&Of::default(), 0, 5_000).unwrap()
}

/// The one draft that there is.
#[track_caller]
pub fn one(service: &Service) -> DraftRow {
    let mut all = drafts(service);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// The regions of a draft, by code.
pub fn regions(row: &DraftRow) -> Vec<String> {
    let areas: Vec<Area> = serde_json::from_str(&row.areas).unwrap();
    areas.into_iter().map(|area| area.region).collect()
}
