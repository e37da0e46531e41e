//! Money: what is owed changes by what was granted and by nothing else.

use forbear_engine::adjustment::{Adjustment, RowState, ScheduleChange, Target};
use forbear_engine::decide::decision::Owed;

use super::ground::{Ground, Verdict, granted};

/// Principal, interest, fees, charges in minor units.
type Four = [i64; 4];

fn four(owed: &Owed) -> Four {
    [owed.principal.minor(), owed.interest.minor(), owed.fees.minor(), owed.charges.minor()]
}

/// Design section 5, on what is unpaid: what is refunded was paid, so it is owed neither before nor after; what is
/// credited pays other rows.
pub fn conserves(ground: &Ground<'_>) -> Verdict {
    let decision = &ground.decision;
    let mut wanted = four(&decision.before);
    let mut any = false;
    for adjustment in granted(decision) {
        any = true;
        match adjustment {
            Adjustment::Waiver(waived) => {
                let part = if matches!(waived.target, Target::Charge(_)) { 3 } else { 1 };
                wanted[part] -= waived.amount.minor();
            }
            Adjustment::Credit { to, .. } => {
                for credit in to {
                    wanted[0] -= credit.paid.principal.minor();
                    wanted[1] -= credit.paid.interest.minor();
                    wanted[2] -= credit.paid.fees.minor();
                }
            }
            Adjustment::Schedule(change) => {
                wanted[0] += change.capitalised.minor();
                let (added, forgone) = (change.added_interest.minor(), change.forgone_interest.minor());
                wanted[1] += added - forgone - change.capitalised.minor();
            }
            Adjustment::Refund(_)
            | Adjustment::Suspension(_)
            | Adjustment::Hold(_)
            | Adjustment::Window(_)
            | Adjustment::Goodwill { .. }
            | Adjustment::StandingOrder(_) => {}
        }
    }
    let got = four(&decision.after);
    if !any && got == wanted {
        return Verdict::NotConcerned;
    }
    Verdict::of(got == wanted, || format!("principal, interest, fees, charges: {got:?} instead of {wanted:?}"))
}

/// Of grants and of offers.
fn changes<'g>(ground: &'g Ground<'_>) -> impl Iterator<Item = &'g ScheduleChange> {
    let offered = ground.decision.offers.iter().flat_map(|offer| &offer.adjustments);
    let all = offered.chain(granted(&ground.decision));
    all.filter_map(|one| if let Adjustment::Schedule(change) = one { Some(change) } else { None })
}

pub fn keeps_principal(ground: &Ground<'_>) -> Verdict {
    let mut verdict = Verdict::NotConcerned;
    for change in changes(ground) {
        let sum = |side: fn(&forbear_engine::adjustment::RowChange) -> &Option<RowState>| -> [i64; 5] {
            let mut sums = [0; 5];
            for state in change.changes.iter().filter_map(|row| side(row).as_ref()) {
                let parts = [
                    state.owed.principal.minor(),
                    state.owed.fees.minor(),
                    state.paid.principal.minor(),
                    state.paid.interest.minor(),
                    state.paid.fees.minor(),
                ];
                sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
            }
            sums
        };
        let mut wanted = sum(|row| &row.before);
        wanted[0] += change.capitalised.minor();
        let got = sum(|row| &row.after);
        if got != wanted {
            return Verdict::Broken(format!("principal, fees and paid: {got:?} instead of {wanted:?}"));
        }
        verdict = Verdict::Held;
    }
    verdict
}

/// A row of which less is owed than was paid before is left out: a grant was taken back on whose rows another stands.
pub fn never_negative(ground: &Ground<'_>) -> Verdict {
    let (before, after) = (four(&ground.decision.before), four(&ground.decision.after));
    let negative = |state: &RowState| {
        let (owed, paid) = (&state.owed, &state.paid);
        let pairs = [(owed.principal, paid.principal), (owed.interest, paid.interest), (owed.fees, paid.fees)];
        pairs.iter().any(|(owed, paid)| paid.minor() < 0 || owed.minor() < paid.minor())
    };
    let rows = changes(ground).flat_map(|change| &change.changes);
    let rows = rows.filter(|row| !row.before.as_ref().is_some_and(negative)).filter_map(|row| row.after.as_ref());
    let bad: Vec<_> = rows.filter(|state| negative(state)).collect();
    let holds = bad.is_empty() && before.iter().chain(&after).all(|part| *part >= 0);
    Verdict::of(holds, || format!("{before:?}, {after:?}, {bad:?}"))
}

/// No schedule date lies before the first day of the incident because of relief.
pub fn dates_after_start(ground: &Ground<'_>) -> Verdict {
    let starts = ground.world.declarations.iter().map(|one| one.incident.start);
    let Some(start) = starts.min() else { return Verdict::NotConcerned };
    let mut verdict = Verdict::NotConcerned;
    for row in changes(ground).flat_map(|change| &change.changes) {
        let Some(after) = &row.after else { continue };
        if row.before.as_ref().is_some_and(|before| before.due_on == after.due_on) {
            continue;
        }
        if after.due_on < start {
            return Verdict::Broken(format!("{} is due on {}, the disaster began on {start}", row.row, after.due_on));
        }
        verdict = Verdict::Held;
    }
    verdict
}
