use super::{Cap, drafts, one, outcome, refusal, take};
use crate::databases::on_both;
use crate::service::desk::service;

const SENT: &str = "2026-07-20T08:00:00+08:00";
const LATER: &str = "2026-07-20T09:00:00+08:00";
const SENDER: &str = "cma@example.cn";

/// Alerts that are forged, late or too early, each with the name that it is refused by.
pub fn cases() -> Vec<(Cap, &'static str)> {
    let own = |identifier: &str| Cap::new(identifier).sent(LATER);
    let forged =
        |message: &str| own(&format!("f-{message}")).from("forger@example.org").of(message, SENDER, "a-1", SENT);
    vec![
        // A known name with other words, by whoever knows it.
        (Cap::new("a-1").severity("Red"), "changed"),
        (Cap::new("a-1").sent("2026-07-20T08:00:01+08:00"), "changed"),
        // Somebody else's message.
        (forged("Cancel"), "foreign"),
        (forged("Update"), "foreign"),
        (own("x-1").of("Cancel", "other@example.cn", "b-1", SENT), "foreign"),
        // Its own message by another time, and one that was sent later than what changes it.
        (own("x-2").of("Cancel", SENDER, "a-1", "2026-07-20T07:59:59+08:00"), "wrong_reference"),
        (Cap::new("x-3").sent("2026-07-20T07:00:00+08:00").of("Cancel", SENDER, "a-1", SENT), "wrong_reference"),
        (Cap::new("x-4").sent("2026-07-20T11:00:00+08:00"), "from_the_future"),
        (Cap::new("x-5").times(SENT, "2026-07-20T09:59:59+08:00"), "expired"),
        (Cap::new(&"x".repeat(201)), "too_long"),
        (Cap::new("x-6").from(&"y".repeat(201)), "too_long"),
        (own("x-7").of("Error", SENDER, "a-1", SENT), "value"),
        (own("x-8").of("Update", SENDER, "a-1", "yesterday"), "value"),
    ]
}

#[test]
fn what_is_forged_late_or_too_early_is_refused_by_name_and_changes_nothing() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        outcome(&service, &Cap::new("a-1"));
        outcome(&service, &Cap::new("b-1").from("other@example.cn").areas(&[("武汉", "420100")]));
        let before = drafts(&service).into_iter().map(|row| (row.state, row.revision, row.areas)).collect::<Vec<_>>();
        let own = |identifier: &str| Cap::new(identifier).sent(LATER);
        let cases = cases();
        for (cap, name) in &cases {
            assert_eq!(refusal(&service, cap), *name, "{}", cap.text());
        }
        // Who names themselves as the sender of somebody else's message names a message of theirs, which they never sent.
        let pretended = own("a-9").from("forger@example.org").of("Cancel", "forger@example.org", "a-1", SENT);
        assert_eq!(outcome(&service, &pretended), "nothing");
        let after = drafts(&service).into_iter().map(|row| (row.state, row.revision, row.areas)).collect::<Vec<_>>();
        assert_eq!(after, before);
        // All of it is kept for a person, once however often it comes.
        for _ in 0..3 {
            refusal(&service, &cases[0].0);
        }
        // The first two cases are the same to whoever reads it, and came 2 + 3 times.
        let kept = service.refused_alerts(0, 100).unwrap();
        assert_eq!((kept.len(), kept[0].name.as_str(), kept[0].times), (cases.len() - 1, "changed", 5));
    });
}

#[test]
fn a_name_of_another_format_or_sender_draws_nothing_into_its_draft() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        outcome(&service, &Cap::new("a-1"));
        // An incident's name is its sender's own.
        let incident = |cap: Cap| cap.text().replace("</scope>", "</scope><incidents>a-1</incidents>");
        let other = take(&service, &incident(Cap::new("b-1").from("other@example.cn").areas(&[("武汉", "420100")])));
        assert_eq!(other.taken[0].outcome, "drafted");
        let own = take(&service, &incident(Cap::new("a-2").sent(LATER)));
        assert_eq!(own.taken[0].outcome, "joined");
        assert_eq!(drafts(&service).len(), 2);
    });
}

#[test]
fn one_bad_alert_does_not_spoil_a_file() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        let inner = |cap: Cap| cap.text().split_once("?>").unwrap().1.to_owned();
        let index = format!(
            "<feed xmlns='http://www.w3.org/2005/Atom'><entry><content>{}</content></entry><entry><content>{}</content></entry></feed>",
            inner(Cap::new("a-1").times(SENT, SENT)),
            inner(Cap::new("a-2"))
        );
        let taken = take(&service, &index);
        assert_eq!((taken.taken.len(), taken.refused.len(), taken.refused[0].refusal.name()), (1, 1, "expired"));
        assert_eq!(one(&service).incident, "cap:a-2");
    });
}
