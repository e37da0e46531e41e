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
