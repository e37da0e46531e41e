//! Earlier relief as the engine reads it.

use forbear_engine::history::{Awaiting, Grant, GrantState, History};
use forbear_engine::money::{Currency, Money};

use crate::service::{Served, ServiceError};
use crate::store::account::{self, AccountRow};
use crate::store::grant::{self, GrantRow};
use crate::store::{Connection, decision, guard, id};

/// What an account and its borrowers' other accounts were granted before.
pub fn history(conn: &mut Connection, own: &AccountRow) -> Served<History> {
    let mut accounts = account::owed_together(conn, own.id)?;
    if !accounts.contains(&own.id) {
        accounts.push(own.id);
    }
    let rows = grant::of_accounts(conn, &accounts)?;
    let grants = rows.iter().map(|(row, number)| earlier(row, number)).collect::<Served<_>>()?;
    let awaiting = decision::awaitings(conn, own.id)?.into_iter().map(|row| {
        Ok(Awaiting {
            policy: row.policy,
            version: u32::try_from(row.version).map_err(ServiceError::unknown)?,
            event: row.event,
            rule: row.rule,
            decided_on: row.decided_on,
        })
    });
    Ok(History { grants, awaiting: awaiting.collect::<Served<_>>()? })
}

/// Takes an account until the transaction ends, with everybody who owes it: whoever decides or moves a grant does so
/// first, so that no two see the same history.
pub fn hold(conn: &mut Connection, account: i64) -> Served<AccountRow> {
    let found = account::get(conn, account)?.ok_or(ServiceError::Missing("account"))?;
    hold_found(conn, &found)
}

/// The same for an account that was just found; it is read again once it is taken.
pub(super) fn hold_found(conn: &mut Connection, found: &AccountRow) -> Served<AccountRow> {
    let mut names = vec![format!("account:{}", found.number)];
    names.extend(account::borrowers(conn, found.id)?.iter().map(|party| format!("party:{party}")));
    guard::take(conn, &mut names)?;
    account::get(conn, found.id)?.ok_or(ServiceError::Missing("account"))
}

fn earlier(row: &GrantRow, number: &str) -> Served<Grant> {
    let currency = Currency::new(&row.currency).map_err(ServiceError::unknown)?;
    Ok(Grant {
        grant: id::outside("grant", row.id),
        decision: Some(id::outside("decision", row.decision_id)),
        account: Some(number.to_owned()),
        event: row.event.clone(),
        declaration: row.declaration.clone(),
        policy: row.policy.clone(),
        version: u32::try_from(row.version).map_err(ServiceError::unknown)?,
        rule: row.rule.clone(),
        benefit: row.benefit.clone(),
        decided_on: row.decided_on,
        state: state(&row.state)?,
        instruction: row.instruction_id.map(|id| id::outside("instruction", id)),
        adjustments: serde_json::from_str(&row.adjustments).map_err(ServiceError::unknown)?,
        present_value_loss: row.present_value_loss.map(|minor| Money::new(minor, currency)),
    })
}

/// Where a grant stands, by its name.
pub fn state(name: &str) -> Served<GrantState> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).map_err(ServiceError::unknown)
}
