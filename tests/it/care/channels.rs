//! Emergency channels: prepared, approved, opened, told of, stood down by themselves.

use chrono::TimeDelta;
use forbear::core_system::webhook::Webhook;
use forbear::service::care::CareSettings;
use forbear::service::care::channel::ChannelRow;
use forbear::service::care::channel::settings::Settings;
use forbear::service::{Service, ServiceError};
use forbear_engine::declaration::{Amendment, Declaration, IncidentEnd};
use serde_json::{Value, json};

use crate::databases::{Database, on_both};
use crate::service::delivery::{SECRET, core_system};
use crate::service::desk::{actor, at, file, put_in_force, write, zhengzhou};

const DECLARATION: &str = "zhengzhou-2021-07";

/// What a channel for Henan's floods of 2021 is set to: of level IV.
pub fn settings() -> Value {
    json!({
        "facts": {"deaths_and_missing": 20}, "hours": {"business_days": ["08:00-20:00"], "other_days": ["09:00-18:00"]},
        "hotline": "400-800-1234", "queue": "flood-henan", "sms_word": "河南救助",
        "banner": {"zh-CN": "河南受灾客户专线已开通", "en": "A line for customers hit by the floods in Henan is open"},
        "target_minutes": 3, "capacity": 200, "policies": ["cn-henan-2021-07-consumer-finance"], "expires_on": "2021-12-31",
    })
}

/// The same with some keys otherwise.
fn with(changes: Value) -> Settings {
    let mut all = settings();
    for (key, value) in changes.as_object().unwrap() {
        all[key] = value.clone();
    }
    serde_json::from_value(all).unwrap()
}

fn telling(database: &Database, subscribers: &[&str]) -> Service {
    let subscribers = subscribers.iter().map(|name| (*name).to_owned()).collect();
    let service = zhengzhou(database).with_care(CareSettings { subscribers, ..CareSettings::default() });
    let document = json!({
        "declaration": DECLARATION, "event": "henan-flood-2021-07", "kind": "flood", "severity": "I", "title": {"en": "Zhengzhou"},
        "declared_on": "2021-07-21", "incident": {"start": "2021-07-17"},
        "areas": [{"region": "CN-410100", "designation": "affected"}, {"region": "CN-410105", "designation": "severe"}],
    });
    let document: Declaration = serde_json::from_value(document).unwrap();
    write(&service, |conn| service.declare(conn, &actor("lead"), &document)).unwrap();
    service
}

fn prepare(service: &Service, who: &str, settings: &Settings) -> Result<ChannelRow, ServiceError> {
    write(service, |conn| service.prepare_channel(conn, &actor(who), DECLARATION, settings))
}

fn open(service: &Service, who: &str, row: &ChannelRow) -> Result<ChannelRow, ServiceError> {
    write(service, |conn| service.open_channel(conn, &actor(who), row.id, (&row.digest, None)))
}

/// A channel that is open.
fn opened(service: &Service, changes: Value) -> ChannelRow {
    let row = prepare(service, "lead", &with(changes)).unwrap();
    while service.run_preview(&|| false).unwrap() {}
    open(service, "lead", &row).unwrap()
}

#[track_caller]
fn code<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> &'static str {
    match result.unwrap_err() {
        ServiceError::Conflict { code, .. } => code,
        error => panic!("{error}"),
    }
}

/// Where what was sent cannot be used.
#[track_caller]
fn places<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> Vec<String> {
    match result.unwrap_err() {
        ServiceError::Invalid(problems) => problems.into_iter().map(|problem| problem.pointer).collect(),
        error => panic!("{error}"),
    }
}

fn state(service: &Service, row: &ChannelRow) -> String {
    service.channel(row.id).unwrap().0.state
}

/// On a day at ten in the morning.
fn on(service: &Service, day: &str) -> usize {
    service.clock.set(at(&format!("{day}T02:00:00Z")));
    service.turn_channels().unwrap()
}

