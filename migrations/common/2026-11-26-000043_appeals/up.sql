-- A request is appealed against once.
CREATE UNIQUE INDEX requests_by_appeal ON requests (appeal_of);
CREATE INDEX reviews_by_request ON reviews (request_id, id);
