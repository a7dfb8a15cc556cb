-- Rule APK9: what owner and garage say that lifts a vehicle's APK duty. The register does not say it. It is the vehicle's, and
-- one reason takes the place of another.
CREATE TABLE apk_lifts (
    vehicle_id uuid PRIMARY KEY,
    reason text NOT NULL CHECK (reason IN ('suspended', 'dealer_stock', 'own_grounds')),
    entered_at timestamptz NOT NULL,
    entered_by uuid NOT NULL REFERENCES accounts (id)
);
