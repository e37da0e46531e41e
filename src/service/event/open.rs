//! What goes on now: open declarations, with the policies under which one may ask for relief, and until when.

use chrono::{Days, Months, NaiveDate};
use forbear_engine::declaration::{Declared, Designation};
use forbear_engine::policy::Program;
use forbear_engine::policy::document::{DateRule, StartBy};
use forbear_engine::region::RegionId;
use forbear_engine::text::Text;

use crate::service::{Served, Service};
use crate::store::Connection;

/// A disaster that is open.
#[derive(Debug, Clone)]
pub struct OpenDisaster {
    /// The declaration's name.
    pub slug: String,
    /// What people call it.
    pub title: Text,
    /// Its first day.
    pub began: Option<NaiveDate>,
    /// Its last day, once there is one.
    pub ended: Option<NaiveDate>,
    /// Its areas, and how each is marked.
    pub areas: Vec<(RegionId, Option<Designation>)>,
    /// Titles of the policies that one may ask under, each with the last day to ask where it is the same for everybody.
    pub policies: Vec<(Text, Option<NaiveDate>)>,
}

impl Service {
    /// The disasters that are open today.
    ///
    /// # Errors
    /// The store fails.
    pub fn open_disasters(&self, conn: &mut Connection) -> Served<Vec<OpenDisaster>> {
        let today = self.clock.today();
        let terms = self.shelf.terms(conn)?;
        let programs = self.shelf.policies(conn, &terms, &self.lender.attributes)?;
        let declared = self.shelf.declarations(conn, &terms, today)?;
        Ok(declared.iter().map(|disaster| open(&programs, disaster, today)).collect())
    }
}

fn open(programs: &[Program], disaster: &Declared<'_>, today: NaiveDate) -> OpenDisaster {
    let mut policies = Vec::new();
    for program in programs.iter().filter(|program| is_asked_for(program, today) && fits(program, disaster)) {
        let last = program.document.start.apply_by.as_ref().map(|rule| resolve(rule, disaster));
        if last.flatten().is_none_or(|last| last >= today) {
            policies.push((program.document.title.clone(), last.flatten()));
        }
    }
    OpenDisaster {
        slug: disaster.declaration.clone(),
        title: disaster.title.clone(),
        began: disaster.incident.from,
        ended: disaster.incident.until,
        areas: disaster.areas.iter().map(|area| (area.region, area.designation)).collect(),
        policies,
    }
}

/// Whether requests for a policy are taken on a day.
fn is_asked_for(program: &Program, today: NaiveDate) -> bool {
    let effective = program.effective();
    let in_time = effective.from <= today && effective.until.is_none_or(|until| today <= until);
    in_time && program.document.start.by.contains(&StartBy::Request)
}

/// Whether a policy is for a disaster.
fn fits(program: &Program, declared: &Declared<'_>) -> bool {
    let filter = &program.disaster;
    filter.kinds.as_ref().is_none_or(|kinds| kinds.contains(&declared.kind))
        && filter.severity.is_none_or(|bound| declared.severity.is_some_and(|severity| severity.at_least(bound)))
        && filter.declarations.as_ref().is_none_or(|names| names.contains(&declared.declaration))
        && filter.events.as_ref().is_none_or(|names| names.contains(&declared.event))
}

/// The day of a rule that counts from the disaster alone; what else a day may hang on differs by account.
fn resolve(rule: &DateRule, declared: &Declared<'_>) -> Option<NaiveDate> {
    let object = match rule {
        DateRule::Text(name) => {
            return match name.as_str() {
                "incident_end" => declared.incident.until,
                "incident_start" => declared.incident.from,
                "declared_on" => Some(declared.declared_on),
                day => day.parse().ok(),
            };
        }
        DateRule::Object(object) => object,
    };
    if object.later_of.is_some() || object.earlier_of.is_some() || object.business_day.is_some() {
        return None;
    }
    let months = Months::new(u32::try_from(object.months.unwrap_or_default()).ok()?);
    let days = Days::new(u64::try_from(object.days.unwrap_or_default()).ok()?);
    resolve(object.after.as_deref()?, declared)?.checked_add_months(months)?.checked_add_days(days)
}
