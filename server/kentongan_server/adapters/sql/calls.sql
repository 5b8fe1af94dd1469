-- Phone calls of the 112 desk.

-- name: has_site
SELECT 1 FROM site WHERE code = ?

-- name: insert_call
INSERT INTO call (incident, origin, taken_at_ms, taken_by, caller, number, name, words)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id

-- name: calls_of
SELECT count(*) FROM call WHERE incident = ?

-- name: move_calls
UPDATE call SET incident = ? WHERE incident = ?

-- name: where_calls_are
SELECT incident, count(*) FROM call WHERE origin = ? GROUP BY incident ORDER BY incident

-- name: calls_back
UPDATE call SET incident = origin WHERE origin = ?

-- name: has_called
SELECT 1 FROM call WHERE caller = ? LIMIT 1

-- name: pranks_of
SELECT pranks FROM caller_mark WHERE caller = ?

-- name: mark_caller
INSERT INTO caller_mark (caller, pranks, marked_by, marked_at_ms) VALUES (?, ?, ?, ?)
ON CONFLICT (caller) DO UPDATE
SET pranks = excluded.pranks, marked_by = excluded.marked_by, marked_at_ms = excluded.marked_at_ms
