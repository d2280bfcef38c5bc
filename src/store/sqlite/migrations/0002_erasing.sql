-- So that all that somebody said can be erased: who has set a topic, and which accounts there were; and, so that nobody
-- is locked out by strangers after a restart, from where an account was logged into.
ALTER TABLE channels ADD COLUMN topic_account INTEGER NOT NULL DEFAULT 0;
UPDATE channels SET topic_account = coalesce(
    (SELECT sender FROM entries WHERE timeline = channels.id AND event = 1 AND kind = 11 ORDER BY entries.id DESC LIMIT 1), 0)
WHERE topic <> '';
UPDATE channels SET topic_account = 0 WHERE topic_account NOT IN (SELECT id FROM accounts);

ALTER TABLE accounts ADD COLUMN known_from TEXT NOT NULL DEFAULT '';  -- places, hashed, with blanks; the last is the latest

CREATE TABLE dropped (
    account INTEGER PRIMARY KEY,
    fold    TEXT    NOT NULL  -- as it was called
) STRICT;
