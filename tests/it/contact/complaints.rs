//! Complaints: their clock, their answer, what they came from; and what care comes to in figures.

use forbear::service::Service;
use forbear::service::access::{Principal, Role};
use forbear::service::care::complaint::resolving::Root;
use forbear::service::care::complaint::{ComplaintRow, NewComplaint, Of};
use forbear::service::care::contact::opening::NewContact;
use forbear::service::care::reporting::{Cut, Days};

use super::{PHONE, agent, channel, code, confirm_all, hidden, known, later, only_late_fees, places};
use crate::databases::on_both;
use crate::service::desk::{actor, staff, write};

const DAY: i64 = 24 * 60;

fn borrower(party: &str) -> Principal {
    Principal { actor: actor("borrower"), roles: vec![Role::Borrower], party: Some(party.to_owned()) }
}

fn complain(service: &Service, class: &str) -> ComplaintRow {
    let new = NewComplaint {
        contact: None,
        account: None,
        class: class.to_owned(),
        words: hidden("罚息一直没有停"),
        channel: None,
    };
    write(service, |conn| service.take_complaint(conn, &borrower("P-1"), &new)).unwrap()
}

fn resolve(service: &Service, who: &str, id: i64, root: &Root) -> forbear::service::Served<ComplaintRow> {
    let how = ("upheld", root, &hidden("已为您减免"));
    write(service, |conn| service.resolve_complaint(conn, &actor(who), id, how))
}

#[test]
fn the_clock_is_fifteen_thirty_and_sixty_days_and_warns() {
    on_both(|database| {
        let service = known(database);
        let row = complain(&service, "fees");
        // Come on 29 July.
        assert_eq!((row.clock_days, row.due_on.to_string().as_str()), (15, "2021-08-13"));
        let extend = |who: &str| {
            write(&service, |conn| service.extend_complaint(conn, &actor(who), row.id, &hidden("需要核对流水")))
        };
        assert_eq!(service.warn_of_complaints().unwrap(), 0);
        later(&service, 10 * DAY);
        assert_eq!((service.warn_of_complaints().unwrap(), service.warn_of_complaints().unwrap()), (1, 0));
        let more = extend("sun").unwrap();
        assert_eq!((more.clock_days, more.due_on.to_string().as_str(), more.warned), (30, "2021-08-28", 0));
        assert_eq!(code(extend("sun")), "same_person");
        let most = extend("wang").unwrap();
        assert_eq!((most.clock_days, most.due_on.to_string().as_str()), (60, "2021-09-27"));
        assert_eq!(code(extend("li")), "longest");
        // 8 August and 50 days more: the day after the last.
        later(&service, 49 * DAY);
        service.warn_of_complaints().unwrap();
        let list = |warned| service.complaints(&Of { warned: Some(warned), ..Of::default() }, 0, 10).unwrap().len();
        assert_eq!((list(2), list(3)), (1, 0));
        later(&service, 2 * DAY);
        service.warn_of_complaints().unwrap();
        assert_eq!(list(3), 1);
        let steps = service.progress(&staff(), row.case_id).unwrap().steps;
        let kinds: Vec<_> = steps.iter().map(|step| step.kind.as_str()).collect();
        assert_eq!(kinds, ["contacted", "complaint", "complaint_extended", "complaint_extended"]);
    });
}

#[test]
fn a_complaint_is_answered_traced_rated_and_opened_again() {
    on_both(|database| {
        let service = known(database);
        let row = complain(&service, "relief");
        let henan = |version| Root::Policy("cn-henan-2021-07-consumer-finance".to_owned(), version);
        assert_eq!(places(resolve(&service, "sun", row.id, &henan(9))), ["/root/policy"]);
        assert_eq!(places(resolve(&service, "sun", row.id, &Root::Channel(1))), ["/root/channel"]);
        let done = resolve(&service, "sun", row.id, &henan(1)).unwrap();
        assert_eq!((done.root_kind.as_deref(), done.root_version), (Some("policy"), Some(1)));
        let case = service.progress(&staff(), row.case_id).unwrap().case;
        assert_eq!((case.state.as_str(), case.outcome.as_deref()), ("resolved", Some("complaint_answered")));
        let rate =
            |who: &str, score| write(&service, |conn| service.rate_complaint(conn, &borrower(who), row.id, score));
        assert!(rate("P-9", 5).is_err(), "another's is not there");
        assert_eq!(places(rate("P-1", 6)), ["/score"]);
        assert_eq!(rate("P-1", 2).unwrap().score, Some(2));
        later(&service, DAY);
        let why = hidden("还是没有减免");
        let again = write(&service, |conn| service.reopen_complaint(conn, &borrower("P-1"), row.id, &why)).unwrap();
        let clock = (again.state.as_str(), again.reopened, again.clock_days, again.due_on.to_string());
        assert_eq!(clock, ("open", 1, 15, "2021-08-14".to_owned()), "the clock begins anew");
        assert_eq!(service.progress(&staff(), row.case_id).unwrap().case.state, "open");
        let words = service.words_of(&actor("li"), row.case_id, None).unwrap();
        let kinds: Vec<_> = words.iter().map(|one| one.kind.as_str()).collect();
        assert_eq!(kinds, ["complaint", "resolution", "again"]);
        resolve(&service, "sun", row.id, &Root::Unfounded).unwrap();
        later(&service, 31 * DAY);
        let late = write(&service, |conn| service.reopen_complaint(conn, &borrower("P-1"), row.id, &why));
        assert_eq!(code(late), "too_late");
    });
}

