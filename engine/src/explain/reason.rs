//! Reasons in words, with what the policy calls things.

use super::Voice;
use crate::policy::Program;
use crate::reason::Reason;

impl Voice<'_> {
    /// A reason; policies are there to call rules, benefits and limits by what people call them.
    #[must_use]
    pub fn reason(&self, reason: &Reason, program: Option<&Program>, policies: &[Program]) -> String {
        match reason {
            Reason::Absent { what } => {
                let what = self.missing(what);
                self.say(format!("缺少数据：{what}"), format!("data is missing: {what}"))
            }
            Reason::Limit { pointer } if pointer == "renew/total" => {
                self.say("已达到可续期的最长时间", "it cannot be prolonged any further")
            }
            Reason::Limit { pointer } => match self.limit_at(program, pointer) {
                Some(limit) => {
                    self.say(format!("已达到政策上限：{limit}"), format!("a limit of the policy is reached: {limit}"))
                }
                None => reason.text(self.language),
            },
            Reason::LostTo { other } => {
                let other = self.named(other, policies);
                self.say(format!("已由{other}处理"), format!("{other} goes first"))
            }
            Reason::Evidence { kind } => {
                let kind = self.name(kind);
                self.say(format!("须先提交{kind}"), format!("needed first: {kind}"))
            }
            Reason::Refer { to } => {
                let (to, why) = (self.name(to), program.and_then(|program| self.referred(program, to)));
                let text = self.say(format!("由{to}决定"), format!("{to} decides"));
                match why {
                    Some(why) => self.say(format!("{text}：{why}"), format!("{text}: {why}")),
                    None => text,
                }
            }
            _ => reason.text(self.language),
        }
    }

    /// Why a rule that holds is referred, in the author's words.
    fn referred(&self, program: &Program, to: &str) -> Option<String> {
        let refers = program.rules.iter().filter_map(|rule| rule.refer.as_ref());
        let why = refers.filter(|refer| refer.to == to).find_map(|refer| refer.reason.as_ref())?;
        Some(why.get(self.language).to_owned())
    }

    /// What people call `policy/benefit`, or a policy.
    #[must_use]
    pub fn named(&self, name: &str, policies: &[Program]) -> String {
        let (slug, benefit) = name.split_once('/').map_or((name, None), |(slug, benefit)| (slug, Some(benefit)));
        let programs = || policies.iter().filter(|program| program.slug() == slug);
        let Some(program) = programs().next_back() else { return name.to_owned() };
        let policy = program.document.title.get(self.language).to_owned();
        let Some(benefit) = benefit else { return self.say(format!("“{policy}”"), format!("\"{policy}\"")) };
        let benefit = self.benefit_title(program, benefit);
        self.say(format!("“{policy}”的“{benefit}”"), format!("\"{benefit}\" of \"{policy}\""))
    }

    /// What people call a benefit; its id when it has no title.
    #[must_use]
    pub fn benefit_title(&self, program: &Program, id: &str) -> String {
        let found = program.rules.iter().flat_map(|rule| &rule.benefits).find(|benefit| benefit.id == id);
        let title = found.and_then(|benefit| benefit.title.as_ref()).map(|title| title.get(self.language));
        title.filter(|title| !title.is_empty()).unwrap_or(id).to_owned()
    }

    /// What people call a rule; its id when it has no title.
    #[must_use]
    pub fn rule_title(&self, program: &Program, id: &str) -> String {
        let found = program.rules.iter().find(|rule| rule.id == id).and_then(|rule| rule.title.as_ref());
        found.map(|title| title.get(self.language)).filter(|title| !title.is_empty()).unwrap_or(id).to_owned()
    }
}
