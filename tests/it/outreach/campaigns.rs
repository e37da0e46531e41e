//! Who is told when a channel opens: seen before, each once, in their language; and who is not, with the reason.

use forbear::service::ServiceError;
use forbear::service::care::outreach::campaign::Steer;
use forbear::service::care::outreach::opt_out::{Scope, Whom, stop};
use serde_json::json;

use super::{
    Pocket, at, built, counts, declare, hit, loan, open, opened, opening, outreach, person, prepared, telling,
};
use crate::databases::on_both;
use crate::service::desk::{actor, write};

const FLOOD: &str = "zhengzhou-2021-07";

#[test]
fn the_preview_counts_whom_the_opening_tells() {
    on_both(|database| {
        let service = telling(database, outreach());
        // A has two loans there, B reads English, G a language in which there are no texts.
        hit(&service, "A-1", "A", "13800000001", "zh-CN");
        hit(&service, "A-2", "A", "13800000001", "zh-CN");
        hit(&service, "B-1", "B", "+1 713 555 0123", "en");
        hit(&service, "G-1", "G", "13800000007", "fr");
        // Nobody knows C's phone, nor who P-1 of the sample is.
        service.take_report(&loan("C-1", "CN-410105", "C", "active", None)).unwrap();
        // D lives in Changsha, H has repaid.
        service.take_report(&loan("D-1", "CN-430105", "D", "active", Some(&person("D", "13800000004", "en")))).unwrap();
        service
            .take_report(&loan("H-1", "CN-410105", "H", "settled", Some(&person("H", "13800000008", "en"))))
            .unwrap();
        hit(&service, "E-1", "E", "13800000005", "zh-CN");
        let said = (Scope::Messages, "sms");
        write(&service, |conn| stop(&service, conn, &actor("gateway"), Whom::Person("E"), said)).unwrap();
        hit(&service, "F-1", "F", "13800000006", "zh-CN");
        write(&service, |conn| service.set_flag(conn, &actor("li"), "F", ("deceased", "told_by_relative", None)))
            .unwrap();
        hit(&service, "I-1", "I", "13800000009", "zh-CN");
        write(&service, |conn| service.erase_person(conn, &actor("lead"), "I", "asked to")).unwrap();

        let row = prepared(&service, FLOOD, &json!({}));
        built(&service);
        let preview = opening(&service, &row);
        // A, B, C, E, F, G, I and P-1: what C, I and P-1 read nobody knows, nor what G does in a way that helps.
        assert_eq!((preview.row.state.as_str(), preview.tally.persons), ("preview", 8));
        assert_eq!(serde_json::to_value(&preview.tally.languages).unwrap(), json!({"zh-CN": 7, "en": 1}));
        assert_eq!(
            serde_json::to_value(&preview.tally.suppressed).unwrap(),
            json!({"erased": 1, "flag": 1, "no_phone": 2, "opt_out": 1})
        );
        assert_eq!(counts(&preview), "", "nobody is told before it is open");
        assert!(preview.texts["en"]["ask"].starts_with("Example Bank: after the floods in Zhengzhou you can ask"));

        let pocket = Pocket::default();
        assert_eq!(service.send_messages(&pocket).unwrap(), 0);
        open(&service, &row);
        built(&service);
        let told = opening(&service, &row);
        assert_eq!(counts(&told), "queued 3, suppressed 5 (erased 1, flag 1, no_phone 2, opt_out 1)");
        assert_eq!(told.tally, preview.tally);
        assert_eq!(service.send_messages(&pocket).unwrap(), 3);
        let had = pocket.take();
        assert_eq!(
            had.iter().map(|had| (had.phone.as_str(), had.language.as_str())).collect::<Vec<_>>(),
            [("17135550123", "en"), ("8613800000001", "zh-CN"), ("8613800000007", "zh-CN")]
        );
        assert_eq!(had[0].text, told.texts["en"]["ask"]);
        assert!(
            had[1].text.contains("400-800-1234")
                && had[1].text.contains("河南救助")
                && had[1].text.contains("2021-12-31")
        );
        assert_eq!((service.send_messages(&pocket).unwrap(), service.run_campaign(&|| false).unwrap()), (0, false));
        assert!(pocket.take().is_empty(), "each is told once");
        let kept = String::from_utf8_lossy(&crate::databases::kept(database)).into_owned();
        for secret in ["13800000001", "7135550123", "张三"] {
            assert!(!kept.contains(secret), "{secret} is kept in the clear");
        }
    });
}

