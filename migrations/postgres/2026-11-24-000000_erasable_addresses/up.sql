-- Events stay for ever, so they name people by id alone: the addresses that older ones carry are taken out. Links keep
-- the address before a change of e-mail, to tell it; links and sessions are deleted some time after their end.

ALTER TABLE events DISABLE TRIGGER events_only_grow;
UPDATE events SET fact = (fact::jsonb #- '{data,email}' #- '{data,recipient}')::text
    WHERE kind IN ('invitation_issued', 'transfer_withdrawn', 'transfer_expired');
UPDATE events SET fact = jsonb_set(fact::jsonb #- '{data,before}', '{data,invitationId}',
        '"00000000-0000-0000-0000-000000000000"')::text
    WHERE kind = 'account_email_changed';
ALTER TABLE events ENABLE TRIGGER events_only_grow;
-- Mails still to be sent to an address that stood in the event: they have no other place to find it.
UPDATE jobs SET payload = '{}', state = 'done' WHERE kind = 'mail' AND payload LIKE '%"kind":"address"%';

ALTER TABLE invitations ADD COLUMN former_email text;
CREATE INDEX invitations_by_expiry ON invitations (expires_at);
CREATE INDEX sessions_by_use ON sessions (last_used_at);
CREATE INDEX jobs_ended ON jobs (updated_at) WHERE state IN ('done', 'dead');