#[test]
fn a_channel_is_previewed_before_it_is_opened() {
    on_both(|database| {
        let service = telling(database, &["ivr", "app"]);
        let row = prepare(&service, "lead", &with(json!({}))).unwrap();
        assert_eq!(
            (row.state.as_str(), row.level.as_str(), row.event.as_str()),
            ("standby", "IV", "henan-flood-2021-07")
        );
        // Left out, it is for all areas of the declaration.
        let kept: Settings = serde_json::from_str(&row.settings).unwrap();
        assert_eq!(kept.regions, ["CN-410100", "CN-410105"]);
        assert_eq!(code(open(&service, "lead", &row)), "not_previewed");
        assert!(service.run_preview(&|| false).unwrap());
        let (_, previews) = service.channel(row.id).unwrap();
        assert_eq!((previews.len(), previews[0].state.as_str(), previews[0].accounts), (1, "done", 1));
        // The one loan in Zhengzhou is hit.
        let came: Value = serde_json::from_str(previews[0].result.as_deref().unwrap()).unwrap();
        assert_eq!(came["total"][0]["accounts"], 1, "{came:#}");
        assert!(service.notices(None, 0, 10).unwrap().is_empty(), "nobody is told before it is open");

        let opened = open(&service, "lead", &row).unwrap();
        assert_eq!((opened.state.as_str(), opened.opened_by.as_deref(), opened.unseen), ("open", Some("lead"), None));
        assert_eq!(code(open(&service, "lead", &row)), "wrong_state");
        let notices = service.notices(None, 0, 10).unwrap();
        let told: Vec<_> = notices.iter().map(|row| (row.subscriber.as_str(), row.kind.as_str())).collect();
        assert_eq!(told, [("ivr", "channel.opened"), ("app", "channel.opened")]);
        let body: Value = serde_json::from_str(&notices[0].body).unwrap();
        assert_eq!(body["channel"]["hotline"], "400-800-1234");
        assert_eq!((&body["channel"]["state"], &body["channel"]["sms_word"]), (&json!("open"), &json!("河南救助")));
    });
}

#[test]
fn in_a_hurry_a_channel_opens_without_a_preview_for_a_reason() {
    on_both(|database| {
        let service = telling(database, &[]);
        let row = prepare(&service, "lead", &with(json!({}))).unwrap();
        let hurry = |reason: &str| {
            write(&service, |conn| service.open_channel(conn, &actor("lead"), row.id, (&row.digest, Some(reason))))
        };
        assert_eq!(places(hurry(" ")), ["/reason"]);
        assert_eq!(hurry("people are on their roofs").unwrap().unseen.as_deref(), Some("people are on their roofs"));
    });
}

#[test]
fn the_gravest_levels_need_a_second_person_who_saw_the_same() {
    on_both(|database| {
        let service = telling(database, &[]);
        for (deaths, level) in [(100, "II"), (200, "I")] {
            let grave = with(json!({"facts": {"deaths_and_missing": deaths}, "sms_word": format!("word{level}")}));
            let row = prepare(&service, "lead", &grave).unwrap();
            assert_eq!(row.level, level);
            while service.run_preview(&|| false).unwrap() {}
            assert_eq!(code(open(&service, "lead", &row)), "second_person");
            assert_eq!(code(open(&service, "other", &row)), "second_person");
            let approve = |who: &str, digest: &str| {
                write(&service, |conn| service.approve_channel(conn, &actor(who), row.id, digest))
            };
            // The same person under another name of theirs is the same person.
            let again = forbear::service::audit::Actor { id: "token_of_lead".to_owned(), person: "lead".to_owned() };
            let own = write(&service, |conn| service.approve_channel(conn, &again, row.id, &row.digest));
            assert_eq!(code(own), "same_person");
            assert_eq!(code(approve("second", "0")), "changed_meanwhile");
            assert_eq!(approve("second", &row.digest).unwrap().approved_by.as_deref(), Some("second"));
            // What is set otherwise is approved anew, and not by who set it so.
            let (seen, _) = service.channel(row.id).unwrap();
            let other = Settings { capacity: 300, ..grave };
            let edit = |who: &str| {
                write(&service, |conn| service.edit_channel(conn, &actor(who), (row.id, seen.revision), &other))
            };
            let edited = edit("second").unwrap();
            assert_eq!(code(edit("second")), "changed_meanwhile");
            assert_eq!((edited.approved_by.as_ref(), edited.made_by.as_str()), (None, "second"));
            while service.run_preview(&|| false).unwrap() {}
            assert_eq!(code(open(&service, "lead", &row)), "changed_meanwhile");
            assert_eq!(code(open(&service, "lead", &edited)), "second_person");
            assert_eq!(code(approve("second", &edited.digest)), "same_person");
            approve("lead", &edited.digest).unwrap();
            assert_eq!(open(&service, "second", &edited).unwrap().state, "open");
        }
    });
}

