-- Rule P14: of a link that its holder asked for at another address, the address to which the garage had it mailed at first.
ALTER TABLE invitations ADD COLUMN first_email text;
