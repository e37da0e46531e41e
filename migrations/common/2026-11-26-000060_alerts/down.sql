DROP TABLE event_regions;
DROP TABLE events;
DROP TABLE proposals;
DROP TABLE alert_refusals;
DROP TABLE alerts;
DROP TABLE drafts;
