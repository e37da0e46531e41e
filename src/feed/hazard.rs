//! One table of what an alert is about and how grave it is, whatever feed it came by.

use forbear_engine::declaration::{Kind, Severity};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Event codes of the US Specific Area Message Encoding (47 CFR 11.31(e); NWS Instruction 10-1712).
const SAME: [(&str, Kind); 33] = [
    ("AVA", Kind::Landslide),
    ("AVW", Kind::Landslide),
    ("BZW", Kind::WinterStorm),
    ("CFA", Kind::Flood),
    ("CFW", Kind::Flood),
    ("DSW", Kind::Storm),
    ("EQW", Kind::Earthquake),
    ("EWW", Kind::Storm),
    ("FFA", Kind::Flood),
    ("FFS", Kind::Flood),
    ("FFW", Kind::Flood),
    ("FLA", Kind::Flood),
    ("FLS", Kind::Flood),
    ("FLW", Kind::Flood),
    ("FRW", Kind::Wildfire),
    ("HMW", Kind::Accident),
    ("HUA", Kind::Hurricane),
    ("HUS", Kind::Hurricane),
    ("HUW", Kind::Hurricane),
    ("HWA", Kind::Storm),
    ("HWW", Kind::Storm),
    ("NUW", Kind::Accident),
    ("RHW", Kind::Accident),
    ("SVA", Kind::Storm),
    ("SVR", Kind::Storm),
    ("SVS", Kind::Storm),
    ("TOA", Kind::Tornado),
    ("TOR", Kind::Tornado),
    ("TRW", Kind::Hurricane),
    ("TSA", Kind::Tsunami),
    ("TSW", Kind::Tsunami),
    ("VOW", Kind::Volcano),
    ("WSW", Kind::WinterStorm),
];

/// Phenomena of the Valid Time Event Code (NWS Instruction 10-1703, appendix A).
const VTEC: [(&str, Kind); 34] = [
    ("AF", Kind::Volcano),
    ("AV", Kind::Landslide),
    ("BZ", Kind::WinterStorm),
    ("CF", Kind::Flood),
    ("CW", Kind::WinterStorm),
    ("DS", Kind::Storm),
    ("EC", Kind::WinterStorm),
    ("EW", Kind::Storm),
    ("FA", Kind::Flood),
    ("FF", Kind::Flood),
    ("FL", Kind::Flood),
    ("FW", Kind::Wildfire),
    ("FZ", Kind::WinterStorm),
    ("HF", Kind::Hurricane),
    ("HI", Kind::Hurricane),
    ("HU", Kind::Hurricane),
    ("HW", Kind::Storm),
    ("HY", Kind::Flood),
    ("HZ", Kind::WinterStorm),
    ("IS", Kind::WinterStorm),
    ("LE", Kind::WinterStorm),
    ("LS", Kind::Flood),
    ("MA", Kind::Storm),
    ("SQ", Kind::WinterStorm),
    ("SS", Kind::Flood),
    ("SV", Kind::Storm),
    ("TI", Kind::Hurricane),
    ("TO", Kind::Tornado),
    ("TR", Kind::Hurricane),
    ("TS", Kind::Tsunami),
    ("TY", Kind::Typhoon),
    ("WC", Kind::WinterStorm),
    ("WS", Kind::WinterStorm),
    ("ZR", Kind::WinterStorm),
];

/// Words that name a disaster, the more telling first: a typhoon's rain is of the typhoon.
const WORDS: [(Kind, &[&str]); 14] = [
    (Kind::Tsunami, &["tsunami", "海啸", "海嘯"]),
    (Kind::Earthquake, &["earthquake", "seismic", "terremoto", "sismo", "地震"]),
    (Kind::Volcano, &["volcan", "ashfall", "火山"]),
    (Kind::Typhoon, &["typhoon", "台风", "颱風"]),
    (Kind::Hurricane, &["hurricane", "tropical storm", "cyclone", "huracán", "ciclón", "飓风"]),
    (Kind::Tornado, &["tornado", "龙卷"]),
    (
        Kind::Landslide,
        &["landslide", "mudslide", "debris flow", "avalanche", "滑坡", "泥石流", "山体崩塌", "地质灾害", "土石流"],
    ),
    (
        Kind::Wildfire,
        &["wildfire", "bushfire", "forest fire", "grass fire", "red flag", "incendio forestal", "森林火", "草原火"],
    ),
    (
        Kind::Flood,
        &["flood", "inundación", "dam break", "high water", "洪", "暴雨", "山洪", "渍涝", "内涝", "淹水", "水情"],
    ),
    (
        Kind::WinterStorm,
        &[
            "winter",
            "blizzard",
            "snow",
            "ice storm",
            "freez",
            "wind chill",
            "extreme cold",
            "暴雪",
            "冰冻",
            "寒潮",
            "低温雨雪",
            "道路结冰",
        ],
    ),
    (Kind::Drought, &["drought", "sequía", "干旱", "旱情"]),
    (
        Kind::Storm,
        &["thunderstorm", "storm", "wind", "hail", "dust", "tormenta", "雷", "大风", "冰雹", "强对流", "沙尘"],
    ),
    (Kind::Epidemic, &["epidemic", "pandemic", "疫情"]),
    (Kind::Accident, &["explosion", "chemical", "hazardous", "radiolog", "nuclear", "爆炸", "危化", "事故"]),
];

