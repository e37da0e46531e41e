//! Configuration: what a file says, and the environment over it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use forbear_engine::text::Text;
use serde::{Deserialize, Serialize};

/// Everything that can be set. Secrets are in files that are named here, never here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The database: `sqlite:forbear.db` or `postgres://user@host/name`.
    pub database: String,
    /// Connections to it.
    pub connections: u32,
    /// The lender's zone, an IANA name: what day it is.
    pub zone: String,
    /// What is logged, as in `RUST_LOG`.
    pub log: String,
    /// Where traces go: a collector that takes OTLP over HTTP.
    pub traces: Option<String>,
    /// The keys of personal data, a file; beside an SQLite database when it is not set.
    pub keys: Option<PathBuf>,
    /// The core system's webhook; without one it asks for its instructions.
    pub core_system: Option<String>,
    /// The secret that both sides know, a file of 32 bytes or more.
    pub core_system_secret: Option<PathBuf>,
    /// The lender's own facts and their types, a JSON file.
    pub attributes: Option<PathBuf>,
    /// Holidays and make-up working days, a JSON file.
    pub calendar: Option<PathBuf>,
    /// An OpenID Connect issuer whose tokens let the lender's people in: its name, as in `iss`.
    pub issuer: Option<String>,
    /// What its tokens for Forbear have in `aud`.
    pub issuer_audience: String,
    /// Its keys, a JWKS: a file, or an address that begins with https.
    pub issuer_keys: Option<String>,
    /// The claim with the roles.
    pub issuer_roles: String,
    /// What its tokens may be signed with: `RS256`, `ES256`, `EdDSA`, with blanks between.
    pub issuer_signatures: String,
    /// What the lender's app signs hand-off tokens with, a file of 32 bytes or more.
    pub hand_off_key: Option<PathBuf>,
    /// The gateway that takes one-time codes to phones: its webhook.
    pub code_sender: Option<String>,
    /// The secret that both sides know, a file of 32 bytes or more.
    pub code_sender_secret: Option<PathBuf>,
    /// Requests of one caller in a minute, at most.
    pub caller_rate: u32,
    /// Requests of one borrower in a minute, at most.
    pub borrower_rate: u32,
    /// Attempts to sign in from one address in a minute, at most.
    pub sign_in_rate: u32,
    /// Days in which somebody may appeal against what was declined.
    pub appeal_days: u32,
    /// Bytes of a file of evidence, at most.
    pub evidence_bytes: u32,
    /// Kinds of evidence for which a borrower's word is enough, with blanks between.
    pub evidence_statements: String,
    /// Of a thousand grants that nobody approved, so many are looked at a second time, by lot.
    pub sample_per_mille: u32,
    /// Days of a standing order whose end is open that are set aside in budgets.
    pub order_days: u32,
    /// Whether a proxy of the lender's stands before it and says where requests come from.
    pub behind_proxy: bool,
    /// Hosts that feeds may be read from, with blanks between: `api.weather.gov earthquake.usgs.gov`.
    pub feed_hosts: String,
    /// Hosts of the lender's own network likewise, each with its port: of these private addresses and plain http are taken.
    pub feed_hosts_inside: String,
    /// Which facts make which response level, a JSON file; left out, China's.
    pub response_levels: Option<PathBuf>,
    /// The words that are read to callers before somebody acts for them, a JSON file; left out, those that are shipped.
    pub scripts: Option<PathBuf>,
    /// What the gateway signs the messages with that come in, a file of 32 bytes or more; left out, none are taken.
    pub sms_secret: Option<PathBuf>,
    /// Where alerts are read from.
    pub feeds: Vec<FeedConfig>,
    /// Who is told of emergency channels.
    pub subscribers: Vec<SubscriberConfig>,
    /// When people are left in peace, and what they are told when a channel opens.
    pub outreach: OutreachConfig,
}

/// When people are left in peace, and what they are told when a channel opens: nothing as long as none of gateway, mail and
/// file is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutreachConfig {
    /// Times of day at which nobody is written to or called, in the lender's zone.
    pub quiet: String,
    /// Messages to one person in seven days, at most.
    pub weekly: u32,
    /// What somebody reads of whom nobody knows it: `zh-CN` or `en`.
    pub language: String,
    /// A folder with texts, `zh-CN.toml` and `en.toml`; left out, those that come with the program.
    pub templates: Option<PathBuf>,
    /// Hosts that links in them may lead to, with blanks between.
    pub links: String,
    /// Days before the last day to ask on which those who did not answer are reminded; 0: nobody is.
    pub reminder_days: u32,
    /// The secret that the gateway signs receipts with, a file of 32 bytes or more.
    pub receipts_secret: Option<PathBuf>,
    /// How long a message may take to be handed over, in seconds.
    pub patience_seconds: u32,
    /// Messages go to a file: for trying it out.
    pub file: Option<PathBuf>,
    /// How the lender is called in messages.
    pub lender: Text,
    /// Messages go to a gateway, by its webhook.
    pub gateway: Option<GatewayConfig>,
    /// Messages go to phones by mail.
    pub mail: Option<MailConfig>,
}

