DROP INDEX reviews_by_request;
DROP INDEX requests_by_appeal;
