//! Deferrals: rows before and after, moved one by one.

use chrono::NaiveDate;
use forbear_engine::adjustment::{Cause, RowChange, ScheduleChange};
use forbear_engine::money::Money;
use forbear_engine::policy::document::{Defer, DeferTo, InterestOnTop, Part};
use forbear_engine::rate::DayCount;
use forbear_engine::reason::Reason;
use rust_decimal::Decimal;

use super::claim::absent;
use super::ground::{Ground, missing, moved};
use super::interest::{rows, simple};
use super::ledger::{Row, Three, less, parts, sum};
use super::moment::Moment;
use super::rows::{Chosen, first_instalments};

/// A row as it was and as it becomes.
#[derive(Clone)]
pub struct Change {
    /// Its id.
    pub id: String,
    /// As it was.
    pub before: Option<Row>,
    /// As it becomes.
    pub after: Option<Row>,
}

/// What moves: the row that holds it now, where it was due, and how much.
#[derive(Clone)]
pub struct Piece {
    /// The row.
    pub row: String,
    /// The instalment it stems from.
    pub origin: String,
    /// Where it was due.
    pub due: NaiveDate,
    /// How much.
    pub parts: Three,
}

/// A deferral being worked out.
pub struct Work<'g, 'a> {
    /// What it stands on.
    pub ground: &'g Ground<'a>,
    /// The benefit.
    pub defer: &'a Defer,
    /// Rows.
    pub changes: Vec<Change>,
    /// Interest that became principal.
    pub capitalised: i64,
    /// For interest on top.
    pub terms: Option<(Decimal, DayCount)>,
}

/// Rows with what moves out of them.
pub type Takes = Vec<(Row, Three)>;

impl<'a> Ground<'a> {
    /// Works a deferral out; `most` is what a limit leaves of instalments. Nothing when it would change nothing.
    pub fn defer(&self, defer: &'a Defer, most: Option<i64>) -> Result<Option<ScheduleChange>, Reason> {
        let chosen = self.choose(&defer.which, defer.due.as_ref(), defer.instalments.as_ref(), false)?;
        // Of a row that holds only what relief put on it, nothing moves.
        let moves = |row: &&Row| {
            let own = self.own_unpaid(row);
            let parts = [Part::Principal, Part::Interest, Part::Fees].into_iter().zip(own);
            parts.into_iter().any(|(part, own)| own != 0 && defer.parts.as_ref().is_none_or(|all| all.contains(&part)))
        };
        let mut added: Vec<Row> = chosen.added.iter().filter(moves).cloned().collect();
        if let Some(most) = most {
            added = first_instalments(added, most);
        }
        let takes = self.takes(defer, added)?;
        if takes.is_empty() {
            return Ok(None);
        }
        let terms = if defer.interest_on_top == InterestOnTop::None { None } else { Some(self.simple_terms()?) };
        let rows = self.scene.ledger.all_rows();
        let same = |row: &Row| Change { id: row.id.clone(), before: Some(row.clone()), after: Some(row.clone()) };
        let changes = rows.iter().map(same).collect();
        let mut work = Work { ground: self, defer, changes, capitalised: 0, terms };
        match defer.to {
            DeferTo::EndOfTerm => work.end_of_term(&takes, &chosen)?,
            DeferTo::Maturity => work.maturity(&takes),
            DeferTo::NextDue => work.next_due(&takes),
            DeferTo::LaterDate => work.later_date(&takes)?,
            DeferTo::Spread => work.spread(&takes)?,
        }
        Ok(work.finish(&takes))
    }

    /// What moves out of each row, within the caps, oldest first.
    fn takes(&self, defer: &Defer, added: Vec<Row>) -> Result<Takes, Reason> {
        let currency = self.scene.account.currency;
        let before: i64 = self.own().flat_map(|grant| moved(&grant.adjustments, currency)).sum();
        let caps = self.caps(defer.cap.as_ref())?;
        let mut room = caps.into_iter().map(|(_, cap)| cap - before).min();
        let mut takes = Vec::new();
        for row in added {
            let mut take = [0; 3];
            for (at, part) in [Part::Principal, Part::Interest, Part::Fees].into_iter().enumerate() {
                let wanted = defer.parts.as_ref().is_none_or(|parts| parts.contains(&part));
                let size = if wanted { row.unpaid()[at] } else { 0 };
                take[at] = room.map_or(size, |room| size.min(room.max(0)));
                room = room.map(|room| room - take[at]);
            }
            if take != [0; 3] {
                takes.push((row, take));
            }
        }
        Ok(takes)
    }
}

