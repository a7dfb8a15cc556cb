DROP INDEX customers_by_mailbox;
DROP INDEX apk_mailing_recipients_of_mailbox;
ALTER TABLE apk_mailing_recipients DROP COLUMN email_key;
ALTER TABLE suppressions DROP COLUMN goes_with;
