//! `forbear user`: people who sign in.

use std::io::{BufRead, IsTerminal};

use anyhow::Context;

use super::service::{ConfigArgs, open};
use super::token::roles;
use crate::secret::Hidden;
use crate::service::access::user::Ensured;

/// Make a user; the password is read from standard input
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  forbear user --name li --person li --role finance_reviewer < password.txt")]
pub struct Args {
    /// The configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// What they sign in with
    #[arg(long)]
    pub name: String,
    /// The person: two users of one person never check each other
    #[arg(long)]
    pub person: String,
    /// What they are; may be given several times
    #[arg(long = "role", required = true)]
    pub roles: Vec<String>,
}

/// Makes the user.
///
/// # Errors
/// A role or the password cannot be used, or the database does not answer.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let roles = roles(&args.roles)?;
    if std::io::stdin().is_terminal() {
        eprintln!("The password, then Enter (it is shown; to hide it, send it from a file):");
    }
    let mut password = String::new();
    std::io::stdin().lock().read_line(&mut password).context("no password")?;
    let password = Hidden::new(password.trim_end_matches(['\r', '\n']).to_owned());
    let service = open(&args.config.read()?)?;
    match service.ensure_user(&args.name, &args.person, &roles, &password)? {
        Ensured::Made => println!("{} may sign in", args.name),
        Ensured::Known => println!("there is a user {} already: nothing was changed", args.name),
    }
    Ok(())
}