impl Work<'_, '_> {
    fn not_before(&self, due: NaiveDate) -> NaiveDate {
        due.max(self.ground.scene.standing.document.incident.start)
    }

    fn after(&mut self, id: &str) -> Option<&mut Row> {
        self.changes.iter_mut().find(|change| change.id == id).and_then(|change| change.after.as_mut())
    }

    fn fresh(&self, id: &str) -> String {
        let mut number = 1;
        while self.changes.iter().any(|change| change.id == format!("{id}+{number}")) {
            number += 1;
        }
        format!("{id}+{number}")
    }

    fn make(&mut self, id: String, origin: String, due: NaiveDate, owed: Three) {
        let row = Row { id: id.clone(), origin, due, owed, paid: [0; 3], paid_known: true, relieved: 0 };
        self.changes.push(Change { id, before: None, after: Some(row) });
    }

    /// Takes parts out of a row: all of an unpaid row moves as it is, else what moves becomes a row of its own.
    pub fn take(&mut self, id: &str, take: Three) -> Piece {
        let row = self.after(id).unwrap();
        let rest = less(row.owed, take);
        let (origin, due) = (row.origin.clone(), row.due);
        if rest == [0; 3] {
            return Piece { row: id.to_owned(), origin, due, parts: take };
        }
        row.owed = rest;
        let fresh = self.fresh(id);
        self.make(fresh.clone(), origin.clone(), due, take);
        Piece { row: fresh, origin, due, parts: take }
    }

    /// A new row, under its own name if that is free.
    pub fn add(&mut self, name: &str, due: NaiveDate, owed: Three) {
        let free = self.changes.iter().all(|change| change.id != name);
        let id = if free { name.to_owned() } else { self.fresh(name) };
        self.make(id.clone(), id, due, owed);
    }

    /// Gives a row a day and amounts.
    pub fn put(&mut self, id: &str, due: NaiveDate, owed: Three) {
        if let Some(row) = self.after(id) {
            (row.due, row.owed) = (due, owed);
        }
    }

    /// Nothing is left in a row.
    pub fn remove(&mut self, id: &str) {
        for change in self.changes.iter_mut().filter(|change| change.id == id) {
            change.after = None;
        }
    }

    /// Interest for the additional time.
    pub fn on_top(&self, piece: &Piece, to: NaiveDate) -> i64 {
        self.terms.map_or(0, |(rate, count)| simple(piece.parts[0], rate, count, piece.due, to))
    }

    fn with_interest(&mut self, piece: &Piece, to: NaiveDate) -> Three {
        let on_top = self.on_top(piece, to);
        if self.defer.interest_on_top == InterestOnTop::Capitalise {
            self.capitalised += on_top;
            return sum(piece.parts, [on_top, 0, 0]);
        }
        sum(piece.parts, [0, on_top, 0])
    }

    /// Interest of the piece's row that was paid or relieved: what is derived anew does not charge it again.
    pub fn settled_interest(&self, piece: &Piece) -> i64 {
        let rows = self.ground.scene.ledger.all_rows();
        let row = rows.iter().find(|row| row.id == piece.row || row.id == piece.origin);
        row.map_or(0, |row| row.relieved + row.paid[1])
    }

    fn taken(takes: &Takes, row: &Row) -> Option<Three> {
        takes.iter().find(|(taken, _)| taken.id == row.id).map(|(_, take)| *take)
    }

    fn unpaid(&self) -> Vec<Row> {
        self.ground.scene.ledger.all_rows().iter().filter(|row| !row.is_paid()).cloned().collect()
    }

    fn end_of_term(&mut self, takes: &Takes, chosen: &Chosen) -> Result<(), Reason> {
        let mut origins: Vec<&String> = takes.iter().map(|(row, _)| &row.origin).collect();
        origins.dedup();
        let by = origins.len() as i64;
        let first = chosen.all.iter().filter(|row| !row.is_paid()).map(|row| row.due).min();
        let Some(first) = first else { return Ok(()) };
        let mut pieces: Vec<(Piece, NaiveDate)> = Vec::new();
        for row in self.unpaid().into_iter().filter(|row| row.due >= first) {
            let piece = self.take(&row.id, Self::taken(takes, &row).unwrap_or(row.unpaid()));
            let due = self.not_before(self.ground.periods_on(piece.due, by));
            pieces.push((piece, due));
        }
        pieces.sort_by_key(|(_, due)| *due);
        if self.defer.interest_on_top == InterestOnTop::Capitalise {
            return self.anew(&pieces);
        }
        for (piece, due) in pieces {
            let owed = self.with_interest(&piece, due);
            self.put(&piece.row, due, owed);
        }
        Ok(())
    }

