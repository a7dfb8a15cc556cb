-- Rules EC1 to EC3: what tasks cost, learned once a month. A snapshot counts from when it is published; until then its
-- groups are being written.
CREATE TABLE cost_snapshots (
    month TEXT NOT NULL PRIMARY KEY,
    begun_at INTEGER NOT NULL,
    published_at INTEGER,
    entries INTEGER NOT NULL,
    left_out TEXT NOT NULL
) STRICT;

-- A result of a group of records, for those whose records left_out stands for. The logarithms are in millionths, the
-- effective number of records in thousandths.
CREATE TABLE cost_groups (
    month TEXT NOT NULL REFERENCES cost_snapshots (month),
    group_key TEXT NOT NULL,
    left_out BLOB NOT NULL,
    task TEXT NOT NULL,
    level TEXT NOT NULL,
    low_ln INTEGER,
    middle_ln INTEGER,
    high_ln INTEGER,
    effective INTEGER,
    records INTEGER NOT NULL,
    first_on TEXT NOT NULL,
    last_on TEXT NOT NULL,
    read_on TEXT NOT NULL,
    is_shown INTEGER NOT NULL CHECK (is_shown IN (0, 1)),
    PRIMARY KEY (month, group_key, left_out, task),
    CHECK ((low_ln IS NULL) = (middle_ln IS NULL) AND (low_ln IS NULL) = (high_ln IS NULL) AND (low_ln IS NULL) = (effective IS NULL))
) STRICT;
-- What was told of a task before, which the next month's result must not differ from by a few garages only.
CREATE INDEX cost_groups_by_task ON cost_groups (month, task);
