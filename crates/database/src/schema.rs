//! The tables, as both databases hold them. Follows `migrations/`; a test compares the two folders.
//!
//! Only types that mean the same on both: `Text`, `BigInt`, `Integer`, `Bool`, `Date` and `Timestamp` (in UTC).

#![allow(missing_docs, reason = "a table's meaning stands in its migration")]

diesel::table! {
    events (id) {
        id -> Text,
        position -> Nullable<BigInt>,
        #[sql_name = "type"]
        kind -> Text,
        subject -> Text,
        partner_id -> Nullable<Text>,
        actor -> Text,
        occurred_at -> Timestamp,
        program -> Nullable<Text>,
        program_version -> Nullable<Integer>,
        data -> Text,
    }
}

diesel::table! {
    feed (id) {
        id -> Integer,
        last_position -> BigInt,
    }
}

diesel::table! {
    audit_entries (id) {
        id -> Text,
        occurred_at -> Timestamp,
        actor -> Text,
        action -> Text,
        subject -> Text,
        partner_id -> Nullable<Text>,
        address -> Nullable<Text>,
        request_id -> Nullable<Text>,
        before -> Nullable<Text>,
        after -> Nullable<Text>,
    }
}

diesel::table! {
    idempotency_records (actor, idempotency_key) {
        actor -> Text,
        idempotency_key -> Text,
        fingerprint -> Text,
        status -> Integer,
        headers -> Text,
        body -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    settings (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    signing_keys (id) {
        id -> Text,
        private_key -> Text,
        created_at -> Timestamp,
        retired_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    users (id) {
        id -> Text,
        email -> Text,
        name -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        role -> Text,
        partner_id -> Nullable<Text>,
        status -> Text,
        oidc_subject -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    api_clients (id) {
        id -> Text,
        name -> Text,
        secret_hash -> Text,
        scopes -> Text,
        partner_id -> Nullable<Text>,
        status -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    refresh_tokens (digest) {
        digest -> Text,
        family -> Text,
        user_id -> Text,
        scopes -> Text,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    programs (slug) {
        slug -> Text,
        partner_type -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    program_versions (program, version) {
        program -> Text,
        version -> Integer,
        digest -> Text,
        document -> Text,
        effective_from -> Timestamp,
        created_by -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    partners (id) {
        id -> Text,
        name -> Text,
        domain -> Text,
        country -> Text,
        status -> Text,
        search -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    contacts (id) {
        id -> Text,
        partner_id -> Text,
        name -> Text,
        email -> Text,
        phone -> Nullable<Text>,
        job_title -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    enrollments (id) {
        id -> Text,
        partner_id -> Text,
        program -> Text,
        tier -> Text,
        status -> Text,
        channel_manager_id -> Nullable<Text>,
        countries -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    accounts (id) {
        id -> Text,
        name -> Text,
        domain -> Nullable<Text>,
        country -> Text,
        normalized_name -> Text,
        named -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    account_keys (key, account_id) {
        key -> Text,
        account_id -> Text,
    }
}

diesel::table! {
    vendor_opportunities (id) {
        id -> Text,
        account_id -> Text,
        title -> Text,
        products -> Text,
        status -> Text,
        external_system -> Nullable<Text>,
        external_id -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    deal_registrations (id) {
        id -> Text,
        program -> Text,
        program_version -> Integer,
        partner_id -> Text,
        account_id -> Text,
        account -> Text,
        title -> Text,
        stage -> Text,
        status -> Text,
        amount_minor -> BigInt,
        currency -> Text,
        expected_close_on -> Date,
        contact -> Nullable<Text>,
        notes -> Nullable<Text>,
        products -> Text,
        external_refs -> Text,
        owner_id -> Text,
        verdict -> Nullable<Text>,
        review -> Text,
        outcome -> Nullable<Text>,
        dispute -> Nullable<Text>,
        submitted_at -> Nullable<Timestamp>,
        decision_due_at -> Nullable<Timestamp>,
        escalated_at -> Nullable<Timestamp>,
        protected_from -> Nullable<Timestamp>,
        protected_until -> Nullable<Timestamp>,
        extensions -> Integer,
        expiring_notice_at -> Nullable<Timestamp>,
        search -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    deal_products (product, deal_id) {
        product -> Text,
        deal_id -> Text,
    }
}

diesel::table! {
    deal_external_refs (system, external_id, deal_id) {
        system -> Text,
        external_id -> Text,
        deal_id -> Text,
    }
}

diesel::table! {
    protections (account_id, product, program) {
        account_id -> Text,
        product -> Text,
        program -> Text,
        deal_id -> Text,
        partner_id -> Text,
        protected_until -> Timestamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    events,
    feed,
    audit_entries,
    idempotency_records,
    settings,
    signing_keys,
    users,
    api_clients,
    refresh_tokens,
    programs,
    program_versions,
    partners,
    contacts,
    enrollments,
    accounts,
    account_keys,
    vendor_opportunities,
    deal_registrations,
    deal_products,
    deal_external_refs,
    protections
);
diesel::joinable!(program_versions -> programs (program));
