//! Draws on standing orders: what accrued since, in a later snapshot, is relieved by the difference and posted at once;
//! the grant that gave the order was approved for it.

use forbear_engine::account::{OneSnapshot, Position};
use forbear_engine::adjustment::{Adjustment, Amounts};
use forbear_engine::benefit::draw::{Order, draw, orders};
use forbear_engine::history::{Grant, GrantState};
use forbear_engine::policy::Program;
use serde_json::json;

use super::history::history;
use super::propose::add_targets;
use crate::service::audit::{Actor, log};
use crate::service::policy::shelf::compile;
use crate::service::{Served, Service, ServiceError};
use crate::store::account::AccountRow;
use crate::store::grant::{self, GrantRow};
use crate::store::{Connection, id, policy, release};

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
            if ended || self.has_ended(conn, order)? {
                continue;
            }
            let program = self.program(conn, order.grant)?;
            let drawn = draw(order, &program, &mut position, &grants, today).map_err(ServiceError::unknown)?;
            if !drawn.reasons.is_empty() {
                let detail = json!({"reasons": drawn.reasons});
                log(conn, self.clock.now(), &Actor::system(), "standing_order.refer", &order.grant.grant, &detail)?;
            }
            if !drawn.adjustments.is_empty() {
                made.push((order, drawn.adjustments));
            }
        }
        let mut ready = Vec::new();
        for (order, adjustments) in made {
            ready.extend(self.drawn(conn, own, order, &adjustments, &earlier)?);
        }
        self.post(conn, &Actor::system(), ready)
    }

    /// The grant of a draw; none when a budget has to have money first.
    fn drawn(
        &self,
        conn: &mut Connection,
        own: &AccountRow,
        order: &Order<'_>,
        adjustments: &[Adjustment],
        earlier: &forbear_engine::history::History,
    ) -> Served<Option<GrantRow>> {
        let origin =
            id::inside("grant", &order.grant.grant).ok_or_else(|| ServiceError::unknown("a grant without id"))?;
        let origin = grant::find(conn, origin)?.ok_or(ServiceError::Missing("grant"))?;
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
        let detail = json!({"order": order.grant.grant, "policy": row.policy, "benefit": row.benefit});
        log(conn, row.changed_at, &Actor::system(), "grant.draw", &id::outside("grant", row.id), &detail)?;
        let Some(budget) = self.reserve(conn, &row)? else { return Ok(Some(row)) };
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
        let (_, declared) = self.shelf.declarations(conn, self.clock.today())?;
        let own = declared.iter().find(|one| one.declaration == order.grant.declaration);
        Ok(own.is_none_or(|one| one.incident.until.is_some()))
    }

    fn program(&self, conn: &mut Connection, grant: &Grant) -> Served<Program> {
        let version = i32::try_from(grant.version).map_err(ServiceError::unknown)?;
        let row = policy::find(conn, &grant.policy, version)?.ok_or(ServiceError::Missing("policy version"))?;
        let mut programs = compile(conn, &[row.digest], &self.lender.attributes)?;
        programs.pop().ok_or_else(|| ServiceError::unknown("a policy that compiles to nothing"))
    }
}
