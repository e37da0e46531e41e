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

diesel::table! {
    sms_messages (message_index) {
        message_index -> Text,
        content_index -> Text,
        sender_index -> Text,
        understood -> Text,
        case_id -> Nullable<BigInt>,
        reply -> Nullable<Text>,
        at -> Timestamp,
    }
}

diesel::table! {
    sms_dialogues (sender_index) {
        sender_index -> Text,
        party -> Text,
        expects -> Text,
        until -> Timestamp,
    }
}

diesel::table! {
    complaints (id) {
        id -> BigInt,
        case_id -> BigInt,
        contact_id -> Nullable<BigInt>,
        account_id -> Nullable<BigInt>,
        party -> Nullable<Text>,
        via -> Text,
        channel_id -> Nullable<BigInt>,
        declaration -> Nullable<Text>,
        class -> Text,
        state -> Text,
        assigned_to -> Nullable<Text>,
        received_at -> Timestamp,
        began_on -> Date,
        clock_days -> Integer,
        due_on -> Date,
        extended_by -> Nullable<Text>,
        extended_again_by -> Nullable<Text>,
        warned -> Integer,
        root_kind -> Nullable<Text>,
        root_policy -> Nullable<Text>,
        root_version -> Nullable<Integer>,
        root_channel_id -> Nullable<BigInt>,
        resolution -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        ended_by -> Nullable<Text>,
        score -> Nullable<Integer>,
        reopened -> Integer,
        changed_at -> Timestamp,
        revision -> BigInt,
    }
}

diesel::joinable!(case_requests -> cases (case_id));
diesel::joinable!(contacts -> cases (case_id));
diesel::allow_tables_to_appear_in_same_query!(cases, case_requests, contacts, decisions);
