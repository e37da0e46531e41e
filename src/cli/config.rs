//! `forbear config` and `forbear migrate`.

use super::service::{ConfigArgs, open};

/// Print the configuration as it is, without secrets
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// Bring the tables of the database up to date, and nothing else
#[derive(Debug, clap::Args)]
pub struct MigrateArgs {
    /// The configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// Prints the configuration.
///
/// # Errors
/// It cannot be read.
pub fn run(args: &Args) -> anyhow::Result<()> {
    print!("{}", args.config.read()?.print()?);
    Ok(())
}

/// Runs the migrations.
///
/// # Errors
/// The database does not answer, or one fails.
pub fn migrate(args: &MigrateArgs) -> anyhow::Result<()> {
    open(&args.config.read()?)?;
    println!("the tables are up to date");
    Ok(())
}