#[test]
fn who_was_given_relief_already_is_told_so() {
    on_both(|database| {
        let service = telling(database, outreach());
        hit(&service, "B-1", "B", "13800000002", "en");
        let sample = crate::service::desk::file("samples/account-zhengzhou.json");
        let mut sample: serde_json::Value = serde_json::from_str(&sample).unwrap();
        sample["person"] = json!({"parties": [{"party": "P-1", "phone": "13800000001", "language": "en"}]});
        let reported = forbear::core_system::person::parse_with_persons(1, &sample.to_string()).unwrap();
        service.take_report(&reported).unwrap();
        write(&service, |conn| service.give_relief(conn, &actor("lead"), "ZZ-20210220-01")).unwrap();
        let row = opened(&service, FLOOD, &json!({}));
        let pocket = Pocket::default();
        service.send_messages(&pocket).unwrap();
        let told = opening(&service, &row);
        assert_eq!(serde_json::to_value(&told.tally.variants).unwrap(), json!({"ask": 1, "given": 1}));
        let texts: Vec<String> = pocket.take().into_iter().map(|had| had.text).collect();
        assert_eq!(texts, [told.texts["en"]["given"].clone(), told.texts["en"]["ask"].clone()]);
        assert!(texts[0].contains("we have given you relief on your loan; you need not ask"));
    });
}

#[test]
fn an_audience_broken_off_anywhere_goes_on() {
    on_both(|database| {
        let service = telling(database, outreach());
        for at in 0..3 {
            hit(&service, &format!("A-{at}"), &format!("A{at}"), &format!("1380000000{at}"), "zh-CN");
        }
        let row = open(&service, &prepared(&service, FLOOD, &json!({})));
        // It is asked to stop before the first step, and again: nothing is lost, nobody holds it.
        for _ in 0..2 {
            assert!(service.run_campaign(&|| true).unwrap());
            assert_eq!(counts(&opening(&service, &row)), "");
        }
        // It is asked to stop after the first step: that is kept.
        let steps = std::sync::atomic::AtomicU32::new(0);
        let once = || steps.fetch_add(1, std::sync::atomic::Ordering::SeqCst) > 0;
        assert!(service.run_campaign(&once).unwrap());
        assert_eq!(counts(&opening(&service, &row)), "queued 3, suppressed 1 (no_phone 1)");
        assert!(opening(&service, &row).row.built_at.is_none());
        built(&service);
        let told = opening(&service, &row);
        assert_eq!((told.tally.persons, told.row.built_at.is_some()), (4, true));
        assert_eq!(counts(&told), "queued 3, suppressed 1 (no_phone 1)");
    });
}

#[test]
fn of_one_event_one_channel_tells() {
    on_both(|database| {
        let service = telling(database, outreach());
        hit(&service, "A-1", "A", "13800000001", "zh-CN");
        opened(&service, FLOOD, &json!({}));
        declare(&service, "zhengzhou-again", "henan-flood-2021-07");
        let same = opened(&service, "zhengzhou-again", &json!({"sms_word": "again"}));
        assert_eq!(counts(&opening(&service, &same)), "suppressed 2 (no_phone 1, told_already 1)");
        declare(&service, "typhoon", "typhoon-2021-07");
        let other = opened(&service, "typhoon", &json!({"sms_word": "typhoon"}));
        assert_eq!(counts(&opening(&service, &other)), "queued 1, suppressed 1 (no_phone 1)");
    });
}

