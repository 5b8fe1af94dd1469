-- The money path: what happens between the arrival of a press and its receipt.

-- name: alarm_by_identity
SELECT a.id, a.incident, i.state, a.device, a.sequence, a.nonce, a.key_id, a.level, a.revision, a.repeats,
       coalesce(a.answer_via, a.gateway), a.acknowledged_by IS NOT NULL, i.recovered, a.path
FROM alarm AS a JOIN incident AS i ON i.id = a.incident
WHERE a.device = ? AND a.sequence = ? AND a.nonce = ?

-- name: alarms_of_incident
SELECT a.id, a.incident, i.state, a.device, a.sequence, a.nonce, a.key_id, a.level, a.revision, a.repeats,
       coalesce(a.answer_via, a.gateway), a.acknowledged_by IS NOT NULL, i.recovered, a.path
FROM alarm AS a JOIN incident AS i ON i.id = a.incident
WHERE a.incident = ?
ORDER BY a.id

-- name: same_sequence
SELECT 1 FROM alarm WHERE device = ? AND sequence = ? LIMIT 1

-- name: below_in_boot
SELECT sequence, boot_id, uptime_ms, received_at_ms FROM alarm
WHERE device = ? AND boot_id = ? AND sequence < ? ORDER BY sequence DESC LIMIT 1

-- name: above_in_boot
SELECT sequence, boot_id, uptime_ms, received_at_ms FROM alarm
WHERE device = ? AND boot_id = ? AND sequence > ? ORDER BY sequence LIMIT 1

-- name: highest_sequence
SELECT sequence, boot_id, uptime_ms, received_at_ms FROM alarm
WHERE device = ? ORDER BY sequence DESC LIMIT 1

-- name: open_incident
SELECT id, state FROM incident WHERE device = ? AND recovered = ? AND state <> 'closed'

-- name: insert_incident
INSERT INTO incident (device, site, state, opened_at_ms, last_alarm_at_ms, recovered) VALUES (?, ?, 'new', ?, ?, ?)

-- name: no_longer_recovered
UPDATE incident SET recovered = 0 WHERE id = ?

-- name: touch_incident
UPDATE incident SET last_alarm_at_ms = ? WHERE id = ?

-- name: insert_alarm
INSERT INTO alarm (incident, device, sequence, nonce, key_id, kind, contacts, boot_id, uptime_ms, wall_ms, clock,
                   pressed_at_ms, dated, received_at_ms, level, revision, repeats, gateway, path, held_ms, attempt, flags,
                   modem)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: came_again
UPDATE alarm SET answer_via = coalesce(?, answer_via), repeats = ? WHERE id = ?

-- name: unanswer
UPDATE alarm SET level = ?, revision = ?, acknowledged_by = NULL, acknowledged_at_ms = NULL WHERE id = ?

-- name: reopen_incident
UPDATE incident SET state = 'acknowledged', closed_by = NULL, closed_at_ms = NULL, outcome = NULL, note = NULL
WHERE id = ? AND state = 'closed'

-- name: feed_head
SELECT position, hash FROM feed ORDER BY position DESC LIMIT 1

-- name: append_feed
INSERT INTO feed (position, at_ms, kind, what, subject, facts, personal, salt, commitment, prev_hash, hash)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
