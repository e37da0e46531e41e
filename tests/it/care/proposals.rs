use forbear::service::ServiceError;
use forbear::service::care::ProposalRow;
use forbear_engine::declaration::Severity;

use super::{Cap, one, outcome};
use crate::databases::on_both;
use crate::service::desk::{actor, service, write};

const SENT: &str = "2026-07-20T08:00:00+08:00";

fn later(identifier: &str, message: &str) -> Cap {
    Cap::new(identifier).sent("2026-07-20T09:00:00+08:00").of(message, "cma@example.cn", "a-1", SENT)
}

#[test]
fn what_changes_after_a_draft_is_confirmed_is_proposed_and_changes_nothing_by_itself() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        outcome(&service, &Cap::new("a-1"));
        let draft = one(&service).id;
        let lead = actor("lead");
        let (_, declared) = write(&service, |conn| service.confirm_draft(conn, &lead, draft, Some("rain"))).unwrap();
        let wider = later("a-2", "Update").severity("Red").areas(&[("二七区", "410103"), ("金水区", "410105")]);
        assert_eq!(outcome(&service, &wider.times(SENT, "2026-07-23T08:00:00+08:00")), "proposed");
        // What says no more than is proposed already proposes nothing.
        assert_eq!(outcome(&service, &later("a-3", "Update").severity("Red")), "joined");
        let (row, said) = service.declaration("rain").unwrap();
        assert_eq!((row.digest.as_str(), said.amendments.len()), (declared.digest.as_str(), 0));
        let waiting = || service.proposals(Some(draft), Some("waiting"), 0, 10).unwrap();
        let proposal = waiting().remove(0);
        let change: serde_json::Value = serde_json::from_str(&proposal.change).unwrap();
        let wanted = serde_json::json!({"severity": "I", "ends_on": "2026-07-23", "add": ["CN-410103"]});
        assert_eq!(change, wanted);

        write(&service, |conn| service.accept_proposal(conn, &lead, (draft, proposal.id))).unwrap();
        let (row, said) = service.declaration("rain").unwrap();
        assert_eq!((row.amendment, said.amendments.len()), (1, 1));
        let amendment = &said.amendments[0];
        assert_eq!((amendment.add[0].region.as_str(), amendment.severity), ("CN-410103", Some(Severity::I)));
        assert_eq!(amendment.incident_end.unwrap().day().unwrap().to_string(), "2026-07-23");
        assert_eq!(amendment.note.as_deref(), Some("cma@example.cn a-2"));
        let again = write(&service, |conn| service.accept_proposal(conn, &lead, (draft, proposal.id))).unwrap_err();
        assert!(matches!(again, ServiceError::Conflict { code: "wrong_state", .. }), "{again}");
        assert!(waiting().is_empty());
    });
}

#[test]
fn a_cancel_of_what_was_confirmed_proposes_to_close_it() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        outcome(&service, &Cap::new("a-1"));
        let draft = one(&service).id;
        let lead = actor("lead");
        write(&service, |conn| service.confirm_draft(conn, &lead, draft, Some("rain"))).unwrap();
        assert_eq!(outcome(&service, &later("a-2", "Cancel")), "proposed");
        assert_eq!(outcome(&service, &later("a-3", "Cancel")), "proposed");
        let state = || service.declaration("rain").unwrap().0.state;
        assert_eq!(state(), "open");
        let waiting: Vec<ProposalRow> = service.proposals(None, Some("waiting"), 0, 10).unwrap();
        let (first, second) = ((draft, waiting[0].id), (draft, waiting[1].id));
        write(&service, |conn| service.dismiss_proposal(conn, &lead, first, "people are still cut off")).unwrap();
        assert_eq!(state(), "open");
        write(&service, |conn| service.accept_proposal(conn, &lead, second)).unwrap();
        assert_eq!(state(), "closed");
        // A proposal is found under its own draft alone.
        let other = write(&service, |conn| service.accept_proposal(conn, &lead, (draft + 1, second.1))).unwrap_err();
        assert!(matches!(other, ServiceError::Missing("draft")), "{other}");
    });
}
