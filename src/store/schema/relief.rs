//! Tables of what borrowers show, of second looks, and of holds that were released.

diesel::table! {
    evidence_contents (hash) {
        hash -> Text,
        media_type -> Text,
        bytes -> BigInt,
        sealed -> Nullable<Binary>,
        key_version -> Nullable<BigInt>,
        created_at -> Timestamp,
        erased_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    evidence (id) {
        id -> BigInt,
        request_id -> BigInt,
        account_id -> BigInt,
        party -> Text,
        kind -> Text,
        hash -> Text,
        name -> Nullable<Binary>,
        key_version -> Nullable<BigInt>,
        state -> Text,
        made_by -> Text,
        judged_by -> Nullable<Text>,
        reason -> Nullable<Text>,
        created_at -> Timestamp,
        changed_at -> Timestamp,
        erased_at -> Nullable<Timestamp>,
        revision -> BigInt,
    }
}

diesel::joinable!(evidence -> evidence_contents (hash));
diesel::allow_tables_to_appear_in_same_query!(evidence, evidence_contents);

diesel::table! {
    lotteries (id) {
        id -> BigInt,
        salt -> Text,
        per_mille -> Integer,
        since -> Timestamp,
    }
}

diesel::table! {
    samples (grant_id) {
        grant_id -> BigInt,
        lottery_id -> BigInt,
        lot -> Integer,
        review_id -> BigInt,
    }
}

diesel::table! {
    hold_releases (grant_id) {
        grant_id -> BigInt,
        account_id -> BigInt,
        released_on -> Date,
        reason -> Text,
        released_by -> Text,
        instruction_id -> BigInt,
        at -> Timestamp,
    }
}

diesel::joinable!(samples -> lotteries (lottery_id));
diesel::allow_tables_to_appear_in_same_query!(samples, lotteries);
