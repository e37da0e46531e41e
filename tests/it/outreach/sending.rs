//! How messages go out: in peace, not too often, again until they are taken, under the same name; receipts close the loop.

use forbear::sender::NotTaken;
use forbear::service::ServiceError;
use forbear::service::care::outreach::opt_out::{Scope, Whom, stop};
use forbear::service::care::outreach::receipt::{Arrived, Receipt};
use forbear::service::care::outreach::settings::{ContactRules, Quiet};
use serde_json::json;

use super::{Pocket, at, counts, declare, hit, opened, opening, outreach, ruled, telling};
use crate::databases::on_both;
use crate::service::desk::{actor, write};

const FLOOD: &str = "zhengzhou-2021-07";

#[test]
fn in_quiet_hours_nobody_is_written_to() {
    on_both(|database| {
        let service = telling(database, outreach());
        hit(&service, "A-1", "A", "13800000001", "zh-CN");
        opened(&service, FLOOD, &json!({}));
        let pocket = Pocket::default();
        // From nine in the evening to eight in the morning in Shanghai.
        for moment in ["2021-07-29T13:00:00Z", "2021-07-29T16:30:00Z", "2021-07-29T23:59:59Z"] {
            at(&service, moment);
            assert_eq!(service.send_messages(&pocket).unwrap(), 0, "{moment}");
        }
        at(&service, "2021-07-30T00:00:00Z");
        assert_eq!((service.send_messages(&pocket).unwrap(), pocket.phones()), (1, vec!["8613800000001".to_owned()]));
    });
}

#[test]
fn so_many_a_week_and_the_next_waits_its_turn() {
    on_both(|database| {
        let rules = ContactRules { weekly: 1, quiet: Quiet::read("21:00-08:00").unwrap() };
        let service = ruled(database, outreach(), rules);
        hit(&service, "A-1", "A", "13800000001", "zh-CN");
        opened(&service, FLOOD, &json!({}));
        declare(&service, "typhoon", "typhoon-2021-07");
        let second = opened(&service, "typhoon", &json!({"sms_word": "typhoon"}));
        declare(&service, "landslide", "landslide-2021-07");
        let short = opened(&service, "landslide", &json!({"sms_word": "landslide", "expires_on": "2021-08-04"}));
        let pocket = Pocket::default();
        service.send_messages(&pocket).unwrap();
        assert_eq!(pocket.phones().len(), 1, "of three that are due at once one goes out");
        // A week later is after the last day of the landslide's channel.
        assert_eq!(counts(&opening(&service, &short)), "suppressed 2 (no_phone 1, weekly_cap 1)");
        assert_eq!(counts(&opening(&service, &second)), "queued 1, suppressed 1 (no_phone 1)");
        at(&service, "2021-08-05T01:59:59Z");
        assert_eq!(service.send_messages(&pocket).unwrap(), 0);
        at(&service, "2021-08-05T02:00:00Z");
        assert_eq!((service.send_messages(&pocket).unwrap(), pocket.phones().len()), (1, 1));
    });
}

#[test]
fn what_is_not_taken_is_sent_again_under_the_same_name() {
    on_both(|database| {
        let service = telling(database, outreach());
        hit(&service, "A-1", "A", "13800000001", "zh-CN");
        let row = opened(&service, FLOOD, &json!({}));
        let pocket = Pocket::default();
        pocket.says(Some(NotTaken::Later("it answered 503".to_owned())));
        let mut names = Vec::new();
        let mut seconds = 0;
        for attempt in 1..=16 {
            service.send_messages(&pocket).unwrap();
            let had = pocket.take();
            assert_eq!(had.len(), 1, "attempt {attempt}");
            names.extend(had.into_iter().map(|had| had.name));
            assert_eq!(service.send_messages(&pocket).unwrap(), 0, "not before its time");
            // Waits of 2 s, 4 s … are over after twice as long; three hours at most, and never in quiet hours.
            seconds += (4_i64 << attempt).min(3 * 3600);
            let next = "2021-07-29T02:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap()
                + chrono::TimeDelta::seconds(seconds);
            let until = service.guard(
                service.question(forbear::service::care::guard::Purpose::Service, Some(next.naive_utc())),
                "A-1",
                None,
            );
            let until = until.unwrap().next_at.map_or(next, |until| until.and_utc());
            seconds += (until - next).num_seconds();
            service.clock.set(until);
        }
        names.dedup();
        assert_eq!(names.len(), 1, "it is the same message each time");
        let told = opening(&service, &row);
        assert_eq!(counts(&told), "failed 1, suppressed 1 (no_phone 1)");
        let failed = service.messages(row.id, Some("failed"), (0, 10)).unwrap().remove(0);
        assert_eq!((failed.attempts, failed.failure.as_deref()), (16, Some("it answered 503")));
        assert_eq!(service.send_messages(&pocket).unwrap(), 0, "a person has to look");
        pocket.says(None);
        write(&service, |conn| service.resend_message(conn, &actor("lead"), failed.id)).unwrap();
        assert!(write(&service, |conn| service.resend_message(conn, &actor("lead"), failed.id)).is_err());
        assert_eq!(service.send_messages(&pocket).unwrap(), 1);
        assert_eq!(pocket.take()[0].name, names[0]);
    });
}

#[test]
fn what_never_can_be_taken_is_not_tried_again() {
    on_both(|database| {
        let service = telling(database, outreach());
        hit(&service, "A-1", "A", "13800000001", "zh-CN");
        let row = opened(&service, FLOOD, &json!({}));
        let pocket = Pocket::default();
        pocket.says(Some(NotTaken::Never("it answered 422".to_owned())));
        service.send_messages(&pocket).unwrap();
        assert_eq!(counts(&opening(&service, &row)), "failed 1, suppressed 1 (no_phone 1)");
    });
}

