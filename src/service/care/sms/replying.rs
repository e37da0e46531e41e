//! Words of answers. Each fits into three parts of a message, so that a phone shows it whole and it costs the lender three at most.

use forbear_engine::text::Language;

/// Three parts of a message in 7-bit letters, and in others (3GPP TS 23.038 and 23.040: a part of several has 153 and 67).
const PLAIN: usize = 3 * 153;
const OTHER: usize = 3 * 67;

/// The basic letters of a text message beside letters and digits.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";

/// How many letters it takes, and how many there may be.
#[must_use]
pub fn length(text: &str) -> (usize, usize) {
    let basic = |letter: char| letter.is_ascii_alphanumeric() || BASIC.contains(letter);
    if text.chars().all(basic) {
        return (text.chars().count(), PLAIN);
    }
    (text.encode_utf16().count(), OTHER)
}

/// The text, cut where it would not fit.
#[must_use]
pub fn fit(text: &str) -> String {
    let (long, most) = length(text);
    if long <= most {
        return text.to_owned();
    }
    let mut cut: String = text.to_owned();
    // Cut off, it never takes more parts: what is left is of the same letters or of fewer kinds.
    while cut.pop().is_some() {
        let shown = format!("{}...", cut.trim_end());
        let (long, most) = length(&shown);
        if long <= most {
            return shown;
        }
    }
    cut
}

