//! The tree: codes to dense numbers, and ancestor-or-self in constant time.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::pack::{self, Row};
use super::{Level, Nearest, RegionId, UnknownRegion};

/// All regions of the built-in packs, in preorder.
pub struct RegionTree {
    pub(super) nodes: Vec<Node>,
    by_code: HashMap<String, RegionId>,
    /// Codes in order of their keys, for those that have one.
    by_key: KeyTable,
    by_postal: HashMap<&'static str, RegionId>,
}

pub(super) struct Node {
    code: String,
    level: Level,
    parent: Option<RegionId>,
    /// One past the last region within this one.
    end: u32,
    name_zh: Option<&'static str>,
    /// For a zone that cuts across regions: what it shares land with.
    pub overlaps: Vec<RegionId>,
    /// Its rows by first year; never empty.
    pub spans: Vec<Span>,
    /// The last year up to which a recorded code may mean something else today; `None` if it never does,
    /// `u16::MAX` if the code is no longer in force.
    pub unsettled: Option<u16>,
}

/// What a code meant over some years.
pub(super) struct Span {
    pub name: &'static str,
    pub from: u16,
    pub until: Option<u16>,
    pub successors: Vec<(RegionId, Option<u16>)>,
}

static BUILTIN: LazyLock<RegionTree> = LazyLock::new(|| RegionTree::build(pack::rows()));

impl RegionTree {
    /// The regions of China and of the US.
    #[must_use]
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// The region that a code names, in force or not.
    ///
    /// # Errors
    /// The code is in no pack; the error names what may have been meant.
    pub fn find(&self, code: &str) -> Result<RegionId, UnknownRegion> {
        self.known(code).ok_or_else(|| self.unknown(code))
    }

    /// The same without advice on a code that is in no pack.
    #[must_use]
    pub fn known(&self, code: &str) -> Option<RegionId> {
        match key(code.as_bytes()) {
            Some(key) => self.by_key.get(key),
            None => self.by_code.get(code).copied(),
        }
    }

    /// The US state or territory with a postal code (`TX`).
    #[must_use]
    pub fn state(&self, postal: &str) -> Option<RegionId> {
        self.by_postal.get(postal).copied()
    }

    /// How many regions there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// All regions, each after the one that holds it.
    pub fn ids(&self) -> impl Iterator<Item = RegionId> + use<> {
        (0..number(self.nodes.len())).map(RegionId)
    }

    /// The code, for example `CN-410105`.
    #[must_use]
    pub fn code(&self, id: RegionId) -> &str {
        self.node(id).map_or("", |node| &node.code)
    }

    /// The region's own name today, or its last one: 金水区, Harris County.
    #[must_use]
    pub fn name(&self, id: RegionId) -> &str {
        self.node(id).and_then(|node| node.spans.last()).map_or("", |span| span.name)
    }

    /// The name in Chinese, where there is one: every Chinese region and every state of the US.
    #[must_use]
    pub fn name_zh(&self, id: RegionId) -> Option<&str> {
        let node = self.node(id)?;
        node.name_zh.or_else(|| node.code.starts_with("CN").then(|| self.name(id)))
    }

    /// How large the region is.
    #[must_use]
    pub fn level(&self, id: RegionId) -> Level {
        self.node(id).map_or(Level::Country, |node| node.level)
    }

    /// The region that holds it; a county under direct administration lies right under its province.
    #[must_use]
    pub fn parent(&self, id: RegionId) -> Option<RegionId> {
        self.node(id)?.parent
    }

    /// Whether `area` is the region itself or one of those that hold it, by their codes. Constant time.
    #[must_use]
    pub fn is_within(&self, region: RegionId, area: RegionId) -> bool {
        area.0 <= region.0 && self.node(area).is_some_and(|node| region.0 < node.end)
    }

    /// The indices of the region and of all within it.
    #[must_use]
    pub fn within(&self, area: RegionId) -> Range<usize> {
        area.index()..self.node(area).map_or(0, |node| RegionId(node.end).index())
    }

