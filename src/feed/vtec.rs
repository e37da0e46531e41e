//! Valid Time Event Codes (NWS Instruction 10-1703): which event a message of the NWS belongs to and what it does.

use chrono::{DateTime, NaiveDateTime, Utc};

use super::alert::{Message, Refusal};

/// `/O.NEW.KOKX.FF.W.0001.240110T0356Z-240110T0700Z/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vtec {
    /// What it does to its event.
    pub message: Message,
    /// The office.
    pub office: String,
    /// What is warned of: `FF`.
    pub phenomenon: String,
    /// How: `W` for a warning.
    pub significance: String,
    /// The office's number of the event, counted anew each year.
    pub number: String,
    /// When it begins; `None` when it has begun.
    pub begins: Option<DateTime<Utc>>,
    /// When it ends; `None` until further notice.
    pub ends: Option<DateTime<Utc>>,
}

impl Vtec {
    /// Reads a code of an operational product.
    ///
    /// # Errors
    /// It has another shape, or is of a test.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let wrong = || Refusal::value("VTEC", text, "/O.NEW.KOKX.FF.W.0001.240110T0356Z-240110T0700Z/");
        let inner = text.trim().strip_prefix('/').and_then(|rest| rest.strip_suffix('/')).ok_or_else(wrong)?;
        let parts: Vec<&str> = inner.split('.').collect();
        let [class, action, office, phenomenon, significance, number, times] = parts.as_slice() else {
            return Err(wrong());
        };
        if *class != "O" {
            return Err(Refusal::NotActual(format!("VTEC class {class}")));
        }
        let message = match *action {
            "NEW" => Message::New,
            "CON" | "EXT" | "EXA" | "EXB" | "UPG" | "COR" | "ROU" => Message::Update,
            "CAN" => Message::Cancel,
            "EXP" => Message::End,
            _ => return Err(wrong()),
        };
        let (begins, ends) = times.split_once('-').ok_or_else(wrong)?;
        Ok(Self {
            message,
            office: (*office).to_owned(),
            phenomenon: (*phenomenon).to_owned(),
            significance: (*significance).to_owned(),
            number: (*number).to_owned(),
            begins: moment(begins).ok_or_else(wrong)?,
            ends: moment(ends).ok_or_else(wrong)?,
        })
    }

    /// The event that it belongs to, in a year: numbers begin anew each year.
    #[must_use]
    pub fn event(&self, year: i32) -> String {
        format!("{}.{}.{}.{}.{year}", self.office, self.phenomenon, self.significance, self.number)
    }
}

/// `240110T0356Z`; all zeros stand for no time.
fn moment(text: &str) -> Option<Option<DateTime<Utc>>> {
    if text == "000000T0000Z" {
        return Some(None);
    }
    NaiveDateTime::parse_from_str(text, "%y%m%dT%H%MZ").ok().map(|time| Some(time.and_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_says_event_and_times() {
        let code = Vtec::read("/O.CON.KAKQ.FF.W.0009.000000T0000Z-240110T0800Z/").unwrap();
        assert_eq!((code.message, code.begins), (Message::Update, None));
        assert_eq!(code.ends.unwrap().to_rfc3339(), "2024-01-10T08:00:00+00:00");
        assert_eq!(code.event(2024), "KAKQ.FF.W.0009.2024");
    }

    #[test]
    fn what_runs_out_is_not_taken_back() {
        let message = |action: &str| {
            Vtec::read(&format!("/O.{action}.KAKQ.FF.W.0009.000000T0000Z-240110T0800Z/")).unwrap().message
        };
        assert_eq!(["CAN", "EXP"].map(message), [Message::Cancel, Message::End]);
    }

    #[test]
    fn tests_and_other_shapes_are_refused() {
        assert_eq!(Vtec::read("/T.NEW.KOKX.FF.W.0001.240110T0356Z-240110T0700Z/").unwrap_err().name(), "not_actual");
        for text in [
            "",
            "//",
            "/O.NEW.KOKX.FF.W.0001/",
            "/O.BAD.KOKX.FF.W.0001.240110T0356Z-240110T0700Z/",
            "/O.NEW.KOKX.FF.W.0001.9-9/",
        ] {
            assert_eq!(Vtec::read(text).unwrap_err().name(), "value", "{text}");
        }
    }
}
