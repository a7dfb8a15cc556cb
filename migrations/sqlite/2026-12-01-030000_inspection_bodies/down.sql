-- The inspections are asked about once more: nothing is to be undone.
SELECT 1;
