//! How often somebody may call. Each program counts for itself: behind several of them a caller has the sum.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::problem::Problem;
use crate::service::access::Principal;

/// Requests in a minute, at most; as many may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Of one caller: a user, a token, a person of the issuer.
    pub caller: NonZeroU32,
    /// Of one borrower, however they signed in.
    pub borrower: NonZeroU32,
    /// Attempts to sign in from one address.
    pub sign_in: NonZeroU32,
}

impl Default for Rates {
    fn default() -> Self {
        let some = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self { caller: some(12_000), borrower: some(120), sign_in: some(30) }
    }
}

/// Counts calls.
pub struct Limits {
    callers: DefaultKeyedRateLimiter<String>,
    borrowers: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
    counted: AtomicUsize,
}

/// Calls after which those who have not called for long are forgotten.
const SWEEP: usize = 100_000;

impl Limits {
    /// With nothing counted yet.
    #[must_use]
    pub fn new(rates: Rates) -> Self {
        Self {
            callers: RateLimiter::keyed(Quota::per_minute(rates.caller)),
            borrowers: RateLimiter::keyed(Quota::per_minute(rates.borrower)),
            addresses: RateLimiter::keyed(Quota::per_minute(rates.sign_in)),
            clock: DefaultClock::default(),
            counted: AtomicUsize::new(0),
        }
    }

    /// Counts a call of somebody who is known.
    ///
    /// # Errors
    /// It is one too many: 429.
    pub fn count(&self, caller: &Principal) -> Result<(), Problem> {
        self.sweep();
        let of = if caller.borrower().is_some() { &self.borrowers } else { &self.callers };
        of.check_key(&caller.actor.id).map_err(|until| self.refuse(&until))
    }

    /// Counts an attempt to sign in from an address.
    ///
    /// # Errors
    /// It is one too many: 429.
    pub fn count_sign_in(&self, from: IpAddr) -> Result<(), Problem> {
        self.sweep();
        self.addresses.check_key(&from).map_err(|until| self.refuse(&until))
    }

    fn refuse(&self, until: &governor::NotUntil<<DefaultClock as Clock>::Instant>) -> Problem {
        Problem::too_many(until.wait_time_from(self.clock.now()).as_secs().saturating_add(1))
    }

    fn sweep(&self) {
        if self.counted.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP) {
            self.callers.retain_recent();
            self.borrowers.retain_recent();
            self.addresses.retain_recent();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::access::Role;
    use crate::service::audit::Actor;

    fn caller(name: &str, role: Role) -> Principal {
        let actor = Actor { id: name.to_owned(), person: name.to_owned() };
        Principal { actor, roles: vec![role], party: (role == Role::Borrower).then(|| name.to_owned()) }
    }

    #[test]
    fn each_caller_has_their_own() {
        let number = |number| NonZeroU32::new(number).unwrap();
        let limits = Limits::new(Rates { caller: number(3), borrower: number(1), sign_in: number(2) });
        let (agent, other) = (caller("a", Role::CareAgent), caller("b", Role::CareAgent));
        assert!((0..3).all(|_| limits.count(&agent).is_ok()));
        let refused = limits.count(&agent).unwrap_err();
        // Three in a minute are one in twenty seconds.
        assert_eq!((refused.status, refused.retry_after), (429, Some(20)));
        assert!(limits.count(&other).is_ok());
        let borrower = caller("a", Role::Borrower);
        assert!(limits.count(&borrower).is_ok() && limits.count(&borrower).is_err());
        let from = IpAddr::from([10, 0, 0, 1]);
        assert!(limits.count_sign_in(from).is_ok() && limits.count_sign_in(from).is_ok());
        assert!(limits.count_sign_in(from).is_err() && limits.count_sign_in(IpAddr::from([10, 0, 0, 2])).is_ok());
    }
}