#[test]
fn what_is_closed_tells_nothing_more_and_what_opens_again_goes_on() {
    on_both(|database| {
        let service = telling(database, outreach());
        for at in 0..2 {
            hit(&service, &format!("A-{at}"), &format!("A{at}"), &format!("1380000000{at}"), "zh-CN");
        }
        let row = opened(&service, FLOOD, &json!({}));
        let pocket = Pocket::default();
        let steer = |steer: Steer| {
            write(&service, |conn| service.steer_campaigns(conn, &actor("lead"), (row.id, steer, Some("a typo"))))
        };
        steer(Steer::Pause).unwrap();
        steer(Steer::Pause).unwrap();
        assert_eq!(service.send_messages(&pocket).unwrap(), 0);
        steer(Steer::Resume).unwrap();
        write(&service, |conn| service.stand_channel_down(conn, &actor("lead"), row.id, "the water fell")).unwrap();
        assert_eq!(service.send_messages(&pocket).unwrap(), 0);
        assert_eq!(counts(&opening(&service, &row)), "suppressed 3 (channel_closed 2, no_phone 1)");
        assert!(matches!(steer(Steer::Resume), Err(ServiceError::Conflict { code: "wrong_state", .. })));
        // It opens again, for longer: the messages say until when.
        let until = ("2022-01-31".parse().unwrap(), "it rains again");
        write(&service, |conn| service.extend_channel(conn, &actor("lead"), row.id, until)).unwrap();
        assert_eq!(service.send_messages(&pocket).unwrap(), 2);
        assert!(pocket.take().iter().all(|had| had.text.contains("2022-01-31")));
        // Cancelled by a person it stays so, whatever becomes of the channel.
        steer(Steer::Cancel).unwrap();
        let later = ("2022-02-28".parse().unwrap(), "and again");
        write(&service, |conn| service.extend_channel(conn, &actor("lead"), row.id, later)).unwrap();
        assert_eq!(opening(&service, &row).row.state, "cancelled");
    });
}

#[test]
fn who_did_not_answer_is_reminded_once_near_the_end() {
    on_both(|database| {
        let service = telling(
            database,
            forbear::service::care::outreach::settings::Outreach { reminder_days: Some(7), ..outreach() },
        );
        for (account, party, phone) in
            [("A-1", "A", "13800000001"), ("B-1", "B", "13800000002"), ("C-1", "C", "13800000003")]
        {
            hit(&service, account, party, phone, "zh-CN");
        }
        let row = opened(&service, FLOOD, &json!({}));
        let pocket = Pocket::default();
        service.send_messages(&pocket).unwrap();
        pocket.take();
        // B asks, C wants no more.
        let ask = forbear::service::relief::ask::NewRequest { account: "B-1".to_owned(), ..Default::default() };
        write(&service, |conn| service.ask(conn, &actor("B"), &ask)).unwrap();
        let said = (Scope::Messages, "sms");
        write(&service, |conn| stop(&service, conn, &actor("gateway"), Whom::Person("C"), said)).unwrap();
        // 24 December is the first day from which seven are left to the 31st.
        at(&service, "2021-12-23T02:00:00Z");
        built(&service);
        assert_eq!(service.outreach_of(row.id).unwrap().len(), 1);
        at(&service, "2021-12-24T02:00:00Z");
        built(&service);
        let reminder =
            service.outreach_of(row.id).unwrap().into_iter().find(|told| told.row.kind == "reminder").unwrap();
        assert_eq!(counts(&reminder), "queued 1, suppressed 1 (opt_out 1)");
        assert_eq!(service.send_messages(&pocket).unwrap(), 1);
        assert!(pocket.take()[0].text.starts_with("【示例银行】提醒：郑州暴雨纾困申请将于2021-12-31截止"));
        built(&service);
        assert_eq!((service.outreach_of(row.id).unwrap().len(), service.send_messages(&pocket).unwrap()), (2, 0));
    });
}
