//! Limits in words.

use super::Voice;
use crate::policy::document::{LimitPer, LimitScope};
use crate::policy::program::{LimitMeasure, LimitProgram, Program};

impl Voice<'_> {
    /// A limit in words: "at most 3 grants for each account and event".
    #[must_use]
    pub fn limit(&self, limit: &LimitProgram) -> String {
        let most = match &limit.measure {
            LimitMeasure::Count(count) => {
                let count = self.count(*count, "grants");
                self.say(format!("纾困不超过 {count}"), format!("at most {count}"))
            }
            LimitMeasure::DeferredInstalments(count) => {
                let count = self.count(*count, "instalments");
                self.say(format!("延期不超过 {count}"), format!("at most {count} deferred"))
            }
            LimitMeasure::Amount(money) => {
                let money = self.money(money);
                self.say(
                    format!("减免、退还和补偿合计不超过{money}"),
                    format!("at most {money} waived, refunded and given"),
                )
            }
        };
        let per = match limit.per {
            LimitPer::Account => self.say("每个账户", "for each account"),
            LimitPer::Borrower => self.say("每位借款人", "for each borrower"),
        };
        let scope = match limit.scope {
            LimitScope::Event => self.say("每次灾害", "and event"),
            LimitScope::Declaration => self.say("每次灾害认定", "and declaration"),
            LimitScope::Any => self.say("不分灾害", "over all events"),
        };
        let window = limit.window.map(|(months, days)| {
            let spans = [(months, "months"), (days, "days")];
            let spans = spans.iter().filter(|(count, _)| *count > 0);
            let spans: Vec<String> = spans.map(|(count, unit)| self.count(i64::from(*count), unit)).collect();
            let span = self.and(&spans);
            self.say(format!("，{span}内"), format!(" in {span}"))
        });
        let window = window.unwrap_or_default();
        self.say(format!("{per}{scope}{window}{most}"), format!("{most} {per} {scope}{window}"))
    }

    /// The limit at a place of a policy.
    #[must_use]
    pub fn limit_at(&self, program: Option<&Program>, pointer: &str) -> Option<String> {
        let limit = program?.limits.iter().find(|limit| limit.pointer == pointer)?;
        Some(self.limit(limit))
    }
}
