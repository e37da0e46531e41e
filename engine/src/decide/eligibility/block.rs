//! Verdicts column by column: 2,048 accounts at a time, a bit for each account.

use super::cell::{Cell, CellKind, Coding};
use super::check::Check;
use super::column::{BLOCK, Codes, Column, Columns, Texts};
use super::plan::{AreaSlot, BoundSlot, Many, Node, Plan};
use super::plane::{EVERY, NONE, Plane, and, bits, first_rows, get, not, or, plane, put, set};
use super::scratch::Scratch;
use super::screen::Verdict;
use crate::account::Snapshot;
use crate::decide::truth::Truth;
use crate::money::MoneyError;
use crate::policy::document::HitPolicy;

/// What a condition comes to: where it holds, and where it cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planes {
    /// It holds.
    pub holds: Plane,
    /// It cannot be told.
    pub open: Plane,
}

/// A plan over columns.
pub struct Blocks<'b> {
    plan: &'b Plan<'b>,
    columns: &'b Columns<'b>,
    tests: Vec<Kernel<'b>>,
}

/// The verdicts on one block of accounts.
#[derive(Debug, Clone)]
pub struct Block {
    /// The first account.
    pub first: usize,
    /// How many accounts there are.
    pub len: usize,
    /// Who is not eligible.
    pub not_eligible: Plane,
    /// For whom it cannot be told.
    pub open: Plane,
    /// For whom each rule of the program holds; under `first` the first one.
    pub hits: Vec<Plane>,
    /// What each test of the program came to.
    pub tests: Vec<Planes>,
    /// Codes that are worked out on the way.
    codes: Vec<i32>,
    scratch: Scratch,
}

/// How one test runs over a block.
enum Kernel<'b> {
    /// A number between two.
    Range { column: &'b Column, check: &'b Check },
    /// A region or a text looked up: 1 holds, 2 cannot be told.
    Table { column: &'b Column, check: &'b Check, nothing: Cell, told: Vec<u8> },
    /// The best designation over several addresses.
    Best { places: Vec<(&'b Column, Vec<i8>)>, check: &'b Check },
    /// Account by account.
    Single,
}

impl<'b> Blocks<'b> {
    /// Sets a plan upon columns that were loaded for it.
    #[must_use]
    pub fn of(plan: &'b Plan<'b>, columns: &'b Columns<'b>) -> Self {
        let tests = (0..plan.checks.len()).map(|at| kernel(plan, columns, at).unwrap_or(Kernel::Single));
        Self { plan, columns, tests: tests.collect() }
    }

