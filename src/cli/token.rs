//! `forbear token`: tokens for services, and for whoever calls the API by hand.

use anyhow::{anyhow, ensure};

use super::service::{ConfigArgs, open};
use crate::service::access::Role;
use crate::service::audit::Actor;

/// Make a token for a service or a person; it is printed once
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  forbear token --person core-system --role service")]
pub struct Args {
    /// The configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Who answers for what is done with it; for a borrower, the lender's number for the person
    #[arg(long)]
    pub person: String,
    /// What they are; may be given several times
    #[arg(long = "role", required = true)]
    pub roles: Vec<String>,
    /// For how many days [default: no end]
    #[arg(long)]
    pub days: Option<u32>,
}

/// Makes and prints it.
///
/// # Errors
/// There is no such role, or the database does not answer.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let roles = roles(&args.roles)?;
    let service = open(&args.config.read()?)?;
    println!("{}", service.make_token(&Actor::system(), &args.person, &roles, args.days)?);
    Ok(())
}

/// Roles by name.
///
/// # Errors
/// There is no such role, or a borrower is to be something else too.
pub(super) fn roles(names: &[String]) -> anyhow::Result<Vec<Role>> {
    let named = names.iter().map(|name| {
        Role::of(name).ok_or_else(|| {
            let known: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
            anyhow!("there is no role {name}: there are {}", known.join(", "))
        })
    });
    let roles: Vec<Role> = named.collect::<anyhow::Result<_>>()?;
    ensure!(
        !roles.contains(&Role::Borrower) || roles.len() == 1,
        "a borrower is nothing else: make another token or user for what else they are"
    );
    Ok(roles)
}