    /// The name with those above it: 河南省郑州市金水区; Harris County, Texas.
    #[must_use]
    pub fn full_name(&self, id: RegionId) -> String {
        let chain = std::iter::successors(Some(id), |id| self.parent(*id));
        let mut names: Vec<&str> =
            chain.filter(|at| *at == id || self.level(*at) != Level::Country).map(|at| self.name(at)).collect();
        if self.code(id).starts_with("CN") {
            names.reverse();
            names.concat()
        } else {
            names.join(", ")
        }
    }

    pub(super) fn node(&self, id: RegionId) -> Option<&Node> {
        self.nodes.get(id.index())
    }

    fn build(mut rows: Vec<Row>) -> Self {
        // Codes in order are the preorder: a prefecture's code is smaller than those of its counties, and so on up.
        rows.sort_by(|a, b| (&a.code, a.from).cmp(&(&b.code, b.from)));
        let mut by_code = HashMap::new();
        for row in &rows {
            let next = RegionId(number(by_code.len()));
            by_code.entry(row.code.clone()).or_insert(next);
        }
        let mut nodes: Vec<Node> = Vec::with_capacity(by_code.len());
        for row in rows {
            if nodes.last().is_none_or(|node| node.code != row.code) {
                let parent = parents(&row.code).find_map(|code| by_code.get(&code).copied());
                let level = level(&row.code);
                let (code, name_zh) = (row.code, row.name_zh);
                let end = number(nodes.len()) + 1;
                let overlaps = row.overlaps.iter().filter_map(|code| by_code.get(code).copied()).collect();
                nodes.push(Node { code, level, parent, end, name_zh, overlaps, spans: Vec::new(), unsettled: None });
            }
            let successors = row.successors.iter();
            let successors = successors.filter_map(|(code, year)| Some((*by_code.get(code)?, *year))).collect();
            if let Some(node) = nodes.last_mut() {
                node.spans.push(Span { name: row.name, from: row.from, until: row.until, successors });
            }
        }
        // The last of its children ends where a region ends.
        for index in (0..nodes.len()).rev() {
            let Some((parent, end)) = nodes.get(index).and_then(|node| Some((node.parent?, node.end))) else {
                continue;
            };
            if let Some(parent) = nodes.get_mut(parent.index()) {
                parent.end = parent.end.max(end);
            }
        }
        let by_postal = pack::postal().filter_map(|(postal, code)| Some((postal, *by_code.get(&code)?))).collect();
        let by_key = KeyTable::of(by_code.iter().filter_map(|(code, id)| Some((key(code.as_bytes())?, *id))));
        let mut tree = Self { nodes, by_code, by_key, by_postal };
        tree.settle();
        tree
    }

    fn unknown(&self, code: &str) -> UnknownRegion {
        let nearest = usual_forms(code).chain(parents(&code.to_uppercase())).find_map(|guess| {
            let id = *self.by_code.get(&guess)?;
            (self.level(id) != Level::Country).then(|| Nearest { code: guess, name: self.full_name(id) })
        });
        UnknownRegion { code: code.into(), nearest }
    }
}

/// A code as one number: the digits, and before them their count and the country; none for a code of another form.
fn key(code: &[u8]) -> Option<u32> {
    let (country, digits) = match code {
        [b'C', b'N', b'-', digits @ ..] => (1, digits),
        [b'U', b'S', b'-', digits @ ..] => (2, digits),
        _ => return None,
    };
    if digits.len() > 6 {
        return None;
    }
    let head = country * 10 + u32::try_from(digits.len()).ok()?;
    digits.iter().try_fold(head, |key, digit| digit.is_ascii_digit().then(|| key * 10 + u32::from(digit - b'0')))
}

/// Regions by the keys of their codes: open addressing, at most half full.
struct KeyTable {
    slots: Vec<(u32, RegionId)>,
    bits: u32,
}

