//! Messages go out: some are claimed at a time, looked at once more just before each is sent, and kept with what became of them.
//!
//! Who is looked at in a claim is taken by their guard, so that two programs do not both think that somebody may get one more this
//! week, and nobody is erased meanwhile. Between claim and sending people may still say STOP, be erased, or the quiet hours
//! begin: that is looked at again for each.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use chrono::{NaiveDateTime, TimeDelta};

use super::campaign::{CANCELLED, CLOSED};
use super::settings::Outreach;
use super::template::Filled;
use crate::secret::Hidden;
use crate::sender::{Letter, MessageSender, NotTaken};
use crate::service::care::drafting::kept;
use crate::service::outbox::{Failure, Outgoing, Post};
use crate::service::{Served, Service};
use crate::store::audience;
use crate::store::channel::ChannelRow;
use crate::store::message::{self, MessageRow};
use crate::store::person::PersonRow;
use crate::store::{Connection, Stored, campaign, channel, guard, id};

/// Messages that are claimed at once, and how many of them go out side by side.
const BATCH: i64 = 64;
const SIDE_BY_SIDE: usize = 16;

/// Room to spare in a claim, beside what the gateway may take for each.
const SPARE: TimeDelta = TimeDelta::seconds(5);

/// How long after a campaign ended something of it may still be under way.
const LEFT: TimeDelta = TimeDelta::hours(1);

/// Messages of one person are counted over so many days.
const WEEK: TimeDelta = TimeDelta::days(7);

impl Outgoing for MessageRow {
    const NOUN: &'static str = "message";
    const WAITS: &'static str = "queued";
    const DEAD: &'static str = "failed";

    fn id(&self) -> i64 {
        self.id
    }

    fn post(&mut self) -> Post<'_> {
        Post {
            state: &mut self.state,
            attempts: &mut self.attempts,
            next_at: &mut self.next_at,
            failure: &mut self.failure,
            changed_at: &mut self.changed_at,
        }
    }

    fn advance(&self, conn: &mut Connection, from: (&str, NaiveDateTime)) -> Stored<bool> {
        message::advance(conn, self, from)
    }
}

/// A message that is ours for a while, with what it says.
struct Claimed {
    row: MessageRow,
    text: String,
}

/// What became of a message.
enum Came {
    Sent,
    Failed(Failure),
    /// It must not go out any more.
    Suppressed(&'static str),
    /// It must not go out before this moment.
    Back(NaiveDateTime),
}

impl Service {
    /// Sends some messages that are due; says how many it dealt with. In quiet hours none.
    ///
    /// # Errors
    /// The store fails. What was sent then is sent again under the same name, when the claim has run out.
    pub fn send_messages(&self, sender: &dyn MessageSender) -> Served<usize> {
        let Some(outreach) = self.outreach() else { return Ok(0) };
        if self.quiet_until(self.clock.now()).is_some() {
            return Ok(0);
        }
        let (dealt, claimed) = self.store.write(|conn| self.claim_messages(conn, outreach))?;
        if claimed.is_empty() {
            return Ok(dealt);
        }
        let came = self.send_side_by_side(sender, outreach, &claimed);
        self.store.write(|conn| {
            for (at, came) in &came {
                if let Some(own) = claimed.get(*at) {
                    self.keep_sent(conn, own.row.clone(), came)?;
                }
            }
            Ok::<_, crate::service::ServiceError>(())
        })?;
        Ok(dealt)
    }

    /// Until when everybody is left in peace, at a moment.
    pub(in crate::service) fn quiet_until(&self, at: NaiveDateTime) -> Option<NaiveDateTime> {
        self.care.contact_rules.quiet.until(at, self.clock.zone())
    }

    /// Claims some messages; says how many were looked at, and which may go out.
    fn claim_messages(&self, conn: &mut Connection, outreach: &Outreach) -> Served<(usize, Vec<Claimed>)> {
        let now = self.clock.now();
        // What was being sent when its campaign ended, and came back.
        for ended in campaign::cancelled_since(conn, now.checked_sub_signed(LEFT).unwrap_or(now))? {
            message::suppress(conn, ended.id, ended.reason.as_deref().unwrap_or(CANCELLED), now)?;
        }
        let due = message::due(conn, now, BATCH)?;
        if due.is_empty() {
            return Ok((0, Vec::new()));
        }
        let mut parties: Vec<String> = due.iter().map(|row| row.party.clone()).collect();
        parties.sort_unstable();
        parties.dedup();
        let mut guards: Vec<String> = parties.iter().map(|party| format!("party:{party}")).collect();
        guard::make(conn, &guards)?;
        guard::take(conn, &mut guards)?;
        let mut seen = self.look(conn, &due, &parties, now)?;
        let lease = self.lease(outreach);
        let mut claimed = Vec::new();
        for row in &due {
            let mut own = row.clone();
            match self.verdict(&seen, row) {
                Ok(text) => {
                    own.sending = true;
                    if self.claim_post(conn, &mut own, lease)? {
                        seen.sent.entry(row.party.clone()).or_default().push(now);
                        claimed.push(Claimed { row: own, text });
                    }
                }
                Err(came) => self.put_by(conn, own, &came)?,
            }
        }
        Ok((due.len(), claimed))
    }

