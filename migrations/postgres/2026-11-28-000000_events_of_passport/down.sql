DROP INDEX events_of_passport;