#[test]
fn who_says_stop_or_is_erased_before_it_goes_out_gets_nothing() {
    on_both(|database| {
        let service = telling(database, outreach());
        for (account, party, phone) in
            [("A-1", "A", "13800000001"), ("B-1", "B", "13800000002"), ("C-1", "C", "13800000003")]
        {
            hit(&service, account, party, phone, "zh-CN");
        }
        let row = opened(&service, FLOOD, &json!({}));
        let phone = crate::access::hidden("13800000001");
        let said = (Scope::Messages, "sms");
        write(&service, |conn| stop(&service, conn, &actor("gateway"), Whom::Phone(&phone), said)).unwrap();
        write(&service, |conn| service.erase_person(conn, &actor("lead"), "B", "asked to")).unwrap();
        write(&service, |conn| service.set_flag(conn, &actor("li"), "C", ("represented", "document", None))).unwrap();
        let pocket = Pocket::default();
        service.send_messages(&pocket).unwrap();
        assert!(pocket.take().is_empty());
        assert_eq!(counts(&opening(&service, &row)), "suppressed 4 (erased 1, flag 1, no_phone 1, opt_out 1)");
    });
}

#[test]
fn two_programs_never_send_the_same() {
    on_both(|database| {
        let service = telling(database, outreach());
        for at in 0..100 {
            hit(&service, &format!("A-{at}"), &format!("A{at}"), &format!("138000000{at:02}"), "zh-CN");
        }
        let row = opened(&service, FLOOD, &json!({}));
        let pocket = Pocket::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| while service.send_messages(&pocket).unwrap() > 0 {});
            }
        });
        let phones = pocket.phones();
        let mut once = phones.clone();
        once.dedup();
        assert_eq!((phones.len(), once.len()), (100, 100));
        assert_eq!(counts(&opening(&service, &row)), "sent 100, suppressed 1 (no_phone 1)");
    });
}

#[test]
fn what_a_program_took_with_it_is_due_again_when_its_claim_has_run_out() {
    on_both(|database| {
        let service = telling(database, outreach());
        hit(&service, "A-1", "A", "13800000001", "zh-CN");
        opened(&service, FLOOD, &json!({}));
        // A gateway in whose hands the program ends.
        struct Grave;
        impl forbear::sender::MessageSender for Grave {
            fn send(&self, _: &forbear::sender::Letter<'_>) -> Result<(), NotTaken> {
                panic!("the program ends here");
            }
        }
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| service.send_messages(&Grave)));
        assert!(ended.is_err());
        let pocket = Pocket::default();
        // Four rounds of a second each, and five to spare.
        at(&service, "2021-07-29T02:00:08Z");
        assert_eq!(service.send_messages(&pocket).unwrap(), 0, "it may still be under way");
        at(&service, "2021-07-29T02:00:09Z");
        assert_eq!((service.send_messages(&pocket).unwrap(), pocket.phones().len()), (1, 1));
    });
}

#[test]
fn receipts_close_the_loop() {
    on_both(|database| {
        let service = telling(database, outreach());
        for (account, party, phone) in
            [("A-1", "A", "13800000001"), ("B-1", "B", "13800000002"), ("C-1", "C", "13800000003")]
        {
            hit(&service, account, party, phone, "zh-CN");
        }
        let row = opened(&service, FLOOD, &json!({}));
        let pocket = Pocket::default();
        pocket.says(Some(NotTaken::Later("it dropped the connection".to_owned())));
        service.send_messages(&pocket).unwrap();
        let names: Vec<String> = pocket.take().into_iter().map(|had| had.name).collect();
        let receipt = |message: &str, status, code: Option<&str>| Receipt {
            message: message.to_owned(),
            status,
            code: code.map(str::to_owned),
        };
        let take = |receipts: &[Receipt]| write(&service, |conn| service.take_receipts(conn, receipts));
        // The gateway took the first all the same: it is not sent again.
        let first = receipt(&names[0], Arrived::Delivered, None);
        let none = receipt("message_0000000000001", Arrived::Delivered, None);
        let made = take(&[first.clone(), none.clone(), first.clone()]).unwrap();
        assert_eq!((made.taken, made.known, made.unknown), (1, 1, vec![none.message]));
        pocket.says(None);
        at(&service, "2021-07-29T02:00:05Z");
        assert_eq!((service.send_messages(&pocket).unwrap(), pocket.phones().len()), (2, 2));
        take(&[receipt(&names[1], Arrived::Failed, Some("absent"))]).unwrap();
        assert_eq!(counts(&opening(&service, &row)), "delivered 1, failed 1, sent 1, suppressed 1 (no_phone 1)");
        let failed = service.messages(row.id, Some("failed"), (0, 10)).unwrap().remove(0);
        let why = (failed.reason.as_deref(), failed.failure.as_deref());
        assert_eq!(why, (Some("undelivered"), Some("the gateway says absent")));
        // It came through in the end; after that nothing takes it back.
        assert_eq!(take(&[receipt(&names[1], Arrived::Delivered, None)]).unwrap().taken, 1);
        assert_eq!(take(&[receipt(&names[1], Arrived::Failed, None)]).unwrap().known, 1);
        let wrong = take(&[receipt(&names[2], Arrived::Failed, Some("张三 is away"))]).unwrap_err();
        assert!(matches!(wrong, ServiceError::Invalid(_)));
        assert!(take(&vec![first; 1_001]).is_err());
    });
}
