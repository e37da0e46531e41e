//! What a lender sets once about relief.

/// How requests are taken and looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReliefSettings {
    /// So many days after a request was declined somebody may appeal.
    pub appeal_days: u32,
    /// So many bytes a file of evidence may have.
    pub evidence_bytes: u32,
    /// Kinds of evidence for which a borrower's word is enough; of others a file has to be accepted.
    pub statements: Vec<String>,
    /// Of a thousand grants that nobody approved, so many are looked at a second time, by lot.
    pub sample_per_mille: u32,
    /// So many days of a standing order whose end is open are set aside in budgets.
    pub order_days: u32,
}

impl Default for ReliefSettings {
    fn default() -> Self {
        Self {
            appeal_days: 30,
            evidence_bytes: 10 << 20,
            statements: vec!["self_statement".to_owned()],
            sample_per_mille: 0,
            order_days: 90,
        }
    }
}
