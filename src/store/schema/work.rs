//! Tables of longer work: cases, previews, files that are taken in.

diesel::table! {
    policy_cases (policy_id, name) {
        policy_id -> BigInt,
        name -> Text,
        digest -> Text,
        body -> Text,
        kept_by -> Text,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    previews (id) {
        id -> BigInt,
        caller -> Text,
        made_by -> Text,
        policy -> Text,
        version -> Integer,
        asked -> Text,
        state -> Text,
        accounts -> BigInt,
        decided -> BigInt,
        failure -> Nullable<Text>,
        result -> Nullable<Text>,
        run_until -> Nullable<Timestamp>,
        created_at -> Timestamp,
        changed_at -> Timestamp,
        revision -> BigInt,
    }
}

diesel::table! {
    imports (id) {
        id -> BigInt,
        caller -> Text,
        made_by -> Text,
        format -> Text,
        content_digest -> Nullable<Text>,
        state -> Text,
        bytes -> BigInt,
        lines -> BigInt,
        added -> BigInt,
        changed -> BigInt,
        unchanged -> BigInt,
        late -> BigInt,
        repeated -> BigInt,
        bad -> BigInt,
        digest -> Nullable<Text>,
        created_at -> Timestamp,
        changed_at -> Timestamp,
        revision -> BigInt,
    }
}

diesel::table! {
    import_lines (import_id, line, kind) {
        import_id -> BigInt,
        line -> BigInt,
        kind -> Text,
        account -> Nullable<Text>,
        reason -> Text,
    }
}

diesel::table! {
    rounds (id) {
        id -> BigInt,
        declaration -> Text,
        kind -> Text,
        caller -> Text,
        made_by -> Text,
        state -> Text,
        after_account -> BigInt,
        accounts -> BigInt,
        passed -> BigInt,
        given -> BigInt,
        referred -> BigInt,
        failed -> BigInt,
        run_until -> Nullable<Timestamp>,
        created_at -> Timestamp,
        changed_at -> Timestamp,
        revision -> BigInt,
    }
}
