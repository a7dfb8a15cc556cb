-- Rules EC1 to EC3: what tasks cost, learned once a month. A snapshot counts from when it is published; until then its
-- groups are being written.
CREATE TABLE cost_snapshots (
    month date PRIMARY KEY,
    begun_at timestamptz NOT NULL,
    published_at timestamptz,
    entries bigint NOT NULL,
    left_out text NOT NULL
);

-- A result of a group of records, for those whose records left_out stands for. The logarithms are in millionths, the
-- effective number of records in thousandths.
CREATE TABLE cost_groups (
    month date NOT NULL REFERENCES cost_snapshots (month),
    group_key text NOT NULL,
    left_out uuid NOT NULL,
    task text NOT NULL,
    level text NOT NULL,
    low_ln bigint,
    middle_ln bigint,
    high_ln bigint,
    effective bigint,
    records bigint NOT NULL,
    first_on date NOT NULL,
    last_on date NOT NULL,
    read_on date NOT NULL,
    is_shown boolean NOT NULL,
    PRIMARY KEY (month, group_key, left_out, task),
    CHECK ((low_ln IS NULL) = (middle_ln IS NULL) AND (low_ln IS NULL) = (high_ln IS NULL) AND (low_ln IS NULL) = (effective IS NULL))
);
-- What was told of a task before, which the next month's result must not differ from by a few garages only.
CREATE INDEX cost_groups_by_task ON cost_groups (month, task);
