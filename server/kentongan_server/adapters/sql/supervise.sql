-- Signs of life, troubles, rejections.

-- name: set_seen
UPDATE alarm SET seen_level = ?, seen_revision = ?, seen_at_ms = ?
WHERE id = ? AND NOT coalesce(seen_level = ? AND seen_revision = ?, 0 = 1)

-- name: in_service
SELECT d.device FROM device AS d
WHERE d.retired_at_ms IS NULL
  AND EXISTS (SELECT 1 FROM device_key AS k WHERE k.device = d.device AND k.state <> 'compromised')

-- name: device_states
SELECT s.device, d.site, d.role = 'gateway', s.key_id, s.counter, s.boot_id, s.boot_started_ms, s.heard_at_ms, s.flags,
       s.battery_mv, s.signal_dbm, s.firmware, s.uptime_ms, s.undelivered, s.via
FROM device_state AS s JOIN device AS d ON d.device = s.device
WHERE d.retired_at_ms IS NULL
  AND EXISTS (SELECT 1 FROM device_key AS k WHERE k.device = d.device AND k.state <> 'compromised')

-- name: save_device_state
INSERT INTO device_state (device, key_id, counter, boot_id, boot_started_ms, heard_at_ms, flags, battery_mv, signal_dbm,
                          firmware, uptime_ms, undelivered, via)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (device) DO UPDATE SET
    key_id = excluded.key_id, counter = excluded.counter, boot_id = excluded.boot_id,
    boot_started_ms = excluded.boot_started_ms, heard_at_ms = excluded.heard_at_ms, flags = excluded.flags,
    battery_mv = excluded.battery_mv, signal_dbm = excluded.signal_dbm, firmware = excluded.firmware,
    uptime_ms = excluded.uptime_ms, undelivered = excluded.undelivered, via = excluded.via

-- name: next_command
INSERT INTO command_counter (device, counter) VALUES (?, 1)
ON CONFLICT (device) DO UPDATE SET counter = command_counter.counter + 1 RETURNING counter

-- name: second_paths
SELECT s.device, s.key_id, s.counter, s.since_ms, s.heard_at_ms, s.signal_dbm
FROM second_path AS s JOIN device AS d ON d.device = s.device WHERE d.retired_at_ms IS NULL

-- name: save_second_path
INSERT INTO second_path (device, key_id, counter, since_ms, heard_at_ms, signal_dbm) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (device) DO UPDATE SET
    key_id = excluded.key_id, counter = excluded.counter, since_ms = excluded.since_ms,
    heard_at_ms = excluded.heard_at_ms, signal_dbm = excluded.signal_dbm

-- name: numbered
SELECT device FROM device WHERE number IS NOT NULL AND retired_at_ms IS NULL

-- name: open_troubles
SELECT id, device, kind, subject FROM trouble WHERE closed_at_ms IS NULL

-- name: open_trouble
SELECT id FROM trouble WHERE device = ? AND kind = ? AND subject = ? AND closed_at_ms IS NULL

-- name: trouble
SELECT id, device, kind, subject, owner, closed_at_ms IS NOT NULL FROM trouble WHERE id = ?

-- name: insert_trouble
INSERT INTO trouble (device, kind, subject, opened_at_ms, last_at_ms, count, detail, deadline_at_ms)
VALUES (?, ?, ?, ?, ?, 1, ?, ?) RETURNING id

-- name: repeat_trouble
UPDATE trouble SET count = count + 1, last_at_ms = ?, detail = ? WHERE id = ?

-- name: close_trouble
UPDATE trouble SET closed_at_ms = ? WHERE id = ? AND closed_at_ms IS NULL

-- name: own_trouble
UPDATE trouble SET owner = ?, taken_at_ms = ? WHERE id = ? AND closed_at_ms IS NULL

-- name: overdue_troubles
SELECT count(*) FROM trouble WHERE closed_at_ms IS NULL AND deadline_at_ms <= ?

