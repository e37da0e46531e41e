-- The cases of a policy version: small scenarios with the decision that each should lead to.
CREATE TABLE policy_cases (
    policy_id BIGINT NOT NULL REFERENCES policies (id),
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    body TEXT NOT NULL,
    kept_by TEXT NOT NULL,
    changed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (policy_id, name)
);
