//! Text messages: somebody without an app or a page is helped from the first word to the last step, and nobody else is.

use forbear::secret::Hidden;
use forbear::service::care::sms::{Inbound, Replied};
use forbear::service::{Served, Service, ServiceError};
use forbear_engine::text::Language;
use serde_json::{Value, json};

use super::{HENAN, LOAN, PHONE, channel, confirm_all, known, later, only_late_fees, report};
use crate::access::verbs;
use crate::databases::{kept, on_both};
use crate::service::desk::{actor, file, put_in_force, staff, write};
use forbear::service::care::sms::replying::{self, say};
use forbear::service::policy::PolicyAct;

const OTHER: &str = "13900000009";

/// A phone, and how many messages it sent.
struct Phone<'a> {
    service: &'a Service,
    number: &'a str,
    sent: std::cell::Cell<u32>,
}

impl<'a> Phone<'a> {
    fn of(service: &'a Service, number: &'a str) -> Self {
        Self { service, number, sent: std::cell::Cell::new(0) }
    }

    fn deliver(&self, id: &str, text: &str) -> Served<Replied> {
        let new = Inbound {
            message: id.to_owned(),
            from: Hidden::text(self.number),
            text: Hidden::text(text),
            received_at: None,
        };
        write(self.service, |conn| self.service.receive_message(conn, &new))
    }

    fn says(&self, text: &str) -> Replied {
        self.sent.set(self.sent.get() + 1);
        self.deliver(&format!("{}-{}", self.number, self.sent.get()), text).unwrap()
    }

    fn hears(&self, text: &str) -> String {
        self.says(text).reply.unwrap()
    }
}

/// The conversation in docs/contacts.md: what is written, and what comes back.
fn conversation() -> Vec<(bool, String)> {
    let document = file("docs/contacts.md");
    let block = document.split("```text sms\n").nth(1).expect("a conversation").split("```").next().unwrap();
    let line = |line: &str| match line.split_once(' ') {
        Some((">", text)) => (true, text.to_owned()),
        Some(("<", text)) => (false, text.to_owned()),
        _ => panic!("{line}"),
    };
    block.lines().map(line).collect()
}

#[test]
fn the_conversation_of_the_guide_runs_as_it_is_written() {
    on_both(|database| {
        let service = known(database);
        channel(&service, "cn-henan-2021-07-consumer-finance");
        let phone = Phone::of(&service, PHONE);
        let (mut reply, mut number, mut turns) = (None, String::new(), 0);
        for (own, text) in conversation() {
            if own {
                if turns == 4 {
                    confirm_all(&service);
                }
                let said = phone.says(&text);
                number = said.case_number.unwrap_or(number);
                reply = said.reply;
                turns += 1;
            } else {
                assert_eq!(reply.as_deref(), Some(text.replace("0ABCD-EFGH-JKMN", &number).as_str()));
            }
        }
        assert!(turns >= 6, "{turns}");
        let asked = service.own_progress(&forbear::service::access::Principal {
            actor: actor("borrower"),
            roles: vec![forbear::service::access::Role::Borrower],
            party: Some("P-1".to_owned()),
        });
        let [case] = asked.unwrap().try_into().unwrap();
        // What was sure was given at once; with the answer it was asked for more, in the same case.
        assert_eq!(case.requests.len(), 2);
        let request = service.request(&staff(), case.requests[1]).unwrap();
        let body: Value = serde_json::from_str(&request.request.body).unwrap();
        assert_eq!((&body["via"], &body["evidence"]), (&json!("sms"), &json!(["self_statement"])));
        assert_eq!(request.request.declaration.as_deref(), Some(HENAN), "the key word's disaster");
        assert!(request.grants.iter().all(|grant| grant.state == "confirmed"), "{:#?}", request.grants);
    });
}

#[test]
fn a_doubled_delivery_does_nothing_twice_and_nothing_is_kept_of_what_was_written() {
    on_both(|database| {
        let service = known(database);
        let phone = Phone::of(&service, PHONE);
        let first = phone.deliver("m-1", "申请").unwrap();
        assert_eq!(phone.deliver("m-1", "申请").unwrap(), first);
        assert_eq!(verbs(&service).iter().filter(|verb| *verb == "request.receive").count(), 1);
        let forged = phone.deliver("m-1", "退订");
        assert!(matches!(forged, Err(ServiceError::Invalid(problems)) if problems[0].pointer == "/message"));
        let secret = "我家住在文化路八十八号三单元，请帮帮我";
        phone.says(secret);
        let bytes = kept(database);
        for text in [secret, PHONE] {
            assert!(memchr::memmem::find(&bytes, text.as_bytes()).is_none(), "{text}");
        }
        later(&service, 60 * 24 * 8);
        assert!(service.forget_messages().unwrap() >= 2);
    });
}