impl Default for OutreachConfig {
    fn default() -> Self {
        Self {
            quiet: "21:00-08:00".to_owned(),
            weekly: 3,
            language: "zh-CN".to_owned(),
            templates: None,
            links: String::new(),
            reminder_days: 0,
            receipts_secret: None,
            patience_seconds: 10,
            file: None,
            lender: Text::default(),
            gateway: None,
            mail: None,
        }
    }
}

/// A gateway of messages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayConfig {
    /// Its webhook.
    pub url: String,
    /// The secret that both sides know, a file of 32 bytes or more.
    pub secret: PathBuf,
}

/// A server that takes mail to phones.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// Its name.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// `tls`, `starttls`, or `none` to a server on the same machine.
    pub security: String,
    /// Whom mail comes from.
    pub from: String,
    /// The domain at which phones have addresses: a message goes to `8613812345678@<domain>`.
    pub domain: String,
    /// Who signs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The password, a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<PathBuf>,
}

/// Somebody who is told of emergency channels: the hotline's menu, the app, the website.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubscriberConfig {
    /// Its name.
    pub name: String,
    /// Its webhook.
    pub url: String,
    /// The secret that both sides know, a file of 32 bytes or more.
    pub secret: PathBuf,
}

/// A place that alerts are read from: one of file, folder and url.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedConfig {
    /// Its name.
    pub name: String,
    /// A file that somebody else writes anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// A folder into which somebody else puts files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// An address of a host that is listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How often, in seconds.
    pub seconds: u32,
    /// What comes from it: `cap`, `nws`, `usgs` or `openfema`; left out, any of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Whose alerts are taken from it; left out, anybody's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub senders: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            database: "sqlite:forbear.db".to_owned(),
            connections: 16,
            zone: "Asia/Shanghai".to_owned(),
            log: "info".to_owned(),
            traces: None,
            keys: None,
            core_system: None,
            core_system_secret: None,
            attributes: None,
            calendar: None,
            issuer: None,
            issuer_audience: "forbear".to_owned(),
            issuer_keys: None,
            issuer_roles: "roles".to_owned(),
            issuer_signatures: "RS256 ES256 EdDSA".to_owned(),
            hand_off_key: None,
            code_sender: None,
            code_sender_secret: None,
            caller_rate: 12_000,
            borrower_rate: 120,
            sign_in_rate: 30,
            appeal_days: 30,
            evidence_bytes: 10 << 20,
            evidence_statements: "self_statement".to_owned(),
            sample_per_mille: 20,
            order_days: 90,
            behind_proxy: false,
            feed_hosts: String::new(),
            feed_hosts_inside: String::new(),
            response_levels: None,
            scripts: None,
            sms_secret: None,
            feeds: Vec::new(),
            subscribers: Vec::new(),
            outreach: OutreachConfig::default(),
        }
    }
}

/// What the variables of the environment begin with: `FORBEAR_DATABASE` sets `database`.
const PREFIX: &str = "FORBEAR_";

impl Config {
    /// Reads a file, and lets the environment say otherwise.
    ///
    /// # Errors
    /// The file cannot be read, or a value is none that can be set: which, and what would be right.
    pub fn read(file: Option<&Path>, environment: impl Iterator<Item = (String, String)>) -> anyhow::Result<Self> {
        let mut table = match file {
            None => toml::Table::new(),
            Some(path) => {
                let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
                text.parse().with_context(|| format!("{} is no configuration", path.display()))?
            }
        };
        let known = toml::Table::try_from(Self {
            keys: some(),
            traces: Some(String::new()),
            core_system: Some(String::new()),
            core_system_secret: some(),
            attributes: some(),
            calendar: some(),
            issuer: Some(String::new()),
            issuer_keys: Some(String::new()),
            hand_off_key: some(),
            code_sender: Some(String::new()),
            code_sender_secret: some(),
            response_levels: some(),
            scripts: some(),
            sms_secret: some(),
            ..Self::default()
        })?;
        for (name, value) in environment {
            let Some(key) = name.strip_prefix(PREFIX).map(str::to_lowercase) else { continue };
            match known.get(&key) {
                Some(toml::Value::Integer(_)) => {
                    let number =
                        value.parse().with_context(|| format!("{name}={value}: a whole number is expected"))?;
                    table.insert(key, toml::Value::Integer(number));
                }
                Some(toml::Value::Boolean(_)) => {
                    let said = value.parse().with_context(|| format!("{name}={value}: true or false is expected"))?;
                    table.insert(key, toml::Value::Boolean(said));
                }
                Some(_) => drop(table.insert(key, toml::Value::String(value))),
                // Tests and other tools have variables of their own.
                None => {}
            }
        }
        table.try_into().context("the configuration")
    }

