-- What is set aside of a budget for what will probably be drawn on the standing order of a grant.
CREATE TABLE budget_estimates (
    budget_id BIGINT NOT NULL REFERENCES budgets (id),
    grant_id BIGINT NOT NULL REFERENCES grants (id),
    slice INTEGER NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    PRIMARY KEY (budget_id, grant_id)
);
CREATE INDEX budget_estimates_by_grant ON budget_estimates (grant_id);
