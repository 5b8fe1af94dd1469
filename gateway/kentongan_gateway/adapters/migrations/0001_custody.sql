-- Presses that the gateway holds or held, unique by the identity of the press.
CREATE TABLE press (
    device INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    nonce BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('held', 'received', 'refused')),
    -- The first attempt as it came and when: boot and uptime of the machine, wall clock if vouched for.
    first_frame BLOB NOT NULL,
    first_boot TEXT NOT NULL,
    first_uptime_ms INTEGER NOT NULL,
    first_wall_ms INTEGER,
    -- The latest attempt.
    frame BLOB NOT NULL,
    boot TEXT NOT NULL,
    uptime_ms INTEGER NOT NULL,
    wall_ms INTEGER,
    -- How custody ended.
    ended_wall_ms INTEGER,
    incarnation INTEGER,
    reason INTEGER,
    -- Order of arrival.
    arrival INTEGER NOT NULL,
    PRIMARY KEY (device, sequence, nonce)
) STRICT, WITHOUT ROWID;

CREATE INDEX press_by_state ON press (state, arrival);

-- Numbers that outlive the process: run, counters reserved below, last arrival, the centre's incarnation.
CREATE TABLE gateway_number (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
