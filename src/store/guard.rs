//! Guards: one row for every account and every borrower. Whoever decides takes theirs first; the next one waits until
//! that decision is kept, and so sees it in the history.

use diesel::prelude::*;

use super::prepared::{add, run};
use super::schema::guards;
use super::{Connection, Stored};

/// Makes the guards that are not there yet.
pub fn make(conn: &mut Connection, names: &[String]) -> Stored<()> {
    for name in names {
        let row = (guards::name.eq(name), guards::taken.eq(0));
        add!(conn, diesel::insert_into(guards::table).values(row).on_conflict_do_nothing())?;
    }
    Ok(())
}

/// Takes guards until the transaction ends, always in the same order, so that nobody waits in a circle.
pub fn take(conn: &mut Connection, names: &mut Vec<String>) -> Stored<()> {
    names.sort_unstable();
    names.dedup();
    for name in names.iter() {
        let own = guards::table.find(name);
        run!(conn, diesel::update(own).set(guards::taken.eq(guards::taken + 1)))?;
    }
    Ok(())
}
