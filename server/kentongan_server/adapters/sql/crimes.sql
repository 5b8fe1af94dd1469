-- Crimes as the city counts them.

-- name: crime_number
SELECT count, source FROM crime_count WHERE year = ? AND month = ? AND category = ?

-- name: save_crime
INSERT INTO crime_count (year, month, category, count, source) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (year, month, category) DO UPDATE SET count = excluded.count, source = excluded.source
