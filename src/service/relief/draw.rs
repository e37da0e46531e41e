//! Draws on standing orders: what accrued since, in a later snapshot, is relieved by the difference and posted at once;
//! the grant that gave the order was approved for it.

use forbear_engine::account::{OneSnapshot, Position};
use forbear_engine::adjustment::{Adjustment, Amounts};
use forbear_engine::benefit::draw::{Order, draw, orders};
use forbear_engine::history::{Grant, GrantState};
use serde_json::json;

use super::expected::{expect_less, give_back_expected};
use super::history::history;
use super::propose::add_targets;
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service, ServiceError};
use crate::store::account::AccountRow;
use crate::store::grant::{self, GrantRow};
use crate::store::{Connection, id, release};

impl Service {
    /// Draws on the standing orders of an account for what its snapshot newly has. Guards have to be taken.
    pub(in crate::service) fn draw_orders(
        &self,
        conn: &mut Connection,
        own: &AccountRow,
        report: &forbear_engine::account::Account,
    ) -> Served<()> {
        let earlier = history(conn, own)?;
        let posted = |grant: &&Grant| matches!(grant.state, GrantState::Posted | GrantState::Confirmed);
        let grants: Vec<&Grant> = earlier.own(&own.number).filter(posted).collect();
        let standing = orders(&grants);
        if standing.is_empty() {
            return Ok(());
        }
        let one = OneSnapshot::of(report).map_err(ServiceError::unknown)?;
        let today = self.clock.today();
        let reported = Position::of(one.snapshot(), today);
        let live = earlier.own(&own.number);
        let mut position = reported.overlay(one.snapshot(), live).map_err(ServiceError::unknown)?;
        let mut made = Vec::new();
        let released = release::of_account(conn, own.id)?;
        for order in &standing {
            let ended = released.iter().any(|ended| id::outside("grant", ended.grant_id) == order.grant.grant);
            let given = id::inside("grant", &order.grant.grant).map(|id| grant::find(conn, id)).transpose()?.flatten();
            let given = given.ok_or_else(|| ServiceError::unknown("an order of no grant"))?;
            if ended || self.has_ended(conn, order)? {
                self.nothing_more(conn, given.id)?;
                continue;
            }
            let program = self.program_of(conn, &given)?;
            let drawn = draw(order, &program, &mut position, &grants, today).map_err(ServiceError::unknown)?;
            if !drawn.reasons.is_empty() {
                let detail = json!({"reasons": drawn.reasons});
                log(conn, self.clock.now(), &Actor::system(), "standing_order.refer", &order.grant.grant, &detail)?;
            }
            let last = order.order.until.is_some_and(|until| until < report.as_of);
            made.push((given, drawn.adjustments, last));
        }
        let mut ready = Vec::new();
        for (given, adjustments, last) in made {
            let order = given.id;
            if !adjustments.is_empty() {
                ready.extend(self.drawn(conn, own, given, &adjustments, &earlier)?);
            }
            // Whatever comes now accrued after its end.
            if last {
                self.nothing_more(conn, order)?;
            }
        }
        let terms = self.shelf.terms(conn)?;
        self.post(conn, &Actor::system(), (own, &terms), ready).map(|_| ())
    }

    /// The grant of a draw; none when a budget has to have money first.
    fn drawn(
        &self,
        conn: &mut Connection,
        own: &AccountRow,
        origin: GrantRow,
        adjustments: &[Adjustment],
        earlier: &forbear_engine::history::History,
    ) -> Served<Option<GrantRow>> {
        let order = origin.id;
        let currency = forbear_engine::money::Currency::new(&own.currency).map_err(ServiceError::unknown)?;
        let amounts = Amounts::of(adjustments, currency).map_err(ServiceError::unknown)?;
        let mut row = GrantRow {
            id: id::new_id(),
            decided_on: self.clock.today(),
            state: "approved".to_owned(),
            people: 0,
            approvals: 0,
            consent: false,
            waived: amounts.waived.minor(),
            refunded: amounts.refunded.minor(),
            goodwill: 0,
            deferred: 0,
            deferred_principal: 0,
            added_interest: 0,
            forgone_interest: 0,
            capitalised: 0,
            present_value_loss: None,
            adjustments: serde_json::to_string(adjustments).map_err(ServiceError::unknown)?,
            instruction_id: None,
            waits_for: None,
            changed_at: self.clock.now(),
            revision: 0,
            ..origin
        };
        grant::add(conn, &row)?;
        add_targets(conn, &row, adjustments, earlier, &own.number)?;
        let detail = json!({"order": id::outside("grant", order), "policy": row.policy, "benefit": row.benefit});
        log(conn, row.changed_at, &Actor::system(), "grant.draw", &id::outside("grant", row.id), &detail)?;
        expect_less(conn, order, &row)?;
        let terms = self.shelf.terms(conn)?;
        let Some(budget) = self.reserve(conn, &terms, &row)? else { return Ok(Some(row)) };
        row.waits_for = Some(budget);
        row.state = "proposed".to_owned();
        super::advanced(grant::advance(conn, &row, "approved")?)?;
        Ok(None)
    }

    /// Whether an order whose end was open has one by now: then the account has to be decided again, not drawn on.
    fn has_ended(&self, conn: &mut Connection, order: &Order<'_>) -> Served<bool> {
        if order.order.until.is_some() {
            return Ok(false);
        }
        let terms = self.shelf.terms(conn)?;
        let declared = self.shelf.declarations(conn, &terms, self.clock.today())?;
        let own = declared.iter().find(|one| one.declaration == order.grant.declaration);
        Ok(own.is_none_or(|one| one.incident.until.is_some()))
    }

    /// What was set aside for an order that has ended is free for others.
    fn nothing_more(&self, conn: &mut Connection, order: i64) -> Served<()> {
        let freed = give_back_expected(conn, order)?;
        self.go_on_with(conn, &Actor::system(), freed)
    }
}
