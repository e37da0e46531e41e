//! Tables of outreach: who wants no messages, what is sent, what is known of people that one has to mind.

diesel::table! {
    opt_outs (id) {
        id -> BigInt,
        party -> Nullable<Text>,
        phone_index -> Nullable<Text>,
        phone -> Nullable<Binary>,
        key_version -> Nullable<BigInt>,
        scope -> Text,
        via -> Text,
        stopped_by -> Text,
        stopped_at -> Timestamp,
        resumed_via -> Nullable<Text>,
        resumed_by -> Nullable<Text>,
        resumed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    campaigns (id) {
        id -> BigInt,
        channel_id -> BigInt,
        event -> Text,
        kind -> Text,
        state -> Text,
        texts -> Text,
        after_party -> Text,
        tally -> Text,
        built_at -> Nullable<Timestamp>,
        run_until -> Nullable<Timestamp>,
        reason -> Nullable<Text>,
        made_by -> Text,
        created_at -> Timestamp,
        changed_at -> Timestamp,
        revision -> BigInt,
    }
}

diesel::table! {
    messages (id) {
        id -> BigInt,
        campaign_id -> BigInt,
        channel_id -> BigInt,
        event -> Text,
        kind -> Text,
        party -> Text,
        language -> Text,
        variant -> Text,
        state -> Text,
        reason -> Nullable<Text>,
        attempts -> Integer,
        next_at -> Timestamp,
        sending -> Bool,
        failure -> Nullable<Text>,
        sent_at -> Nullable<Timestamp>,
        delivered_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    flags (id) {
        id -> BigInt,
        party -> Text,
        flag -> Text,
        reason -> Text,
        until -> Nullable<Date>,
        set_by -> Text,
        set_at -> Timestamp,
        lifted_reason -> Nullable<Text>,
        lifted_by -> Nullable<Text>,
        lifted_at -> Nullable<Timestamp>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(campaigns, messages);

// What stands where, and why.
diesel::allow_columns_to_appear_in_same_group_by_clause!(messages::state, messages::reason);