impl KeyTable {
    fn of(entries: impl Iterator<Item = (u32, RegionId)>) -> Self {
        let entries: Vec<(u32, RegionId)> = entries.collect();
        let size = (entries.len() * 2).next_power_of_two();
        let mut table = Self { slots: vec![(0, RegionId(0)); size], bits: size.trailing_zeros() };
        for (key, id) in entries {
            let free = table.places(key).find(|at| table.slots.get(*at).is_some_and(|slot| slot.0 == 0));
            if let Some(slot) = free.and_then(|at| table.slots.get_mut(at)) {
                *slot = (key, id);
            }
        }
        table
    }

    /// Where a key may stand: from the top bits of its product with the golden ratio on (Knuth, 6.4).
    fn places(&self, key: u32) -> impl Iterator<Item = usize> + use<> {
        let size = self.slots.len();
        let first = key.wrapping_mul(0x9e37_79b9) >> (32 - self.bits.clamp(1, 31));
        let first = usize::try_from(first).unwrap_or(0);
        (0..size).map(move |step| (first + step) & (size - 1))
    }

    fn get(&self, key: u32) -> Option<RegionId> {
        for at in self.places(key) {
            match self.slots.get(at) {
                Some((own, id)) if *own == key => return Some(*id),
                Some((0, _)) | None => return None,
                Some(_) => {}
            }
        }
        None
    }
}

/// A count as a region number; the packs are far below its bound.
pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn level(code: &str) -> Level {
    match code.split_once('-') {
        None => Level::Country,
        Some(("CN", digits)) if digits.ends_with("0000") => Level::Province,
        Some(("CN", digits)) if digits.ends_with("00") => Level::Prefecture,
        Some(("US", digits)) if digits.len() == 2 => Level::Province,
        Some(_) => Level::County,
    }
}

/// The codes that may hold a code, the nearest first.
fn parents(code: &str) -> impl Iterator<Item = String> + use<> {
    let (pack, digits) = code.split_once('-').unwrap_or((code, ""));
    let cut = |count: usize, zeros: &str| digits.get(..count).map(|head| format!("{pack}-{head}{zeros}"));
    let above = match pack {
        "CN" => [cut(4, "00"), cut(2, "0000")],
        _ => [cut(2, ""), None],
    };
    let code = code.to_owned();
    let root = (!digits.is_empty()).then(|| pack.to_owned());
    above.into_iter().flatten().chain(root).filter(move |above| *above != code)
}

