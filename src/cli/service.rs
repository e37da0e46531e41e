//! What the commands of the service share: configuration, store, clock.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, ensure};
use forbear_engine::dates::Calendar;

use super::inputs::optional;
use crate::clock::Clock;
use crate::config::Config;
use crate::secret::KeyRing;
use crate::secret::ring::Opened;
use crate::service::care::CareSettings;
use crate::service::care::outreach::settings::{ContactRules, Quiet};
use crate::service::relief::settings::ReliefSettings;
use crate::service::{Lender, Service};
use crate::store::Store;

/// Where the configuration is.
#[derive(Debug, Clone, clap::Args)]
pub struct ConfigArgs {
    /// The configuration, a TOML file; FORBEAR_… in the environment goes over it
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// The database [default: sqlite:forbear.db]
    #[arg(long, value_name = "URL", global = true)]
    pub database: Option<String>,
}

impl ConfigArgs {
    /// Reads it.
    ///
    /// # Errors
    /// See [`Config::read`].
    pub fn read(&self) -> anyhow::Result<Config> {
        let mut config = Config::read(self.config.as_deref(), std::env::vars())?;
        if let Some(database) = &self.database {
            config.database.clone_from(database);
        }
        Ok(config)
    }
}

/// Opens the service: the store with its tables up to date, the lender's clock and calendar.
///
/// # Errors
/// The database does not answer, or what the lender set cannot be read.
pub fn open(config: &Config) -> anyhow::Result<Service> {
    let zone =
        config.zone.parse().map_err(|_| anyhow!("zone: {} is no IANA name, as Asia/Shanghai is", config.zone))?;
    let lender = Lender {
        attributes: super::check::attributes(config.attributes.as_deref())?,
        calendar: optional::<Calendar>(config.calendar.as_deref())?,
    };
    let store = Store::open(&config.database, config.connections)
        .with_context(|| format!("cannot open {}", Path::new(&config.database).display()))?;
    let service =
        Service::new(store, Clock::of_machine(zone), lender).with_keys(keys(config)?).with_relief(relief(config)?);
    let care = CareSettings { contact_rules: contact_rules(config)?, ..CareSettings::default() };
    let service = service.with_care(care);
    service.check_keys()?;
    Ok(service)
}

/// What the lender set of how requests are taken and looked at.
fn relief(config: &Config) -> anyhow::Result<ReliefSettings> {
    ensure!(config.sample_per_mille <= 1_000, "sample_per_mille is from 0 to 1000: so many of a thousand");
    Ok(ReliefSettings {
        appeal_days: config.appeal_days,
        evidence_bytes: config.evidence_bytes,
        statements: config.evidence_statements.split_whitespace().map(str::to_owned).collect(),
        sample_per_mille: config.sample_per_mille,
        order_days: config.order_days,
    })
}

/// When and how often somebody may be contacted.
///
/// # Errors
/// What is set cannot be used: what would be right.
pub fn contact_rules(config: &Config) -> anyhow::Result<ContactRules> {
    let set = &config.outreach;
    let quiet = Quiet::read(&set.quiet).map_err(|reason| anyhow!("outreach.quiet: {reason}"))?;
    ensure!((1..=100).contains(&set.weekly), "outreach.weekly is from 1 to 100");
    Ok(ContactRules { quiet, weekly: set.weekly })
}

/// Where the keys of personal data are: beside an SQLite database, else where the program begins.
pub fn key_file(config: &Config) -> PathBuf {
    let beside = config.database.strip_prefix("sqlite:").unwrap_or("forbear");
    config.keys.clone().unwrap_or_else(|| Path::new(beside).with_extension("keys"))
}

fn keys(config: &Config) -> anyhow::Result<KeyRing> {
    let path = key_file(config);
    let (ring, opened) = KeyRing::open(&path)?;
    if opened == Opened::Made {
        eprintln!(
            "Keys for personal data were made in {}. Without this file nobody can read who borrowers are: copy it at once to a place \
             where the copies of the database are not.",
            path.display()
        );
    }
    Ok(ring)
}