/// The kind of a SAME event code.
#[must_use]
pub fn of_same(code: &str) -> Option<Kind> {
    SAME.iter().find(|(name, _)| *name == code).map(|(_, kind)| *kind)
}

/// The kind of a VTEC phenomenon.
#[must_use]
pub fn of_phenomenon(code: &str) -> Option<Kind> {
    VTEC.iter().find(|(name, _)| *name == code).map(|(_, kind)| *kind)
}

/// The kind that a text names.
#[must_use]
pub fn of_words(text: &str) -> Option<Kind> {
    let text = text.to_lowercase();
    WORDS.iter().find(|(_, words)| words.iter().any(|word| text.contains(word))).map(|(kind, _)| *kind)
}

/// The severity of a CAP alert (CAP 1.2, 3.2.2), or of the four colours of China's warnings
/// (国家突发公共事件预警信息发布: red, orange, yellow, blue are I to IV).
#[must_use]
pub fn severity_of_cap(word: &str) -> Option<Severity> {
    match word.trim().to_ascii_lowercase().as_str() {
        "extreme" | "red" | "红" | "红色" | "紅色" => Some(Severity::I),
        "severe" | "orange" | "橙" | "橙色" => Some(Severity::II),
        "moderate" | "yellow" | "黄" | "黄色" | "黃色" => Some(Severity::III),
        "minor" | "blue" | "蓝" | "蓝色" | "藍色" => Some(Severity::IV),
        _ => None,
    }
}

/// The severity of a polygon warning of the NWS, as the service itself grades these products in CAP.
#[must_use]
pub fn severity_of_vtec(phenomenon: &str, significance: &str) -> Option<Severity> {
    match (phenomenon, significance) {
        ("TO" | "TS" | "HU" | "TY" | "EW", "W") => Some(Severity::I),
        (_, "W") => Some(Severity::II),
        (_, "A") => Some(Severity::III),
        (_, "Y" | "S") => Some(Severity::IV),
        _ => None,
    }
}

/// A magnitude in tenths, cut: 6.96 is 69.
#[must_use]
pub fn tenths(magnitude: &str) -> Option<i64> {
    let magnitude: Decimal = magnitude.trim().parse().ok()?;
    magnitude.checked_mul(Decimal::TEN)?.floor().to_i64()
}

/// The severity of an earthquake: the colour of the USGS's PAGER where there is one (red to green are I to IV), else the
/// magnitude in tenths (国家地震应急预案 2012, 3.1: from 7.0 I, 6.0 II, 5.0 III, 4.0 IV). Weaker ones are no disaster.
#[must_use]
pub fn severity_of_earthquake(pager: Option<&str>, tenths: i64) -> Option<Severity> {
    match pager {
        Some("red") => Some(Severity::I),
        Some("orange") => Some(Severity::II),
        Some("yellow") => Some(Severity::III),
        Some("green") => (tenths >= 40).then_some(Severity::IV),
        _ => match tenths {
            70.. => Some(Severity::I),
            60..70 => Some(Severity::II),
            50..60 => Some(Severity::III),
            40..50 => Some(Severity::IV),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_belong_to_the_graver_side() {
        let of = |tenths| severity_of_earthquake(None, tenths);
        assert_eq!(
            [of(39), of(40), of(49), of(50), of(60), of(69), of(70)].map(|one| one.map(Severity::name)),
            [None, Some("IV"), Some("IV"), Some("III"), Some("II"), Some("II"), Some("I")]
        );
        assert_eq!(["6.96", "-0.4", "7", "strong"].map(tenths), [Some(69), Some(-4), Some(70), None]);
        // PAGER says what it did to people: a strong one far out at sea is green.
        assert_eq!(severity_of_earthquake(Some("green"), 62), Some(Severity::IV));
        assert_eq!(severity_of_earthquake(Some("red"), 58), Some(Severity::I));
    }

    #[test]
    fn words_of_three_languages_name_a_kind() {
        for (text, kind) in [
            ("SEVERE THUNDERSTORM", Some(Kind::Storm)),
            ("Flash Flood Watch", Some(Kind::Flood)),
            ("Aviso de Ciclón Tropical en el Pacífico", Some(Kind::Hurricane)),
            ("河南省发布暴雨红色预警", Some(Kind::Flood)),
            ("台风红色预警", Some(Kind::Typhoon)),
            ("News", None),
        ] {
            assert_eq!(of_words(text), kind, "{text}");
        }
    }

    #[test]
    fn tables_are_sorted_and_name_nothing_twice() {
        assert!(SAME.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(VTEC.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
