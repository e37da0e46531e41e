//! Tables of care: alerts, drafts of declarations, catastrophes.

diesel::table! {
    drafts (id) {
        id -> BigInt,
        sender -> Text,
        incident -> Text,
        event -> Text,
        kind -> Nullable<Text>,
        severity -> Nullable<Text>,
        title -> Text,
        starts_on -> Date,
        ends_on -> Nullable<Date>,
        areas -> Text,
        left_over -> Text,
        said -> Text,
        state -> Text,
        declaration -> Nullable<Text>,
        edited_by -> Nullable<Text>,
        decided_by -> Nullable<Text>,
        reason -> Nullable<Text>,
        alerted_at -> Timestamp,
        changed_at -> Timestamp,
        revision -> BigInt,
    }
}

diesel::table! {
    alerts (id) {
        id -> BigInt,
        sender -> Text,
        identifier -> Text,
        digest -> Text,
        format -> Text,
        message -> Text,
        sent -> Timestamp,
        draft_id -> Nullable<BigInt>,
        outcome -> Text,
        via -> Text,
        body -> Text,
        placed -> Text,
        received_by -> Text,
        received_at -> Timestamp,
    }
}

diesel::table! {
    alert_refusals (id) {
        id -> BigInt,
        message_key -> Text,
        via -> Text,
        sender -> Nullable<Text>,
        identifier -> Nullable<Text>,
        name -> Text,
        message -> Text,
        times -> BigInt,
        received_by -> Text,
        first_at -> Timestamp,
        last_at -> Timestamp,
    }
}

diesel::table! {
    proposals (id) {
        id -> BigInt,
        draft_id -> BigInt,
        alert_id -> BigInt,
        kind -> Text,
        change -> Text,
        state -> Text,
        reason -> Nullable<Text>,
        decided_by -> Nullable<Text>,
        created_at -> Timestamp,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    events (slug) {
        slug -> Text,
        kind -> Text,
        first_start -> Timestamp,
        last_start -> Timestamp,
        last_end -> Timestamp,
        made_at -> Timestamp,
    }
}

diesel::table! {
    event_regions (event, region, whole) {
        event -> Text,
        region -> Text,
        whole -> Bool,
    }
}

diesel::joinable!(event_regions -> events (event));
diesel::allow_tables_to_appear_in_same_query!(events, event_regions);

diesel::table! {
    feeds (name) {
        name -> Text,
        source -> Text,
        configured -> Bool,
        etag -> Nullable<Text>,
        modified -> Nullable<Text>,
        digest -> Nullable<Text>,
        read_at -> Nullable<Timestamp>,
        good_at -> Nullable<Timestamp>,
        failure -> Nullable<Text>,
        failures -> Integer,
        next_at -> Timestamp,
        taken -> BigInt,
        repeated -> BigInt,
        refused -> BigInt,
        slight -> BigInt,
        revision -> BigInt,
    }
}

diesel::table! {
    feed_files (feed, name) {
        feed -> Text,
        name -> Text,
        size -> BigInt,
        modified -> Text,
        digest -> Text,
        read_at -> Timestamp,
    }
}

diesel::table! {
    channels (id) {
        id -> BigInt,
        declaration -> Text,
        event -> Text,
        level -> Text,
        sms_word -> Text,
        settings -> Text,
        digest -> Text,
        previews -> Text,
        state -> Text,
        made_by -> Text,
        approved_by -> Nullable<Text>,
        opened_by -> Nullable<Text>,
        unseen -> Nullable<Text>,
        reason -> Nullable<Text>,
        alerted_at -> Nullable<Timestamp>,
        opened_at -> Nullable<Timestamp>,
        standing_down_at -> Nullable<Timestamp>,
        closed_at -> Nullable<Timestamp>,
        expires_on -> Date,
        kept_open_until -> Nullable<Date>,
        created_at -> Timestamp,
        changed_at -> Timestamp,
        revision -> BigInt,
    }
}

diesel::table! {
    notices (id) {
        id -> BigInt,
        subscriber -> Text,
        channel_id -> BigInt,
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
