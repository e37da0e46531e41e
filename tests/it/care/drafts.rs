use forbear::service::ServiceError;
use forbear::service::audit::Filter;
use forbear::service::care::drafting::Edited;
use forbear_engine::declaration::{Area, Designation, Kind, Severity};
use forbear_engine::text::Text;

use super::{Cap, drafts, one, outcome, regions, take};
use crate::databases::on_both;
use crate::service::desk::{actor, service, write};

const SENT: &str = "2026-07-20T08:00:00+08:00";
const SENDER: &str = "cma@example.cn";

fn update(identifier: &str, of: &str) -> Cap {
    Cap::new(identifier).sent("2026-07-20T09:00:00+08:00").of("Update", SENDER, of, SENT)
}

fn edited(areas: &[(&str, Designation)]) -> Edited {
    let area = |(region, designation): &(&str, Designation)| Area {
        region: (*region).to_owned(),
        designation: Some(*designation),
        programmes: Vec::new(),
        counts_from: None,
    };
    Edited {
        event: "zhengzhou-rain".to_owned(),
        kind: Some(Kind::Flood),
        severity: Some(Severity::I),
        title: Text::both("郑州特大暴雨", "Torrential rain in Zhengzhou"),
        starts_on: "2026-07-19".parse().unwrap(),
        ends_on: None,
        areas: areas.iter().map(area).collect(),
        left: Vec::new(),
    }
}

#[test]
fn an_alert_becomes_a_draft_that_waits_and_declares_nothing() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        let cap = Cap::new("a-1").areas(&[("金水区", "410105"), ("郊外某处", "")]);
        assert_eq!(outcome(&service, &cap), "drafted");
        let row = one(&service);
        assert_eq!(
            (row.state.as_str(), row.kind.as_deref(), row.severity.as_deref()),
            ("waiting", Some("flood"), Some("II"))
        );
        assert_eq!(
            (row.starts_on.to_string(), row.ends_on.unwrap().to_string()),
            ("2026-07-20".into(), "2026-07-21".into())
        );
        assert_eq!(regions(&row), ["CN-410105"]);
        // What has no code and no outline that is known is listed for a person, in the alert's words.
        assert_eq!(row.left_over, "[\"郊外某处\"]");
        assert_eq!(row.event, "flood-2026-07-20-cn-410105");
        assert!(service.declarations(None).unwrap().is_empty());
        // The same again, and again through another feed, is the same.
        let again = take(&service, &cap.text());
        assert_eq!((again.taken.len(), again.repeated, again.refused.len()), (0, 1, 0));
        assert_eq!(drafts(&service).len(), 1);
    });
}

#[test]
fn updates_extend_and_cancels_withdraw() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        assert_eq!(outcome(&service, &Cap::new("a-1")), "drafted");
        let wider = update("a-2", "a-1")
            .severity("Red")
            .areas(&[("二七区", "410103")])
            .times("2026-07-19T20:00:00+08:00", "2026-07-22T08:00:00+08:00");
        assert_eq!(outcome(&service, &wider), "extended");
        let row = one(&service);
        // Nothing that was warned of is taken back by what does not mention it.
        assert_eq!(regions(&row), ["CN-410105", "CN-410103"]);
        assert_eq!(row.severity.as_deref(), Some("I"));
        assert_eq!(
            (row.starts_on.to_string(), row.ends_on.unwrap().to_string()),
            ("2026-07-19".into(), "2026-07-22".into())
        );
        assert_eq!(outcome(&service, &update("a-3", "a-1").severity("Blue")), "joined");
        assert_eq!(one(&service).severity.as_deref(), Some("I"));

        let cancel =
            Cap::new("a-4").sent("2026-07-20T10:00:00+08:00").of("Cancel", SENDER, "a-3", "2026-07-20T09:00:00+08:00");
        assert_eq!(outcome(&service, &cancel), "withdrew");
        assert_eq!(one(&service).state, "withdrawn");
        // It goes on after all.
        assert_eq!(outcome(&service, &update("a-5", "a-1").sent("2026-07-20T10:05:00+08:00")), "reopened");
        assert_eq!((one(&service).state.as_str(), one(&service).reason), ("waiting", None));
        // What nobody knows of is kept, and does nothing.
        let unknown = Cap::new("a-6").of("Cancel", SENDER, "never-sent", SENT);
        assert_eq!(outcome(&service, &unknown), "nothing");
        assert_eq!(drafts(&service).len(), 1);
    });
}

#[test]
fn what_comes_out_of_order_takes_nothing_back() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        let at =
            |identifier: &str, minute: u32| Cap::new(identifier).sent(&format!("2026-07-20T09:{minute:02}:00+08:00"));
        let of = |cap: Cap, message: &str| cap.of(message, SENDER, "a-1", SENT);
        outcome(&service, &Cap::new("a-1"));
        // Withdrawn at 9:10, and on again at 9:20; the withdrawal comes last.
        assert_eq!(outcome(&service, &of(at("a-3", 20), "Update").severity("Red")), "extended");
        assert_eq!(outcome(&service, &of(at("a-2", 10), "Cancel")), "joined");
        assert_eq!(one(&service).state, "waiting");
        // Withdrawn at 9:40; what was said at 9:30 comes after it, and is known without bringing it back.
        assert_eq!(outcome(&service, &of(at("a-5", 40), "Cancel")), "withdrew");
        assert_eq!(outcome(&service, &of(at("a-4", 30), "Update").areas(&[("二七区", "410103")])), "extended");
        let row = one(&service);
        assert_eq!(
            (row.state.as_str(), regions(&row)),
            ("withdrawn", vec!["CN-410105".to_owned(), "CN-410103".to_owned()])
        );
        assert_eq!(outcome(&service, &of(at("a-6", 50), "Update")), "reopened");
    });
}