    fn lease(&self, outreach: &Outreach) -> TimeDelta {
        let rounds = BATCH / i64::try_from(SIDE_BY_SIDE).unwrap_or(1);
        let patience = TimeDelta::from_std(outreach.patience).unwrap_or(SPARE);
        let whole = i32::try_from(rounds).ok().and_then(|rounds| patience.checked_mul(rounds));
        whole.and_then(|whole| whole.checked_add(&SPARE)).unwrap_or(SPARE)
    }

    /// Everything that decides whether some messages may go out.
    fn look(&self, conn: &mut Connection, due: &[MessageRow], parties: &[String], now: NaiveDateTime) -> Served<Seen> {
        let persons = audience::persons_of(conn, parties)?;
        let phones = persons.iter().filter_map(|row| row.phone_index.clone()).collect();
        let peace = self.peace(conn, parties, phones)?;
        let since = now.checked_sub_signed(WEEK).unwrap_or(now);
        let mut sent: BTreeMap<String, Vec<NaiveDateTime>> = BTreeMap::new();
        for (party, at) in message::sent_since(conn, parties, since, now)? {
            sent.entry(party).or_default().push(at);
        }
        let mut texts = BTreeMap::new();
        let mut channels = BTreeMap::new();
        let mut campaigns: Vec<i64> = due.iter().map(|row| row.campaign_id).collect();
        campaigns.sort_unstable();
        campaigns.dedup();
        for row in campaign::some(conn, &campaigns)? {
            if let Some(of) = channel::find(conn, row.channel_id)? {
                channels.insert(of.id, of);
            }
            texts.insert(row.id, kept::<Filled>(&row.texts)?);
        }
        let persons = persons.into_iter().map(|row| (row.party.clone(), row)).collect();
        Ok(Seen { persons, peace, sent, texts, channels })
    }

    /// What a message says, or why it does not go out now.
    fn verdict(&self, seen: &Seen, row: &MessageRow) -> Result<String, Came> {
        let person = seen.persons.get(&row.party);
        let phones = person.map_or(&[][..], |person| person.phone_index.as_slice());
        if let Some(reason) = unreachable_by(person).or_else(|| seen.peace.why(&row.party, phones)) {
            return Err(Came::Suppressed(reason));
        }
        let last = seen.channels.get(&row.channel_id).map(|of| of.expires_on);
        if last.is_none_or(|last| last < self.clock.today()) {
            return Err(Came::Suppressed(CLOSED));
        }
        let weekly = usize::try_from(self.care.contact_rules.weekly).unwrap_or(usize::MAX);
        let mut sent = seen.sent.get(&row.party).cloned().unwrap_or_default();
        if sent.len() >= weekly {
            sent.sort_unstable();
            // The one that has to be a week old before another may go out.
            let oldest = sent.len().checked_sub(weekly).and_then(|at| sent.get(at));
            let free = oldest.and_then(|oldest| oldest.checked_add_signed(WEEK));
            let in_time = free.filter(|free| last.is_some_and(|last| self.clock.day(*free) <= last));
            return Err(in_time.map_or(Came::Suppressed("weekly_cap"), Came::Back));
        }
        let text = seen.texts.get(&row.campaign_id).and_then(|texts| texts.get(&row.language)?.get(&row.variant));
        text.cloned().ok_or(Came::Suppressed("no_text"))
    }

