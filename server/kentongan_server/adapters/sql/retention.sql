-- Erasing what has expired. A line of the history keeps its commitment: the chain stays whole.

-- name: old_calls
SELECT c.id, c.origin FROM call AS c JOIN incident AS i ON i.id = c.incident
WHERE c.erased_at_ms IS NULL AND c.taken_at_ms < ? AND i.state = 'closed'
ORDER BY c.taken_at_ms LIMIT ?

-- name: erase_call
UPDATE call SET number = NULL, name = NULL, words = NULL, erased_at_ms = ? WHERE id = ?

-- name: erase_caller_lines
UPDATE feed SET personal = NULL, salt = NULL
WHERE kind = 'incident' AND subject = ? AND what = 'caller' AND at_ms < ? AND personal IS NOT NULL

-- name: old_mark_lines
SELECT position FROM feed
WHERE kind = 'access' AND subject = 'caller' AND at_ms < ? AND personal IS NOT NULL
ORDER BY position LIMIT ?

-- name: erase_line
UPDATE feed SET personal = NULL, salt = NULL WHERE position = ? AND personal IS NOT NULL

-- name: old_places
SELECT id, latitude, longitude FROM incident
WHERE address IS NOT NULL AND state = 'closed' AND opened_at_ms < ?
ORDER BY opened_at_ms LIMIT ?

-- name: forget_calls
UPDATE call SET caller = NULL
WHERE id IN (SELECT id FROM call WHERE caller IS NOT NULL AND erased_at_ms IS NOT NULL AND taken_at_ms < ?
             ORDER BY taken_at_ms LIMIT ?)

-- name: forget_marks
DELETE FROM caller_mark
WHERE caller IN (SELECT m.caller FROM caller_mark AS m
                 WHERE m.marked_at_ms < ? AND NOT EXISTS (SELECT 1 FROM call AS c WHERE c.caller = m.caller) LIMIT ?)

-- name: coarsen_place
UPDATE incident SET address = NULL, latitude = ?, longitude = ? WHERE id = ?
