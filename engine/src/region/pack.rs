//! The built-in packs: small text files, one region's span of years in a line (see `data/regions/SOURCE.md`).

/// What one line says about a region.
pub(super) struct Row {
    /// With its pack's prefix: `CN-410105`.
    pub code: String,
    /// Its own name, without those above it.
    pub name: &'static str,
    /// Its name in Chinese, where the pack's own language is another.
    pub name_zh: Option<&'static str>,
    /// The first year; 0 where it is not known.
    pub from: u16,
    /// The year in which it was abolished, renamed or recoded; `None` while it is in force.
    pub until: Option<u16>,
    /// What took over its land: a code, and for a part the year in which it did.
    pub successors: Vec<(String, Option<u16>)>,
    /// For a zone that cuts across counties: what it shares land with.
    pub overlaps: Vec<String>,
}

const CN: &str = include_str!("../../data/regions/cn.tsv");
const CN_ZONES: &str = include_str!("../../data/regions/cn_zones.tsv");
const US_STATES: &str = include_str!("../../data/regions/us_states.tsv");
const US_ZONES: &str = include_str!("../../data/regions/us_zones.tsv");
const US_COUNTIES: &str = include_str!("../../data/regions/us_counties.tsv");

/// The rows of both packs. A line without code and name is left out; a test holds that there is none.
pub(super) fn rows() -> Vec<Row> {
    let mut rows = vec![country("CN", "中国", "中国"), country("US", "United States", "美国")];
    rows.extend(lines(CN).filter_map(|line| spanned("CN", line)));
    rows.extend(lines(CN_ZONES).filter_map(|line| zone("CN", line)));
    rows.extend(lines(US_STATES).filter_map(state));
    rows.extend(lines(US_COUNTIES).filter_map(|line| spanned("US", line)));
    rows.extend(lines(US_ZONES).filter_map(|line| zone("US", line)));
    rows
}

/// The postal code of each state with its region's code: `("TX", "US-48")`.
pub(super) fn postal() -> impl Iterator<Item = (&'static str, String)> {
    lines(US_STATES).filter_map(|line| {
        let mut fields = line.split('\t');
        let code = fields.next()?;
        Some((fields.next()?, format!("US-{code}")))
    })
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty())
}

fn country(code: &str, name: &'static str, name_zh: &'static str) -> Row {
    Row { name_zh: Some(name_zh), ..row(code.into(), name) }
}

/// `code postal name name-zh`
fn state(line: &'static str) -> Option<Row> {
    let mut fields = line.split('\t');
    let code = format!("US-{}", fields.next()?);
    let name = fields.nth(1)?;
    Some(Row { name_zh: fields.next(), ..row(code, name) })
}

/// `code name from until successors`, the last three as far as there are any.
fn spanned(prefix: &str, line: &'static str) -> Option<Row> {
    let mut fields = line.split('\t');
    let code = format!("{prefix}-{}", fields.next()?);
    let name = fields.next()?;
    let from = fields.next().and_then(|year| year.parse().ok()).unwrap_or(0);
    let until = fields.next().and_then(|year| year.parse().ok());
    let successors = fields.next().unwrap_or_default().split_whitespace();
    let successors = successors.map(|text| match text.split_once('@') {
        Some((code, year)) => (format!("{prefix}-{code}"), year.parse().ok()),
        None => (format!("{prefix}-{text}"), None),
    });
    Some(Row { from, until, successors: successors.collect(), ..row(code, name) })
}

/// `code name overlaps`
fn zone(prefix: &str, line: &'static str) -> Option<Row> {
    let mut fields = line.split('\t');
    let code = format!("{prefix}-{}", fields.next()?);
    let name = fields.next()?;
    let overlaps = fields.next().unwrap_or_default().split_whitespace();
    let overlaps = overlaps.map(|code| format!("{prefix}-{code}")).collect();
    Some(Row { overlaps, ..row(code, name) })
}

/// A region without history.
fn row(code: String, name: &'static str) -> Row {
    Row { code, name, name_zh: None, from: 0, until: None, successors: Vec::new(), overlaps: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_row() {
        let count: usize =
            [CN, CN_ZONES, US_STATES, US_COUNTIES, US_ZONES].iter().map(|text| lines(text).count()).sum();
        assert_eq!(rows().len(), count + 2);
        // The source has 6,823 rows; a shorter file would be a broken one.
        assert_eq!(lines(CN).count(), 6823);
        assert!(rows().iter().all(|row| !row.name.is_empty() && row.until.is_none_or(|until| until >= row.from)));
    }
}
