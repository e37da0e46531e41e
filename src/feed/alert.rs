//! An alert in one form, whatever feed it came by, and why one is refused.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use forbear_engine::declaration::{Kind, Severity};
use serde::{Deserialize, Serialize};

/// What somebody warns of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alert {
    /// The form that it came in.
    pub format: Format,
    /// Who sent it, as they name themselves.
    pub sender: String,
    /// Its name among the sender's messages.
    pub identifier: String,
    /// When it was sent.
    pub sent: DateTime<Utc>,
    /// What it does.
    pub message: Message,
    /// The earlier messages that it changes.
    pub references: Vec<Reference>,
    /// What the sender calls the catastrophe: messages that share it are of one event.
    pub incident: Option<String>,
    /// What happened, where a word or code says so.
    pub kind: Option<Kind>,
    /// How grave it is; none where the sender does not say.
    pub severity: Option<Severity>,
    /// What it says, in the languages that it was sent in.
    pub texts: Vec<AlertText>,
    /// When it begins, or began.
    pub onset: DateTime<Utc>,
    /// When it no longer holds, unless it is extended.
    pub expires: Option<DateTime<Utc>>,
    /// Where.
    pub areas: Vec<AlertArea>,
}

/// How far the clocks of senders may run ahead.
const AHEAD: TimeDelta = TimeDelta::minutes(10);

impl Alert {
    /// Whether an alert may be taken now.
    ///
    /// # Errors
    /// It has expired, is from the future, or is of a sender that is not named (any is taken when none are).
    pub fn check(&self, now: DateTime<Utc>, senders: &[String]) -> Result<(), Refusal> {
        if !senders.is_empty() && !senders.contains(&self.sender) {
            return Err(Refusal::UnknownSender(self.sender.clone()));
        }
        if self.sent > now.checked_add_signed(AHEAD).unwrap_or(now) {
            return Err(Refusal::FromTheFuture(self.sent));
        }
        // Who withdraws or ends something late still does.
        // What FEMA lists was over before it was listed, as often as not.
        let ends = matches!(self.message, Message::Cancel | Message::End) || self.format == Format::OpenFema;
        if let Some(expires) = self.expires.filter(|expires| *expires < now && !ends) {
            return Err(Refusal::Expired(expires));
        }
        Ok(())
    }

    /// What it is about, as a title: its headline or event, in the language asked for if it was sent in it.
    #[must_use]
    pub fn title(&self, language: &str) -> &str {
        let best = self.texts.iter().find(|text| text.language.to_lowercase().starts_with(language));
        let text = best.or(self.texts.first());
        text.map_or("", |text| text.headline.as_deref().unwrap_or(&text.event))
    }
}

/// The form of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Common Alerting Protocol 1.1 or 1.2 (OASIS).
    Cap,
    /// The polygons of the US National Weather Service's warnings.
    Nws,
    /// The earthquakes of the US Geological Survey.
    Usgs,
    /// FEMA's list of disasters.
    OpenFema,
}

impl Format {
    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cap => "cap",
            Self::Nws => "nws",
            Self::Usgs => "usgs",
            Self::OpenFema => "openfema",
        }
    }
}

/// What an alert does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// It is new.
    #[serde(rename = "alert")]
    New,
    /// It takes the place of those that it names, or goes on from the last of its incident.
    Update,
    /// It withdraws those that it names, or its incident.
    Cancel,
    /// Its incident has run out, as was foretold: it took place all the same.
    End,
}

impl Message {
    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "alert",
            Self::Update => "update",
            Self::Cancel => "cancel",
            Self::End => "end",
        }
    }
}

/// Another message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// Who sent it.
    pub sender: String,
    /// Its name.
    pub identifier: String,
    /// When it was sent.
    pub sent: DateTime<Utc>,
}

/// What an alert says in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlertText {
    /// The language's tag, `en-US` where none is said (CAP 1.2, 3.2.2).
    pub language: String,
    /// What it warns of, in a word or two.
    pub event: String,
    /// The headline, where there is one.
    pub headline: Option<String>,
    /// The whole.
    pub description: Option<String>,
    /// What to do.
    pub instruction: Option<String>,
}

/// One area of an alert.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct AlertArea {
    /// In words.
    pub description: String,
    /// Codes: which system, which code.
    pub geocodes: Vec<(String, String)>,
    /// Outlines.
    pub shapes: Vec<Shape>,
}

/// An outline on the earth, in degrees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A closed ring of longitude and latitude.
    Polygon(Vec<(f64, f64)>),
    /// Everything within so many kilometres of a place.
    Circle {
        /// Longitude.
        lon: f64,
        /// Latitude.
        lat: f64,
        /// Kilometres.
        radius: f64,
    },
}

