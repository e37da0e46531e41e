//! Bearer tokens of an OpenID Connect issuer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use forbear::service::Service;
use forbear::service::access::issuer::{Issuer, IssuerSettings, KeySource, Signature};
use forbear::service::access::settings::AccessSettings;
use forbear::service::access::{Principal, Role};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::{bearer, later, service, verbs};
use crate::databases::{on_both, sqlite};

/// Keys of the tests alone.
fn rsa() -> EncodingKey {
    EncodingKey::from_rsa_der(include_bytes!("issuer_rsa.der"))
}

fn ec() -> EncodingKey {
    let head = b"\x30\x41\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x04\x27\x30\x25\x02\x01\x01\x04\x20";
    EncodingKey::from_ec_der(&[head.as_slice(), &[7; 32]].concat())
}

fn ed(seed: u8) -> EncodingKey {
    let head = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
    EncodingKey::from_ed_der(&[head.as_slice(), &[seed; 32]].concat())
}

fn public(key: &EncodingKey, algorithm: Algorithm, id: &str) -> Value {
    let mut jwk = Jwk::from_encoding_key(key, algorithm).unwrap();
    jwk.common.key_id = Some(id.to_owned());
    serde_json::to_value(jwk).unwrap()
}

fn keys() -> Value {
    let odd = json!({"kty": "OKP", "crv": "X448", "x": "AA", "kid": "odd"});
    let listed = [
        odd,
        public(&rsa(), Algorithm::RS256, "rsa"),
        public(&ec(), Algorithm::ES256, "ec"),
        public(&ed(1), Algorithm::EdDSA, "ed"),
    ];
    json!({"keys": listed})
}

fn with(service: Service, signatures: &[&str], keys: KeySource) -> Service {
    let issuer = Issuer::new(IssuerSettings {
        issuer: "https://id.lender.example".to_owned(),
        audience: "forbear".to_owned(),
        signatures: signatures.iter().map(|name| Signature::of(name).unwrap()).collect(),
        roles_claim: "realm_access.roles".to_owned(),
        keys,
    });
    service.with_access(AccessSettings { issuer: Some(Arc::new(issuer)), ..AccessSettings::default() })
}

fn claims(service: &Service) -> Value {
    let now = service.clock.now().and_utc().timestamp();
    json!({"iss": "https://id.lender.example", "aud": ["forbear", "other"], "sub": "E-1001", "iat": now, "exp": now + 300,
           "realm_access": {"roles": ["finance_approver", "borrower", "unheard_of"]}})
}

fn signed(algorithm: Algorithm, id: Option<&str>, claims: &Value, key: &EncodingKey) -> String {
    let header = Header { kid: id.map(str::to_owned), ..Header::new(algorithm) };
    encode(&header, claims, key).unwrap()
}

fn shown(service: &Service, token: &str) -> Option<Principal> {
    service.authenticate(&bearer(token)).unwrap()
}

#[test]
fn the_issuers_people_get_in_with_their_roles() {
    on_both(|database| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.json");
        std::fs::write(&file, keys().to_string()).unwrap();
        let service = with(service(database), &["RS256", "ES256", "EdDSA"], KeySource::File(file));
        for (algorithm, id, key) in
            [(Algorithm::RS256, "rsa", rsa()), (Algorithm::ES256, "ec", ec()), (Algorithm::EdDSA, "ed", ed(1))]
        {
            let token = signed(algorithm, Some(id), &claims(&service), &key);
            let own = shown(&service, &token).unwrap();
            assert_eq!((own.actor.person.as_str(), own.party), ("E-1001", None));
            assert_eq!(own.roles, [Role::FinanceApprover], "`borrower` is nobody by an issuer");
            assert!(own.actor.id.starts_with("oidc_") && !own.actor.id.contains("1001"));
            assert_eq!(shown(&service, &token).unwrap().actor, own.actor);
            assert!(shown(&service, &signed(algorithm, None, &claims(&service), &key)).is_some(), "only one key fits");
        }
        assert_eq!(verbs(&service), ["user.sign_in"; 6], "once for each token");
    });
}

