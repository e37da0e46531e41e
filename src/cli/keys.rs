//! `forbear keys`: versions of the keys of personal data, from the first to the day on which nothing needs them any more.

use anyhow::bail;
use clap::Subcommand;

use super::service::{ConfigArgs, key_file, open};
use crate::secret::KeyRing;
use crate::service::Service;
use crate::service::account::person::KeyUse;

/// List, renew and drop the keys of personal data
#[derive(Debug, clap::Args)]
#[command(
    after_help = "With one program: renew, restart it, and it seals everything anew by itself.\nWith several: add, restart all, activate, restart all.\nThen, once `list` says that no row needs the old version: drop."
)]
pub struct Args {
    /// What to do
    #[command(subcommand)]
    pub act: Act,
    /// The configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Act {
    /// Say which versions there are, which one seals, and how many rows need each
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Add a version that seals from now on: restart the program then
    Renew,
    /// Add a version that does not seal yet
    Add,
    /// Make a version the one that seals: restart every program then
    Activate {
        /// The version
        version: u32,
    },
    /// Seal what is sealed under other versions anew; broken off, it goes on where it was
    Reseal {
        /// Rows of one transaction
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        batch: i64,
    },
    /// Take a version out of the file that no row needs
    Drop {
        /// The version
        version: u32,
    },
}

/// Does it.
///
/// # Errors
/// The file of keys or the database cannot be used, or rows need what is to be dropped.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let config = args.config.read()?;
    let (service, file) = (open(&config)?, key_file(&config));
    match &args.act {
        Act::List { json } => list(&service, *json)?,
        Act::Renew => {
            let ring = KeyRing::renew(&file)?;
            println!(
                "version {} seals from the next start of the program on; copy {} anew",
                ring.active(),
                file.display()
            );
        }
        Act::Add => {
            let ring = KeyRing::add(&file)?;
            let newest = ring.versions().max().unwrap_or_default();
            println!("version {newest} was added and does not seal yet; copy {} anew", file.display());
        }
        Act::Activate { version } => {
            KeyRing::activate(&file, *version)?;
            println!("version {version} seals from the next start of each program on");
        }
        Act::Reseal { batch } => {
            let mut done = 0_usize;
            loop {
                let rows = service.reseal(*batch)?;
                if rows == 0 {
                    break;
                }
                done = done.saturating_add(rows);
            }
            println!("{done} rows were sealed anew");
        }
        Act::Drop { version } => {
            refuse_needed(&service.key_uses()?, *version)?;
            KeyRing::remove(&file, *version)?;
            println!("version {version} is gone from {}: older copies of the database need it still", file.display());
        }
    }
    Ok(())
}

fn list(service: &Service, json: bool) -> anyhow::Result<()> {
    let uses = service.key_uses()?;
    if json {
        println!("{}", serde_json::to_string_pretty(&uses)?);
        return Ok(());
    }
    let mut lines = comfy_table::Table::new();
    lines.load_style(comfy_table::presets::UTF8_FULL_CONDENSED).set_header(["version", "seals", "rows that need it"]);
    for one in uses {
        let seals = if one.active { "yes" } else { "" };
        lines.add_row([one.version.to_string(), seals.to_owned(), one.rows.to_string()]);
    }
    println!("{lines}");
    Ok(())
}

fn refuse_needed(uses: &[KeyUse], version: u32) -> anyhow::Result<()> {
    let needed = uses.iter().find(|one| one.version == i64::from(version)).map_or(0, |one| one.rows);
    if needed > 0 {
        bail!(
            "{needed} rows are sealed under version {version}: `forbear keys reseal` seals them under the active one"
        );
    }
    Ok(())
}
