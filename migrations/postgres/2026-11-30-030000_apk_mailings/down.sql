DROP TABLE apk_mailing_recipients;
DROP TABLE apk_mailings;
DROP INDEX passports_by_apk;
ALTER TABLE customers DROP COLUMN accepts_calls;
ALTER TABLE customers DROP COLUMN objection_offered;
ALTER TABLE customers DROP COLUMN email_obtained_on;
ALTER TABLE customers DROP COLUMN email_source;
