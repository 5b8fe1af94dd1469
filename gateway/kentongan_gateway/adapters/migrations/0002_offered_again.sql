-- Presses that another incarnation of the centre had confirmed: they land in its lane for review.
ALTER TABLE press ADD COLUMN offered_again INTEGER NOT NULL DEFAULT 0 CHECK (offered_again IN (0, 1));