#[test]
fn nobody_judges_a_complaint_about_how_they_served() {
    on_both(|database| {
        let service = known(database);
        let call = NewContact { via: "hotline".to_owned(), phone: Some(hidden(PHONE)), ..NewContact::default() };
        let contact = write(&service, |conn| service.open_contact(conn, &agent("sun"), &call)).unwrap().contact;
        let new = NewComplaint {
            contact: Some(contact.id),
            account: None,
            class: "service".to_owned(),
            words: hidden("态度不好"),
            channel: None,
        };
        let row = write(&service, |conn| service.take_complaint(conn, &agent("li"), &new)).unwrap();
        assert_eq!((row.via.as_str(), row.party.as_deref()), ("hotline", Some("P-1")));
        let own = resolve(&service, "sun", row.id, &Root::Staff);
        assert!(matches!(own, Err(forbear::service::ServiceError::Forbidden(_))));
        assert_eq!(resolve(&service, "li", row.id, &Root::Staff).unwrap().ended_by.as_deref(), Some("li"));
    });
}

#[test]
fn the_report_of_care_is_what_happened() {
    on_both(|database| {
        let service = known(database);
        only_late_fees(&service, false);
        let emergency = channel(&service, "late-fees-at-once");
        let call = || NewContact { via: "hotline".to_owned(), phone: Some(hidden(PHONE)), ..NewContact::default() };
        let resolved = |outcome: &str, case: Option<&str>| {
            let row = write(&service, |conn| service.open_contact(conn, &agent("sun"), &call())).unwrap().contact;
            write(&service, |conn| service.resolve_contact(conn, &actor("sun"), row.id, (outcome, case))).unwrap()
        };
        // One case: a call that resolves it, a second call two hours later, and relief that is confirmed.
        resolved("informed", Some("informed"));
        let report = |cut| service.care_report(cut, &Days::default()).unwrap();
        let [all] = report(Cut::All).try_into().unwrap();
        assert_eq!((all.contacts.cases, all.contacts.resolved_at_once, all.contacts.repeated), (1, 1, 0));
        later(&service, 120);
        resolved("informed", None);
        super::ask(&service, super::LOAN);
        confirm_all(&service);
        let first = complain(&service, "fees");
        resolve(&service, "li", first.id, &Root::System).unwrap();
        // A second complaint is late.
        complain(&service, "debit");
        later(&service, 16 * DAY);
        let [all] = report(Cut::All).try_into().unwrap();
        // Two calls and two complaints online: four contacts about one case, which is open again for the second complaint.
        let contacts = &all.contacts;
        assert_eq!((contacts.contacts, contacts.answered, contacts.cases, contacts.repeated), (4, 4, 1, 3));
        assert_eq!((contacts.resolved, contacts.resolved_within_day, contacts.day_old), (0, 0, 1));
        let complaints = &all.complaints;
        assert_eq!((complaints.received, complaints.open, complaints.overdue), (2, 1, 1));
        assert_eq!((complaints.resolved, complaints.in_time, complaints.properly), (1, 1, 1));
        let by = |cut| report(cut).into_iter().map(|line| (line.key, line.contacts.contacts)).collect::<Vec<_>>();
        assert_eq!(by(Cut::Via), [("app".to_owned(), 2), ("hotline".to_owned(), 2)]);
        let name = forbear::service::reference::outside("channel", emergency.id);
        assert_eq!(by(Cut::Channel), [(name, 4)]);
        assert_eq!(by(Cut::Declaration), [(super::HENAN.to_owned(), 4)]);
        let day = |text: &str| Some(text.parse().unwrap());
        let of = |from, until| service.care_report(Cut::All, &Days { from, until, declaration: None }).unwrap().len();
        assert_eq!((of(day("2021-07-29"), day("2021-07-29")), of(day("2021-07-30"), None)), (1, 0));
        assert_eq!(of(None, day("2021-07-28")), 0);
    });
}
