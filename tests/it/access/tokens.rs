//! Tokens of services.

use forbear::service::ServiceError;
use forbear::service::access::token::NewToken;
use forbear::service::access::{Credentials, Role};
use forbear::store::id;

use super::{later, logged, service};
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
        let (shown, text) = write(&service, |conn| service.make_token(conn, &chief, &new)).unwrap();
        assert!(text.show().starts_with("fbt_"));
        let own = service.authenticate(Credentials::Bearer(text.show())).unwrap().unwrap();
        assert_eq!((own.actor.id.as_str(), own.actor.person.as_str()), (shown.id.as_str(), "E-2001"));
        assert_eq!(own.roles, [Role::Service]);
        assert!(service.authenticate(Credentials::Bearer("fbt_")).unwrap().is_none());
        assert!(service.authenticate(Credentials::Cookie(text.show())).unwrap().is_none());

        let endless = NewToken { expires_at: None, ..new.clone() };
        let (second, kept) = write(&service, |conn| service.make_token(conn, &chief, &endless)).unwrap();
        later(&service, 90 * 24 * 3600);
        assert!(service.authenticate(Credentials::Bearer(text.show())).unwrap().is_none(), "it ended");
        assert!(service.authenticate(Credentials::Bearer(kept.show())).unwrap().is_some());
        let number = id::inside("token", &second.id).unwrap();
        write(&service, |conn| service.revoke_token(conn, &chief, number)).unwrap();
        write(&service, |conn| service.revoke_token(conn, &chief, number)).unwrap();
        assert!(service.authenticate(Credentials::Bearer(kept.show())).unwrap().is_none());
        assert_eq!(service.tokens().unwrap().len(), 2);
        assert!(service.tokens().unwrap()[1].revoked_at.is_some());
        let missing = write(&service, |conn| service.revoke_token(conn, &chief, 1)).unwrap_err();
        assert!(matches!(missing, ServiceError::Missing("token")));

        for wrong in [
            NewToken { name: " ".to_owned(), ..endless.clone() },
            NewToken { roles: vec![Role::Borrower], ..endless.clone() },
            NewToken { person: "system".to_owned(), ..endless.clone() },
            NewToken { expires_at: Some(now), ..endless },
        ] {
            assert!(write(&service, |conn| service.make_token(conn, &chief, &wrong)).is_err());
        }
        let verbs: Vec<String> = logged(&service).iter().map(|entry| entry.verb.clone()).collect();
        assert_eq!(verbs, ["token.make", "token.make", "token.fail", "token.revoke", "token.fail"]);
        assert!(logged(&service).iter().all(|entry| !format!("{entry:?}").contains(text.show().as_str())));
    });
}