    /// How many blocks there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.columns.len().div_ceil(BLOCK)
    }

    /// Whether there are no accounts.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Room for the verdicts on a block.
    #[must_use]
    pub fn room(&self) -> Block {
        Block {
            first: 0,
            len: 0,
            not_eligible: NONE,
            open: NONE,
            hits: vec![NONE; self.plan.program.rules.len()],
            tests: vec![Planes { holds: NONE, open: NONE }; self.tests.len()],
            codes: vec![0; BLOCK],
            scratch: Scratch::of(self.plan),
        }
    }

    /// Tells one block.
    ///
    /// # Errors
    /// An account's amounts or dates leave their range.
    pub fn tell(&self, at: usize, block: &mut Block) -> Result<(), MoneyError> {
        block.first = at.saturating_mul(BLOCK);
        block.len = self.columns.len().saturating_sub(block.first).min(BLOCK);
        let mut single = NONE;
        for (test, kernel) in self.tests.iter().enumerate() {
            self.test(at, test, kernel, block, &mut single)?;
        }
        self.patch(block, &and(&single, &first_rows(block.len)))?;
        self.fold(block);
        self.date(block)
    }

    fn test(
        &self,
        at: usize,
        test: usize,
        kernel: &Kernel<'b>,
        block: &mut Block,
        single: &mut Plane,
    ) -> Result<(), MoneyError> {
        let told = match kernel {
            Kernel::Range { column, check } => {
                let mut raw = NONE;
                range(column, check, at, &mut raw);
                kinds(&Planes { holds: raw, open: NONE }, column, check, Cell::of(CellKind::Nothing), at, single)
            }
            Kernel::Table { column, check, nothing, told } => {
                let raw = looked_up(&column.codes, told, at);
                kinds(&raw, column, check, *nothing, at, single)
            }
            Kernel::Best { places, check } => best(places, check, at, &mut block.codes, single),
            Kernel::Single => self.one_by_one(test, block)?,
        };
        if let Some(own) = block.tests.get_mut(test) {
            *own = told;
        }
        Ok(())
    }

    fn accounts(&self, block: &Block) -> impl Iterator<Item = Snapshot<'b>> + use<'b> {
        let all = self.columns.accounts;
        (block.first..block.first.saturating_add(block.len)).filter_map(|at| all.get(at))
    }

    /// A test that is told from the values themselves.
    fn one_by_one(&self, test: usize, block: &Block) -> Result<Planes, MoneyError> {
        let mut told = Planes { holds: NONE, open: NONE };
        for (row, account) in self.accounts(block).enumerate() {
            match self.plan.single(test, account)? {
                Truth::True => set(&mut told.holds, row),
                Truth::Unknown => set(&mut told.open, row),
                Truth::False => {}
            }
        }
        Ok(told)
    }

    fn fold(&self, block: &mut Block) {
        let rows = first_rows(block.len);
        let eligible = fold(&self.plan.eligible, &block.tests);
        let mut open = and(&eligible.open, &rows);
        // Those for whom no rule has decided yet.
        let mut left = and(&eligible.holds, &rows);
        block.not_eligible = and(&not(&or(&eligible.holds, &eligible.open)), &rows);
        block.hits.fill(NONE);
        let all = self.plan.program.hit_policy == HitPolicy::All;
        let (mut hit, mut unknown) = (NONE, NONE);
        for rule in &self.plan.rules {
            let when = fold(&rule.when, &block.tests);
            let own = and(&when.holds, &left);
            unknown = or(&unknown, &and(&when.open, &left));
            if let Some(hits) = block.hits.get_mut(rule.at) {
                *hits = if all { own } else { and(&own, &not(&unknown)) };
                hit = or(&hit, hits);
            }
            if !all {
                // A rule that holds ends the search, also behind one that cannot be told.
                left = and(&left, &not(&own));
            }
        }
        open = or(&open, &and(&unknown, &not(&hit)));
        block.open = open;
    }

    /// Accounts that have no code for some slot are told one by one.
    fn patch(&self, block: &mut Block, rows: &Plane) -> Result<(), MoneyError> {
        if *rows == NONE {
            return Ok(());
        }
        for (row, account) in self.accounts(block).enumerate().filter(|(row, _)| get(rows, *row)) {
            for (test, planes) in block.tests.iter_mut().enumerate() {
                let truth = self.plan.single(test, account)?;
                put(&mut planes.holds, row, truth == Truth::True);
                put(&mut planes.open, row, truth == Truth::Unknown);
            }
        }
        Ok(())
    }

    /// Where the last day for requests depends on the account, so does which rules take part.
    fn date(&self, block: &mut Block) -> Result<(), MoneyError> {
        if self.plan.rules.iter().all(|rule| rule.apply_by.is_none()) {
            return Ok(());
        }
        for (row, account) in self.accounts(block).enumerate() {
            let verdict = self.plan.screen(account, &mut block.scratch)?;
            put(&mut block.open, row, verdict == Verdict::Open);
            for (at, hits) in block.hits.iter_mut().enumerate() {
                put(hits, row, verdict == Verdict::Hit(at));
            }
        }
        Ok(())
    }
}

impl Block {
    /// The verdict on an account, by its place in the block.
    #[must_use]
    pub fn verdict(&self, row: usize) -> Verdict {
        if get(&self.not_eligible, row) {
            return Verdict::NotEligible;
        }
        if get(&self.open, row) {
            return Verdict::Open;
        }
        self.hits.iter().position(|hits| get(hits, row)).map_or(Verdict::NoRule, Verdict::Hit)
    }