#[test]
fn what_a_person_took_out_stays_out() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        outcome(&service, &Cap::new("a-1").areas(&[("金水区", "410105"), ("二七区", "410103")]));
        let row = one(&service);
        let lead = actor("lead");
        let own = edited(&[("CN-410105", Designation::Severe)]);
        let kept = write(&service, |conn| service.edit_draft(conn, &lead, (row.id, row.revision), &own)).unwrap();
        assert_eq!((kept.edited_by.as_deref(), kept.event.as_str()), (Some("lead"), "zhengzhou-rain"));
        // Somebody who saw it as it was before changes nothing.
        let late = write(&service, |conn| service.edit_draft(conn, &lead, (row.id, row.revision), &own)).unwrap_err();
        assert!(matches!(late, ServiceError::Conflict { code: "changed_meanwhile", .. }), "{late}");

        let more = update("a-2", "a-1").areas(&[("二七区", "410103"), ("中原区", "410102")]);
        assert_eq!(outcome(&service, &more), "extended");
        let row = one(&service);
        assert_eq!(regions(&row), ["CN-410105", "CN-410102"]);
        assert_eq!((row.severity.as_deref(), row.starts_on.to_string()), (Some("I"), "2026-07-19".to_owned()));

        let wrong =
            Edited { ends_on: Some("2026-07-01".parse().unwrap()), ..edited(&[("410105", Designation::Severe)]) };
        let error =
            write(&service, |conn| service.edit_draft(conn, &lead, (row.id, row.revision), &wrong)).unwrap_err();
        let ServiceError::Invalid(problems) = error else { panic!("{error}") };
        let places: Vec<&str> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
        assert_eq!(places, ["/ends_on", "/areas/0/region"]);
    });
}

#[test]
fn a_dropped_draft_waits_again_only_when_it_gets_worse() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        outcome(&service, &Cap::new("a-1"));
        let row = one(&service);
        let drop = |reason: &str| write(&service, |conn| service.drop_draft(conn, &actor("lead"), row.id, reason));
        assert!(matches!(drop("  ").unwrap_err(), ServiceError::Invalid(_)));
        let dropped = drop("no customers there").unwrap();
        assert_eq!((dropped.state.as_str(), dropped.reason.as_deref()), ("dropped", Some("no customers there")));
        assert!(matches!(drop("again").unwrap_err(), ServiceError::Conflict { code: "wrong_state", .. }));
        // A later end is no reason to look again; more regions are.
        let longer = update("a-2", "a-1").times(SENT, "2026-07-25T08:00:00+08:00");
        outcome(&service, &longer);
        assert_eq!(one(&service).state, "dropped");
        assert_eq!(outcome(&service, &update("a-3", "a-1").areas(&[("二七区", "410103")])), "reopened");
        assert_eq!(one(&service).state, "waiting");
    });
}

#[test]
fn a_confirmed_draft_is_a_declaration_that_names_its_alerts() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        outcome(&service, &Cap::new("a-1"));
        outcome(&service, &update("a-2", "a-1").severity("Red"));
        let row = one(&service);
        let lead = actor("lead");
        let (confirmed, declared) = write(&service, |conn| service.confirm_draft(conn, &lead, row.id, None)).unwrap();
        assert_eq!((confirmed.state.as_str(), confirmed.decided_by.as_deref()), ("confirmed", Some("lead")));
        assert_eq!(confirmed.declaration.as_deref(), Some("flood-2026-07-20-cn-410105"));
        let (_, said) = service.declaration(&declared.slug).unwrap();
        assert_eq!(
            (said.event.as_str(), said.kind, said.severity),
            (row.event.as_str(), Kind::Flood, Some(Severity::I))
        );
        assert_eq!(said.title.chinese.as_deref(), Some("暴雨预警"));
        assert_eq!(said.title.english.as_deref(), Some("flood"));
        assert_eq!(said.authority.as_deref(), Some(SENDER));
        assert_eq!(said.areas[0].designation, Some(Designation::Affected));
        assert_eq!((said.sources.len(), said.sources[1].cite.contains("a-2, sent 2026-07-20T01:00:00Z")), (2, true));
        let again = write(&service, |conn| service.confirm_draft(conn, &lead, row.id, None)).unwrap_err();
        assert!(matches!(again, ServiceError::Conflict { code: "wrong_state", .. }), "{again}");
        // The log leads from the alert to the declaration.
        let verbs: Vec<String> =
            service.audit(&Filter::default(), 0, 100).unwrap().into_iter().map(|row| row.verb).collect();
        let wanted = ["draft.make", "alert.take", "draft.extend", "alert.take", "declaration.declare", "draft.confirm"];
        assert_eq!(verbs, wanted);
    });
}

#[test]
fn what_nobody_knows_is_asked_of_a_person_before_it_is_declared() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        outcome(&service, &Cap::new("a-1").event("重要通知").areas(&[("某地", "")]));
        let row = one(&service);
        assert_eq!((row.kind.as_deref(), regions(&row).len()), (None, 0));
        let confirm = || write(&service, |conn| service.confirm_draft(conn, &actor("lead"), row.id, None));
        let ServiceError::Invalid(problems) = confirm().unwrap_err() else { panic!("refused for another reason") };
        let places: Vec<&str> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
        assert_eq!(places, ["/kind", "/areas"]);
        let own = edited(&[("CN-410105", Designation::Affected)]);
        write(&service, |conn| service.edit_draft(conn, &actor("lead"), (row.id, row.revision), &own)).unwrap();
        let (confirmed, _) = confirm().unwrap();
        assert_eq!(confirmed.declaration.as_deref(), Some("zhengzhou-rain"));
    });
}
