//! Tables of contacts: cases, contacts, consent by word of mouth, what people said.

use super::decisions;

diesel::table! {
    cases (id) {
        id -> BigInt,
        number -> Text,
        account_id -> Nullable<BigInt>,
        event -> Nullable<Text>,
        state -> Text,
        assigned_to -> Nullable<Text>,
        outcome -> Nullable<Text>,
        opened_at -> Timestamp,
        resolved_at -> Nullable<Timestamp>,
        resolved_by -> Nullable<Text>,
        reopened -> Integer,
        changed_at -> Timestamp,
        revision -> BigInt,
    }
}

diesel::table! {
    case_requests (request_id) {
        request_id -> BigInt,
        case_id -> BigInt,
    }
}

diesel::table! {
    case_steps (id) {
        id -> BigInt,
        case_id -> BigInt,
        kind -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    contacts (id) {
        id -> BigInt,
        case_id -> BigInt,
        account_id -> Nullable<BigInt>,
        party -> Nullable<Text>,
        via -> Text,
        channel_id -> Nullable<BigInt>,
        declaration -> Nullable<Text>,
        queue -> Nullable<Text>,
        question -> Nullable<Text>,
        state -> Text,
        arrived_at -> Timestamp,
        answered_at -> Nullable<Timestamp>,
        answered_by -> Nullable<Text>,
        target_minutes -> Nullable<Integer>,
        outcome -> Nullable<Text>,
        resolved_at -> Nullable<Timestamp>,
        resolved_by -> Nullable<Text>,
        opened_by -> Text,
        changed_at -> Timestamp,
        revision -> BigInt,
    }
}

diesel::table! {
    consents (id) {
        id -> BigInt,
        contact_id -> BigInt,
        request_id -> BigInt,
        kind -> Text,
        party -> Text,
        script -> Text,
        script_digest -> Text,
        recording -> Text,
        shown_digest -> Nullable<Text>,
        recorded_by -> Text,
        said_at -> Timestamp,
        at -> Timestamp,
    }
}

diesel::table! {
    words (id) {
        id -> BigInt,
        case_id -> BigInt,
        about -> Text,
        kind -> Text,
        party -> Nullable<Text>,
        sealed -> Nullable<Binary>,
        key_version -> Nullable<BigInt>,
        written_by -> Text,
        at -> Timestamp,
        erased_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    progress_tries (number_index) {
        number_index -> Text,
        wrong -> Integer,
        first_at -> Timestamp,
        locked_until -> Nullable<Timestamp>,
    }
}

diesel::joinable!(case_requests -> cases (case_id));
diesel::joinable!(contacts -> cases (case_id));
diesel::allow_tables_to_appear_in_same_query!(cases, case_requests, contacts, decisions);
