DROP INDEX events_by_passport;