    /// Interest on top becomes principal; rows are derived anew, one for each day.
    fn anew(&mut self, pieces: &[(Piece, NaiveDate)]) -> Result<(), Reason> {
        let contract = self.ground.contract()?;
        self.capitalised = pieces.iter().map(|(piece, due)| self.on_top(piece, *due)).sum();
        let lent = self.capitalised + pieces.iter().map(|(piece, _)| piece.parts[0]).sum::<i64>();
        let mut dues: Vec<NaiveDate> = pieces.iter().map(|(_, due)| *due).collect();
        dues.dedup();
        let start = self.ground.periods_on(dues[0], -1);
        let derived = rows(contract, lent, start, &dues, None, None);
        let mut done = 0;
        for (piece, due) in pieces {
            let mut owed = [0, 0, piece.parts[2]];
            if dues.get(done) == Some(due) {
                let (principal, interest) = derived[done];
                done += 1;
                owed = [principal, (interest - self.settled_interest(piece)).max(0), piece.parts[2]];
            } else if owed == [0; 3] {
                self.remove(&piece.row);
            }
            self.put(&piece.row, *due, owed);
        }
        Ok(())
    }

    /// Everything that is due before a day is gathered on it.
    fn gather(&mut self, takes: &Takes, due: NaiveDate) -> Three {
        let mut all = [0; 3];
        for (row, take) in takes.iter().filter(|(row, _)| row.due < due) {
            let piece = self.take(&row.id, *take);
            all = sum(all, self.with_interest(&piece, due));
            self.remove(&piece.row);
        }
        all
    }

    fn maturity(&mut self, takes: &Takes) {
        let last = self.ground.scene.ledger.all_rows().iter().map(|row| row.due).max().unwrap();
        let last = self.not_before(last);
        let name = format!("balance/{}", self.ground.benefit.id);
        let all = self.gather(takes, last);
        if all == [0; 3] {
            return;
        }
        match self.after(&name) {
            Some(row) if row.due == last => row.owed = sum(row.owed, all),
            _ => self.add(&name, last, all),
        }
    }

    fn next_due(&mut self, takes: &Takes) {
        let today = self.ground.today();
        let next = self.unpaid().into_iter().filter(|row| row.due >= today && Self::taken(takes, row).is_none());
        if let Some(next) = next.min_by_key(|row| row.due) {
            let all = self.gather(takes, next.due);
            let row = self.after(&next.id).unwrap();
            row.owed = sum(row.owed, all);
            return;
        }
        let last = self.ground.scene.ledger.all_rows().iter().map(|row| row.due).max().unwrap();
        let mut due = self.ground.periods_on(last, 1);
        while due < today {
            due = self.ground.periods_on(due, 1);
        }
        let all = self.gather(takes, due);
        if all != [0; 3] {
            self.add(&format!("next/{}", self.ground.benefit.id), due, all);
        }
    }

    fn later_date(&mut self, takes: &Takes) -> Result<(), Reason> {
        for (row, take) in takes {
            let date = self.defer.date.as_ref().unwrap();
            let moment = self.ground.scene.moment(date, Some(row.due)).map_err(missing)?;
            let Moment::Day(day) = moment else { return Err(absent()) };
            let day = self.not_before(day);
            if day > row.due {
                let piece = self.take(&row.id, *take);
                let owed = self.with_interest(&piece, day);
                self.put(&piece.row, day, owed);
            }
        }
        Ok(())
    }

    fn finish(self, takes: &Takes) -> Option<ScheduleChange> {
        let currency = self.ground.scene.account.currency;
        let total = |row: &Row| row.owed.iter().sum::<i64>();
        let before: i64 = self.changes.iter().filter_map(|change| change.before.as_ref()).map(total).sum();
        let after: i64 = self.changes.iter().filter_map(|change| change.after.as_ref()).map(total).sum();
        let states = self.changes.iter().filter_map(|change| change.after.as_ref());
        let open = states.filter(|row| !row.is_paid() && row.due >= self.ground.today());
        let first = open.map(|row| row.due).min();
        let changes: Vec<RowChange> = self
            .changes
            .iter()
            .filter(|change| change.before != change.after)
            .map(|change| RowChange {
                row: change.id.clone(),
                before: change.before.as_ref().map(|row| row.state(currency)),
                after: change.after.as_ref().map(|row| row.state(currency)),
            })
            .collect();
        if changes.is_empty() {
            return None;
        }
        let mut chosen: Vec<String> = Vec::new();
        for (row, _) in takes {
            if !chosen.contains(&row.origin) {
                chosen.push(row.origin.clone());
            }
        }
        let money = |minor: i64| Money::new(minor, currency);
        Some(ScheduleChange {
            cause: Cause::Deferral,
            changes,
            chosen,
            deferred: parts(takes.iter().fold([0; 3], |all, (_, take)| sum(all, *take)), currency),
            added_interest: money((after - before).max(0)),
            forgone_interest: money((before - after).max(0)),
            capitalised: money(self.capitalised),
            arrears: Some(self.defer.arrears),
            relief_end: first.and_then(|day| super::day::plus(day, -1)),
        })
    }