    /// What a test of the program came to for an account, by its place in the block.
    #[must_use]
    pub fn told(&self, test: usize, row: usize) -> Truth {
        let Some(planes) = self.tests.get(test) else { return Truth::Unknown };
        match (get(&planes.holds, row), get(&planes.open, row)) {
            (true, _) => Truth::True,
            (false, true) => Truth::Unknown,
            (false, false) => Truth::False,
        }
    }

    /// Accounts of the block that any rule holds for, or for whom it cannot be told, by their place in it.
    pub fn to_decide(&self) -> impl Iterator<Item = usize> + '_ {
        let any = self.hits.iter().fold(self.open, |sum, hits| or(&sum, hits));
        (0..self.len).filter(move |row| get(&any, *row))
    }
}

/// How a test runs over columns; none where it is told account by account.
fn kernel<'b>(plan: &'b Plan<'b>, columns: &'b Columns<'b>, at: usize) -> Option<Kernel<'b>> {
    let check = plan.checks.get(at)?;
    if *check == Check::General {
        return None;
    }
    let nothing = Cell::of(CellKind::Nothing);
    match plan.slots.get(plan.program.tests.get(at)?.slot)? {
        BoundSlot::General => None,
        BoundSlot::Fixed(_) => {
            let column = columns.none();
            Some(Kernel::Table { column, check, nothing, told: Vec::new() })
        }
        BoundSlot::Read { source } => {
            let own = plan.sources.get(*source)?;
            let (column, coding) = (columns.column(own)?, &own.coding);
            let told = match &column.codes {
                Codes::Narrow(_) if column.texts.is_empty() => {
                    let regions = 0..i64::try_from(plan.regions.len()).ok()?;
                    regions.map(|code| byte(check.truth(Cell::known(code)))).collect()
                }
                Codes::Narrow(_) => {
                    column.texts.iter().map(|text| byte(check.truth(text_cell(text, coding)))).collect()
                }
                Codes::Small(_) | Codes::Wide(_) => {
                    let fits = column.currency.is_none() || column.currency == coding.currency();
                    return fits.then_some(Kernel::Range { column, check });
                }
            };
            Some(Kernel::Table { column, check, nothing, told })
        }
        BoundSlot::Area(area) => area_kernel(plan, columns, area, check),
    }
}

fn area_kernel<'b>(
    plan: &'b Plan<'b>,
    columns: &'b Columns<'b>,
    area: &'b AreaSlot,
    check: &'b Check,
) -> Option<Kernel<'b>> {
    let sources = area.sources.iter().map(|source| columns.column(plan.sources.get(*source)?));
    let sources: Vec<&Column> = sources.collect::<Option<_>>()?;
    let table = plan.areas(area.table);
    match (sources.as_slice(), area.many) {
        ([column], _) => {
            let cell = |number: &u16| area.of(*number).unwrap_or(Cell::of(CellKind::Unknown));
            let told = table.iter().map(|number| byte(check.truth(cell(number)))).collect();
            Some(Kernel::Table { column, check, nothing: *area.areas.first()?, told })
        }
        (several, Many::Best) => {
            // -1 stands for areas that are not designated alike.
            let code = |number: &u16| area.of(*number).map_or(Some(-1), |cell| i8::try_from(cell.code).ok());
            let codes: Vec<i8> = table.iter().map(code).collect::<Option<_>>()?;
            Some(Kernel::Best { places: several.iter().map(|column| (*column, codes.clone())).collect(), check })
        }
        _ => None,
    }
}

fn text_cell(text: &Texts, coding: &Coding<'_>) -> Cell {
    Cell::known(match text {
        Texts::One(name) => coding.name_code(name),
        Texts::Several(_) => coding.set_code(|name| text.contains(name)),
    })
}

const fn byte(truth: Truth) -> u8 {
    match truth {
        Truth::False => 0,
        Truth::True => 1,
        Truth::Unknown => 2,
    }
}

