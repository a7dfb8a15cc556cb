DROP TABLE cost_groups;
DROP TABLE cost_snapshots;
