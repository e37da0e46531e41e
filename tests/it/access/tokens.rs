//! Tokens of services.

use forbear::service::ServiceError;
use forbear::service::access::Role;
use forbear::service::access::token::NewToken;
use forbear::store::id;

use super::{bearer, cookie, later, logged, service};
use crate::databases::on_both;
use crate::service::desk::{actor, write};

#[test]
fn a_token_is_shown_once_and_taken_back() {
    on_both(|database| {
        let service = service(database);
        let chief = actor("chief");
        let now = service.clock.now();
        let new = NewToken {
            name: "core system".to_owned(),
            person: "E-2001".to_owned(),
            roles: vec![Role::Service],
            expires_at: Some(now + chrono::TimeDelta::days(90)),
        };
        let (shown, text) = write(&service, |conn| service.issue_token(conn, &chief, &new)).unwrap();
        assert!(text.show().starts_with("fbt_"));
        let own = service.authenticate(&bearer(text.show())).unwrap().unwrap();
        assert_eq!((own.actor.id.as_str(), own.actor.person.as_str()), (shown.id.as_str(), "E-2001"));
        assert_eq!(own.roles, [Role::Service]);
        assert!(service.authenticate(&bearer("fbt_")).unwrap().is_none());
        assert!(service.authenticate(&cookie(text.show())).unwrap().is_none());

        let endless = NewToken { expires_at: None, ..new.clone() };
        let (second, kept) = write(&service, |conn| service.issue_token(conn, &chief, &endless)).unwrap();
        later(&service, 90 * 24 * 3600);
        assert!(service.authenticate(&bearer(text.show())).unwrap().is_none(), "it ended");
        assert!(service.authenticate(&bearer(kept.show())).unwrap().is_some());
        let number = id::inside("token", &second.id).unwrap();
        write(&service, |conn| service.revoke_token(conn, &chief, number)).unwrap();
        write(&service, |conn| service.revoke_token(conn, &chief, number)).unwrap();
        assert!(service.authenticate(&bearer(kept.show())).unwrap().is_none());
        assert_eq!(service.tokens().unwrap().len(), 2);
        assert!(service.tokens().unwrap()[1].revoked_at.is_some());
        let missing = write(&service, |conn| service.revoke_token(conn, &chief, 1)).unwrap_err();
        assert!(matches!(missing, ServiceError::Missing("token")));

        for wrong in [
            NewToken { name: " ".to_owned(), ..endless.clone() },
            NewToken { roles: vec![Role::Borrower, Role::Auditor], ..endless.clone() },
            NewToken { roles: Vec::new(), ..endless.clone() },
            NewToken { person: "system".to_owned(), ..endless.clone() },
            NewToken { expires_at: Some(now), ..endless },
        ] {
            assert!(write(&service, |conn| service.issue_token(conn, &chief, &wrong)).is_err());
        }
        let verbs: Vec<String> = logged(&service).iter().map(|entry| entry.verb.clone()).collect();
        assert_eq!(verbs, ["token.make", "token.make", "token.fail", "token.revoke", "token.fail"]);
        assert!(logged(&service).iter().all(|entry| !format!("{entry:?}").contains(text.show().as_str())));
    });
}

#[test]
fn a_borrowers_token_is_of_one_borrower() {
    on_both(|database| {
        let service = service(database);
        let text = service.make_token(&actor("chief"), "P-1", &[Role::Borrower], Some(1)).unwrap();
        let own = service.authenticate(&bearer(&text)).unwrap().unwrap();
        assert_eq!((own.borrower(), own.actor.person.as_str()), (Some("P-1"), "borrower_P-1"));
        let both = service.authenticate(&forbear::service::access::Credentials {
            bearer: Some("fbt_wrong".to_owned()),
            session: Some(text.clone()),
        });
        assert!(both.unwrap().is_none());
        later(&service, 24 * 3600);
        assert!(service.authenticate(&bearer(&text)).unwrap().is_none());
    });
}
