-- Sites, posts, devices, keys and people.

-- name: site
SELECT code, name, address, zone FROM site WHERE code = ?

-- name: insert_site
INSERT INTO site (code, name, address, zone, created_at_ms) VALUES (?, ?, ?, ?, ?)

-- name: post
SELECT id FROM post WHERE site = ? AND name = ?

-- name: insert_post
INSERT INTO post (site, name, variant) VALUES (?, ?, ?) RETURNING id

-- name: device
SELECT device, role, site, retired_at_ms FROM device WHERE device = ?

-- name: insert_device
INSERT INTO device (device, role, site, post, enrolled_at_ms) VALUES (?, ?, ?, ?, ?)

-- name: insert_key
INSERT INTO device_key (device, key_id, sealed_root, state, created_at_ms) VALUES (?, ?, ?, 'active', ?)

-- name: site_buttons
SELECT d.device, k.key_id, k.sealed_root, coalesce(p.name, '')
FROM device AS d JOIN device_key AS k ON k.device = d.device LEFT JOIN post AS p ON p.id = d.post
WHERE d.site = ? AND d.role = 'button' AND k.state <> 'compromised'
ORDER BY d.device, k.key_id

-- name: device_with
SELECT device FROM device WHERE number = ?

-- name: set_number
UPDATE device SET number = ? WHERE device = ?

-- name: retire_device
UPDATE device SET retired_at_ms = ? WHERE device = ? AND retired_at_ms IS NULL

-- name: compromise_keys
UPDATE device_key SET state = 'compromised' WHERE device = ? AND state <> 'compromised'

-- name: troubles_of_device
SELECT id, kind FROM trouble WHERE device = ? AND closed_at_ms IS NULL

-- name: any_user
SELECT 1 FROM "user" LIMIT 1
