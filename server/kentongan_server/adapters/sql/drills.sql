-- Drills and hand-overs of a shift.

-- name: site_of_button
SELECT site FROM device WHERE device = ? AND role = 'button' AND retired_at_ms IS NULL

-- name: insert_drill
INSERT INTO drill (name, started_by, started_at_ms, ends_at_ms) VALUES (?, ?, ?, ?) RETURNING id

-- name: plan_alarm
INSERT INTO drill_alarm (drill, device, kind, due_at_ms) VALUES (?, ?, ?, ?)

-- name: drill_ended
SELECT ended_at_ms IS NOT NULL FROM drill WHERE id = ?

-- name: due_alarms
SELECT p.id, p.drill, p.device, d.site, p.kind
FROM drill_alarm AS p CROSS JOIN drill AS r CROSS JOIN device AS d
WHERE r.id = p.drill AND d.device = p.device AND r.ended_at_ms IS NULL AND p.alarm IS NULL AND p.due_at_ms <= ?
ORDER BY p.due_at_ms, p.id

-- name: drills_over
SELECT id FROM drill WHERE ended_at_ms IS NULL AND ends_at_ms <= ? ORDER BY ends_at_ms

-- name: has_rung
UPDATE drill_alarm SET alarm = ? WHERE id = ?

-- name: open_in_drill
SELECT id, state FROM incident WHERE drill = ? AND state <> 'closed' ORDER BY id

-- name: end_drill
UPDATE drill SET ended_at_ms = ?, ended_by = ? WHERE id = ?

-- name: owned_by
SELECT id FROM incident WHERE owner = ? AND state <> 'closed' ORDER BY id

-- name: insert_hand_over
INSERT INTO hand_over (at_ms, given_by, taken_by, note, incidents, head_position, head_hash, signed)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