/// Why an alert is not taken. The name is stable; the words say where and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// More bytes than are read.
    TooLarge {
        /// The bound, in bytes.
        most: usize,
    },
    /// Not UTF-8.
    NotUtf8,
    /// Not well-formed XML, or not JSON.
    Malformed(String),
    /// A document type, an entity or a processing instruction that could read or grow without bound.
    Doctype,
    /// Elements within elements within elements.
    TooDeep {
        /// The bound.
        most: usize,
    },
    /// More elements, points, areas or codes than are read.
    TooMany {
        /// Of what.
        what: &'static str,
        /// The bound.
        most: usize,
    },
    /// Neither CAP 1.1 nor 1.2.
    Namespace(String),
    /// Something that has to be there is not.
    Missing(&'static str),
    /// A value that cannot be read.
    Value {
        /// Where.
        field: &'static str,
        /// What stands there.
        value: String,
        /// What would be right.
        expected: &'static str,
    },
    /// A test, an exercise, a draft or a message between systems.
    NotActual(String),
    /// It no longer held when it came.
    Expired(DateTime<Utc>),
    /// It says that it was sent later than now.
    FromTheFuture(DateTime<Utc>),
    /// The feed takes alerts of named senders only, and this is none of them.
    UnknownSender(String),
    /// A message of this name was taken from the sender before, and said something else.
    Changed(String),
    /// It changes a message that another sender sent.
    Foreign {
        /// The message.
        identifier: String,
        /// Whose it is.
        sender: String,
    },
    /// It names a message of its sender's by another time than that was sent at, or one that was sent after it.
    WrongReference(String),
    /// It has more in it than is kept of one alert.
    TooLong(&'static str),
}

impl Refusal {
    /// The stable name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too_large",
            Self::NotUtf8 => "not_utf8",
            Self::Malformed(_) => "malformed",
            Self::Doctype => "doctype",
            Self::TooDeep { .. } => "too_deep",
            Self::TooMany { .. } => "too_many",
            Self::Namespace(_) => "namespace",
            Self::Missing(_) => "missing",
            Self::Value { .. } => "value",
            Self::NotActual(_) => "not_actual",
            Self::Expired(_) => "expired",
            Self::FromTheFuture(_) => "from_the_future",
            Self::UnknownSender(_) => "unknown_sender",
            Self::Changed(_) => "changed",
            Self::Foreign { .. } => "foreign",
            Self::WrongReference(_) => "wrong_reference",
            Self::TooLong(_) => "too_long",
        }
    }

    /// A value that cannot be read, cut so that nobody is flooded by it.
    #[must_use]
    pub fn value(field: &'static str, value: &str, expected: &'static str) -> Self {
        Self::Value { field, value: value.chars().take(80).collect(), expected }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { most } => write!(f, "larger than {most} bytes"),
            Self::NotUtf8 => write!(f, "not UTF-8"),
            Self::Malformed(message) => write!(f, "not well-formed: {message}"),
            Self::Doctype => write!(f, "it holds a document type or an entity, which an alert never needs"),
            Self::TooDeep { most } => write!(f, "elements lie more than {most} deep"),
            Self::TooMany { what, most } => write!(f, "more than {most} {what}"),
            Self::Namespace(name) => write!(
                f,
                "the root is in \"{name}\"; expected urn:oasis:names:tc:emergency:cap:1.1 or urn:oasis:names:tc:emergency:cap:1.2"
            ),
            Self::Missing(field) => write!(f, "{field} is missing"),
            Self::Value { field, value, expected } => write!(f, "{field} is \"{value}\"; expected {expected}"),
            Self::NotActual(status) => write!(f, "its status is \"{status}\", so that nothing happened"),
            Self::Expired(at) => write!(f, "it expired at {}", at.to_rfc3339()),
            Self::FromTheFuture(at) => write!(f, "it says it was sent at {}, which is yet to come", at.to_rfc3339()),
            Self::UnknownSender(sender) => write!(f, "\"{sender}\" is not a sender that this feed takes alerts from"),
            Self::Changed(identifier) => {
                write!(f, "{identifier} came before and said something else: a sender changes it with an update")
            }
            Self::Foreign { identifier, sender } => {
                write!(f, "it changes {identifier}, which \"{sender}\" sent: a sender changes its own messages alone")
            }
            Self::WrongReference(identifier) => {
                write!(
                    f,
                    "it names {identifier}, which was not sent at the time that it says, or was sent later than it"
                )
            }
            Self::TooLong(field) => write!(f, "{field} is longer than 200 characters, or empty"),
        }
    }
}

impl std::error::Error for Refusal {}
