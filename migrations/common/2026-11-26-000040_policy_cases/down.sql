DROP TABLE policy_cases;
