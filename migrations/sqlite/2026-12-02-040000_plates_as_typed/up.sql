-- Rule K8: how a plate of another country was typed, beside its number, where people see it so; null when they see its normal form.
ALTER TABLE passports ADD COLUMN plate_typed TEXT;
ALTER TABLE vehicle_plates ADD COLUMN plate_typed TEXT;
