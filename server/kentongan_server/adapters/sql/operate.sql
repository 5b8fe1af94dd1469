-- What operators do. An incident's own columns are set by `IncidentTables.change`.

-- name: incident
SELECT i.id, i.state, i.owner, i.version, (SELECT max(a.rung_version) FROM alarm AS a WHERE a.incident = i.id),
       i.reminded_version, i.drill, i.site, i.device, i.recovered
FROM incident AS i WHERE i.id = ?

-- name: unanswered_alarms
SELECT id, rung_version FROM alarm WHERE incident = ? AND acknowledged_by IS NULL ORDER BY id

-- name: answer_alarm
UPDATE alarm SET level = ?, revision = ?, acknowledged_by = ?, acknowledged_at_ms = ? WHERE id = ?

-- name: set_standing
UPDATE alarm SET level = ?, revision = ? WHERE id = ?

-- name: move_alarms
UPDATE alarm SET incident = ?, rung_version = ?
WHERE incident = ? AND device = coalesce(?, device)

-- name: other_device
SELECT a.device FROM alarm AS a JOIN incident AS i ON i.id = a.incident
WHERE a.incident = ? AND a.device <> ?
  AND EXISTS (SELECT 1 FROM alarm WHERE incident = ? AND device = ?)
  AND NOT EXISTS (SELECT 1 FROM incident AS o
                  WHERE o.device = a.device AND o.recovered = i.recovered AND o.drill = i.drill
                    AND o.state <> 'closed' AND o.id <> i.id)
ORDER BY CASE WHEN a.device = i.device THEN 0 ELSE 1 END, a.id LIMIT 1

-- name: give_incident
UPDATE incident SET device = ?, version = version + 1 WHERE id = ?

-- name: leave_to_calls
UPDATE incident SET device = NULL, source = 'call', version = version + 1 WHERE id = ?

-- name: split_incident
INSERT INTO incident (source, device, site, category, priority, agency, state, opened_at_ms, last_alarm_at_ms, owner,
                      acknowledged_at_ms, plan, split_from, drill, recovered)
SELECT CASE WHEN EXISTS (SELECT 1 FROM device WHERE device = ? AND role = 'gateway') THEN 'centre' ELSE 'button' END,
       ?, site, category, priority, agency, CASE WHEN owner IS NULL THEN 'new' ELSE 'acknowledged' END, ?,
       last_alarm_at_ms, owner, acknowledged_at_ms, plan, id, drill, recovered
FROM incident WHERE id = ? RETURNING id

-- name: side
SELECT state, category, recovered, device, site, owner, acknowledged_at_ms, plan, reminded_at_ms, parked_until_ms,
       dispatched_to, dispatched_at_ms, arrived_at_ms, agency, address, latitude, longitude
FROM incident WHERE id = ?

-- name: merged_into
SELECT merged_into FROM incident WHERE id = ?

-- name: has_session
SELECT 1 FROM session AS s JOIN "user" AS u ON u.id = s."user"
WHERE u.name = ? AND s.expires_at_ms > ? AND u.disabled_at_ms IS NULL LIMIT 1

-- name: parks_over
SELECT id FROM incident WHERE parked_until_ms <= ?
