//! An OpenID Connect issuer: its bearer tokens say who somebody is and what they are. What is checked: the signature
//! by a key that the issuer publishes, an algorithm from the list, issuer, audience, and times.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{NaiveDateTime, TimeDelta};
use jsonwebtoken::jwk::{Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};

use super::user::usable_person;
use super::{Principal, Role};
use crate::secret::token;
use crate::service::audit::{Actor, log};
use crate::service::{Served, Service};

/// An algorithm that tokens may be signed with. What needs a shared key, or is no signature, is not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// RSA with SHA-256.
    Rs256,
    /// ECDSA over P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

/// Where the issuer's keys (a JWKS) come from.
pub enum KeySource {
    /// A file.
    File(PathBuf),
    /// Wherever this gets them; it has to give up after some seconds, for others wait meanwhile.
    Fetch(Box<dyn Fn() -> Result<String, String> + Send + Sync>),
}

/// What is known of an issuer.
pub struct IssuerSettings {
    /// Its name, exactly as in `iss`.
    pub issuer: String,
    /// What tokens for Forbear have in `aud`.
    pub audience: String,
    /// What tokens may be signed with.
    pub signatures: Vec<Signature>,
    /// The claim with the roles: a list, or a text with spaces between. Dots lead into objects: `realm_access.roles`.
    pub roles_claim: String,
    /// Where its keys come from.
    pub keys: KeySource,
}

/// An issuer and its keys, as last read.
pub struct Issuer {
    settings: IssuerSettings,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    keys: Vec<Jwk>,
    read_at: Option<NaiveDateTime>,
    /// Tokens that are in the log, by their hashes, with the second at which each ends.
    logged: HashMap<String, i64>,
}

/// How far clocks may be apart, in seconds.
const SKEW: i64 = 60;

/// Bytes of a token, at most.
const LONGEST: usize = 16 * 1024;

/// Tokens of which it is remembered that they are in the log.
const REMEMBERED: usize = 10_000;

/// Whom a token speaks of.
struct Said {
    subject: String,
    roles: Vec<Role>,
    ends: i64,
}

impl Issuer {
    /// With keys that are read when the first token comes.
    #[must_use]
    pub fn new(settings: IssuerSettings) -> Self {
        Self { settings, known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a token says, if it holds now; else why not, for the log.
    fn read(&self, text: &str, now: NaiveDateTime) -> Result<Said, &'static str> {
        if text.len() > LONGEST {
            return Err("it is too long");
        }
        let header = decode_header(text).map_err(|_| "it is no signed token")?;
        let signature = self.settings.signatures.iter().find(|known| known.algorithm() == header.alg);
        let signature = signature.ok_or("its algorithm is not allowed")?;
        if header.crit.is_some() {
            return Err("its header asks for what is not understood");
        }
        let key = self.key(header.kid.as_deref(), *signature, now).ok_or("no key of the issuer fits")?;
        let key = DecodingKey::from_jwk(&key).map_err(|_| "the issuer's key cannot be used")?;
        let mut rules = Validation::new(header.alg);
        rules.set_issuer(&[&self.settings.issuer]);
        rules.set_audience(&[&self.settings.audience]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Times are looked at below, by the clock of the service.
        rules.validate_exp = false;
        let claims = decode::<Value>(text, &key, &rules).map_err(|_| "signature, issuer or audience do not hold")?;
        self.claimed(&claims.claims, now)
    }

    fn claimed(&self, claims: &Value, now: NaiveDateTime) -> Result<Said, &'static str> {
        let now = now.and_utc().timestamp();
        let second = |name: &str| claims.get(name).map(|value| value.as_i64().ok_or("a time in it is no number"));
        let ends = second("exp").ok_or("it never ends")??;
        if ends.saturating_add(SKEW) <= now {
            return Err("it ended");
        }
        for name in ["nbf", "iat"] {
            if second(name).transpose()?.is_some_and(|from| from.saturating_sub(SKEW) > now) {
                return Err("it has not begun");
            }
        }
        let subject = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
        usable_person(subject).map_err(|_| "its subject cannot be used")?;
        let roles = self.roles(claims);
        if roles.is_empty() {
            return Err("it gives no role here");
        }
        Ok(Said { subject: subject.trim().to_owned(), roles, ends })
    }

    /// The roles that are known here; the issuer's others are not ours, and nobody is a borrower by it.
    fn roles(&self, claims: &Value) -> Vec<Role> {
        let name = self.settings.roles_claim.as_str();
        let deeper = || name.split('.').try_fold(claims, |inside, part| inside.get(part));
        let named: Vec<&str> = match claims.get(name).or_else(deeper) {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(text)) => text.split_whitespace().collect(),
            _ => Vec::new(),
        };
        let mut roles: Vec<Role> = named.into_iter().filter_map(Role::of).collect();
        roles.retain(|role| *role != Role::Borrower);
        roles.sort_unstable();
        roles.dedup();
        roles
    }