    /// The chosen rows and all later ones are spread anew over the days to come, and `extra_terms` more.
    fn spread(&mut self, takes: &Takes) -> Result<(), Reason> {
        let extra = match &self.defer.extra_terms {
            Some(quantity) => self.ground.quantity(quantity).map_err(missing)?.count().unwrap_or(0),
            None => 0,
        };
        let today = self.ground.today();
        let first = takes.iter().map(|(row, _)| row.due).min().unwrap();
        let (mut pieces, mut dues) = (Vec::new(), Vec::new());
        for row in self.unpaid().into_iter().filter(|row| row.due >= first) {
            let take = match Self::taken(takes, &row) {
                Some(take) => take,
                None if row.due >= today => row.unpaid(),
                None => continue,
            };
            let piece = self.take(&row.id, take);
            if piece.due >= today && !dues.contains(&piece.due) {
                dues.push(piece.due);
            }
            pieces.push(piece);
        }
        dues.sort_unstable();
        let all_rows = self.ground.scene.ledger.all_rows();
        let mut last = dues.last().copied().or(all_rows.iter().map(|row| row.due).max()).unwrap();
        for _ in 0..if dues.is_empty() { extra.max(1) } else { extra } {
            last = self.ground.periods_on(last, 1);
            while last < today {
                last = self.ground.periods_on(last, 1);
            }
            dues.push(last);
        }
        let owed = if self.defer.interest_on_top == InterestOnTop::None {
            evenly(&pieces, dues.len() as i64)
        } else {
            self.amortised(&pieces, &dues)?
        };
        let mut used: Vec<String> = Vec::new();
        for (at, (due, owed)) in dues.iter().zip(owed).enumerate() {
            match pieces.iter().find(|piece| piece.due == *due) {
                Some(piece) => {
                    used.push(piece.row.clone());
                    self.put(&piece.row, *due, owed);
                }
                None => self.add(&format!("extra/{}/{}", self.ground.benefit.id, at + 1), *due, owed),
            }
        }
        for piece in pieces.iter().filter(|piece| !used.contains(&piece.row)) {
            self.remove(&piece.row);
        }
        Ok(())
    }

    /// The principal by the contract's terms; interest that has accrued is kept and shared out, or becomes principal.
    fn amortised(&mut self, pieces: &[Piece], dues: &[NaiveDate]) -> Result<Vec<Three>, Reason> {
        let contract = self.ground.contract()?;
        let start = self.ground.accrues_from(dues[0]);
        let (past, future): (Vec<&Piece>, Vec<&Piece>) = pieces.iter().partition(|piece| piece.due <= start);
        let mut accrued: i64 = past.iter().map(|piece| piece.parts[1] + self.on_top(piece, start)).sum();
        let mut settled: i64 = future.iter().map(|piece| self.settled_interest(piece)).sum();
        let mut lent: i64 = pieces.iter().map(|piece| piece.parts[0]).sum();
        if self.defer.interest_on_top == InterestOnTop::Capitalise {
            lent += accrued;
            self.capitalised = accrued;
            accrued = 0;
        }
        let derived = rows(contract, lent, start, dues, None, None);
        let kept = shared(accrued, dues.len() as i64);
        let fees = shared(pieces.iter().map(|piece| piece.parts[2]).sum(), dues.len() as i64);
        let mut made = Vec::new();
        for ((principal, interest), (kept, fees)) in derived.into_iter().zip(kept.into_iter().zip(fees)) {
            let off = settled.min(interest);
            settled -= off;
            made.push([principal, interest - off + kept, fees]);
        }
        Ok(made)
    }
}

/// A sum in equal parts, the first ones a unit larger where it does not divide.
fn shared(all: i64, count: i64) -> Vec<i64> {
    (0..count).map(|at| all / count + i64::from(at < all % count)).collect()
}

/// The same in every row; the last takes the rest.
fn evenly(pieces: &[Piece], count: i64) -> Vec<Three> {
    let all = pieces.iter().fold([0; 3], |all, piece| sum(all, piece.parts));
    let row = |at: i64| all.map(|part| if at + 1 == count { part - part / count * (count - 1) } else { part / count });
    (0..count).map(row).collect()
}
