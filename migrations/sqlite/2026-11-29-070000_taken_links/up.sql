-- Rule P14: the account that used a link to activate a passport, when its address is not the one to which the link went.
ALTER TABLE invitations ADD COLUMN taken_by BLOB;