#[test]
fn the_level_is_the_tables_unless_somebody_says_why_not() {
    on_both(|database| {
        let service = telling(database, &[]);
        let level = |facts: Value, more: Value| {
            let mut changes = more;
            changes["facts"] = facts;
            prepare(&service, "lead", &with(changes))
        };
        assert_eq!(level(json!({"rooms_destroyed": 100_000}), json!({})).unwrap().level, "III");
        assert_eq!(places(level(json!({"deaths_and_missing": 19}), json!({}))), ["/level"]);
        assert_eq!(places(level(json!({}), json!({"level": "III"}))), ["/level_reason"]);
        assert_eq!(
            places(level(json!({"deaths_and_missing": 20}), json!({"level": "II", "level_reason": " "}))),
            ["/level_reason"]
        );
        let said = json!({"level": "III", "level_reason": "the province asked for it"});
        assert_eq!(level(json!({}), said).unwrap().level, "III");
        assert_eq!(places(level(json!({"deaths": 20}), json!({}))), ["/facts/deaths"]);
    });
}

#[test]
fn what_cannot_be_used_is_named_all_at_once() {
    on_both(|database| {
        let service = telling(database, &[]);
        let wrong = with(json!({
            "hotline": "call us", "queue": "a b", "sms_word": "Stop", "banner": {"zh-CN": "一\n二"}, "target_minutes": 0, "capacity": 0,
            "expires_on": "2021-07-28", "policies": ["cn-henan-2021-07-consumer-finance", "nothing-of-the-kind"],
            "regions": ["CN-410105", "CN-310101", "410105"], "hours": {}, "stand_down_days": 4_000,
        }));
        let mut found = places(prepare(&service, "lead", &wrong));
        found.sort_unstable();
        let wanted = [
            "/banner/en",
            "/banner/zh-CN",
            "/capacity",
            "/expires_on",
            "/hotline",
            "/hours",
            "/policies/1",
            "/queue",
            "/regions/1",
            "/regions/2",
            "/sms_word",
            "/stand_down_days",
            "/target_minutes",
        ];
        assert_eq!(found, wanted);
        let elsewhere = write(&service, |conn| service.prepare_channel(conn, &actor("lead"), "none", &with(json!({}))));
        assert_eq!(places(elsewhere), ["/declaration"]);
        write(&service, |conn| service.close_declaration(conn, &actor("lead"), DECLARATION, false)).unwrap();
        assert_eq!(code(prepare(&service, "lead", &with(json!({})))), "declaration_closed");
        assert!(service.channels(&forbear::service::care::channel::Of::default(), 0, 10).unwrap().is_empty());
    });
}

#[test]
fn a_key_word_leads_to_one_open_channel() {
    on_both(|database| {
        let service = telling(database, &[]);
        let first = opened(&service, json!({"sms_word": "Flood"}));
        // Two may prepare the same; a person types it in any case.
        let second = prepare(&service, "lead", &with(json!({"sms_word": "fLOOD"}))).unwrap();
        while service.run_preview(&|| false).unwrap() {}
        assert_eq!(code(open(&service, "lead", &second)), "word_taken");
        write(&service, |conn| service.close_channel(conn, &actor("lead"), first.id, "over")).unwrap();
        assert_eq!(open(&service, "lead", &second).unwrap().state, "open");
    });
}

