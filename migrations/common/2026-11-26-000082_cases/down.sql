DROP TABLE case_steps;
DROP TABLE case_requests;
DROP TABLE cases;
