//! How long what waits for a person has waited.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use crate::service::{Served, Service};
use crate::store::review;

/// Ages in whole days: each from so many on, to the next.
pub const FROM_DAYS: [i64; 5] = [0, 1, 3, 7, 14];

/// What has waited equally long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Age {
    /// referral, threshold, sample or appeal.
    pub kind: String,
    /// So many whole days at least.
    pub from_days: i64,
    /// The currency of the amount.
    pub currency: String,
    /// How many reviews.
    pub count: u64,
    /// What they come to, in minor units.
    pub amount: i64,
    /// When the first of them came.
    pub oldest: NaiveDateTime,
}

impl Service {
    /// Pending reviews by kind and age.
    ///
    /// # Errors
    /// The store fails.
    pub fn ageing(&self) -> Served<Vec<Age>> {
        let pending = self.store.read(review::pending)?;
        Ok(by_age(pending, self.clock.now()))
    }
}

fn by_age(pending: Vec<(String, String, i64, NaiveDateTime)>, now: NaiveDateTime) -> Vec<Age> {
    let mut ages: BTreeMap<(String, i64, String), Age> = BTreeMap::new();
    for (kind, currency, amount, came) in pending {
        let days = now.signed_duration_since(came).num_days();
        let from_days = FROM_DAYS.into_iter().rfind(|from| *from <= days).unwrap_or(0);
        let age = ages.entry((kind.clone(), from_days, currency.clone())).or_insert_with(|| Age {
            kind,
            from_days,
            currency,
            count: 0,
            amount: 0,
            oldest: came,
        });
        age.count = age.count.saturating_add(1);
        age.amount = age.amount.saturating_add(amount);
        age.oldest = age.oldest.min(came);
    }
    ages.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_in_the_age_that_it_has_reached() {
        let at = |day: u32, hour: u32| {
            chrono::NaiveDate::from_ymd_opt(2026, 6, day).unwrap().and_hms_opt(hour, 0, 0).unwrap()
        };
        let row = |amount, came| ("threshold".to_owned(), "CNY".to_owned(), amount, came);
        // On the 20th at noon: half a day, a day to the hour, an hour less than three days, fourteen days and more.
        let pending =
            vec![row(1, at(20, 0)), row(2, at(19, 12)), row(4, at(17, 13)), row(8, at(6, 12)), row(16, at(1, 0))];
        let found: Vec<_> =
            by_age(pending, at(20, 12)).iter().map(|age| (age.from_days, age.count, age.amount)).collect();
        assert_eq!(found, [(0, 1, 1), (1, 2, 6), (14, 2, 24)]);
    }
}
