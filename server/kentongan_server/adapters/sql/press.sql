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

-- name: newest_alarm_of
SELECT a.id, a.incident, i.state, a.device, a.sequence, a.nonce, a.key_id, a.level, a.revision, a.repeats,
       coalesce(a.answer_via, a.gateway), a.acknowledged_by IS NOT NULL, i.recovered, a.path
FROM alarm AS a JOIN incident AS i ON i.id = a.incident
WHERE a.incident = ? AND a.device = ?
ORDER BY a.id DESC LIMIT 1

-- name: state_of
SELECT state, category FROM incident WHERE id = ?

-- name: same_sequence
SELECT 1 FROM alarm WHERE device = ? AND sequence = ? LIMIT 1

-- Alarms of drills have negative sequences: no press is ever judged by them, or found through them.

-- name: below_in_boot
SELECT sequence, boot_id, uptime_ms, received_at_ms FROM alarm
WHERE device = ? AND boot_id = ? AND sequence < ? AND sequence >= 0 ORDER BY sequence DESC LIMIT 1

-- name: above_in_boot
SELECT sequence, boot_id, uptime_ms, received_at_ms FROM alarm
WHERE device = ? AND boot_id = ? AND sequence > ? ORDER BY sequence LIMIT 1

-- name: highest_sequence
SELECT sequence, boot_id, uptime_ms, received_at_ms FROM alarm
WHERE device = ? AND sequence >= 0 ORDER BY sequence DESC LIMIT 1

-- name: candidates
WITH own AS (SELECT id FROM incident WHERE device = ? AND state <> 'closed'
             UNION
             SELECT incident FROM (SELECT a.incident FROM alarm AS a CROSS JOIN incident AS o
                                   WHERE o.id = a.incident AND a.device = ? AND o.recovered = ? AND o.drill = ?
                                   ORDER BY a.id DESC LIMIT 20) AS newest)
SELECT i.id, i.id IN (SELECT id FROM own), i.last_alarm_at_ms
FROM incident AS i
WHERE i.id IN (SELECT id FROM incident WHERE site = ? AND state <> 'closed' UNION SELECT id FROM own)
  AND i.state <> 'closed' AND (i.source = 'button' OR i.id IN (SELECT id FROM own))
  AND i.recovered = ? AND i.drill = ?

-- name: open_incident
SELECT id, state FROM incident WHERE device = ? AND recovered = ? AND drill = ? AND state <> 'closed'

-- name: insert_incident
INSERT INTO incident (source, device, site, category, priority, state, opened_at_ms, last_alarm_at_ms, recovered, drill)
VALUES (?, ?, ?, ?, ?, 'new', ?, ?, ?, ?) RETURNING id

-- name: insert_alarm
INSERT INTO alarm (incident, rung_version, device, sequence, nonce, key_id, kind, contacts, boot_id, uptime_ms, wall_ms, clock,
                   pressed_at_ms, dated, received_at_ms, level, revision, repeats, gateway, path, held_ms, attempt, flags,
                   modem)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id

-- name: came_again
UPDATE alarm SET answer_via = coalesce(?, answer_via), repeats = ? WHERE id = ?

-- name: has_answered
SELECT 1 FROM (SELECT incident, kind, acknowledged_by FROM alarm WHERE device = ? ORDER BY id DESC LIMIT ?) AS newest
WHERE incident = ? AND kind = ? AND acknowledged_by IS NOT NULL LIMIT 1

-- name: unanswer
UPDATE alarm SET level = ?, revision = ?, acknowledged_by = NULL, acknowledged_at_ms = NULL WHERE id = ?

-- name: rang
UPDATE alarm SET rung_version = ? WHERE id = ?

-- name: feed_head
SELECT position, hash FROM feed ORDER BY position DESC LIMIT 1

-- name: append_feed
INSERT INTO feed (position, at_ms, kind, what, subject, facts, personal, salt, commitment, prev_hash, hash)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: queue_feed
INSERT INTO feed_queue (at_ms, kind, what, subject, facts, personal) VALUES (?, ?, ?, ?, ?, ?)

-- name: next_queued
SELECT id, at_ms, kind, what, subject, facts, personal FROM feed_queue ORDER BY id LIMIT ?
