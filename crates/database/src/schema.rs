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
        algorithm -> Text,
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
    program_plans (id) {
        id -> Text,
        program -> Text,
        base_version -> Nullable<Integer>,
        base_digest -> Nullable<Text>,
        newest_version -> Nullable<Integer>,
        document -> Text,
        digest -> Text,
        effective_from -> Nullable<Timestamp>,
        as_of -> Date,
        since -> Nullable<Date>,
        known_at -> Timestamp,
        seen_digest -> Text,
        has_changes -> Bool,
        changes -> Text,
        findings -> Text,
        applied_version -> Nullable<Integer>,
        applied_by -> Nullable<Text>,
        applied_at -> Nullable<Timestamp>,
        expires_at -> Timestamp,
        created_by -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    program_plan_moves (plan_id, as_of, position) {
        plan_id -> Text,
        as_of -> Date,
        position -> Integer,
        enrollment_id -> Text,
        partner_id -> Text,
        partner_name -> Text,
        direction -> Text,
        held -> Text,
        before_tier -> Nullable<Text>,
        after_tier -> Nullable<Text>,
        because -> Text,
        benefits -> Text,
        open_protections -> Integer,
    }
}

diesel::table! {
    partners (id) {
        id -> Text,
        name -> Text,
        domain -> Text,
        country -> Text,
        status -> Text,
        status_reason -> Nullable<Text>,
        registrable_domain -> Nullable<Text>,
        normalized_name -> Nullable<Text>,
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
        status_reason -> Nullable<Text>,
        channel_manager_id -> Nullable<Text>,
        countries -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        tier_until -> Nullable<Timestamp>,
        tier_after -> Nullable<Text>,
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
        name -> Text,
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
        pause -> Nullable<Text>,
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

diesel::table! {
    agreements (id) {
        id -> Text,
        slug -> Text,
        title -> Text,
        program -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    agreement_versions (agreement_id, number) {
        agreement_id -> Text,
        number -> Integer,
        effective_from -> Timestamp,
        text -> Text,
        url -> Nullable<Text>,
        digest -> Text,
        requires_reacceptance -> Bool,
        published_by -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    agreement_acceptances (id) {
        id -> Text,
        agreement_id -> Text,
        version -> Integer,
        digest -> Text,
        partner_id -> Text,
        accepted_by -> Text,
        accepted_at -> Timestamp,
        recorded_by -> Text,
        address -> Nullable<Text>,
        evidence -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    violations (id) {
        id -> Text,
        partner_id -> Text,
        enrollment_id -> Nullable<Text>,
        category -> Text,
        text -> Text,
        evidence -> Text,
        found_by -> Text,
        consequence -> Text,
        scope -> Text,
        starts_at -> Timestamp,
        ends_at -> Nullable<Timestamp>,
        recorded_by -> Text,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_by -> Nullable<Text>,
        withdrawal_reason -> Nullable<Text>,
        effects -> Text,
        due_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    territories (id) {
        id -> Text,
        program -> Text,
        name -> Text,
        exclusive -> Bool,
        countries -> Text,
        regions -> Text,
        segments -> Text,
        industries -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    territory_assignments (territory_id, enrollment_id) {
        territory_id -> Text,
        enrollment_id -> Text,
        partner_id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    business_plans (id) {
        id -> Text,
        partner_id -> Text,
        enrollment_id -> Text,
        title -> Text,
        starts_on -> Date,
        ends_on -> Date,
        status -> Text,
        goals -> Text,
        summary -> Nullable<Text>,
        internal_notes -> Nullable<Text>,
        consents -> Text,
        closing -> Nullable<Text>,
        created_by -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    business_plan_reviews (id) {
        id -> Text,
        business_plan_id -> Text,
        partner_id -> Text,
        held_on -> Date,
        attendees -> Text,
        notes -> Text,
        decisions -> Text,
        next_review_on -> Nullable<Date>,
        internal_notes -> Nullable<Text>,
        created_by -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    tier_standings (enrollment_id) {
        enrollment_id -> Text,
        partner_id -> Text,
        program -> Text,
        since -> Date,
        decided_on -> Date,
        decided -> Text,
        grace_until -> Nullable<Date>,
        override_terms -> Nullable<Text>,
        override_until -> Nullable<Timestamp>,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    tier_decisions (id) {
        id -> Text,
        enrollment_id -> Text,
        partner_id -> Text,
        program -> Text,
        kind -> Text,
        from_tier -> Nullable<Text>,
        to_tier -> Text,
        reason -> Text,
        grace_until -> Nullable<Date>,
        program_version -> Integer,
        as_of -> Date,
        known_at -> Timestamp,
        run_id -> Nullable<Text>,
        decided_by -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    tier_runs (id) {
        id -> Text,
        program -> Text,
        program_version -> Integer,
        kind -> Text,
        review -> Bool,
        enrollment_id -> Nullable<Text>,
        as_of -> Date,
        known_at -> Timestamp,
        state -> Text,
        position -> Nullable<Text>,
        counts -> Text,
        started_by -> Text,
        finished_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        partner_id -> Nullable<Text>,
    }
}

diesel::table! {
    tier_marks (program) {
        program -> Text,
        program_version -> Integer,
        reviewed_through -> Date,
        facts_through -> Timestamp,
        lapsed_through -> Date,
    }
}

diesel::table! {
    notices (id) {
        id -> Text,
        partner_id -> Text,
        enrollment_id -> Nullable<Text>,
        kind -> Text,
        subject -> Text,
        text -> Text,
        data -> Text,
        read_at -> Nullable<Timestamp>,
        read_by -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    facts (partner_id, name, subject, recorded_at) {
        partner_id -> Text,
        name -> Text,
        subject -> Text,
        recorded_at -> Timestamp,
        superseded_at -> Nullable<Timestamp>,
        program -> Nullable<Text>,
        day -> Nullable<Date>,
        until -> Nullable<Date>,
        data -> Text,
        source -> Text,
        recorded_by -> Text,
    }
}

diesel::table! {
    manual_facts (id) {
        id -> Text,
        partner_id -> Text,
        name -> Text,
        program -> Nullable<Text>,
        value -> Text,
        holds_from -> Date,
        holds_until -> Nullable<Date>,
        reason -> Text,
        created_by -> Text,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_by -> Nullable<Text>,
        withdrawal_reason -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    company_keys (key, company_id) {
        key -> Text,
        company_id -> Text,
    }
}

diesel::table! {
    applications (id) {
        id -> Text,
        program -> Text,
        program_version -> Integer,
        status -> Text,
        submitted_by -> Text,
        domain -> Text,
        country -> Text,
        normalized_name -> Text,
        company -> Text,
        contact -> Text,
        answers -> Text,
        message -> Nullable<Text>,
        screening -> Text,
        eligibility -> Text,
        score -> Integer,
        matches -> Text,
        requests -> Text,
        reviewer -> Nullable<Text>,
        decision -> Nullable<Text>,
        partner_id -> Nullable<Text>,
        enrollment_id -> Nullable<Text>,
        user_id -> Nullable<Text>,
        token_digest -> Text,
        open_key -> Nullable<Text>,
        reapply_at -> Nullable<Timestamp>,
        search -> Text,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    spent_challenges (id) {
        id -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    rate_limits (key) {
        key -> Text,
        owes_until -> BigInt,
    }
}

diesel::table! {
    familiar_addresses (digest) {
        digest -> Text,
        until -> Timestamp,
    }
}

diesel::table! {
    training_catalogues (version) {
        version -> Integer,
        digest -> Text,
        document -> Text,
        created_by -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    people (id) {
        id -> Text,
        partner_id -> Text,
        name -> Text,
        email -> Text,
        external_id -> Nullable<Text>,
        merged_into -> Nullable<Text>,
        merged_on -> Nullable<Date>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    person_emails (email) {
        email -> Text,
        person_id -> Text,
        mailbox_sha1 -> Nullable<Text>,
    }
}

diesel::table! {
    employments (person_id, nth) {
        person_id -> Text,
        nth -> Integer,
        partner_id -> Text,
        from_day -> Nullable<Date>,
        until_day -> Nullable<Date>,
        reason -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    training_enrollments (id) {
        id -> Text,
        person_id -> Text,
        partner_id -> Text,
        kind -> Text,
        item -> Text,
        item_version -> Nullable<Text>,
        status -> Text,
        progress -> Integer,
        score -> Nullable<Text>,
        attempts -> Integer,
        due_on -> Nullable<Date>,
        assigned_by -> Nullable<Text>,
        source -> Text,
        external_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        enrolled_on -> Date,
        started_on -> Nullable<Date>,
        ended_on -> Nullable<Date>,
        open_key -> Nullable<Text>,
        reported_to -> Text,
        overdue -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    exam_attempts (id) {
        id -> Text,
        training_enrollment_id -> Text,
        person_id -> Text,
        partner_id -> Text,
        exam -> Text,
        number -> Integer,
        taken_on -> Date,
        score -> Text,
        pass_mark -> Text,
        passed -> Bool,
        proctored -> Bool,
        source -> Text,
        recorded_by -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    credentials (id) {
        id -> Text,
        person_id -> Text,
        partner_id -> Text,
        origin -> Text,
        certification -> Text,
        catalogue_version -> Integer,
        status -> Text,
        awarded_on -> Date,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        counts_until -> Nullable<Date>,
        renews -> Nullable<Text>,
        earned_by -> Text,
        days -> Nullable<Integer>,
        reason -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        due_on -> Nullable<Date>,
        told_on -> Nullable<Date>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    training_imports (id) {
        id -> Text,
        kind -> Text,
        dry_run -> Bool,
        filename -> Nullable<Text>,
        status -> Text,
        reason -> Nullable<Text>,
        rows_total -> Integer,
        rows_done -> Integer,
        created -> Integer,
        updated -> Integer,
        unchanged -> Integer,
        waiting -> Integer,
        refused -> Integer,
        faults -> Integer,
        partner_id -> Nullable<Text>,
        created_by -> Text,
        started_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    training_import_chunks (import_id, number) {
        import_id -> Text,
        number -> Integer,
        content -> Text,
    }
}

diesel::table! {
    training_import_faults (import_id, line, nth) {
        import_id -> Text,
        line -> Integer,
        nth -> Integer,
        outcome -> Text,
        cell -> Nullable<Text>,
        code -> Text,
        detail -> Text,
        value -> Nullable<Text>,
    }
}

diesel::table! {
    xapi_statements (id) {
        id -> Text,
        place -> Text,
        digest -> Text,
        said_at -> Nullable<Timestamp>,
        target -> Nullable<Text>,
        voids -> Bool,
        widely -> Bool,
        voided -> Bool,
        size -> Integer,
        statement -> Text,
        actor -> Nullable<Text>,
        person_id -> Nullable<Text>,
        partner_id -> Nullable<Text>,
        recorded_by -> Text,
        stored_at -> Timestamp,
    }
}

diesel::table! {
    xapi_statement_keys (key, place) {
        key -> Text,
        place -> Text,
    }
}

diesel::table! {
    xapi_attachments (sha2) {
        sha2 -> Text,
        size -> Integer,
        content -> Binary,
    }
}

diesel::table! {
    xapi_statement_attachments (place, sha2) {
        place -> Text,
        sha2 -> Text,
    }
}

diesel::table! {
    training_reviews (id) {
        id -> Text,
        partner_id -> Nullable<Text>,
        source -> Text,
        reference -> Text,
        reason -> Text,
        key -> Nullable<Text>,
        detail -> Text,
        payload -> Text,
        status -> Text,
        person_id -> Nullable<Text>,
        note -> Nullable<Text>,
        reported_by -> Text,
        managed -> Bool,
        settled_by -> Nullable<Text>,
        settled_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    training_review_calls (key) {
        key -> Text,
        after -> Nullable<Text>,
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
    program_plans,
    program_plan_moves,
    partners,
    contacts,
    enrollments,
    accounts,
    account_keys,
    vendor_opportunities,
    deal_registrations,
    deal_products,
    deal_external_refs,
    protections,
    agreements,
    agreement_versions,
    agreement_acceptances,
    violations,
    territories,
    territory_assignments,
    business_plans,
    business_plan_reviews,
    tier_standings,
    tier_decisions,
    tier_runs,
    tier_marks,
    notices,
    facts,
    manual_facts,
    company_keys,
    applications,
    spent_challenges,
    rate_limits,
    familiar_addresses,
    training_catalogues,
    people,
    person_emails,
    employments,
    training_enrollments,
    exam_attempts,
    credentials,
    training_imports,
    training_import_chunks,
    training_import_faults,
    xapi_statements,
    xapi_statement_keys,
    xapi_attachments,
    xapi_statement_attachments,
    training_reviews,
    training_review_calls,
);

diesel::joinable!(program_versions -> programs (program));
