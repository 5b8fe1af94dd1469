-- Acknowledging and closing.

-- name: incident
SELECT i.id, i.state, i.owner, (SELECT max(a.id) FROM alarm AS a WHERE a.incident = i.id) FROM incident AS i WHERE i.id = ?

-- name: unanswered_alarms
SELECT id FROM alarm WHERE incident = ? AND acknowledged_by IS NULL ORDER BY id

-- name: rung_since
SELECT facts FROM feed
WHERE kind = 'incident' AND subject = ? AND position > ? AND what IN ('opened', 'alarm', 'repeated', 'reopened', 'site-lost')

-- name: answer_alarm
UPDATE alarm SET level = ?, revision = ?, acknowledged_by = ?, acknowledged_at_ms = ? WHERE id = ?

-- name: set_standing
UPDATE alarm SET level = ?, revision = ? WHERE id = ?

-- name: own_incident
UPDATE incident SET state = ?, owner = ?, acknowledged_at_ms = ? WHERE id = ? AND owner IS NULL

-- name: close_incident
UPDATE incident SET state = 'closed', closed_by = ?, closed_at_ms = ?, outcome = ?, note = ?
WHERE id = ? AND state = 'acknowledged'