/// What a test comes to where there is a value, completed for the accounts that have none.
fn kinds(raw: &Planes, column: &Column, check: &Check, nothing: Cell, at: usize, single: &mut Plane) -> Planes {
    if let Check::Fixed(truth) = check {
        return fixed(*truth);
    }
    let known = plane(&column.known, at);
    let mut told = Planes { holds: and(&raw.holds, &known), open: and(&raw.open, &known) };
    if known == EVERY {
        return told;
    }
    for (rows, cell) in [(&column.nothing, nothing), (&column.unknown, Cell::of(CellKind::Unknown))] {
        let rows = plane(rows, at);
        match check.truth(cell) {
            Truth::True => told.holds = or(&told.holds, &rows),
            Truth::Unknown => told.open = or(&told.open, &rows),
            Truth::False => {}
        }
    }
    *single = or(single, &plane(&column.odd, at));
    told
}

const fn fixed(truth: Truth) -> Planes {
    match truth {
        Truth::True => Planes { holds: EVERY, open: NONE },
        Truth::False => Planes { holds: NONE, open: NONE },
        Truth::Unknown => Planes { holds: NONE, open: EVERY },
    }
}

/// The best over several addresses, and what the test makes of it.
fn best(places: &[(&Column, Vec<i8>)], check: &Check, at: usize, codes: &mut [i32], single: &mut Plane) -> Planes {
    codes.fill(0);
    let (mut missing, mut nobody) = (NONE, EVERY);
    for (column, table) in places {
        // Where no account has an address of this role there are no codes, but it may be missing all the same.
        let regions = if let Codes::Narrow(regions) = &column.codes { regions.as_slice() } else { &[] };
        let known = plane(&column.known, at);
        let from = at.saturating_mul(BLOCK);
        let rows = regions.get(from..).unwrap_or_default();
        for ((words, rows), mut own) in codes.chunks_mut(64).zip(rows.chunks(64)).zip(known) {
            for (code, region) in words.iter_mut().zip(rows) {
                let found = table.get(usize::from(*region)).copied().unwrap_or(-1);
                // A row without a value counts as outside; what is missing of it is added below.
                let found = if own & 1 == 1 { i32::from(found) } else { 0 };
                *code = if found < 0 {
                    *code | AMBIGUOUS_ROW
                } else {
                    (*code & AMBIGUOUS_ROW) | found.max(*code & !AMBIGUOUS_ROW)
                };
                own >>= 1;
            }
        }
        missing = or(&missing, &plane(&column.unknown, at));
        *single = or(single, &plane(&column.odd, at));
        let somebody = or(&known, &or(&plane(&column.nothing, at), &plane(&column.unknown, at)));
        nobody = and(&nobody, &not(&somebody));
    }
    let ambiguous = bits(codes, |code| code & AMBIGUOUS_ROW != 0);
    missing = or(&missing, &ambiguous);
    let truth = |code: i32, missing: bool| {
        let kind = match (missing, code & !AMBIGUOUS_ROW) {
            (true, 0) => CellKind::Unknown,
            (true, code) if i64::from(code) != super::cell::GRAVEST => CellKind::Partly,
            _ => CellKind::Known,
        };
        byte(check.truth(Cell { kind, code: i64::from(code & !AMBIGUOUS_ROW) }))
    };
    // Designations are few: what a test makes of each is told once.
    let told: [[u8; 4]; 2] = [false, true].map(|missing| [0, 1, 2, 3].map(|code| truth(code, missing)));
    let of = |table: [u8; 4], wanted: u8| {
        bits(codes, |code| {
            let at = usize::try_from(code & 3).unwrap_or(0);
            table.get(at) == Some(&wanted)
        })
    };
    let [full, part] = told;
    let choose = |wanted: u8| or(&and(&of(full, wanted), &not(&missing)), &and(&of(part, wanted), &missing));
    let (holds, open) = (choose(1), choose(2));
    Planes { holds: and(&holds, &not(&nobody)), open: and(&open, &not(&nobody)) }
}

/// Marks a row of which one address lies in areas that are not designated alike.
const AMBIGUOUS_ROW: i32 = 8;

