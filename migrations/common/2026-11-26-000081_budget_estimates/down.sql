DROP TABLE budget_estimates;
