SELECT a.id, a.kind, a.email, f.id AS fleet_id
FROM sessions s
JOIN accounts a ON a.id = s.account_id
LEFT JOIN fleets f ON f.account_id = a.id
WHERE s.id = $1 AND s.ended_at IS NULL AND a.status = 'active'