    /// As it is, in the form of a file.
    ///
    /// # Errors
    /// A path is not text.
    pub fn print(&self) -> anyhow::Result<String> {
        let mut shown = self.clone();
        shown.database = without_password(&self.database);
        shown.traces = self.traces.as_deref().map(without_password);
        if let Some(gateway) = &mut shown.outreach.gateway {
            gateway.url = without_password(&gateway.url);
        }
        Ok(toml::to_string(&shown)?)
    }
}

fn some() -> Option<PathBuf> {
    Some(PathBuf::new())
}

/// An address without what signs in.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let Some((who, place)) = rest.rsplit_once('@') else { return url.to_owned() };
    let name = who.split(':').next().unwrap_or_default();
    format!("{scheme}://{name}:***@{place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(environment: &[(&str, &str)]) -> anyhow::Result<Config> {
        Config::read(None, environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn the_environment_goes_over_what_is_set() {
        let config =
            read(&[("FORBEAR_LISTEN", "0.0.0.0:9000"), ("FORBEAR_CONNECTIONS", "4"), ("PATH", "/bin")]).unwrap();
        assert_eq!((config.listen.port(), config.connections), (9000, 4));
        assert_eq!(read(&[]).unwrap(), Config::default());
        assert!(read(&[("FORBEAR_BEHIND_PROXY", "true")]).unwrap().behind_proxy);
        let wrong = read(&[("FORBEAR_CONNECTIONS", "many")]).unwrap_err();
        assert_eq!(wrong.to_string(), "FORBEAR_CONNECTIONS=many: a whole number is expected");
    }

    #[test]
    fn feeds_are_printed_as_they_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("forbear.toml");
        let text = "feed_hosts = \"api.weather.gov\"\n[[feeds]]\nname = \"nws\"\nurl = \"https://api.weather.gov/alerts\"\nseconds = 60\n\
                    senders = [\"w-nws.webmaster@noaa.gov\"]\n[[feeds]]\nname = \"drop\"\nfolder = \"in\"\nseconds = 5\n";
        std::fs::write(&file, text).unwrap();
        let config = Config::read(Some(&file), std::iter::empty()).unwrap();
        assert_eq!((config.feeds.len(), config.feeds[1].seconds, config.feeds[0].senders.len()), (2, 5, 1));
        std::fs::write(&file, config.print().unwrap()).unwrap();
        assert_eq!(Config::read(Some(&file), std::iter::empty()).unwrap(), config);
        std::fs::write(&file, "[[feeds]]\nname = \"x\"\nseconds = 5\npath = \"y\"\n").unwrap();
        let wrong = format!("{:#}", Config::read(Some(&file), std::iter::empty()).unwrap_err());
        assert!(wrong.contains("unknown field `path`"), "{wrong}");
    }

    #[test]
    fn outreach_is_printed_as_it_is_read_without_secrets() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("forbear.toml");
        let text = "[outreach]\nquiet = \"22:00-07:00\"\nlender = { zh-CN = \"示例银行\", en = \"Example Bank\" }\n\
                    [outreach.gateway]\nurl = \"https://forbear:hunter2@sms.example/in\"\nsecret = \"sms.secret\"\n";
        std::fs::write(&file, text).unwrap();
        let config = Config::read(Some(&file), std::iter::empty()).unwrap();
        assert_eq!((config.outreach.quiet.as_str(), config.outreach.weekly), ("22:00-07:00", 3));
        let printed = config.print().unwrap();
        assert!(!printed.contains("hunter2") && printed.contains("https://forbear:***@sms.example/in"), "{printed}");
        std::fs::write(&file, printed.replace("***", "hunter2")).unwrap();
        assert_eq!(Config::read(Some(&file), std::iter::empty()).unwrap(), config);
    }

    #[test]
    fn a_password_is_not_printed() {
        let config =
            Config { database: "postgres://forbear:secret@db.example/forbear".to_owned(), ..Config::default() };
        let printed = config.print().unwrap();
        assert!(
            printed.contains("postgres://forbear:***@db.example/forbear") && !printed.contains("secret"),
            "{printed}"
        );
    }
}