#[test]
fn a_phone_that_nobody_has_hears_one_thing_whatever_it_writes() {
    on_both(|database| {
        let service = known(database);
        let number = super::ask(&service, LOAN).case.number;
        let stranger = Phone::of(&service, OTHER);
        let neutral = say(Language::Chinese, replying::NEUTRAL, &[]);
        for text in ["申请", "进度", "转人工", "投诉：不还钱", "是", "我的申请到哪一步了", "帮助"]
        {
            let said = stranger.says(text);
            assert_eq!((said.reply.as_deref(), said.case_number), (Some(neutral.as_str()), None), "{text}");
        }
        // With the number alone a stranger learns as much as with none that is there.
        let missing = stranger.says("进度 00000-0000-0000");
        assert_eq!(stranger.says(&format!("进度 {number}")).reply, missing.reply);
        assert_eq!(stranger.says(&format!("进度 {number} 0000")).reply, missing.reply);
        assert!(stranger.hears(&format!("进度 {number} 5678")).contains(&number), "with both it is told");
        // Whose phone it is needs no digits, and is told nothing of others.
        report(&service, "ZZ-20210220-09", "P-9", OTHER, "zh-CN");
        let other = super::ask(&service, "ZZ-20210220-09").case.number;
        let own = Phone::of(&service, PHONE);
        assert!(own.hears(&format!("进度 {}", number.to_lowercase())).contains(&number));
        assert_eq!(own.says(&format!("进度 {other}")).reply, missing.reply);
    });
}

#[test]
fn several_loans_are_asked_for_apart_or_together() {
    on_both(|database| {
        let service = known(database);
        report(&service, "ZZ-20210220-02", "P-1", PHONE, "zh-CN");
        let phone = Phone::of(&service, PHONE);
        let which = "您名下有多笔贷款：1 尾号2001；2 尾号2002。请回复序号，全部申请请回复0。";
        assert_eq!(phone.hears("申请"), which);
        assert_eq!(phone.hears("7"), which, "there is no seventh");
        assert_eq!(phone.hears("0"), "已先为您批准部分减免。灾情是否使您难以按时还款？请回复 是 或 否。");
        // One answer is for both.
        assert_eq!(phone.hears("是"), "请确认您提供的情况属实。属实请回复 是。");
        assert!(phone.hears("是").starts_with("已批准。"));
        let posted = service.grants(Some("posted"), 0, 100).unwrap();
        let accounts: std::collections::BTreeSet<i64> = posted.iter().map(|grant| grant.account_id).collect();
        assert_eq!(accounts.len(), 2);
        let said = phone.hears("进度");
        assert_eq!(said.matches("案件").count(), 2, "{said}");
    });
}

#[test]
fn english_is_answered_in_english_and_no_is_an_answer() {
    on_both(|database| {
        let service = known(database);
        report(&service, "ZZ-20210220-03", "P-3", OTHER, "en");
        let phone = Phone::of(&service, OTHER);
        assert_eq!(
            phone.hears("Apply"),
            "Part of the relief is granted already. Has the disaster made it hard for you to pay? Reply YES or NO."
        );
        assert_eq!(
            phone.hears("perhaps"),
            "That was not understood. Has the disaster made it hard for you to pay? Reply YES or NO."
        );
        let granted = phone.says("No.");
        let number = granted.case_number.unwrap();
        assert_eq!(
            granted.reply.unwrap(),
            format!("Granted. Your case is {number}; reply PROGRESS to follow it. Relief costs nothing.")
        );
        assert_eq!(phone.hears("progress"), format!("Case {number}: granted (2021-07-29)."));
        assert!(phone.hears("yes").starts_with("There is no question for you"));
    });
}

#[test]
fn what_could_be_misread_is_said_back_first() {
    on_both(|database| {
        let service = known(database);
        let henan = ("cn-henan-2021-07-consumer-finance", 1);
        write(&service, |conn| service.move_policy(conn, &actor("approver"), henan, PolicyAct::Withdraw, None))
            .unwrap();
        let mut policy: Value = serde_json::from_str(&file("samples/policy-late-fees.json")).unwrap();
        policy["eligible"] =
            json!({"id": "shop", "fact": "area.business.region", "on": "incident_start", "within": ["CN-410100"]});
        policy["rules"][0].as_object_mut().unwrap().remove("when");
        policy["start"] = json!({"by": ["request"]});
        put_in_force(&service, &policy.to_string());
        let phone = Phone::of(&service, PHONE);
        let question = "您当时的经营场所在哪个县（市、区）？请回复县（市、区）名称，没有请回复 无。";
        assert_eq!(phone.hears("申请"), question);
        assert_eq!(phone.hears("亚特兰蒂斯"), format!("没有看懂您的回复。{question}"));
        assert_eq!(phone.hears("二七区"), "您的回答是“河南省郑州市二七区”，对吗？请回复 是 或 否。");
        assert_eq!(phone.hears("不对"), question, "then it is asked again");
        phone.says("金水区");
        assert!(phone.hears("对").starts_with("已批准。"));
        let body = service.store.read(|conn| {
            let account = forbear::store::account::find(conn, LOAN)?.unwrap();
            forbear::store::request::of_account(conn, account.id)
        });
        let body: Value = serde_json::from_str(&body.unwrap()[0].body).unwrap();
        assert_eq!(body["answers"]["area.business.region"], "CN-410105");
    });
}