#[test]
fn what_does_not_hold_is_refused() {
    let database = sqlite();
    let keys = KeySource::Fetch(Box::new(|| Ok(keys().to_string())));
    let service = with(service(&database), &["ES256", "EdDSA"], keys);
    let good = claims(&service);
    let now = service.clock.now().and_utc().timestamp();
    assert!(shown(&service, &signed(Algorithm::EdDSA, Some("ed"), &good, &ed(1))).is_some());
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut claims = good.clone();
        change(&mut claims);
        signed(Algorithm::EdDSA, Some("ed"), &claims, &ed(1))
    };
    let remove = |name: &'static str| changed(&|claims| drop(claims.as_object_mut().unwrap().remove(name)));
    let whole = signed(Algorithm::EdDSA, Some("ed"), &good, &ed(1));
    let (head, rest) = whole.split_once('.').unwrap();
    let (body, _) = rest.split_once('.').unwrap();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"ed"}"#);
    let modulus = super::issuers::keys()["keys"][3]["x"].as_str().unwrap().to_owned();
    let confused = EncodingKey::from_secret(&URL_SAFE_NO_PAD.decode(modulus).unwrap());
    let refused = [
        ("another key", signed(Algorithm::EdDSA, Some("ed"), &good, &ed(2))),
        ("an unknown key", signed(Algorithm::EdDSA, Some("new"), &good, &ed(1))),
        ("a key of another kind", signed(Algorithm::EdDSA, Some("ec"), &good, &ed(1))),
        ("an algorithm that is not allowed", signed(Algorithm::RS256, Some("rsa"), &good, &rsa())),
        ("a shared key", signed(Algorithm::HS256, Some("ed"), &good, &confused)),
        ("no signature", format!("{none}.{body}.")),
        ("a signature that is gone", format!("{head}.{body}.")),
        ("another issuer", changed(&|claims| claims["iss"] = json!("https://id.other.example"))),
        ("another audience", changed(&|claims| claims["aud"] = json!("other"))),
        ("no issuer", remove("iss")),
        ("no audience", remove("aud")),
        ("no end", remove("exp")),
        ("no subject", remove("sub")),
        ("no roles", remove("realm_access")),
        ("an end that is past", changed(&|claims| claims["exp"] = json!(now - 60))),
        ("a beginning to come", changed(&|claims| claims["nbf"] = json!(now + 61))),
        ("an end that is a text", changed(&|claims| claims["exp"] = json!("never"))),
        ("the subject of the program", changed(&|claims| claims["sub"] = json!("system"))),
        ("the subject of a borrower", changed(&|claims| claims["sub"] = json!("borrower_P-1"))),
        ("only a borrower's role", changed(&|claims| claims["realm_access"]["roles"] = json!("borrower"))),
        ("no token", "a.b.c".to_owned()),
        ("nothing", String::new()),
        ("too much", "a".repeat(100_000)),
    ];
    for (why, token) in refused {
        assert!(shown(&service, &token).is_none(), "{why}");
    }
    let short = changed(&|claims| claims["realm_access"]["roles"] = json!("auditor care_lead"));
    assert_eq!(shown(&service, &short).unwrap().roles, [Role::CareLead, Role::Auditor]);
    later(&service, 361);
    assert!(shown(&service, &whole).is_none(), "it ended");
}

#[test]
fn new_keys_are_fetched_but_not_for_every_token() {
    let database = sqlite();
    let fetched = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&fetched);
    let fetch = move || match count.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(json!({"keys": [public(&ed(1), Algorithm::EdDSA, "one")]}).to_string()),
        1 => Ok(json!({"keys": [public(&ed(2), Algorithm::EdDSA, "two")]}).to_string()),
        _ => Err("the issuer does not answer".to_owned()),
    };
    let service = with(service(&database), &["EdDSA"], KeySource::Fetch(Box::new(fetch)));
    let token = |service: &Service, id: &str, seed| signed(Algorithm::EdDSA, Some(id), &claims(service), &ed(seed));
    assert!(shown(&service, &token(&service, "one", 1)).is_some());
    for _ in 0..10 {
        assert!(shown(&service, &token(&service, "two", 2)).is_none());
    }
    assert_eq!(fetched.load(Ordering::SeqCst), 1);
    later(&service, 60);
    assert!(shown(&service, &token(&service, "two", 2)).is_some());
    assert!(shown(&service, &token(&service, "one", 1)).is_none(), "the issuer took it back");
    later(&service, 3600);
    assert!(shown(&service, &token(&service, "two", 2)).is_some(), "the keys of before are used on");
    assert_eq!(fetched.load(Ordering::SeqCst), 3);
}