    fn send_side_by_side(
        &self,
        sender: &dyn MessageSender,
        outreach: &Outreach,
        claimed: &[Claimed],
    ) -> Vec<(usize, Came)> {
        let next = AtomicUsize::new(0);
        let came = Mutex::new(Vec::with_capacity(claimed.len()));
        std::thread::scope(|scope| {
            for _ in 0..SIDE_BY_SIDE.min(claimed.len()) {
                scope.spawn(|| {
                    loop {
                        let at = next.fetch_add(1, Ordering::SeqCst);
                        let Some(own) = claimed.get(at) else { return };
                        let became = self.send_one(sender, outreach, own);
                        came.lock().unwrap_or_else(PoisonError::into_inner).push((at, became));
                    }
                });
            }
        });
        came.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at a message once more, and sends it.
    fn send_one(&self, sender: &dyn MessageSender, outreach: &Outreach, own: &Claimed) -> Came {
        let now = self.clock.now();
        if let Some(until) = self.quiet_until(now) {
            return Came::Back(until);
        }
        let patience = TimeDelta::from_std(outreach.patience).unwrap_or(SPARE);
        if now.checked_add_signed(patience).is_none_or(|end| end > own.row.next_at) {
            // The claim runs out before the gateway has to answer: somebody else might send it meanwhile.
            return Came::Back(now);
        }
        let phone = match self.store.read(|conn| self.phone_now(conn, &own.row)) {
            Ok(Ok(phone)) => phone,
            Ok(Err(came)) => return came,
            Err(error) => return Came::Failed(Failure::Later(error.to_string())),
        };
        let name = id::outside("message", own.row.id);
        let letter = Letter {
            name: &name,
            phone: &phone,
            text: &own.text,
            language: &own.row.language,
            seconds: now.and_utc().timestamp(),
        };
        match sender.send(&letter) {
            Ok(()) => Came::Sent,
            Err(NotTaken::Later(why)) => Came::Failed(Failure::Later(why)),
            Err(NotTaken::Never(why)) => Came::Failed(Failure::Never(why)),
        }
    }

    /// Where a message goes at this moment, or why it does not.
    fn phone_now(&self, conn: &mut Connection, row: &MessageRow) -> Served<Result<Hidden<String>, Came>> {
        let party = std::slice::from_ref(&row.party);
        let persons = audience::persons_of(conn, party)?;
        let running = campaign::find(conn, row.campaign_id)?;
        if let Some(of) = running.filter(|of| of.state != "running") {
            let ended = if of.reason.as_deref() == Some(CLOSED) { CLOSED } else { CANCELLED };
            let paused = of.state == "paused";
            return Ok(Err(if paused { Came::Back(self.clock.now()) } else { Came::Suppressed(ended) }));
        }
        let person = persons.first();
        // Under every key: what a phone said may be kept under an earlier one.
        let phones = person.map(|person| self.phone_indexes(person)).transpose()?.unwrap_or_default();
        let peace = self.peace(conn, party, phones.clone())?;
        if let Some(reason) = unreachable_by(person).or_else(|| peace.why(&row.party, &phones)) {
            return Ok(Err(Came::Suppressed(reason)));
        }
        let reached = person.map(|person| self.reached(person)).transpose()?.flatten();
        Ok(reached.map(|(phone, _)| phone).ok_or(Came::Suppressed("no_phone")))
    }

    /// Keeps what became of a message that was claimed.
    fn keep_sent(&self, conn: &mut Connection, mut row: MessageRow, came: &Came) -> Served<()> {
        match came {
            Came::Sent => {
                row.sending = false;
                row.sent_at = Some(self.clock.now());
                self.settle(conn, row, None)?;
            }
            Came::Failed(failure) => {
                row.sending = false;
                row.reason = matches!(failure, Failure::Never(_)).then(|| "refused".to_owned());
                self.settle(conn, row, Some(failure))?;
            }
            other => {
                // It was not tried.
                row.attempts = row.attempts.saturating_sub(1);
                self.put_by(conn, row, other)?;
            }
        }
        Ok(())
    }

    /// Keeps that a message does not go out, or not yet.
    fn put_by(&self, conn: &mut Connection, mut row: MessageRow, came: &Came) -> Served<()> {
        let due = row.next_at;
        row.sending = false;
        row.changed_at = self.clock.now();
        match came {
            Came::Suppressed(reason) => {
                row.state = "suppressed".to_owned();
                row.reason = Some((*reason).to_owned());
            }
            Came::Back(until) => row.next_at = *until,
            Came::Sent | Came::Failed(_) => return Ok(()),
        }
        message::advance(conn, &row, ("queued", due))?;
        Ok(())
    }
}

/// What decides whether messages may go out.
struct Seen {
    persons: BTreeMap<String, PersonRow>,
    peace: super::peace::Peace,
    /// When each was sent messages in the last seven days.
    sent: BTreeMap<String, Vec<NaiveDateTime>>,
    texts: BTreeMap<i64, Filled>,
    channels: BTreeMap<i64, ChannelRow>,
}

/// Why somebody cannot be written to.
fn unreachable_by(person: Option<&PersonRow>) -> Option<&'static str> {
    match person {
        Some(person) if person.erased_at.is_some() => Some("erased"),
        Some(person) if person.phone_index.is_some() => None,
        _ => Some("no_phone"),
    }
}