#[test]
fn an_offer_is_agreed_with_as_it_was_shown() {
    on_both(|database| {
        let service = known(database);
        only_late_fees(&service, true);
        let phone = Phone::of(&service, PHONE);
        let shown = phone.says("申请");
        assert_eq!(shown.understood, "consent", "{shown:?}");
        assert!(shown.reply.unwrap().starts_with("方案：延后还款"));
        // The account is reported anew meanwhile, and more is owed: what was shown no longer holds.
        let mut line: Value = serde_json::from_str(&file("samples/account-zhengzhou.json")).unwrap();
        let report = |line: &Value| {
            let reported = forbear::core_system::person::parse_with_persons(1, &line.to_string()).unwrap();
            service.take_report(&reported).unwrap();
        };
        line["as_of"] = json!("2021-07-29");
        let unpaid =
            line["schedules"][0]["rows"].as_array_mut().unwrap().iter_mut().filter(|row| row["paid_on"].is_null());
        unpaid.for_each(|row| row["interest"] = json!("77.77"));
        report(&line);
        let again = phone.says("同意");
        assert!(again.reply.as_ref().unwrap().starts_with("您的账户情况有更新，方案已重新计算。方案："), "{again:?}");
        assert!(service.grants(Some("posted"), 0, 10).unwrap().is_empty());
        // It is reported anew once more, and what was shown comes out the same: nobody has to look at it again.
        line["attributes"] = json!({"branch": "east"});
        report(&line);
        let agreed = phone.says("同意");
        assert!(agreed.reply.unwrap().starts_with("已按您的同意办理。"));
        assert_eq!(service.grants(Some("posted"), 0, 10).unwrap().len(), 1);
    });
}

#[test]
fn messages_are_stopped_a_person_takes_over_and_a_complaint_is_taken() {
    on_both(|database| {
        let service = known(database);
        let phone = Phone::of(&service, PHONE);
        assert_eq!(phone.hears("退订"), say(Language::Chinese, replying::STOPPED, &[]));
        assert_eq!(phone.hears("订阅"), say(Language::Chinese, replying::RESUMED, &[]));
        let said = verbs(&service);
        assert!(said.iter().any(|verb| verb == "opt_out.stop") && said.iter().any(|verb| verb == "opt_out.resume"));
        let person = phone.says("转人工");
        let number = person.case_number.unwrap();
        assert_eq!(person.reply.unwrap(), format!("已转人工，工作人员会尽快联系您。案件号{number}。"));
        let waiting = service.contacts(
            &forbear::store::contact::Of { state: Some("waiting".to_owned()), ..Default::default() },
            0,
            10,
        );
        let [contact] = waiting.unwrap().try_into().unwrap();
        assert_eq!((contact.via.as_str(), contact.party.as_deref()), ("sms", Some("P-1")));
        let complaint = phone.says("投诉：催收半夜打电话");
        // Fifteen days from 29 July.
        assert!(complaint.reply.unwrap().starts_with("投诉已受理，我们将在2021-08-13前答复。"));
        assert_eq!(complaint.case_number, Some(number));
        // Free words are taken to a question, and confirmed before anything is done.
        let confirm = phone.says("我要申请延期还款");
        assert_eq!(confirm.reply.as_deref(), Some("您是要为尾号2001的贷款申请灾害纾困吗？请回复 是 或 否。"));
        assert_eq!(phone.hears("不用"), "好的，没有为您办理。");
        assert!(!verbs(&service).iter().any(|verb| verb == "request.receive"));
    });
}

#[test]
fn machines_that_answer_each_other_stop() {
    on_both(|database| {
        let service = known(database);
        let phone = Phone::of(&service, PHONE);
        let answered = (0..40).filter(|_| phone.says("收到").reply.is_some()).count();
        assert_eq!(answered, 30);
        later(&service, 61);
        assert!(phone.says("进度").reply.is_some());
    });
}