/// Ways in which a code is written elsewhere: small letters, no prefix, twelve digits, a lost leading zero.
fn usual_forms(code: &str) -> impl Iterator<Item = String> {
    let upper = code.trim().to_uppercase();
    let digits: String = upper.chars().filter(char::is_ascii_digit).collect();
    let cn = digits.get(..6).map(|head| format!("CN-{head}"));
    let us = (digits.len() == 5 || digits.len() == 2).then(|| format!("US-{digits}"));
    let padded = (digits.len() == 4 || digits.len() == 1).then(|| format!("US-0{digits}"));
    [Some(upper), cn, us, padded].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_have_names_levels_and_parents() {
        let tree = RegionTree::builtin();
        for (code, name, level, parent) in [
            ("CN-410105", "河南省郑州市金水区", Level::County, Some("CN-410100")),
            ("CN-410100", "河南省郑州市", Level::Prefecture, Some("CN-410000")),
            ("CN-419001", "河南省济源市", Level::County, Some("CN-410000")),
            ("CN-110101", "北京市东城区", Level::County, Some("CN-110000")),
            ("CN", "中国", Level::Country, None),
            ("US-48201", "Harris County, Texas", Level::County, Some("US-48")),
            ("US-72", "Puerto Rico", Level::Province, Some("US")),
        ] {
            let id = tree.find(code).unwrap();
            assert_eq!((tree.full_name(id).as_str(), tree.level(id)), (name, level), "{code}");
            assert_eq!(tree.parent(id).map(|parent| tree.code(parent)), parent, "{code}");
        }
        assert_eq!(tree.state("TX").map(|id| tree.name_zh(id)), Some(Some("得克萨斯州")));
        for id in tree.ids() {
            let above = std::iter::successors(Some(id), |at| tree.parent(*at)).last().unwrap();
            assert!(tree.is_within(id, above) && tree.level(above) == Level::Country, "{}", tree.code(id));
            assert_eq!(tree.find(tree.code(id)), Ok(id), "{}", tree.code(id));
        }
    }

    #[test]
    fn an_unknown_code_gets_advice() {
        for (code, advice) in [
            ("410105", "no region has the code \"410105\"; the nearest is \"CN-410105\" (河南省郑州市金水区)"),
            (
                "410105000000",
                "no region has the code \"410105000000\"; the nearest is \"CN-410105\" (河南省郑州市金水区)",
            ),
            ("CN-410199", "no region has the code \"CN-410199\"; the nearest is \"CN-410100\" (河南省郑州市)"),
            ("us-48201", "no region has the code \"us-48201\"; the nearest is \"US-48201\" (Harris County, Texas)"),
            ("1001", "no region has the code \"1001\"; the nearest is \"US-01001\" (Autauga County, Alabama)"),
            (
                "Zhengzhou",
                "no region has the code \"Zhengzhou\"; write CN- and six digits of GB/T 2260, or US- and two (state) or five (county) of FIPS",
            ),
        ] {
            assert_eq!(RegionTree::builtin().find(code).unwrap_err().to_string(), advice);
        }
    }

    /// A pack whose codes succeed, hold and overlap each other in rings: every walk ends, and ends somewhere known.
    #[test]
    fn codes_that_loop_do_not_trap_a_walk() {
        let row = |code: &str, name, from, until, successors: &[(&str, Option<u16>)], overlaps: &[&str]| Row {
            code: code.to_owned(),
            name,
            name_zh: None,
            from,
            until,
            successors: successors.iter().map(|(code, year)| ((*code).to_owned(), *year)).collect(),
            overlaps: overlaps.iter().map(|code| (*code).to_owned()).collect(),
        };
        let tree = RegionTree::build(vec![
            row("CN", "国", 0, None, &[], &[]),
            row("CN-110000", "省", 0, None, &[], &[]),
            // A ring of three, one that follows itself, two that trade land, zones that overlap themselves and each other.
            row("CN-110101", "甲", 1990, Some(2000), &[("CN-110102", None)], &[]),
            row("CN-110102", "乙", 1990, Some(2000), &[("CN-110103", None)], &[]),
            row("CN-110103", "丙", 1990, Some(2000), &[("CN-110101", None), ("CN-110105", None)], &[]),
            row("CN-110104", "丁", 1990, Some(2000), &[("CN-110104", None)], &[]),
            row("CN-110105", "戊", 1980, None, &[("CN-110106", Some(1995))], &[]),
            row("CN-110106", "己", 1980, None, &[("CN-110105", Some(1995))], &[]),
            row("CN-110171", "区", 1990, None, &[], &["CN-110171", "CN-110172"]),
            row("CN-110172", "带", 1990, None, &[], &["CN-110171", "CN-110105"]),
            row("CN-110199", "空", 1990, Some(1985), &[("CN-110199", Some(1980)), ("CN-119999", None)], &[]),
        ]);
        for region in tree.ids() {
            for year in [1900, 1990, 1995, 1999, 2000, 2024] {
                let on = chrono::NaiveDate::from_ymd_opt(year, 6, 1).unwrap();
                let places = tree.resolve(region, on);
                assert!(places.iter().all(|place| tree.is_current(*place)), "{} in {year}", tree.code(region));
                for area in tree.ids() {
                    let _ = tree.membership(region, on, area);
                }
            }
            assert!(tree.extent(region).iter().all(|place| tree.is_current(*place)), "{}", tree.code(region));
        }
        // Out of the ring there is one way: the third became part of what is there today.
        let [first, today] = ["CN-110101", "CN-110105"].map(|code| tree.find(code).unwrap());
        assert_eq!(tree.extent(first), [today]);
        assert_eq!(tree.extent(tree.find("CN-110104").unwrap()), []);
    }
}
