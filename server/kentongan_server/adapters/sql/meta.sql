-- Facts about the store itself, and sessions.

-- name: meta
SELECT value FROM meta WHERE key = ?

-- name: set_meta
INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value

-- name: hash_at
SELECT hash FROM feed WHERE position = ?

-- name: insert_session
INSERT INTO session (token_hash, "user", created_at_ms, expires_at_ms) VALUES (?, ?, ?, ?)

-- name: delete_session
DELETE FROM session WHERE token_hash = ?

-- name: delete_old_sessions
DELETE FROM session WHERE expires_at_ms <= ?
