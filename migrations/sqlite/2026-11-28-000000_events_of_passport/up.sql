-- What happened with a car is read again, the newest first: of one garage, since its stream comes first in the key.
CREATE INDEX events_of_passport ON events (stream_id, passport_id, number) WHERE passport_id IS NOT NULL;
