use forbear_engine::declaration::Declaration;
use serde_json::json;

use super::{Cap, drafts, outcome, take};
use crate::databases::on_both;
use crate::service::desk::{actor, at, service, write};

/// The events of the drafts, in the order in which they were made; each by the place of the first draft that has it.
fn events(service: &forbear::service::Service) -> Vec<usize> {
    let all: Vec<String> = drafts(service).into_iter().map(|row| row.event).collect();
    all.iter().map(|event| all.iter().position(|other| other == event).unwrap()).collect()
}

/// An alert of another office: a draft of its own.
fn office(number: usize, areas: &[(&str, &str)]) -> Cap {
    Cap::new(&format!("o-{number}")).from(&format!("office-{number}@example.cn")).areas(areas)
}

#[test]
fn alerts_of_one_kind_at_one_time_in_or_next_to_each_other_are_of_one_event() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        outcome(&service, &office(0, &[("金水区", "410105")]));
        // The same county; another of the prefecture; the prefecture itself; one in another province; the province of the last.
        outcome(&service, &office(1, &[("金水区", "410105")]));
        outcome(&service, &office(2, &[("二七区", "410103")]));
        outcome(&service, &office(3, &[("郑州市", "410100")]));
        outcome(&service, &office(4, &[("武汉市江岸区", "420102")]));
        outcome(&service, &office(5, &[("湖北省", "420000")]));
        // Another kind in the same place.
        outcome(&service, &office(6, &[("金水区", "410105")]).event("地震"));
        assert_eq!(events(&service), [0, 0, 0, 0, 4, 4, 6]);
    });
}

#[test]
fn what_lies_apart_in_time_or_goes_on_for_too_long_is_another_event() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        let on = |number: usize, from: &str, to: &str| office(number, &[("金水区", "410105")]).times(from, to);
        let gust = |number: usize, from: &str, to: &str| on(number, from, to).event("大风");
        service.clock.set(at("2026-07-20T00:30:00Z"));
        outcome(&service, &on(0, "2026-07-20T08:00:00+08:00", "2026-07-21T08:00:00+08:00"));
        // Floods: a day between them still joins, a minute more does not; 168 hours after the first it is another one.
        outcome(&service, &on(1, "2026-07-22T08:00:00+08:00", "2026-07-23T08:00:00+08:00"));
        outcome(&service, &on(2, "2026-07-24T08:01:00+08:00", "2026-07-26T08:00:00+08:00"));
        outcome(&service, &on(3, "2026-07-31T08:01:00+08:00", "2026-08-01T08:00:00+08:00"));
        // Wind: 72 hours.
        outcome(&service, &gust(4, "2026-07-20T08:00:00+08:00", "2026-07-23T00:00:00+08:00"));
        outcome(&service, &gust(5, "2026-07-23T08:00:00+08:00", "2026-07-24T00:00:00+08:00"));
        outcome(&service, &gust(6, "2026-07-23T08:01:00+08:00", "2026-07-24T00:00:00+08:00"));
        assert_eq!(events(&service), [0, 0, 2, 3, 4, 4, 6]);
    });
}

#[test]
fn counties_of_the_united_states_are_neighbours_by_their_outlines() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        let at = |number: usize, code: &str| {
            let text = office(number, &[("x", code)]).text();
            text.replace("行政区划代码", "SAME").replace("暴雨", "Flash Flood")
        };
        // Harris, its neighbour Fort Bend, and Bexar, which is 250 km away.
        for (number, code) in ["048201", "048157", "048029"].into_iter().enumerate() {
            assert_eq!(take(&service, &at(number, code)).taken.len(), 1);
        }
        assert_eq!(events(&service), [0, 0, 2]);
    });
}

#[test]
fn an_alert_joins_the_event_of_what_was_declared() {
    on_both(|database| {
        let service = service(database, "2026-07-20");
        let declared: Declaration = serde_json::from_value(json!({
            "declaration": "henan", "event": "henan-flood", "kind": "flood", "title": {"en": "x"}, "declared_on": "2026-07-19",
            "incident": {"start": "2026-07-18"}, "areas": [{"region": "CN-410000"}],
        }))
        .unwrap();
        write(&service, |conn| service.declare(conn, &actor("lead"), &declared)).unwrap();
        outcome(&service, &office(0, &[("金水区", "410105")]));
        assert_eq!(drafts(&service)[0].event, "henan-flood");
    });
}