-- name: bell
SELECT (SELECT a.id FROM alarm AS a WHERE a.incident = i.id AND a.acknowledged_by IS NULL ORDER BY a.id DESC LIMIT 1),
       i.rang_again, coalesce(i.rang_at_ms, i.opened_at_ms), i.quiet_until_ms
FROM incident AS i WHERE i.id = ?

-- name: set_bell
UPDATE incident SET rang_again = ?, rang_at_ms = ?, quiet_until_ms = ? WHERE id = ?

-- name: waiting_bells
SELECT id, quiet_until_ms FROM incident WHERE quiet_until_ms IS NOT NULL

-- name: gateway_of
SELECT device FROM device WHERE site = ? AND role = 'gateway' AND retired_at_ms IS NULL ORDER BY device LIMIT 1

-- name: insert_outage
INSERT INTO outage (opened_at_ms) VALUES (?) RETURNING id

-- name: join_outage
INSERT INTO outage_site (outage, site, lost_at_ms) VALUES (?, ?, ?)
ON CONFLICT (outage, site) DO UPDATE SET back_at_ms = NULL

-- name: leave_outage
UPDATE outage_site SET back_at_ms = ? WHERE outage = ? AND site = ? AND back_at_ms IS NULL

-- name: leave_outage_all
UPDATE outage_site SET back_at_ms = ? WHERE outage = ? AND back_at_ms IS NULL

-- name: sites_of_outage
SELECT count(*) FROM outage_site WHERE outage = ?

-- name: outage_rings
UPDATE outage SET alarm = ? WHERE id = ?

-- name: count_sites
UPDATE alarm SET repeats = ? WHERE id = ?

-- name: end_outage
UPDATE outage SET ended_at_ms = ? WHERE id = ? AND ended_at_ms IS NULL

-- name: open_outage
SELECT id, alarm FROM outage WHERE ended_at_ms IS NULL ORDER BY id DESC LIMIT 1

-- name: still_out
SELECT site FROM outage_site WHERE outage = ? AND back_at_ms IS NULL

-- name: same_arrival
SELECT 1 FROM rejection_arrival
WHERE source = ? AND digest = ? AND arrived_at_ms BETWEEN ? AND ? LIMIT 1

-- name: insert_arrival
INSERT INTO rejection_arrival (source, digest, arrived_at_ms, listed_at_ms) VALUES (?, ?, ?, ?)

-- name: forget_arrivals
DELETE FROM rejection_arrival WHERE listed_at_ms < ?

-- name: rejection_row
SELECT id, count, told_at_ms FROM rejection
WHERE source = ? AND reason = ? AND claimed_device = ? AND last_at_ms >= ?
ORDER BY last_at_ms DESC LIMIT 1

-- name: rejection_row_of_nobody
SELECT id, count, told_at_ms FROM rejection
WHERE source = ? AND reason = ? AND claimed_device IS NULL AND last_at_ms >= ?
ORDER BY last_at_ms DESC LIMIT 1

-- name: rejection_rows_of_source
SELECT count(*) FROM (SELECT 1 FROM rejection WHERE source = ? AND last_at_ms >= ? LIMIT ?) AS newest

-- name: insert_rejection
INSERT INTO rejection (reason, part, source, claimed_device, count, first_at_ms, last_at_ms, told_at_ms, detail, size, sample)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id

-- name: repeat_rejection
UPDATE rejection SET count = ?, last_at_ms = ?, told_at_ms = ?, detail = ?, size = ?, sample = ? WHERE id = ?

-- name: incident_of
SELECT incident FROM alarm WHERE id = ?

-- name: accused_sites
SELECT i.site, max(i.last_alarm_at_ms) FROM incident AS i JOIN device AS d ON d.device = i.device
WHERE i.state <> 'closed' AND d.role = 'gateway' GROUP BY i.site

-- name: unanswered_of_kind
SELECT id, repeats FROM alarm WHERE incident = ? AND kind = ? AND acknowledged_by IS NULL ORDER BY id DESC LIMIT 1
