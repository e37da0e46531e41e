//! An audience is gone through in the background, some people at a time, each once: what is kept after each step is where to go on
//! and what was counted, in the transaction that queues their messages. Broken off anywhere, nobody is left out or told twice.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use forbear_engine::region::{RegionId, RegionTree};
use forbear_engine::text::Language;

use super::campaign::Tally;
use super::settings::Outreach;
use crate::service::audit::Actor;
use crate::service::care::channel::settings::Settings;
use crate::service::care::drafting::{keep, kept};
use crate::service::{Served, Service, ServiceError};
use crate::store::audience::{self, OwnAccount};
use crate::store::campaign::{self, CampaignRow};
use crate::store::channel::ChannelRow;
use crate::store::message::{self, MessageRow};
use crate::store::{Connection, channel, guard, id};

/// People of one step.
const STEP: i64 = 500;

/// Whoever builds and says nothing for so long is gone.
const SILENCE: TimeDelta = TimeDelta::seconds(30);

/// Loans for which nothing can be asked any more.
const OVER: [&str; 3] = ["settled", "transferred", "cancelled"];

/// Somebody of an audience.
struct Reader {
    party: String,
    language: Language,
    variant: &'static str,
    /// Why they get no message.
    suppressed: Option<&'static str>,
}

impl Service {
    /// Goes on with the next campaign that is not built, to its end; says whether there was one. When `stop` says so it is left
    /// where it is.
    ///
    /// # Errors
    /// The store fails.
    pub fn run_campaign(&self, stop: &dyn Fn() -> bool) -> Served<bool> {
        let Some(outreach) = self.outreach() else { return Ok(false) };
        self.remind(outreach)?;
        let claimed = self.store.write(|conn| {
            let now = self.clock.now();
            let Some(row) = campaign::next(conn, now)? else { return Ok(None) };
            let run_until = now.checked_add_signed(SILENCE);
            self.keep_campaign(conn, CampaignRow { run_until, ..row }).map(Some)
        })?;
        let Some(mut at) = claimed else { return Ok(false) };
        while at.built_at.is_none() {
            if stop() {
                self.store.write(|conn| self.keep_campaign(conn, CampaignRow { run_until: None, ..at.clone() }))?;
                return Ok(true);
            }
            match self.store.write(|conn| self.build_step(conn, outreach, at.clone())) {
                Ok(kept) => at = kept,
                // It was paused, ended or begun anew.
                Err(ServiceError::Conflict { .. }) => return Ok(true),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Looks at the next people of a campaign, and queues their messages where it runs.
    fn build_step(&self, conn: &mut Connection, outreach: &Outreach, at: CampaignRow) -> Served<CampaignRow> {
        // Two channels of one event that are built at once see whom the other tells.
        let mut event = vec![format!("outreach:{}", at.event)];
        guard::make(conn, &event)?;
        guard::take(conn, &mut event)?;
        let of = channel::find(conn, at.channel_id)?.ok_or(ServiceError::Missing("channel"))?;
        let people = match at.kind.as_str() {
            "reminder" => {
                let told = message::of_people(conn, (of.id, "opening"), &at.after_party, STEP)?;
                told.into_iter().map(|row| row.party).collect()
            }
            _ => audience::parties(conn, &at.after_party, STEP)?,
        };
        let now = self.clock.now();
        let Some(last) = people.last().cloned() else {
            let built = CampaignRow { built_at: Some(now), run_until: None, ..at };
            return self.keep_campaign(conn, built);
        };
        let mut readers = self.readers(conn, outreach, &of, &people)?;
        if at.kind == "reminder" {
            self.leave_out_who_answered(conn, &of, &mut readers)?;
        }
        let mut tally: Tally = kept(&at.tally)?;
        tally.add(&readers);
        if at.state == "running" {
            let rows: Vec<MessageRow> = readers.iter().map(|reader| row(&at, reader, now)).collect();
            message::add(conn, &rows)?;
        }
        let run_until = now.checked_add_signed(SILENCE);
        self.keep_campaign(conn, CampaignRow { after_party: last, tally: keep(&tally)?, run_until, ..at })
    }

    /// Those of some people who are hit, with what they read and whether they get a message.
    fn readers(
        &self,
        conn: &mut Connection,
        outreach: &Outreach,
        of: &ChannelRow,
        people: &[String],
    ) -> Served<Vec<Reader>> {
        let settings: Settings = kept(&of.settings)?;
        let tree = RegionTree::builtin();
        let areas: Vec<RegionId> = settings.regions.iter().filter_map(|code| tree.known(code)).collect();
        let hit = |account: &OwnAccount| {
            let over = account.status.as_deref().is_some_and(|status| OVER.contains(&status));
            let home = account.region.as_deref().and_then(|code| tree.known(code));
            !over && home.is_some_and(|home| areas.iter().any(|area| tree.is_within(home, *area)))
        };
        let mut owed: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for account in audience::accounts_of(conn, people)?.into_iter().filter(hit) {
            owed.entry(account.party).or_default().push(account.account);
        }
        let parties: Vec<String> = owed.keys().cloned().collect();
        let accounts: Vec<i64> = owed.values().flatten().copied().collect();
        let given: BTreeSet<i64> = audience::given(conn, &of.event, &accounts)?.into_iter().collect();
        let told: BTreeSet<String> = message::told_of(conn, (&of.event, of.id), &parties)?.into_iter().collect();
        let persons = audience::persons_of(conn, &parties)?;
        let phones = persons.iter().filter_map(|row| row.phone_index.clone()).collect();
        let peace = self.peace(conn, &parties, phones)?;
        let known: BTreeMap<String, _> = persons.into_iter().map(|row| (row.party.clone(), row)).collect();
        let mut readers = Vec::new();
        for (party, accounts) in owed {
            let row = known.get(&party);
            let reached = row.map(|row| self.reached(row)).transpose()?.flatten();
            let said = reached.as_ref().and_then(|(_, language)| language.as_deref());
            let language = said.and_then(|tag| tag.parse().ok()).unwrap_or(outreach.language);
            let suppressed = match (row, &reached) {
                (Some(row), _) if row.erased_at.is_some() => Some("erased"),
                (_, None) => Some("no_phone"),
                (row, _) => {
                    let own = peace.why(&party, row.map_or(&[][..], |row| row.phone_index.as_slice()));
                    own.or(told.contains(&party).then_some("told_already"))
                }
            };
            let variant = if accounts.iter().any(|account| given.contains(account)) { "given" } else { "ask" };
            readers.push(Reader { party, language, variant, suppressed });
        }
        Ok(readers)
    }

    /// Who asked for something since the channel opened needs no reminder, and who never got the first message gets no second.
    fn leave_out_who_answered(&self, conn: &mut Connection, of: &ChannelRow, readers: &mut Vec<Reader>) -> Served<()> {
        let parties: Vec<String> = readers.iter().map(|reader| reader.party.clone()).collect();
        let own = audience::accounts_of(conn, &parties)?;
        let accounts: Vec<i64> = own.iter().map(|account| account.account).collect();
        let since = of.opened_at.unwrap_or(of.created_at);
        let asked: BTreeSet<i64> = audience::asked(conn, since, &accounts)?.into_iter().collect();
        let answered: BTreeSet<&String> =
            own.iter().filter(|account| asked.contains(&account.account)).map(|account| &account.party).collect();
        let told: BTreeSet<String> = message::reached(conn, (of.id, "opening"), &parties)?.into_iter().collect();
        readers.retain(|reader| {
            reader.variant == "ask" && !answered.contains(&reader.party) && told.contains(&reader.party)
        });
        Ok(())
    }

    /// Begins to remind those who did not answer, where the last day to ask has come near.
    fn remind(&self, outreach: &Outreach) -> Served<()> {
        let Some(days) = outreach.reminder_days else { return Ok(()) };
        let today = self.clock.today();
        let near = |of: &ChannelRow| {
            let left = of.expires_on.signed_duration_since(today).num_days();
            of.state == "open" && (0..=i64::from(days)).contains(&left)
        };
        for of in self.store.read(channel::running)?.into_iter().filter(near) {
            let known = self.store.read(|conn| campaign::of_channel(conn, of.id))?;
            let told =
                known.iter().any(|row| row.kind == "opening" && row.state == "running" && row.built_at.is_some());
            if !told || known.iter().any(|row| row.kind == "reminder") {
                continue;
            }
            let added = self.store.write(|conn| {
                let texts = keep(&self.texts(conn, outreach, &of, "reminder")?)?;
                self.add_campaign(conn, &Actor::system(), &of, ("reminder", "running", texts))
            });
            match added {
                // Another program began it at the same time.
                Err(ServiceError::Store(crate::store::StoreError::Duplicate(_))) => {}
                other => drop(other?),
            }
        }
        Ok(())
    }
}

impl Tally {
    fn add(&mut self, readers: &[Reader]) {
        let more = |counts: &mut BTreeMap<String, u64>, name: &str| {
            let count = counts.entry(name.to_owned()).or_default();
            *count = count.saturating_add(1);
        };
        for reader in readers {
            self.persons = self.persons.saturating_add(1);
            more(&mut self.languages, reader.language.tag());
            more(&mut self.variants, reader.variant);
            if let Some(reason) = reader.suppressed {
                more(&mut self.suppressed, reason);
            }
        }
    }
}

fn row(at: &CampaignRow, reader: &Reader, now: chrono::NaiveDateTime) -> MessageRow {
    MessageRow {
        id: id::new_id(),
        campaign_id: at.id,
        channel_id: at.channel_id,
        event: at.event.clone(),
        kind: at.kind.clone(),
        party: reader.party.clone(),
        language: reader.language.tag().to_owned(),
        variant: reader.variant.to_owned(),
        state: if reader.suppressed.is_some() { "suppressed" } else { "queued" }.to_owned(),
        reason: reader.suppressed.map(str::to_owned),
        attempts: 0,
        next_at: now,
        sending: false,
        failure: None,
        sent_at: None,
        delivered_at: None,
        created_at: now,
        changed_at: now,
    }
}
