//! The products of the sample book: sizes, terms and rates as such loans commonly have them.

use forbear_engine::account::snapshot::Method;
use forbear_engine::rate::DayCount;

/// A kind of loan.
pub(super) struct Product {
    pub code: &'static str,
    /// How common it is among its country's loans.
    pub weight: u64,
    /// Principal in major units: least, most, step.
    pub principal: (i64, i64, i64),
    /// Numbers of monthly instalments.
    pub terms: &'static [u32],
    /// Annual rate in hundredths of a percent: least and most.
    pub rate: (i64, i64),
    pub methods: &'static [Method],
    pub day_counts: &'static [DayCount],
    /// In a thousand: a guarantee fee each month, a co-borrower, a guarantor, joint funding.
    pub guarantee_fee: u64,
    pub co_borrower: u64,
    pub guarantor: u64,
    pub funders: u64,
    /// Where else an address matters.
    pub address: Option<&'static str>,
    pub grace_days: Option<u16>,
}

const EQUAL: Method = Method::EqualInstalment;
const LINEAR: Method = Method::EqualPrincipal;

const PLAIN: Product = Product {
    code: "",
    weight: 1,
    principal: (1000, 1000, 1),
    terms: &[12],
    rate: (0, 0),
    methods: &[EQUAL],
    day_counts: &[DayCount::Act360],
    guarantee_fee: 0,
    co_borrower: 30,
    guarantor: 0,
    funders: 0,
    address: None,
    grace_days: None,
};

/// Chinese loans, in CNY.
pub(super) const CN: [Product; 4] = [
    Product {
        code: "consumer_instalment",
        weight: 45,
        principal: (1_000, 50_000, 500),
        terms: &[3, 6, 12, 12, 18, 24],
        rate: (720, 2400),
        methods: &[EQUAL, EQUAL, EQUAL, LINEAR, Method::Flat],
        day_counts: &[DayCount::Month12, DayCount::Act360],
        guarantee_fee: 400,
        funders: 450,
        grace_days: Some(3),
        ..PLAIN
    },
    Product {
        code: "cash_loan",
        weight: 30,
        principal: (500, 30_000, 100),
        terms: &[3, 6, 9, 12, 12],
        rate: (1400, 2400),
        methods: &[EQUAL, EQUAL, LINEAR],
        guarantee_fee: 600,
        funders: 600,
        ..PLAIN
    },
    Product {
        code: "micro_business",
        weight: 15,
        principal: (20_000, 500_000, 5_000),
        terms: &[6, 12, 24, 36],
        rate: (500, 1500),
        methods: &[LINEAR, Method::InterestOnly, EQUAL],
        co_borrower: 120,
        guarantor: 250,
        address: Some("business"),
        ..PLAIN
    },
    Product {
        code: "auto",
        weight: 10,
        principal: (30_000, 300_000, 5_000),
        terms: &[12, 24, 36, 48, 60],
        rate: (400, 1200),
        day_counts: &[DayCount::Month12],
        co_borrower: 80,
        grace_days: Some(3),
        ..PLAIN
    },
];

/// Loans of the US, in USD.
pub(super) const US: [Product; 5] = [
    Product {
        code: "personal_loan",
        weight: 40,
        principal: (1_000, 40_000, 500),
        terms: &[24, 36, 48, 60],
        rate: (700, 3000),
        day_counts: &[DayCount::Act365, DayCount::Month12],
        grace_days: Some(10),
        ..PLAIN
    },
    Product {
        code: "auto_loan",
        weight: 30,
        principal: (8_000, 60_000, 500),
        terms: &[36, 48, 60, 72],
        rate: (300, 1400),
        day_counts: &[DayCount::Act365],
        co_borrower: 150,
        grace_days: Some(10),
        ..PLAIN
    },
    Product {
        code: "mortgage",
        weight: 5,
        principal: (80_000, 600_000, 1_000),
        terms: &[180, 360],
        rate: (275, 700),
        day_counts: &[DayCount::Month12, DayCount::Thirty360],
        co_borrower: 450,
        address: Some("property"),
        grace_days: Some(15),
        ..PLAIN
    },
    Product {
        code: "student_loan",
        weight: 10,
        principal: (5_000, 60_000, 500),
        terms: &[120],
        rate: (350, 750),
        day_counts: &[DayCount::Act365],
        grace_days: Some(15),
        ..PLAIN
    },
    Product {
        code: "home_business",
        weight: 7,
        principal: (10_000, 200_000, 1_000),
        terms: &[84, 120, 180],
        rate: (175, 400),
        day_counts: &[DayCount::Act365],
        co_borrower: 200,
        guarantor: 100,
        address: Some("business"),
        grace_days: Some(15),
        ..PLAIN
    },
];