#[test]
fn what_a_channel_offers_has_to_hold_when_it_opens() {
    on_both(|database| {
        let service = telling(database, &[]);
        put_in_force(&service, &file("samples/policy-late-fees.json"));
        let ready = |word: &str| {
            let row =
                prepare(&service, "lead", &with(json!({"policies": ["late-fees-at-once"], "sms_word": word}))).unwrap();
            while service.run_preview(&|| false).unwrap() {}
            row
        };
        let (first, second) = (ready("one"), ready("two"));
        let withdraw = forbear::service::policy::PolicyAct::Withdraw;
        write(&service, |conn| service.move_policy(conn, &actor("approver"), ("late-fees-at-once", 1), withdraw, None))
            .unwrap();
        assert_eq!(code(open(&service, "lead", &first)), "policy_not_in_effect");
        write(&service, |conn| service.close_declaration(conn, &actor("lead"), DECLARATION, false)).unwrap();
        assert_eq!(code(open(&service, "lead", &second)), "declaration_closed");
        let given_up =
            write(&service, |conn| service.close_channel(conn, &actor("lead"), first.id, "not needed")).unwrap();
        assert_eq!((given_up.state.as_str(), given_up.opened_at), ("closed", None));
    });
}

/// Henan's floods end on a day.
fn ends(service: &Service, day: &str) {
    let (_, mut document) = service.declaration(DECLARATION).unwrap();
    let number = document.amendments.len() + 1;
    document.amendments.push(Amendment {
        number: number.try_into().unwrap(),
        on: service.clock.today(),
        add: Vec::new(),
        remove: Vec::new(),
        severity: None,
        incident_end: Some(IncidentEnd::On(day.parse().unwrap())),
        note: None,
    });
    write(service, |conn| service.declare(conn, &actor("lead"), &document)).unwrap();
}

fn kinds(service: &Service) -> Vec<String> {
    service.notices(None, 0, 50).unwrap().into_iter().map(|row| row.kind).collect()
}

#[test]
fn a_channel_stands_down_some_days_after_the_incident_and_closes_after_that() {
    on_both(|database| {
        let service = telling(database, &["ivr"]);
        let row = opened(&service, json!({"stand_down_days": 10, "wind_down_days": 3}));
        assert_eq!(on(&service, "2021-08-01"), 0);
        ends(&service, "2021-08-02");
        // The tenth day after the end is the 12th; it stands down once that has passed.
        assert_eq!(on(&service, "2021-08-12"), 0);
        assert_eq!((on(&service, "2021-08-13"), state(&service, &row).as_str()), (1, "standing_down"));
        assert_eq!(
            service.channel(row.id).unwrap().0.reason.unwrap(),
            "the incident ended on 2021-08-02, more than 10 days ago"
        );
        assert_eq!((on(&service, "2021-08-16"), state(&service, &row).as_str()), (0, "standing_down"));
        assert_eq!((on(&service, "2021-08-17"), state(&service, &row).as_str()), (1, "closed"));
        assert_eq!(on(&service, "2021-08-18"), 0);
        assert_eq!(kinds(&service), ["channel.opened", "channel.standing_down", "channel.closed"]);
    });
}

#[test]
fn an_extended_channel_stays_open_until_the_day_that_was_said() {
    on_both(|database| {
        let service = telling(database, &["ivr"]);
        let row = opened(&service, json!({"stand_down_days": 0, "expires_on": "2021-08-31"}));
        let extend = |until: &str, reason: &str| {
            let until = (until.parse().unwrap(), reason);
            write(&service, |conn| service.extend_channel(conn, &actor("lead"), row.id, until))
        };
        assert_eq!(places(extend("2021-08-31", "more calls")), ["/expires_on"]);
        assert_eq!(places(extend("2021-09-30", "")), ["/reason"]);
        ends(&service, "2021-07-29");
        assert_eq!((on(&service, "2021-07-30"), state(&service, &row).as_str()), (1, "standing_down"));
        // Many still call: it opens again, although the incident has ended.
        extend("2021-08-20", "many still call").unwrap();
        assert_eq!((on(&service, "2021-08-20"), state(&service, &row).as_str()), (0, "open"));
        assert_eq!((on(&service, "2021-08-21"), state(&service, &row).as_str()), (1, "standing_down"));
        assert_eq!(
            kinds(&service),
            ["channel.opened", "channel.standing_down", "channel.extended", "channel.standing_down"]
        );
        write(&service, |conn| service.close_channel(conn, &actor("lead"), row.id, "nobody calls any more")).unwrap();
        assert_eq!(code(extend("2021-09-30", "late")), "wrong_state");
    });
}