/// Where the codes of a block lie in a range, or do not.
fn range(column: &Column, check: &Check, at: usize, into: &mut Plane) {
    let (from, unit) = (at.saturating_mul(BLOCK), column.unit);
    match (&column.codes, check) {
        (Codes::Small(codes), Check::Range { first, last, negate }) => {
            let rows = codes.get(from..).unwrap_or_default();
            let narrow = |code: i64| i32::try_from(code).unwrap_or(if code < 0 { i32::MIN } else { i32::MAX });
            // The first and the last multiple of the unit.
            let up = i64::from(first.rem_euclid(unit) != 0);
            let (first, last) = (first.div_euclid(unit).saturating_add(up), last.div_euclid(unit));
            let outside = first > i64::from(i32::MAX) || last < i64::from(i32::MIN) || first > last;
            let (low, high) = (narrow(first), narrow(last));
            *into = bits(rows, |code| (low <= code) & (code <= high));
            if outside {
                *into = NONE;
            }
            if *negate {
                *into = not(into);
            }
        }
        (Codes::Small(codes), check) => {
            *into = bits(codes.get(from..).unwrap_or_default(), |code| {
                check.truth(Cell::known(i64::from(code).saturating_mul(unit))) == Truth::True
            });
        }
        (Codes::Wide(codes), check) => {
            *into = bits(codes.get(from..).unwrap_or_default(), |code| check.truth(Cell::known(code)) == Truth::True);
        }
        (Codes::Narrow(_), _) => {}
    }
}

fn looked_up(codes: &Codes, told: &[u8], at: usize) -> Planes {
    let Codes::Narrow(codes) = codes else { return Planes { holds: NONE, open: NONE } };
    let rows = codes.get(at.saturating_mul(BLOCK)..).unwrap_or_default();
    if let (Some(holds), Some(open)) = (few(rows, told, 1), few(rows, told, 2)) {
        return Planes { holds, open };
    }
    let mut looked = [0; BLOCK];
    for (own, code) in looked.iter_mut().zip(rows) {
        *own = told.get(usize::from(*code)).copied().unwrap_or(0);
    }
    let of = |wanted: u8| bits(&looked, |own| own == wanted);
    Planes { holds: of(1), open: if told.contains(&2) { of(2) } else { NONE } }
}

/// The same where few codes come to what is wanted: to compare with each of them is faster than to look up.
fn few(rows: &[u16], told: &[u8], wanted: u8) -> Option<Plane> {
    let (mut own, mut count) = ([0; FEW], 0);
    if told.len() > MOST_TOLD {
        return None;
    }
    for (code, _) in (0_u16..).zip(told).filter(|(_, own)| **own == wanted) {
        // Those that are not there are the same as the last.
        own.get_mut(count..).filter(|left| !left.is_empty())?.fill(code);
        count += 1;
    }
    // So many in one piece: they are compared side by side.
    let [a, b, c, d, ..] = own;
    Some(match count {
        0 => NONE,
        1 => bits(rows, |row| row == a),
        2 => bits(rows, |row| (row == a) | (row == b)),
        3 => bits(rows, |row| (row == a) | (row == b) | (row == c)),
        4 => bits(rows, |row| (row == a) | (row == b) | (row == c) | (row == d)),
        _ => bits(rows, |row| own.iter().fold(false, |so, code| so | (row == *code))),
    })
}

/// Codes among which the few are looked for, at most: texts are seldom more, regions always.
const MOST_TOLD: usize = 256;
const FEW: usize = 6;

fn fold(node: &Node, tests: &[Planes]) -> Planes {
    match node {
        Node::Fixed(truth) => fixed(*truth),
        Node::Test(test) => tests.get(*test).copied().unwrap_or(fixed(Truth::Unknown)),
        Node::Not(part) => {
            let part = fold(part, tests);
            Planes { holds: not(&or(&part.holds, &part.open)), open: part.open }
        }
        Node::All(parts) => parts.iter().map(|part| fold(part, tests)).fold(fixed(Truth::True), |sum, part| {
            let possible = and(&or(&sum.holds, &sum.open), &or(&part.holds, &part.open));
            let holds = and(&sum.holds, &part.holds);
            Planes { holds, open: and(&possible, &not(&holds)) }
        }),
        Node::Any(parts) => parts.iter().map(|part| fold(part, tests)).fold(fixed(Truth::False), |sum, part| {
            let holds = or(&sum.holds, &part.holds);
            Planes { holds, open: and(&or(&sum.open, &part.open), &not(&holds)) }
        }),
    }
}
