-- Events stay for ever, so they name people by id alone: the addresses that older ones carry are taken out. Links keep
-- the address before a change of e-mail, to tell it; links and sessions are deleted some time after their end.

DROP TRIGGER events_only_grow_update;
UPDATE events SET fact = json_remove(fact, '$.data.email', '$.data.recipient')
    WHERE kind IN ('invitation_issued', 'transfer_withdrawn', 'transfer_expired');
UPDATE events SET fact = json_set(json_remove(fact, '$.data.before'), '$.data.invitationId',
        '00000000-0000-0000-0000-000000000000')
    WHERE kind = 'account_email_changed';
CREATE TRIGGER events_only_grow_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events only grows'); END;
-- Mails still to be sent to an address that stood in the event: they have no other place to find it.
UPDATE jobs SET payload = '{}', state = 'done' WHERE kind = 'mail' AND payload LIKE '%"kind":"address"%';

ALTER TABLE invitations ADD COLUMN former_email TEXT;
CREATE INDEX invitations_by_expiry ON invitations (expires_at);
CREATE INDEX sessions_by_use ON sessions (last_used_at);
CREATE INDEX jobs_ended ON jobs (updated_at) WHERE state IN ('done', 'dead');
