CREATE TABLE state (
    one               INTEGER PRIMARY KEY CHECK (one = 1),
    last_id           INTEGER NOT NULL,  -- no id up to this one may be given again, to whatever
    last_ms           INTEGER NOT NULL,  -- the latest time that anything was stamped with
    last_conversation INTEGER NOT NULL,  -- conversations are numbered -1, -2, …
    checks            INTEGER NOT NULL,  -- counts the questions whether the store is well
    opening           TEXT    NOT NULL   -- random, anew with each start: whose search index is right
) STRICT;
INSERT INTO state VALUES(1,111411200000000009,1700000000000,0,0,'A');
CREATE TABLE entries (
    id           INTEGER PRIMARY KEY,  -- the message id: milliseconds since 1970 × 65536 + a counter
    timeline     INTEGER NOT NULL,     -- a channel, or (negative) a conversation; 0: in nobody's past
    other        INTEGER,              -- the other side's conversation
    event        INTEGER NOT NULL,     -- 1: only for those who ask for events
    at_ms        INTEGER NOT NULL,
    kind         INTEGER NOT NULL,     -- 0 text, 1 action, 2 notice, 3 ctcp, 4 its answer, 5 tags, 6 join, 7 part, 8 quit,
                                       -- 9 kick, 10 nick, 11 topic, 12 modes, 13 rename
    speech       INTEGER NOT NULL,     -- the first six of them
    name         TEXT    NOT NULL,     -- of whose it is, as typed
    mask         TEXT    NOT NULL,     -- nick!user@host
    account      TEXT    NOT NULL,     -- '': none
    bot          INTEGER NOT NULL,
    sender       INTEGER NOT NULL,     -- an account, or a user without one
    target       TEXT    NOT NULL,     -- the channel, or the nick that it was told
    body         TEXT    NOT NULL,     -- any bytes
    breaks       TEXT    NOT NULL,     -- offsets, with commas: where its sender cut a long line
    tags         TEXT    NOT NULL,
    formatted    INTEGER NOT NULL,
    detail       TEXT    NOT NULL,
    redacted     INTEGER NOT NULL,     -- 1: taken back
    redacted_ms  INTEGER NOT NULL,
    redacted_by  TEXT    NOT NULL,
    redacted_why TEXT    NOT NULL
) STRICT;
INSERT INTO entries VALUES(111411200000000001,7,NULL,0,1700000000000,0,0,'Anna','anna!~a@h','anna',0,3,'#piazza','ciao a tutti','','',0,'',0,0,'','');
INSERT INTO entries VALUES(111411200000000002,7,NULL,0,1700000000000,0,0,'Anna','anna!~a@h','anna',0,3,'#piazza','','','',0,'',1,5,'op!o@h','rude');
INSERT INTO entries VALUES(111411200000000003,-1,NULL,0,1700000000000,0,0,'Anna','anna!~a@h','anna',0,3,'bruno','in private','','',0,'',0,0,'','');
INSERT INTO entries VALUES(111411200000000004,7,NULL,1,1700000000000,11,0,'Anna','anna!~a@h','anna',0,3,'#piazza','topic','','',0,'',0,0,'','');
CREATE TABLE conversations (
    id        INTEGER PRIMARY KEY,  -- negative
    owner     INTEGER NOT NULL,
    peer      INTEGER NOT NULL,
    peer_nick TEXT    NOT NULL,  -- as last called
    peer_fold TEXT    NOT NULL,
    latest    INTEGER NOT NULL,  -- the latest message; 0: none
    UNIQUE (owner, peer)
) STRICT;
INSERT INTO conversations VALUES(-1,3,4,'Bruno','bruno',111411200000000003);
CREATE TABLE doomed (
    timeline INTEGER PRIMARY KEY,
    up_to    INTEGER NOT NULL
) STRICT;
CREATE TABLE erasures (
    party INTEGER PRIMARY KEY,
    up_to INTEGER NOT NULL
) STRICT;
CREATE TABLE index_todo (
    seq INTEGER PRIMARY KEY,
    id  INTEGER NOT NULL
) STRICT;
CREATE TABLE accounts (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL,
    fold          TEXT    NOT NULL,
    email         TEXT    NOT NULL,
    created_ms    INTEGER NOT NULL,
    seen_ms       INTEGER NOT NULL,
    suspended     INTEGER NOT NULL,
    suspended_why TEXT    NOT NULL,
    always_on     INTEGER NOT NULL,  -- 0 unsaid, 1 yes, 2 no
    epoch         INTEGER NOT NULL,  -- grows when earlier log-ins must not count any more
    code          TEXT    NOT NULL,  -- what was sent to its address, hashed, until it is shown; '': nothing
    is_bot        INTEGER NOT NULL   -- when it was last here
, known_from TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO accounts VALUES(3,'Anna','anna','a@example.org',1,2,0,'',1,4,'',0,'0123456789abcdef0123456789abcdef');
CREATE TABLE nicks (
    account  INTEGER NOT NULL,
    position INTEGER NOT NULL,  -- the first is the account's own name
    name     TEXT    NOT NULL,  -- as typed
    nick     TEXT    NOT NULL,
    fold     TEXT    NOT NULL,  -- of the nick
    PRIMARY KEY (account, position)
) STRICT, WITHOUT ROWID;
INSERT INTO nicks VALUES(3,0,'Anna','Anna','anna');
CREATE TABLE credentials (
    account    INTEGER NOT NULL,
    kind       INTEGER NOT NULL,  -- 0 password, 1 certificate, 2 token
    id         TEXT    NOT NULL,  -- of a certificate its fingerprint, of a token its public part
    secret     TEXT    NOT NULL,
    scram      TEXT    NOT NULL,
    label      TEXT    NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,  -- 0: never
    read_only  INTEGER NOT NULL,
    PRIMARY KEY (account, kind, id)
) STRICT, WITHOUT ROWID;
INSERT INTO credentials VALUES(3,0,'','$argon2id$x','scram','',1,0,0);
CREATE TABLE read_markers (
    account INTEGER NOT NULL,
    target  TEXT    NOT NULL,  -- a channel or nick, folded
    at_ms   INTEGER NOT NULL,
    PRIMARY KEY (account, target)
) STRICT, WITHOUT ROWID;
CREATE TABLE metadata (
    account INTEGER NOT NULL,
    channel INTEGER NOT NULL,
    key     TEXT    NOT NULL,
    value   TEXT    NOT NULL,
    PRIMARY KEY (account, channel, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE channels (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL,
    fold          TEXT    NOT NULL,
    permanent     INTEGER NOT NULL,
    founder       INTEGER NOT NULL,  -- an account; 0: not registered
    created_ms    INTEGER NOT NULL,
    registered_ms INTEGER NOT NULL,
    empty_ms      INTEGER NOT NULL,  -- since when nobody is in it; 0: somebody is
    flags         INTEGER NOT NULL,  -- 1 +i, 2 +m, 4 +n, 8 +s, 16 +t, 32 +C, 64 and 128: only accounts speak, join
    key           TEXT    NOT NULL,
    members_max   INTEGER NOT NULL,
    slow_seconds  INTEGER NOT NULL,
    topic         TEXT    NOT NULL,
    topic_by      TEXT    NOT NULL,
    topic_ms      INTEGER NOT NULL,
    history       INTEGER NOT NULL,  -- 0 standard, 1 all, 2 since the join, 3 off
    keep_ms       INTEGER NOT NULL   -- how long its past is kept; 0: as the server says
, topic_account INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO channels VALUES(7,'#piazza','#piazza',1,3,1,2,0,20,'',0,0,'topic','anna!~a@h',5,0,0,3);
CREATE TABLE channel_masks (
    channel  INTEGER NOT NULL,
    list     INTEGER NOT NULL,  -- 0 bans, 1 exceptions, 2 invited
    position INTEGER NOT NULL,
    mask     TEXT    NOT NULL,
    fold     TEXT    NOT NULL,
    set_by   TEXT    NOT NULL,
    at_ms    INTEGER NOT NULL,
    PRIMARY KEY (channel, list, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE channel_access (
    channel  INTEGER NOT NULL,
    position INTEGER NOT NULL,
    account  INTEGER NOT NULL,
    ranks    INTEGER NOT NULL,
    PRIMARY KEY (channel, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE seats (
    channel   INTEGER NOT NULL,
    account   INTEGER NOT NULL,
    ranks     INTEGER NOT NULL,
    since     INTEGER NOT NULL,  -- the first id that it may read where only what came since is told
    is_out    INTEGER NOT NULL,  -- 1: left as the last, and may come back
    PRIMARY KEY (channel, account)
) STRICT, WITHOUT ROWID;
INSERT INTO seats VALUES(7,3,16,1,0);
CREATE TABLE server_bans (
    kind         INTEGER NOT NULL,  -- 0 network, 1 mask, 2 account
    fold         TEXT    NOT NULL,
    what         TEXT    NOT NULL,
    network_high INTEGER NOT NULL,  -- the address in IPv6's 128 bits
    network_low  INTEGER NOT NULL,
    prefix       INTEGER NOT NULL,
    action       INTEGER NOT NULL,  -- 0 deny, 1 need an account, 2 mute
    reason       TEXT    NOT NULL,
    set_by       TEXT    NOT NULL,
    since_ms     INTEGER NOT NULL,
    until_ms     INTEGER NOT NULL,  -- 0: for ever
    PRIMARY KEY (kind, fold)
) STRICT, WITHOUT ROWID;
CREATE TABLE dropped (
    account INTEGER PRIMARY KEY,
    fold    TEXT    NOT NULL  -- as it was called
) STRICT;
INSERT INTO dropped VALUES(9,'carla');
CREATE INDEX entries_past ON entries (timeline, event);
CREATE INDEX entries_other ON entries (other, event) WHERE other IS NOT NULL;
CREATE INDEX credentials_id ON credentials (kind, id);
CREATE INDEX seats_account ON seats (account);
PRAGMA user_version=2;
PRAGMA application_id=1651668339;
