-- People, their sessions, and how they prove who they are.

-- name: insert_session
INSERT INTO session (token_hash, "user", created_at_ms, expires_at_ms, seen_at_ms, method) VALUES (?, ?, ?, ?, ?, ?)

-- name: delete_session
DELETE FROM session WHERE token_hash = ?

-- name: delete_old_sessions
DELETE FROM session WHERE expires_at_ms <= ?

-- name: sessions_of
SELECT token_hash FROM session WHERE "user" = ? ORDER BY created_at_ms, token_hash

-- name: seen_session
UPDATE session SET seen_at_ms = ? WHERE token_hash = ?

-- name: spend
INSERT INTO spent (digest, until_ms) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING

-- name: forget_spent
DELETE FROM spent WHERE until_ms <= ?

-- name: person
SELECT id, name, full_name, role, agency, password_hash, must_change, oidc_subject, disabled_at_ms
FROM "user" WHERE id = ?

-- name: person_named
SELECT id, name, full_name, role, agency, password_hash, must_change, oidc_subject, disabled_at_ms
FROM "user" WHERE name = ?

-- name: person_at_issuer
SELECT id, name, full_name, role, agency, password_hash, must_change, oidc_subject, disabled_at_ms
FROM "user" WHERE oidc_subject = ?

-- name: other_admins
SELECT count(*) FROM "user" AS u WHERE u.role = 'admin' AND u.disabled_at_ms IS NULL AND u.id <> ? AND
(u.password_hash IS NOT NULL OR u.oidc_subject IS NOT NULL OR EXISTS (SELECT 1 FROM passkey AS k WHERE k."user" = u.id))

-- name: roles_with_a_way_in
SELECT u.id, u.role FROM "user" AS u WHERE u.disabled_at_ms IS NULL AND
(u.password_hash IS NOT NULL OR u.oidc_subject IS NOT NULL OR EXISTS (SELECT 1 FROM passkey AS k WHERE k."user" = u.id))

-- name: insert_person
INSERT INTO "user" (name, full_name, role, agency, password_hash, must_change, created_at_ms)
VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id

-- name: set_password
UPDATE "user" SET password_hash = ?, must_change = ?, password_changed_at_ms = ? WHERE id = ?

-- name: clear_sites
DELETE FROM user_site WHERE "user" = ?

-- name: give_site
INSERT INTO user_site ("user", site) VALUES (?, ?)

-- name: sites_of_person
SELECT site FROM user_site WHERE "user" = ? ORDER BY site

-- name: agency_exists
SELECT 1 FROM agency WHERE code = ?

-- name: site_exists
SELECT 1 FROM site WHERE code = ?

-- name: insert_passkey
INSERT INTO passkey ("user", credential, public_key, sign_count, label, made_at_ms) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (credential) DO NOTHING RETURNING id

-- name: passkey
SELECT id, "user", credential, public_key, sign_count, label FROM passkey WHERE credential = ?

-- name: credentials_of
SELECT credential FROM passkey WHERE "user" = ?

-- name: used_passkey
UPDATE passkey SET sign_count = ?, used_at_ms = ? WHERE id = ?

-- name: delete_passkey
DELETE FROM passkey WHERE id = ? AND "user" = ?

-- name: delete_passkeys_of
DELETE FROM passkey WHERE "user" = ?