/// A sentence in a language, with what stands for `{}` put in, in order.
#[must_use]
pub fn say(language: Language, pair: [&'static str; 2], put_in: &[&str]) -> String {
    let mut rest = language.of(pair);
    let mut said = String::new();
    for part in put_in {
        let Some((before, after)) = rest.split_once("{}") else { break };
        said.push_str(before);
        said.push_str(part);
        rest = after;
    }
    said.push_str(rest);
    said
}

/// Two sentences, one after the other.
#[must_use]
pub fn both(language: Language, first: &str, second: &str) -> String {
    format!("{first}{}{second}", language.of(["", " "]))
}

/// To a phone that no borrower has, whatever it wrote.
pub const NEUTRAL: [&str; 2] = [
    "我们已收到您的短信。如您是我们的借款客户，请用办理贷款时登记的手机号发送，或拨打官方客服热线。我们不会索要密码或验证码。",
    "We have your message. If you have a loan with us, please write from the phone we know, or call our official line. We never ask for passwords or codes.",
];

/// What one can write.
pub const HELP: [&str; 2] = [
    "回复“申请”申请灾害纾困；回复“进度”查询；回复“人工”由工作人员联系您；回复“投诉”加内容提交投诉；回复“退订”不再接收短信。",
    "Reply APPLY to ask for disaster relief, PROGRESS to see where you stand, AGENT for a person, COMPLAINT and your words to complain, STOP for no more messages.",
];

/// Messages are stopped.
pub const STOPPED: [&str; 2] = [
    "已退订，我们不再主动给您发短信。您来信查询或申请时我们仍会答复。恢复请回复“订阅”。",
    "You will get no more messages of our own accord. When you write we still answer. Reply START to have them again.",
];

/// Messages are sent again.
pub const RESUMED: [&str; 2] =
    ["已恢复短信通知。不需要时回复“退订”。", "You will get our messages again. Reply STOP to end them."];

/// Nothing was asked.
pub const NOTHING_ASKED: [&str; 2] =
    ["目前没有需要您回复的问题。", "There is no question for you to answer at present."];

/// Which loan.
pub const WHICH: [&str; 2] = [
    "您名下有多笔贷款：{}。请回复序号，全部申请请回复0。",
    "You have several loans: {}. Reply with the number, or 0 for all of them.",
];

/// Whether relief is to be asked for.
pub const CONFIRM_ASKING: [&str; 2] = [
    "您是要为尾号{}的贷款申请灾害纾困吗？请回复 是 或 否。",
    "Do you want to ask for disaster relief on your loan ending {}? Reply YES or NO.",
];

/// Nothing was done.
pub const NOT_DONE: [&str; 2] = ["好的，没有为您办理。", "All right, nothing was done."];

/// An answer was not understood.
pub const AGAIN: [&str; 2] = ["没有看懂您的回复。{}", "That was not understood. {}"];

/// Whether it was understood.
pub const DID_YOU_MEAN: [&str; 2] =
    ["您的回答是“{}”，对吗？请回复 是 或 否。", "Your answer is \"{}\", right? Reply YES or NO."];

/// What a person said is true.
pub const STATEMENT: [&str; 2] =
    ["请确认您提供的情况属实。属实请回复 是。", "Please confirm that what you told us is true. Reply YES if it is."];

/// Papers are needed.
pub const PAPERS: [&str; 2] = [
    "还需要您提供材料，短信无法接收，请通过App或网页上传，或回复“人工”。案件号{}。",
    "We need papers that a message cannot carry: please use the app or the website, or reply AGENT. Your case is {}.",
];

/// Ways to move payments, of which one is taken.
pub const OFFERS: [&str; 2] = ["可选方案：{}。请回复序号。", "Your options: {}. Reply with the number."];

/// What is offered, to be agreed with.
pub const CONSENT: [&str; 2] = [
    "方案：{}。同意请回复 同意，不同意请回复 否。案件号{}。",
    "The offer: {}. Reply AGREE to accept, NO to leave it. Your case is {}.",
];

/// Something was decided anew since it was shown.
pub const CHANGED: [&str; 2] =
    ["您的账户情况有更新，方案已重新计算。", "Your account has changed since, and the offer was worked out anew."];

/// It is agreed with.
pub const AGREED: [&str; 2] = ["已按您的同意办理。案件号{}。", "Done as you agreed. Your case is {}."];

/// It is granted.
pub const GRANTED: [&str; 2] = [
    "已批准。案件号{}，可回复“进度”查询。办理纾困不收任何费用。",
    "Granted. Your case is {}; reply PROGRESS to follow it. Relief costs nothing.",
];

/// Something is given already, and more may be.
pub const SOME: [&str; 2] = ["已先为您批准部分减免。", "Part of the relief is granted already."];

/// It is turned down.
pub const DECLINED: [&str; 2] = [
    "您的申请未通过。案件号{}。如有异议可申请复核，请回复“人工”。",
    "Your request was turned down. Your case is {}. To have it looked at again, reply AGENT.",
];

/// A person looks at it.
pub const UNDER_REVIEW: [&str; 2] = [
    "已收到，需要人工审核，结果会通知您。案件号{}，可回复“进度”查询。",
    "Received. A person has to look at it, and you will hear from us. Your case is {}; reply PROGRESS to follow it.",
];

/// Where a case stands.
pub const STANDS: [&str; 2] = ["案件{}：{}（{}）。", "Case {}: {} ({})."];

/// When it is answered.
pub const ANSWER_BY: [&str; 2] = ["我们将在{}前答复。", "We answer by {}."];

/// No case was found, for whatever reason.
pub const NO_CASE: [&str; 2] = [
    "没有查到可以告诉您的案件。请核对案件号，或加上登记手机号后四位：进度 案件号 后四位。",
    "There is no case that we can tell you of. Check the number, or add the last four digits of the phone we know: PROGRESS case digits.",
];

/// A person will be in touch.
pub const PERSON: [&str; 2] =
    ["已转人工，工作人员会尽快联系您。案件号{}。", "A person will be in touch as soon as they can. Your case is {}."];

/// A complaint was taken.
pub const COMPLAINT: [&str; 2] = [
    "投诉已受理，我们将在{}前答复。案件号{}，可回复“进度”查询。",
    "Your complaint is taken, and answered by {}. Your case is {}; reply PROGRESS to follow it.",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_fits_with_what_is_put_in() {
        let case = "0ABCD-EFGH-JKMN";
        let all = [
            NEUTRAL,
            HELP,
            STOPPED,
            RESUMED,
            NOTHING_ASKED,
            NOT_DONE,
            STATEMENT,
            CHANGED,
            AGREED,
            GRANTED,
            DECLINED,
            UNDER_REVIEW,
            NO_CASE,
            PERSON,
            COMPLAINT,
            PAPERS,
            ANSWER_BY,
            STANDS,
            CONFIRM_ASKING,
        ];
        for pair in all {
            for language in Language::ALL {
                let said = say(language, pair, &[case, case, case]);
                let (long, most) = length(&said);
                assert!(long <= most, "{long} of {most}: {said}");
                assert!(!said.contains("http") && !said.contains("{}"), "{said}");
            }
        }
        // English without a foreign letter goes in 7 bits.
        assert_eq!(length(say(Language::English, HELP, &[]).as_str()).1, PLAIN);
    }

    #[test]
    fn what_does_not_fit_is_cut() {
        assert_eq!(fit("short"), "short");
        let (latin, han) = (fit(&"a".repeat(1_000)), fit(&"长".repeat(1_000)));
        assert_eq!((latin.chars().count(), han.chars().count()), (459, 201));
        assert!(latin.ends_with("...") && han.ends_with("..."));
        // An emoji takes two.
        assert_eq!(length("😭"), (2, OTHER));
    }
}
