-- Action plans, what was done of them, and whom to call: the desk's own tables.

-- name: plans_for
SELECT id, site, category, version, steps FROM plan WHERE site = ? AND category IN (?, '')
UNION ALL
SELECT id, site, category, version, steps FROM plan WHERE site IS NULL AND category IN (?, '')

-- name: newest_site_plan
SELECT id, site, category, version, steps FROM plan WHERE site = ? AND category = ? ORDER BY version DESC LIMIT 1

-- name: newest_city_plan
SELECT id, site, category, version, steps FROM plan WHERE site IS NULL AND category = ? ORDER BY version DESC LIMIT 1

-- name: insert_plan
INSERT INTO plan (site, category, version, steps, made_by, made_at_ms) VALUES (?, ?, ?, ?, ?, ?) RETURNING id

-- name: fixed_plan
SELECT p.id, p.site, p.category, p.version, p.steps FROM incident AS i JOIN plan AS p ON p.id = i.plan WHERE i.id = ?

-- name: steps_done
SELECT step, done_by, done_at_ms, left_out FROM plan_step WHERE incident = ?

-- name: set_step
INSERT INTO plan_step (incident, step, done_by, done_at_ms, left_out) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (incident, step) DO UPDATE
SET done_by = excluded.done_by, done_at_ms = excluded.done_at_ms, left_out = excluded.left_out

-- name: contact_of
SELECT c.place, c.name, c.role, c.number, c.hours
FROM incident AS i JOIN contact AS c ON c.site = i.site WHERE i.id = ? AND c.id = ?

-- name: phrases
SELECT sealed, sealed_duress FROM pass_phrase WHERE site = ?
