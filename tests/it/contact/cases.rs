//! One number for a loan and a disaster, one progress, and nothing for guessers.

use forbear::service::Service;
use forbear::service::care::case::progress::Progress;
use forbear::service::relief::ask::Asked;
use forbear_engine::text::Language;

use super::{HENAN, LOAN, agent, ask, code, confirm_all, hidden, known, later, only_late_fees, report};
use crate::databases::on_both;
use crate::service::desk::{actor, staff, write};

fn progress(service: &Service, asked: &Asked) -> Progress {
    service.progress(&staff(), asked.case.id).unwrap()
}

fn kinds(progress: &Progress) -> Vec<&str> {
    progress.steps.iter().map(|step| step.kind.as_str()).collect()
}

#[test]
fn a_case_has_one_number_and_follows_the_work_to_its_end() {
    on_both(|database| {
        let service = known(database);
        only_late_fees(&service, false);
        let first = ask(&service, LOAN);
        assert_eq!(first.case.number, first.request.case_number);
        assert_eq!((first.case.state.as_str(), first.case.event.as_deref()), ("open", Some("henan-flood-2021-07")));
        assert_eq!(kinds(&progress(&service, &first)), ["received", "posted", "granted"]);
        // Asked for the same disaster once more, it is the same case, although the request is another.
        later(&service, 1);
        let second = ask(&service, LOAN);
        assert_eq!((&second.case.number, second.case.id), (&first.case.number, first.case.id));
        assert_ne!(second.request.id, first.request.id);
        // Another loan is another case.
        report(&service, "ZZ-2", "P-2", "13900000002", "en");
        assert_ne!(ask(&service, "ZZ-2").case.number, first.case.number);

        later(&service, 1);
        confirm_all(&service);
        let done = progress(&service, &first);
        assert_eq!(
            kinds(&done),
            ["received", "posted", "granted", "received", "declined", "confirmed", "resolved"],
            "{done:#?}"
        );
        let case = (done.case.state.as_str(), done.case.outcome.as_deref(), done.case.resolved_by.as_deref());
        assert_eq!(case, ("resolved", Some("relief_given"), Some("system")));
        for step in &done.steps {
            assert!(Language::ALL.into_iter().all(|language| step.words(language) != "处理中"), "{}", step.kind);
        }
        // Whoever writes again comes back to the same number.
        later(&service, 60 * 24 * 90);
        let third = ask(&service, LOAN);
        assert_eq!((&third.case.number, third.case.reopened), (&first.case.number, 1));
    });
}

#[test]
fn an_agent_resolves_a_case_once_and_opens_it_again() {
    on_both(|database| {
        let service = known(database);
        let asked = ask(&service, LOAN);
        let resolve =
            |outcome: &str| write(&service, |conn| service.resolve_case(conn, &actor("sun"), asked.case.id, outcome));
        assert_eq!(super::places(resolve("done")), ["/outcome"]);
        assert_eq!(resolve("informed").unwrap().resolved_by.as_deref(), Some("sun"));
        assert_eq!(code(resolve("informed")), "wrong_state");
        let again = write(&service, |conn| service.reopen_case(conn, &actor("sun"), asked.case.id)).unwrap();
        assert_eq!((again.state.as_str(), again.reopened, again.resolved_at), ("open", 1, None));
        let given = write(&service, |conn| service.assign_case(conn, &actor("sun"), asked.case.id, Some("li")));
        assert_eq!(given.unwrap().assigned_to.as_deref(), Some("li"));
    });
}

#[test]
fn number_and_end_of_the_phone_open_a_case_and_guesses_lock_it() {
    on_both(|database| {
        let service = known(database);
        let number = ask(&service, LOAN).case.number;
        let look = |number: &str, last4: &str| service.look_up(number, &hidden(last4)).unwrap().is_some();
        assert!(look(&number, "5678") && look(&number.to_lowercase().replace('-', " "), " 5678 "));
        let other = if number.starts_with('7') { number.replacen('7', "8", 1) } else { format!("7{}", &number[1..]) };
        // Five are wrong: then not even the right digits are let in, for an hour.
        for guess in ["5679", "", "678", "15678"] {
            assert!(!look(&number, guess), "{guess}");
        }
        assert!(look(&number, "5678"), "four are forgiven, and forgotten");
        for guess in 0..5 {
            assert!(!look(&number, &format!("000{guess}")) && !look(&other, &format!("000{guess}")));
        }
        assert!(!look(&number, "5678"), "locked");
        later(&service, 59);
        assert!(!look(&number, "5678"), "still locked");
        later(&service, 2);
        assert!(look(&number, "5678"), "an hour later it is not");
        assert_eq!(service.forget_tries().unwrap(), 0);
        later(&service, 60 * 25);
        assert_eq!(service.forget_tries().unwrap(), 2, "a number that there is not was counted alike");
    });
}

#[test]
fn a_case_is_its_borrowers_own() {
    on_both(|database| {
        let service = known(database);
        let asked = ask(&service, LOAN);
        let borrower = |party: &str| {
            let mut own = agent(party);
            (own.roles, own.party) = (vec![forbear::service::access::Role::Borrower], Some(party.to_owned()));
            own
        };
        let own = service.own_progress(&borrower("P-1")).unwrap();
        assert_eq!((own.len(), own[0].case.number.as_str()), (1, asked.case.number.as_str()));
        assert!(service.own_progress(&borrower("P-9")).unwrap().is_empty());
        assert!(service.progress(&borrower("P-9"), asked.case.id).is_err());
        assert_eq!(asked.request.declaration.as_deref(), Some(HENAN));
    });
}
