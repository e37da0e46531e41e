-- Messages that came in, by keyed indexes: a doubled delivery gets the same answer. What was written is not kept.
CREATE TABLE sms_messages (
    message_index TEXT NOT NULL PRIMARY KEY,
    content_index TEXT NOT NULL,
    sender_index TEXT NOT NULL,
    understood TEXT NOT NULL,
    case_id BIGINT REFERENCES cases (id),
    reply TEXT,
    at TIMESTAMP NOT NULL
);
CREATE INDEX sms_messages_by_sender ON sms_messages (sender_index, at);
CREATE INDEX sms_messages_by_age ON sms_messages (at);

-- What was asked of a phone, and is answered by the next message from it.
CREATE TABLE sms_dialogues (
    sender_index TEXT NOT NULL PRIMARY KEY,
    party TEXT NOT NULL,
    expects TEXT NOT NULL,
    until TIMESTAMP NOT NULL
);
