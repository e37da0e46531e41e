//! What stands where, counted now and then.

use std::collections::BTreeMap;

use forbear::service::Service;
use forbear::service::relief::ask::{NewRequest, Said};
use forbear::service::standing::{Made, Standing};
use serde_json::json;

use super::desk::{actor, at, write, zhengzhou};
use crate::databases::on_both;

/// A request that is granted at once.
fn hardship() -> NewRequest {
    NewRequest {
        account: "ZZ-20210220-01".to_owned(),
        declaration: None,
        via: Some("app".to_owned()),
        said: Said {
            answers: BTreeMap::from([("request.hardship".to_owned(), json!(true))]),
            choices: BTreeMap::from([("two-instalments".to_owned(), 2)]),
            evidence: vec!["self_statement".to_owned()],
            accepts: None,
        },
    }
}

fn of(made: &Made, figure: &str, state: &str) -> i64 {
    let found = made.counts.iter().find(|(name, own, _)| (*name, *own) == (figure, state));
    found.unwrap_or_else(|| panic!("{figure} {state} is not counted")).2
}

#[test]
fn counts_are_as_old_as_they_say() {
    on_both(|database| {
        let service = zhengzhou(database);
        let kept = Standing::default();
        let shown = |service: &Service, clock: &str| {
            service.clock.set(at(&format!("2021-07-29T{clock}Z")));
            let (waiting, ended) = service.standing(&kept).unwrap();
            let now = service.clock.now();
            let age = |made: &Made| now.signed_duration_since(made.at).num_seconds();
            let ages = (age(&waiting), age(&ended));
            let grants = of(&waiting, "forbear_grants_in_state", "posted");
            (ages, grants, of(&ended, "forbear_requests_in_state", "decided"))
        };
        assert_eq!(shown(&service, "02:00:00"), ((0, 0), 0, 0), "a state without any is counted too");
        let asked = write(&service, |conn| service.ask(conn, &actor("borrower"), &hardship())).unwrap();
        let grants = i64::try_from(asked.grants.len()).unwrap();
        assert_eq!(shown(&service, "02:00:09"), ((9, 9), 0, 0), "nothing is counted anew for ten seconds");
        assert_eq!(shown(&service, "02:00:10"), ((0, 10), grants, 0));
        assert_eq!(shown(&service, "02:09:59"), ((0, 599), grants, 0), "what has ended is counted every ten minutes");
        assert_eq!(shown(&service, "02:10:00"), ((1, 0), grants, 1));
        // What went on is no longer where it was.
        let instruction = service.instructions(None, 0, 1).unwrap().remove(0);
        write(&service, |conn| service.answer_instruction(conn, &actor("core"), instruction.id, None)).unwrap();
        assert_eq!(shown(&service, "02:20:00"), ((0, 0), 0, 1));
        let (_, ended) = service.standing(&kept).unwrap();
        assert_eq!(of(&ended, "forbear_grants_in_state", "confirmed"), grants);
    });
}
