//! Progress: the steps of everything in a case, in order, and in words.

use chrono::{NaiveDate, NaiveDateTime};
use forbear_engine::text::Language;

use super::{CaseRow, found};
use crate::service::access::Principal;
use crate::service::{Served, Service, ServiceError};
use crate::store::{Connection, account, case, request};

/// What a borrower knows of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The case.
    pub case: CaseRow,
    /// The account's number, where it is known.
    pub account: Option<String>,
    /// Its requests, the first first.
    pub requests: Vec<i64>,
    /// The lender answers by then, as long as it has not.
    pub answer_by: Option<NaiveDate>,
    /// What happened, in order.
    pub steps: Vec<Step>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What.
    pub kind: String,
    /// When.
    pub at: NaiveDateTime,
    /// What its borrower should know.
    pub note: Option<String>,
}

impl Step {
    /// In words.
    #[must_use]
    pub fn words(&self, language: Language) -> &'static str {
        words(&self.kind, language).unwrap_or(language.of(["处理中", "being dealt with"]))
    }
}

impl Service {
    /// Where a case stands.
    ///
    /// # Errors
    /// There is none for this caller.
    pub fn progress(&self, caller: &Principal, id: i64) -> Served<Progress> {
        self.store.read(|conn| {
            let row = found(conn, id)?;
            match row.account_id {
                Some(account) => caller.may_see(conn, account).map_err(|_| ServiceError::Missing("case"))?,
                None if caller.borrower().is_some() => return Err(ServiceError::Missing("case")),
                None => {}
            }
            self.progress_of(conn, row)
        })
    }

    /// Where the cases of a borrower stand, the last opened first.
    ///
    /// # Errors
    /// The store fails.
    pub fn own_progress(&self, caller: &Principal) -> Served<Vec<Progress>> {
        let Some(party) = caller.borrower() else { return Ok(Vec::new()) };
        self.store.read(|conn| {
            let mut rows = Vec::new();
            for (account, _) in account::owed_by(conn, &[party.to_owned()])? {
                rows.extend(case::of_account(conn, account)?);
            }
            rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.id));
            rows.into_iter().map(|row| self.progress_of(conn, row)).collect()
        })
    }

    /// Where a case stands.
    pub(in crate::service) fn progress_of(&self, conn: &mut Connection, row: CaseRow) -> Served<Progress> {
        let requests = case::requests_of(conn, row.id)?;
        let mut steps: Vec<(i64, Step)> = Vec::new();
        let mut answer_by: Option<NaiveDate> = None;
        for id in &requests {
            let own = request::steps(conn, *id)?.into_iter();
            steps.extend(own.map(|step| (step.id, Step { kind: step.kind, at: step.at, note: step.note })));
            let asked = request::find(conn, *id)?;
            let waits = asked.filter(|asked| matches!(asked.state.as_str(), "received" | "needs_information"));
            answer_by = answer_by.into_iter().chain(waits.and_then(|asked| asked.answer_by)).min();
        }
        let own = case::steps(conn, row.id)?.into_iter();
        steps.extend(own.map(|step| (step.id, Step { kind: step.kind, at: step.at, note: None })));
        // By when they happened; ids grow with time on one machine alone.
        steps.sort_by_key(|(id, step)| (step.at, *id));
        let account = match row.account_id {
            Some(account) => account::get(conn, account)?.map(|own| own.number),
            None => None,
        };
        let steps = steps.into_iter().map(|(_, step)| step).collect();
        Ok(Progress { case: row, account, requests, answer_by, steps })
    }
}

/// A step in words, where it is one that its borrower should read.
#[must_use]
pub fn words(kind: &str, language: Language) -> Option<&'static str> {
    Some(language.of(match kind {
        "contacted" => ["已联系我们", "you got in touch"],
        "attended" => ["已有专人接待", "a person is speaking with you"],
        "handed_over" => ["已转交同事跟进", "handed to a colleague"],
        "received" => ["已收到", "received"],
        "answered" => ["已收到您补充的内容", "your answers have come"],
        "information_needed" | "question" => ["等您补充或确认", "waiting for you to answer or agree"],
        "evidence_received" => ["已收到材料", "your papers have come"],
        "evidence_accepted" => ["材料已核对", "your papers have been checked"],
        "evidence_refused" => ["材料需要重新提交", "please send your papers again"],
        "under_review" => ["人工审核中", "a person is looking at it"],
        "approved" => ["审批完成", "signed off"],
        "accepted" => ["您已同意方案", "you agreed"],
        "granted" => ["已批准", "granted"],
        "partly_declined" => ["部分未通过", "turned down in part"],
        "declined" => ["未通过", "turned down"],
        "appealed" | "appeal" => ["复核中", "being looked at again"],
        "amended" => ["已按最新灾情重新办理", "decided again as the disaster went on"],
        "posted" => ["已办理，等待贷款系统确认", "done, and sent to the loan system"],
        "confirmed" => ["已在贷款账户生效", "in effect on your loan"],
        "refused_by_core" => ["贷款系统未能办理，我们正在跟进", "the loan system could not do it; we are on it"],
        "taken_back" => ["部分措施已撤销", "part of the relief was taken back"],
        "hold_released" => ["暂停措施已结束", "a pause has ended"],
        "withdrawn" => ["已撤回", "withdrawn"],
        "complaint" => ["投诉已受理", "complaint taken"],
        "complaint_extended" => ["投诉情况复杂，处理期限延长", "the complaint is complex and takes longer"],
        "complaint_resolved" => ["投诉已答复", "complaint answered"],
        "complaint_reopened" => ["投诉重新处理", "complaint opened again"],
        "complaint_withdrawn" => ["投诉已撤回", "complaint withdrawn"],
        "reopened" => ["重新受理", "opened again"],
        "resolved" => ["已办结", "closed"],
        _ => return None,
    }))
}