#[test]
fn a_channel_ends_with_its_last_day_or_its_declaration() {
    on_both(|database| {
        let service = telling(database, &[]);
        let short = opened(&service, json!({"expires_on": "2021-08-05", "sms_word": "short"}));
        let long = opened(&service, json!({"sms_word": "long"}));
        let early = opened(&service, json!({"sms_word": "early"}));
        let down =
            write(&service, |conn| service.stand_channel_down(conn, &actor("lead"), early.id, "few calls")).unwrap();
        assert_eq!((down.state.as_str(), down.reason.as_deref()), ("standing_down", Some("few calls")));
        assert_eq!((on(&service, "2021-08-05"), state(&service, &short).as_str()), (0, "open"));
        // That of those that stand down since 29 July is not over before 5 August is.
        assert_eq!((on(&service, "2021-08-06"), state(&service, &short).as_str()), (2, "standing_down"));
        assert_eq!(state(&service, &early), "closed");
        write(&service, |conn| service.close_declaration(conn, &actor("lead"), DECLARATION, false)).unwrap();
        assert_eq!((service.turn_channels().unwrap(), state(&service, &long).as_str()), (1, "standing_down"));
    });
}

#[test]
fn subscribers_are_told_in_order_signed_and_until_they_have_it() {
    on_both(|database| {
        let service = telling(database, &["ivr", "app"]);
        let row = opened(&service, json!({}));
        write(&service, |conn| service.close_channel(conn, &actor("lead"), row.id, "over")).unwrap();
        let (url, received) = core_system(vec![503, 200, 200]);
        let ivr = Webhook::new(&url, SECRET.to_vec()).unwrap();
        // The first is not taken, and the second does not go before it.
        assert_eq!(service.deliver_notices("ivr", &ivr).unwrap(), 0);
        assert_eq!(service.deliver_notices("ivr", &ivr).unwrap(), 0);
        service.clock.set(service.clock.now().and_utc() + TimeDelta::seconds(2));
        assert_eq!(service.deliver_notices("ivr", &ivr).unwrap(), 1);
        assert_eq!(service.deliver_notices("ivr", &ivr).unwrap(), 1);
        let told: Vec<(String, Value)> =
            received.iter().take(3).map(|(sign, body)| (sign, serde_json::from_str(&body).unwrap())).collect();
        let kinds: Vec<&Value> = told.iter().map(|(_, body)| &body["kind"]).collect();
        assert_eq!(kinds, ["channel.opened", "channel.opened", "channel.closed"]);
        assert_eq!(told[0].1["notice"], told[1].1["notice"], "the same however often it is sent");
        assert!(told.iter().all(|(sign, _)| sign.starts_with("t=") && sign.contains(",v1=")));
        let states: Vec<_> =
            service.notices(None, 0, 9).unwrap().into_iter().map(|row| (row.subscriber, row.state)).collect();
        let own = |name: &str, state: &str| (name.to_owned(), state.to_owned());
        assert_eq!(states, [own("ivr", "sent"), own("app", "pending"), own("ivr", "sent"), own("app", "pending")]);

        // What nobody takes for a day waits for a person, and what comes after it with it.
        let gone = Webhook::new("http://127.0.0.1:1", SECRET.to_vec()).unwrap();
        for _ in 0..16 {
            assert_eq!(service.deliver_notices("app", &gone).unwrap(), 0);
            service.clock.set(service.clock.now().and_utc() + TimeDelta::hours(3));
        }
        let dead = service.notices(Some("dead"), 0, 9).unwrap();
        assert_eq!((dead.len(), dead[0].attempts), (1, 16));
        assert_eq!(service.deliver_notices("app", &gone).unwrap(), 0);
        assert_eq!(service.notices(Some("pending"), 0, 9).unwrap()[0].attempts, 0);
        let again = write(&service, |conn| service.resend_notice(conn, &actor("lead"), dead[0].id)).unwrap();
        assert_eq!((again.state.as_str(), again.attempts), ("pending", 0));
        assert_eq!(
            code(write(&service, |conn| service.resend_notice(conn, &actor("lead"), dead[0].id))),
            "wrong_state"
        );
    });
}
