//! Words of care in both languages: states, reasons, ways.

use std::borrow::Cow;

use chrono::{NaiveDate, NaiveDateTime};
use forbear_engine::declaration::{Designation, Kind};
use forbear_engine::explain::amount::percent;
use forbear_engine::region::RegionTree;
use forbear_engine::text::Text;
use rust_decimal::Decimal;

use crate::web::frame::Frame;

/// Of what, its name in documents, how it is marked, in Chinese, in English.
const WORDS: &[(&str, &str, &str, [&str; 2])] = &[
    ("draft", "waiting", "warn", ["待确认", "waiting"]),
    ("draft", "withdrawn", "soft", ["已撤回", "withdrawn"]),
    ("draft", "confirmed", "good", ["已确认", "confirmed"]),
    ("draft", "dropped", "soft", ["已放弃", "dropped"]),
    ("proposal", "waiting", "warn", ["待处理", "waiting"]),
    ("proposal", "accepted", "good", ["已采纳", "accepted"]),
    ("proposal", "dismissed", "soft", ["未采纳", "dismissed"]),
    ("channel", "standby", "warn", ["待开通", "on standby"]),
    ("channel", "open", "good", ["已开通", "open"]),
    ("channel", "standing_down", "warn", ["收尾中", "standing down"]),
    ("channel", "closed", "soft", ["已关闭", "closed"]),
    ("preview", "waiting", "soft", ["排队中", "waits to be worked out"]),
    ("preview", "running", "warn", ["测算中", "is being worked out"]),
    ("preview", "done", "good", ["已完成", "done"]),
    ("preview", "failed", "bad", ["失败", "failed"]),
    ("preview", "cancelled", "soft", ["已取消", "cancelled"]),
    ("part", "proactive", "", ["主动给予", "given without asking"]),
    ("part", "request", "", ["申请后另加", "on top, if everybody asks"]),
    ("campaign", "preview", "soft", ["预览", "preview"]),
    ("campaign", "running", "good", ["发送中", "running"]),
    ("campaign", "paused", "warn", ["已暂停", "paused"]),
    ("campaign", "done", "good", ["已完成", "done"]),
    ("campaign", "ended", "soft", ["已结束", "ended"]),
    ("campaign", "cancelled", "soft", ["已取消", "cancelled"]),
    ("occasion", "opening", "", ["开通通知", "opening"]),
    ("occasion", "reminder", "", ["截止提醒", "reminder"]),
    ("suppressed", "no_phone", "", ["没有电话", "no phone"]),
    ("suppressed", "erased", "", ["信息已删除", "erased"]),
    ("suppressed", "opt_out", "", ["本人退订", "opted out"]),
    ("suppressed", "flag", "", ["身故或有代理人", "died, or represented"]),
    ("suppressed", "told_already", "", ["已由其他通道告知", "told already"]),
    ("suppressed", "weekly_cap", "", ["本周已达上限", "enough messages this week"]),
    ("suppressed", "channel_closed", "", ["通道已关闭", "the channel closed"]),
    ("suppressed", "cancelled", "", ["发送已取消", "cancelled"]),
    ("via", "hotline", "", ["热线", "hotline"]),
    ("via", "app", "", ["手机应用", "app"]),
    ("via", "page", "", ["网页", "web page"]),
    ("via", "sms", "", ["短信", "text message"]),
    ("via", "branch", "", ["网点", "branch"]),
    ("contact", "waiting", "warn", ["等待接听", "waiting"]),
    ("contact", "answered", "good", ["接待中", "being attended to"]),
    ("contact", "resolved", "soft", ["已办结", "resolved"]),
    ("case", "open", "warn", ["办理中", "open"]),
    ("case", "resolved", "good", ["已办结", "resolved"]),
    ("flag", "vulnerable", "", ["需特别照顾", "vulnerable"]),
    ("flag", "bereaved", "", ["家有丧事", "bereaved"]),
    ("flag", "hospitalised", "", ["住院", "in hospital"]),
    ("flag", "deceased", "", ["已故", "deceased"]),
    ("flag", "represented", "", ["有代理人", "represented by somebody"]),
    ("form", "mild", "", ["措辞温和", "in mild words"]),
    ("form", "estate", "", ["致遗产管理人", "to the estate"]),
    ("form", "representative", "", ["致代理人", "to the representative"]),
    ("known_by", "told", "", ["本人告知", "they said so"]),
    ("known_by", "told_by_relative", "", ["家属告知", "a relative said so"]),
    ("known_by", "document", "", ["凭证", "a document"]),
    ("known_by", "observed", "", ["接待中发现", "it was noticed"]),
    ("known_by", "public_record", "", ["公开记录", "a public record"]),
    ("known_by", "disaster_list", "", ["灾害名单", "a list of the disaster"]),
    ("over", "told", "", ["本人告知", "they said so"]),
    ("over", "over", "", ["已结束", "it is over"]),
    ("over", "mistake", "", ["有误", "it was a mistake"]),
    ("over", "set_anew", "", ["重新设定", "it is set anew"]),
    ("purpose", "collections", "", ["催收", "collections"]),
    ("purpose", "marketing", "", ["营销", "marketing"]),
    ("purpose", "service", "", ["服务通知", "service"]),
    ("purpose", "letter", "", ["法定信函", "letter"]),
    ("guard", "hold", "", ["纾困期内停止催收", "a grant stops it"]),
    ("guard", "opt_out", "", ["本人退订", "opted out"]),
    ("guard", "flag", "", ["特别关照标记", "something to mind"]),
    ("guard", "weekly_cap", "", ["本周已达上限", "enough messages this week"]),
    ("guard", "complaint", "", ["有未结投诉", "a complaint is open"]),
    ("guard", "quiet_hours", "", ["安静时段", "quiet hours"]),
    ("complaint", "open", "warn", ["待答复", "open"]),
    ("complaint", "resolved", "good", ["已答复", "answered"]),
    ("complaint", "withdrawn", "soft", ["已撤回", "withdrawn"]),
    ("resolution", "upheld", "", ["投诉属实", "upheld"]),
    ("resolution", "partly_upheld", "", ["部分属实", "partly upheld"]),
    ("resolution", "not_upheld", "", ["不属实", "not upheld"]),
    ("resolution", "settled", "", ["和解", "settled"]),
    ("root", "policy", "", ["政策条款", "a version of a policy"]),
    ("root", "channel", "", ["应急通道", "an emergency channel"]),
    ("root", "staff", "", ["工作人员", "staff"]),
    ("root", "system", "", ["系统故障", "a system"]),
    ("root", "third_party", "", ["第三方", "a third party"]),
    ("root", "unfounded", "", ["无责任", "nothing the lender did"]),
    ("outcome", "granted", "good", ["已批准", "granted"]),
    ("outcome", "declined", "bad", ["未批准", "declined"]),
    ("outcome", "referred", "warn", ["人工审核", "a person looks at it"]),
    ("outcome", "needs_information", "warn", ["需补充信息", "something has to be asked"]),
    ("outcome", "partly_granted", "good", ["部分批准", "partly granted"]),
    ("action", "answer", "", ["照此答复", "answer so"]),
    ("action", "open_request", "", ["为客户申请纾困", "ask for relief for the caller"]),
    ("action", "read_progress", "", ["告知办理进度", "tell how far the case is"]),
    ("action", "take_complaint", "", ["登记投诉", "take a complaint"]),
    ("action", "hand_to_person", "", ["转交专人", "hand over to a person"]),
    ("came_to", "informed", "", ["已告知", "informed"]),
    ("came_to", "relief_asked", "", ["已申请纾困", "relief was asked for"]),
    ("came_to", "answered", "", ["已代客回答", "a question was answered"]),
    ("came_to", "agreed", "", ["已代客同意", "agreed with an offer"]),
    ("came_to", "complaint", "", ["已登记投诉", "a complaint was taken"]),
    ("came_to", "handed_over", "", ["已转交", "handed over"]),
    ("came_to", "unreachable", "", ["联系不上", "could not be reached"]),
    ("came_to", "wrong_person", "", ["非本人", "another person"]),
    ("came_to", "relief_given", "", ["已给予纾困", "relief was given"]),
    ("came_to", "nothing_given", "", ["未给予纾困", "nothing was given"]),
    ("came_to", "not_ours", "", ["非本机构客户", "not our customer"]),
    ("came_to", "other", "", ["其他", "something else"]),
    ("words", "note", "", ["记录", "note"]),
    ("words", "hand_over", "", ["转交", "handed over"]),
    ("words", "outcome", "", ["结果", "outcome"]),
    ("words", "complaint", "", ["投诉", "complaint"]),
    ("words", "resolution", "", ["答复", "answer"]),
    ("words", "extension", "", ["延期理由", "why it takes longer"]),
    ("words", "again", "", ["再次投诉", "not content"]),
];

