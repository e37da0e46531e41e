//! The tables, as diesel knows them; a test holds them to the migrations.

mod access;
mod care;
mod contact;
mod finance;
mod outreach;
mod relief;
mod work;

pub use self::access::{codes, hand_offs, sessions, tokens, users};
pub use self::care::{
    alert_refusals, alerts, channels, drafts, event_regions, events, feed_files, feeds, notices, proposals,
};
pub use self::contact::{
    case_requests, case_steps, cases, complaints, consents, contacts, progress_tries, sms_dialogues, sms_messages,
    words,
};
pub use self::finance::{budget_estimates, journal_arrivals, journal_head, journal_places, periods, report_totals};
pub use self::outreach::{campaigns, flags, messages, opt_outs};
pub use self::relief::{evidence, evidence_contents, hold_releases, lotteries, samples};
pub use self::work::{import_lines, imports, policy_cases, previews, rounds};

diesel::table! {
    documents (digest) {
        digest -> Text,
        kind -> Text,
        body -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    policies (id) {
        id -> BigInt,
        slug -> Text,
        version -> Integer,
        effective_from -> Date,
        effective_until -> Nullable<Date>,
        digest -> Text,
        state -> Text,
        drafted_by -> Text,
        submitted_by -> Nullable<Text>,
        approved_by -> Nullable<Text>,
        created_at -> Timestamp,
        changed_at -> Timestamp,
        revision -> BigInt,
    }
}

diesel::table! {
    declarations (id) {
        id -> BigInt,
        slug -> Text,
        event -> Text,
        digest -> Text,
        amendment -> Integer,
        state -> Text,
        made_by -> Text,
        created_at -> Timestamp,
        changed_at -> Timestamp,
        revision -> BigInt,
    }
}

diesel::table! {
    persons (id) {
        id -> BigInt,
        party -> Text,
        sealed -> Nullable<Binary>,
        key_version -> Nullable<BigInt>,
        phone_index -> Nullable<Text>,
        number_index -> Nullable<Text>,
        as_of -> Date,
        changed_at -> Timestamp,
        erased_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    accounts (id) {
        id -> BigInt,
        number -> Text,
        as_of -> Date,
        currency -> Text,
        product -> Nullable<Text>,
        status -> Nullable<Text>,
        region -> Nullable<Text>,
        snapshot -> Text,
        received_at -> Timestamp,
        revision -> BigInt,
        taken_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    snapshots (id) {
        id -> BigInt,
        account_id -> BigInt,
        digest -> Text,
        as_of -> Date,
        received_at -> Timestamp,
    }
}

diesel::table! {
    account_parties (account_id, party) {
        account_id -> BigInt,
        party -> Text,
        role -> Text,
    }
}

diesel::table! {
    guards (name) {
        name -> Text,
        taken -> BigInt,
    }
}

diesel::table! {
    requests (id) {
        id -> BigInt,
        case_number -> Text,
        account_id -> BigInt,
        declaration -> Nullable<Text>,
        requested_on -> Date,
        body -> Text,
        state -> Text,
        decision_id -> Nullable<BigInt>,
        appeal_of -> Nullable<BigInt>,
        answer_by -> Nullable<Date>,
        made_by -> Text,
        created_at -> Timestamp,
        changed_at -> Timestamp,
        revision -> BigInt,
    }
}

diesel::table! {
    steps (id) {
        id -> BigInt,
        request_id -> BigInt,
        kind -> Text,
        at -> Timestamp,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    decisions (id) {
        id -> BigInt,
        account_id -> BigInt,
        request_id -> Nullable<BigInt>,
        decided_on -> Date,
        decided_at -> Timestamp,
        outcome -> Text,
        inputs -> Text,
        inputs_digest -> Text,
        body -> Text,
        body_digest -> Text,
        made_by -> Text,
    }
}

diesel::table! {
    awaitings (account_id, policy, event, rule) {
        account_id -> BigInt,
        policy -> Text,
        version -> Integer,
        event -> Text,
        rule -> Text,
        decided_on -> Date,
    }
}

diesel::table! {
    grants (id) {
        id -> BigInt,
        decision_id -> BigInt,
        account_id -> BigInt,
        event -> Text,
        declaration -> Text,
        policy -> Text,
        version -> Integer,
        rule -> Text,
        benefit -> Text,
        decided_on -> Date,
        state -> Text,
        people -> SmallInt,
        approvals -> SmallInt,
        consent -> Bool,
        shown_digest -> Text,
        currency -> Text,
        waived -> BigInt,
        refunded -> BigInt,
        goodwill -> BigInt,
        deferred -> BigInt,
        deferred_principal -> BigInt,
        added_interest -> BigInt,
        forgone_interest -> BigInt,
        capitalised -> BigInt,
        present_value_loss -> Nullable<BigInt>,
        adjustments -> Text,
        region -> Nullable<Text>,
        opt_out_by -> Nullable<Date>,
        instruction_id -> Nullable<BigInt>,
        waits_for -> Nullable<BigInt>,
        changed_at -> Timestamp,
        revision -> BigInt,
    }
}

diesel::table! {
    grant_targets (event, account_id, policy, benefit, target, step, attempt) {
        event -> Text,
        account_id -> BigInt,
        policy -> Text,
        benefit -> Text,
        target -> Text,
        step -> Integer,
        attempt -> Integer,
        grant_id -> BigInt,
    }
}

diesel::table! {
    approvals (grant_id, person) {
        grant_id -> BigInt,
        person -> Text,
        shown_digest -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    reviews (id) {
        id -> BigInt,
        kind -> Text,
        account_id -> BigInt,
        decision_id -> BigInt,
        request_id -> Nullable<BigInt>,
        declaration -> Nullable<Text>,
        policy -> Nullable<Text>,
        currency -> Text,
        amount -> BigInt,
        state -> Text,
        claimed_by -> Nullable<Text>,
        closed_by -> Nullable<Text>,
        reason -> Nullable<Text>,
        created_at -> Timestamp,
        changed_at -> Timestamp,
        revision -> BigInt,
    }
}

diesel::table! {
    budgets (id) {
        id -> BigInt,
        declaration -> Nullable<Text>,
        policy -> Nullable<Text>,
        bearer -> Nullable<Text>,
        currency -> Text,
        amount -> BigInt,
        slices -> Integer,
        made_by -> Text,
        created_at -> Timestamp,
        changed_at -> Timestamp,
        revision -> BigInt,
    }
}

diesel::table! {
    budget_slices (budget_id, slice) {
        budget_id -> BigInt,
        slice -> Integer,
        amount -> BigInt,
        reserved -> BigInt,
        taken -> BigInt,
    }
}

diesel::table! {
    budget_uses (budget_id, grant_id, slice) {
        budget_id -> BigInt,
        grant_id -> BigInt,
        slice -> Integer,
        amount -> BigInt,
        state -> Text,
    }
}

diesel::table! {
    journal_entries (id) {
        id -> BigInt,
        grant_id -> BigInt,
        kind -> Text,
        posted_on -> Date,
        at -> Timestamp,
    }
}

diesel::table! {
    journal_lines (entry_id, line) {
        entry_id -> BigInt,
        line -> Integer,
        ledger -> Text,
        currency -> Text,
        amount -> BigInt,
        bearer -> Nullable<Text>,
        charge -> Nullable<Text>,
    }
}

diesel::table! {
    deferred_cash (entry_id, month) {
        entry_id -> BigInt,
        month -> Text,
        posted_on -> Date,
        declaration -> Text,
        policy -> Text,
        currency -> Text,
        principal_out -> BigInt,
        interest_out -> BigInt,
        fees_out -> BigInt,
        principal_in -> BigInt,
        interest_in -> BigInt,
        fees_in -> BigInt,
        added_interest -> BigInt,
    }
}

diesel::table! {
    deferred_cash_missing (entry_id) {
        entry_id -> BigInt,
    }
}

diesel::table! {
    instructions (id) {
        id -> BigInt,
        account_id -> BigInt,
        sequence -> BigInt,
        decision_id -> BigInt,
        kind -> Text,
        body -> Text,
        state -> Text,
        attempts -> Integer,
        next_at -> Timestamp,
        failure -> Nullable<Text>,
        created_at -> Timestamp,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    idempotency (scope, key) {
        scope -> Text,
        key -> Text,
        request_digest -> Text,
        status -> Integer,
        body -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    audit_seals (number) {
        number -> BigInt,
        entries -> BigInt,
        root -> Text,
        previous -> Text,
        hash -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    audit_entries (id) {
        id -> BigInt,
        at -> Timestamp,
        actor -> Text,
        verb -> Text,
        object -> Text,
        detail -> Text,
        seal -> Nullable<BigInt>,
    }
}

diesel::table! {
    editions (id) {
        id -> Integer,
        mark -> Text,
    }
}

diesel::joinable!(policies -> documents (digest));
diesel::joinable!(declarations -> documents (digest));
diesel::joinable!(snapshots -> accounts (account_id));
diesel::joinable!(account_parties -> accounts (account_id));
diesel::joinable!(requests -> accounts (account_id));
diesel::joinable!(steps -> requests (request_id));
diesel::joinable!(decisions -> accounts (account_id));
diesel::joinable!(grants -> decisions (decision_id));
diesel::joinable!(grants -> accounts (account_id));
diesel::joinable!(approvals -> grants (grant_id));
diesel::joinable!(reviews -> decisions (decision_id));
diesel::joinable!(budget_uses -> budgets (budget_id));
diesel::joinable!(budget_uses -> grants (grant_id));
diesel::joinable!(journal_entries -> grants (grant_id));
diesel::joinable!(journal_lines -> journal_entries (entry_id));
diesel::joinable!(deferred_cash_missing -> journal_entries (entry_id));
diesel::joinable!(instructions -> accounts (account_id));
diesel::joinable!(sessions -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(
    documents,
    policies,
    declarations,
    persons,
    accounts,
    snapshots,
    account_parties,
    guards,
    requests,
    steps,
    decisions,
    awaitings,
    grants,
    grant_targets,
    approvals,
    reviews,
    budgets,
    budget_slices,
    budget_uses,
    journal_entries,
    journal_lines,
    deferred_cash,
    deferred_cash_missing,
    instructions,
    idempotency,
    audit_seals,
    audit_entries,
    users,
    sessions,
    codes,
    hand_offs,
    tokens,
);

diesel::allow_tables_to_appear_in_same_query!(grants, hold_releases);

// How often those who looked again agreed.
diesel::allow_columns_to_appear_in_same_group_by_clause!(reviews::policy, reviews::state);
