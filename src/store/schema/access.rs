//! Who gets in: users, sessions, codes, hand-offs, tokens.

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
        person -> Text,
        roles -> Text,
        password -> Text,
        failures -> Integer,
        locked_until -> Nullable<Timestamp>,
        active -> Bool,
        created_at -> Timestamp,
    }
}

diesel::table! {
    sessions (token_hash) {
        token_hash -> Text,
        user_id -> Nullable<BigInt>,
        party -> Nullable<Text>,
        created_at -> Timestamp,
        used_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    codes (id) {
        id -> BigInt,
        phone_index -> Text,
        code_index -> Text,
        tries -> Integer,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    hand_offs (token_hash) {
        token_hash -> Text,
        used_at -> Timestamp,
    }
}

diesel::table! {
    tokens (id) {
        id -> BigInt,
        name -> Text,
        person -> Text,
        roles -> Text,
        token_hash -> Text,
        expires_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}
