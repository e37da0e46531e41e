//! What is kept beside the journal: totals, the order of entries, closed months.

use super::journal_entries;

diesel::table! {
    report_totals (day, declaration, policy, version, rule, region, bearer, ledger, currency, lane) {
        day -> Date,
        declaration -> Text,
        policy -> Text,
        version -> Integer,
        rule -> Text,
        region -> Text,
        bearer -> Text,
        ledger -> Text,
        currency -> Text,
        lane -> BigInt,
        amount -> BigInt,
    }
}

diesel::table! {
    journal_places (place) {
        place -> BigInt,
        entry_id -> BigInt,
    }
}

diesel::table! {
    journal_arrivals (entry_id) {
        entry_id -> BigInt,
    }
}

diesel::table! {
    journal_head (id) {
        id -> Integer,
        last_place -> BigInt,
    }
}

diesel::table! {
    periods (month) {
        month -> Text,
        first_day -> Date,
        last_day -> Date,
        entries -> BigInt,
        digest -> Text,
        closed_by -> Text,
        closed_at -> Timestamp,
    }
}

diesel::joinable!(journal_places -> journal_entries (entry_id));
diesel::allow_tables_to_appear_in_same_query!(journal_places, journal_entries);

diesel::table! {
    budget_estimates (budget_id, grant_id) {
        budget_id -> BigInt,
        grant_id -> BigInt,
        slice -> Integer,
        amount -> BigInt,
    }
}
