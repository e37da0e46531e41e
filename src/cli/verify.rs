//! `forbear verify`: whether ledger, grants, budgets and the audit log hold together.

use std::process::ExitCode;

use super::service::{ConfigArgs, open};
use crate::service::relief::verify::Books;

/// Prove that ledger, grants, budgets and the audit log agree
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit code: 0 everything holds, 1 something does not, 2 it could not run")]
pub struct Args {
    /// The configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Verifies and prints.
///
/// # Errors
/// The database does not answer.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let service = open(&args.config.read()?)?;
    let (books, audit) = (service.verify_books()?, service.verify_audit()?);
    if args.json {
        println!("{}", serde_json::to_string_pretty(&serde_json::json!({"books": books, "audit": audit}))?);
    } else {
        println!(
            "{} grants, {} sealed entries of the audit log, {} to be sealed",
            books.grants, audit.sealed, audit.unsealed
        );
        print_balances(&books)?;
        println!("head of the audit log: {} {}", audit.head.number, audit.head.hash);
        for broken in books.broken.iter().chain(&audit.broken) {
            println!("✗ {broken}");
        }
        for one in &books.refused {
            println!(
                "! {} was taken back here, but the core system refused ({}): take it back again once it can",
                one.grant, one.reason
            );
        }
    }
    let holds = books.broken.is_empty() && audit.broken.is_empty();
    if holds && !args.json {
        println!("✓ ledger, kept totals, grants, budgets and the audit log agree");
    }
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_balances(books: &Books) -> anyhow::Result<()> {
    use forbear_engine::money::{Currency, Money};
    let mut lines = comfy_table::Table::new();
    lines.load_style(comfy_table::presets::UTF8_FULL_CONDENSED).set_header(["ledger account", "sum"]);
    for (ledger, currency, sum) in &books.balances {
        let money = Money::new(*sum, Currency::new(currency)?);
        lines.add_row([ledger.clone(), format!("{} {}", currency, money.to_decimal())]);
    }
    println!("{lines}");
    Ok(())
}
