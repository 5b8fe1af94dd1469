-- The second path. `ringing_since` is asked every few seconds: CROSS JOIN keeps it from walking through all alarms ever.

-- name: number_of
SELECT number FROM device WHERE device = ?

-- name: sms_receipts
SELECT device, count, last_at_ms FROM sms_receipt WHERE alarm = ?

-- name: count_sms_receipt
INSERT INTO sms_receipt (alarm, device, count, last_at_ms) VALUES (?, ?, 1, ?)
ON CONFLICT (alarm, device) DO UPDATE SET count = sms_receipt.count + 1, last_at_ms = excluded.last_at_ms

-- name: also_came_by
UPDATE alarm SET also_paths = also_paths | ? WHERE id = ? AND path <> ? AND also_paths & ? = 0

-- name: ringing_since
SELECT min(since_ms) FROM (
  SELECT min(a.received_at_ms) AS since_ms FROM incident AS i CROSS JOIN alarm AS a
  WHERE a.incident = i.id AND i.state <> 'closed' AND i.recovered = 0 AND i.drill = 0 AND a.acknowledged_by IS NULL
  UNION ALL
  SELECT min(reminded_at_ms) FROM incident WHERE state <> 'closed' AND drill = 0
) AS unanswered
