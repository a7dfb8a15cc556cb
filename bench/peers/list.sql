SELECT p.id, p.status, p.vehicle_id, p.country, p.plate, p.make, p.model, p.year, p.fuel, p.vin, p.odometer_km, p.created_at,
       p.updated_at, g.id AS garage_id, g.name AS garage_name, f.id AS fleet_id, f.name AS fleet_name,
       a.id AS driver_id, a.name AS driver_name, a.email AS driver_email
FROM passports p
JOIN garages g ON g.id = p.garage_id
LEFT JOIN fleets f ON f.id = p.fleet_id
LEFT JOIN accounts a ON a.id = p.driver_account_id
WHERE p.fleet_id = $1
ORDER BY p.id
LIMIT $2
