DROP TABLE sms_dialogues;
DROP TABLE sms_messages;