    /// The key of a token. Keys are read again every hour, and at most once a minute for one that is not known.
    fn key(&self, id: Option<&str>, signature: Signature, now: NaiveDateTime) -> Option<Jwk> {
        let mut known = self.known();
        let age = known.read_at.map(|at| now.signed_duration_since(at).abs());
        let found = pick(&known.keys, id, signature);
        let old = age.is_none_or(|age| age >= TimeDelta::hours(1));
        let again = found.is_none() && age.is_some_and(|age| age >= TimeDelta::minutes(1));
        if !old && !again {
            return found;
        }
        known.read_at = Some(now);
        match self.settings.keys.read() {
            Ok(keys) => known.keys = keys,
            // The keys of before may still be right.
            Err(reason) => tracing::warn!(%reason, "the issuer's keys cannot be read"),
        }
        pick(&known.keys, id, signature)
    }

    /// Whether a token is shown for the first time, as far as is remembered.
    fn is_new(&self, hash: String, ends: i64, now: NaiveDateTime) -> bool {
        let mut known = self.known();
        if known.logged.len() >= REMEMBERED {
            let now = now.and_utc().timestamp();
            known.logged.retain(|_, ends| ends.saturating_add(SKEW) > now);
            if known.logged.len() >= REMEMBERED {
                known.logged.clear();
            }
        }
        known.logged.insert(hash, ends).is_none()
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer").field("issuer", &self.settings.issuer).finish_non_exhaustive()
    }
}

impl Signature {
    const fn algorithm(self) -> Algorithm {
        match self {
            Self::Rs256 => Algorithm::RS256,
            Self::Es256 => Algorithm::ES256,
            Self::EdDsa => Algorithm::EdDSA,
        }
    }

    /// By its name in RFC 7518 and 8037.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }

    const fn is_of(self, named: KeyAlgorithm) -> bool {
        matches!(
            (self, named),
            (Self::Rs256, KeyAlgorithm::RS256)
                | (Self::Es256, KeyAlgorithm::ES256)
                | (Self::EdDsa, KeyAlgorithm::EdDSA)
        )
    }

    /// Whether a key is of the kind that this needs, and meant for it.
    fn fits(self, key: &Jwk) -> bool {
        use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve};
        let kind = match (self, &key.algorithm) {
            (Self::Rs256, AlgorithmParameters::RSA(_)) => true,
            (Self::Es256, AlgorithmParameters::EllipticCurve(own)) => own.curve == EllipticCurve::P256,
            (Self::EdDsa, AlgorithmParameters::OctetKeyPair(own)) => own.curve == EllipticCurve::Ed25519,
            _ => false,
        };
        let signs = key.common.public_key_use.as_ref().is_none_or(|own| *own == PublicKeyUse::Signature);
        kind && signs && key.common.key_algorithm.is_none_or(|own| self.is_of(own))
    }
}

impl KeySource {
    /// The keys that can be used; others of the same issuer are passed over.
    fn read(&self) -> Result<Vec<Jwk>, String> {
        let text = match self {
            Self::File(path) => {
                std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?
            }
            Self::Fetch(fetch) => fetch()?,
        };
        let set: Value = serde_json::from_str(&text).map_err(|error| format!("no JSON: {error}"))?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or("no list of `keys`")?;
        Ok(keys.iter().filter_map(|key| serde_json::from_value(key.clone()).ok()).collect())
    }
}

/// The key with an id; where a token names none, the only one that fits.
fn pick(keys: &[Jwk], id: Option<&str>, signature: Signature) -> Option<Jwk> {
    let mut fitting = keys.iter().filter(|key| signature.fits(key));
    let Some(id) = id else {
        let only = fitting.next()?;
        return fitting.next().is_none().then(|| only.clone());
    };
    fitting.find(|key| key.common.key_id.as_deref() == Some(id)).cloned()
}

impl Service {
    /// Who a bearer token of the issuer speaks of. The first time that one is shown is in the log.
    pub(super) fn by_issuer(&self, text: &str) -> Served<Option<Principal>> {
        let Some(issuer) = &self.access.issuer else { return Ok(None) };
        let now = self.clock.now();
        let said = match issuer.read(text, now) {
            Ok(said) => said,
            Err(reason) => {
                tracing::info!(reason, "a bearer token was refused");
                return Ok(None);
            }
        };
        // The subject may be an address of mail; the log gets what stands for it.
        let own = token::hash(&format!("{}\n{}", issuer.settings.issuer, said.subject));
        let actor = Actor { id: format!("oidc_{}", own.get(..16).unwrap_or_default()), person: said.subject };
        if issuer.is_new(token::hash(text), said.ends, now) {
            let detail = json!({"by": "issuer"});
            self.store.write(|conn| log(conn, now, &actor, "user.sign_in", &actor.id, &detail))?;
        }
        Ok(Some(Principal { actor, roles: said.roles, party: None }))
    }
}