fn found(of: &str, name: &str) -> Option<(&'static str, [&'static str; 2])> {
    WORDS.iter().find(|(group, known, ..)| *group == of && *known == name).map(|(_, _, mark, words)| (*mark, *words))
}

impl Frame {
    /// A name of documents in words; what is none of ours, as it is.
    #[must_use]
    pub fn word<'t>(&self, of: &str, name: &'t str) -> Cow<'t, str> {
        match found(of, name) {
            Some((_, words)) => self.language.of(words).into(),
            None => name.replace('_', " ").into(),
        }
    }

    /// How a state is marked, beside its word.
    #[must_use]
    pub fn mark(&self, of: &str, name: &str) -> &'static str {
        found(of, name).map_or("", |(mark, _)| mark)
    }

    /// A region by its code, with those above it.
    #[must_use]
    pub fn region(&self, code: &str) -> String {
        let tree = RegionTree::builtin();
        tree.known(code).map_or_else(|| code.to_owned(), |region| tree.full_name(region))
    }

    /// A kind of disaster, by its name.
    #[must_use]
    pub fn kind(&self, name: &Option<String>) -> &'static str {
        let known = Kind::ALL.iter().find(|kind| Some(kind.name()) == name.as_deref());
        known.map_or_else(|| self.say("类型未知", "of no known kind"), |kind| kind.title(self.language))
    }

    /// A kind of disaster.
    #[must_use]
    pub fn kind_title(&self, kind: &Kind) -> &'static str {
        kind.title(self.language)
    }

    /// A mark of an area.
    #[must_use]
    pub fn mark_title(&self, mark: &Designation) -> &'static str {
        mark.title(self.language)
    }

    /// How grave it is.
    #[must_use]
    pub fn grade(&self, severity: &Option<String>) -> String {
        match severity {
            Some(grade) => self.put("{}级", "level {}", grade),
            None => self.say("未定级", "no level yet").to_owned(),
        }
    }

    /// How an area is marked.
    #[must_use]
    pub fn designation(&self, designation: &Option<Designation>) -> &'static str {
        designation.map_or_else(|| self.say("灾区", "designated"), |known| known.title(self.language))
    }

    /// A text that was kept in both languages.
    #[must_use]
    pub fn kept_text(&self, text: &str) -> String {
        let read: Text = serde_json::from_str(text).unwrap_or_default();
        self.text(&read).to_owned()
    }

    /// A share with four places, as a percentage.
    #[must_use]
    pub fn share(&self, share: &Option<String>) -> String {
        let read = share.as_deref().and_then(|text| text.parse::<Decimal>().ok());
        read.map_or_else(|| "—".to_owned(), |share| percent(share, 2))
    }

    /// Seconds in words.
    #[must_use]
    pub fn span(&self, seconds: &Option<i64>) -> String {
        match seconds {
            None => "—".to_owned(),
            Some(seconds) if *seconds < 120 => self.put("{}秒", "{} s", seconds),
            Some(seconds) => self.put("{}分钟", "{} min", seconds.div_euclid(60)),
        }
    }

    /// A moment, where there is one.
    #[must_use]
    pub fn moment_or(&self, at: &Option<NaiveDateTime>) -> String {
        at.as_ref().map_or_else(|| "—".to_owned(), |at| self.moment(at))
    }

    /// A day, where there is one.
    #[must_use]
    pub fn day_or(&self, day: &Option<NaiveDate>) -> String {
        day.as_ref().map_or_else(|| "—".to_owned(), |day| self.day(day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_there_once_and_in_both_languages() {
        for (at, (group, name, _, words)) in WORDS.iter().enumerate() {
            assert!(words.iter().all(|word| !word.is_empty()) && words[0] != words[1], "{group} {name}");
            let again = WORDS[at + 1..].iter().any(|(other, known, ..)| (other, known) == (group, name));
            assert!(!again, "{group} {name} is there twice");
        }
    }
}
