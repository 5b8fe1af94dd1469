-- What is known of a site.

-- name: site_facts
SELECT s.code, s.name, s.address, s.zone, p.latitude, p.longitude
FROM site AS s LEFT JOIN site_place AS p ON p.site = s.code WHERE s.code = ?

-- name: save_site
INSERT INTO site (code, name, address, zone, created_at_ms) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, address = excluded.address, zone = excluded.zone

-- name: save_place
INSERT INTO site_place (site, latitude, longitude) VALUES (?, ?, ?)
ON CONFLICT (site) DO UPDATE SET latitude = excluded.latitude, longitude = excluded.longitude

-- name: remove_place
DELETE FROM site_place WHERE site = ?

-- name: agency
SELECT code, name, kind FROM agency WHERE code = ?

-- name: save_agency
INSERT INTO agency (code, name, kind) VALUES (?, ?, ?)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, kind = excluded.kind

-- name: contacts_at
SELECT place, name, role, number, hours FROM contact WHERE site = ?

-- name: save_contact
INSERT INTO contact (site, place, name, role, number, hours) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (site, number) DO UPDATE
SET place = excluded.place, name = excluded.name, role = excluded.role, hours = excluded.hours

-- name: remove_contact
DELETE FROM contact WHERE site = ? AND number = ?

-- name: save_phrases
INSERT INTO pass_phrase (site, sealed, sealed_duress, changed_at_ms, changed_by) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (site) DO UPDATE
SET sealed = excluded.sealed, sealed_duress = excluded.sealed_duress,
    changed_at_ms = excluded.changed_at_ms, changed_by = excluded.changed_by

-- name: save_picture
INSERT INTO site_picture (site, media_type, width, height, data, changed_at_ms) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (site) DO UPDATE
SET media_type = excluded.media_type, width = excluded.width, height = excluded.height, data = excluded.data,
    changed_at_ms = excluded.changed_at_ms

-- name: remove_picture
DELETE FROM site_picture WHERE site = ?

-- name: posts_at
SELECT p.id, p.name, p.variant, p.id IN (SELECT d.post FROM device AS d WHERE d.site = ? AND d.post IS NOT NULL), s.x, s.y
FROM post AS p LEFT JOIN post_spot AS s ON s.post = p.id WHERE p.site = ? ORDER BY p.name

-- name: save_post
INSERT INTO post (site, name, variant) VALUES (?, ?, ?)
ON CONFLICT (site, name) DO UPDATE SET variant = excluded.variant RETURNING id

-- name: save_spot
INSERT INTO post_spot (post, x, y) VALUES (?, ?, ?) ON CONFLICT (post) DO UPDATE SET x = excluded.x, y = excluded.y

-- name: remove_spot
DELETE FROM post_spot WHERE post = ?
