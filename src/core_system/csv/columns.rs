//! The one table of the CSV form: which record has which columns, and where each stands in the JSON form.

use serde_json::{Map, Value, json};

/// How a cell is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    /// As it stands: ids, dates, amounts, words.
    Text,
    /// A whole number.
    Whole,
    /// `true` or `false`.
    Flag,
    /// Words with `;` between them, or a JSON array.
    List,
    /// `months:1`, `days:7`.
    Every,
    /// Any JSON value; what is not JSON is text.
    Json,
}

/// A column of a record, and its path in the record's JSON object.
pub(super) struct Field {
    pub column: &'static str,
    pub path: &'static [&'static str],
    pub cell: Cell,
}

/// Where the object of a record goes.
pub(super) enum Home {
    /// It is the account.
    Account,
    /// An element of a list of the account.
    List(&'static str),
    /// An element of a list of the nearest element above whose key equals the column.
    Within { list: &'static str, key: &'static str, column: &'static str, child: &'static str },
    /// A pair of `attributes`.
    Attribute,
}

/// A kind of row.
pub(super) struct Record {
    pub name: &'static str,
    pub home: Home,
    pub fields: &'static [Field],
    /// What the column `empty` may name: reported, and nothing in it.
    pub empties: &'static [&'static str],
}

const fn text(column: &'static str, path: &'static [&'static str]) -> Field {
    Field { column, path, cell: Cell::Text }
}

const fn cell(column: &'static str, path: &'static [&'static str], cell: Cell) -> Field {
    Field { column, path, cell }
}

/// Every kind of row, in the order in which rows are written.
pub(super) const RECORDS: [Record; 12] = [
    Record {
        name: "account",
        home: Home::Account,
        fields: &[
            text("as_of", &["as_of"]),
            text("currency", &["currency"]),
            text("product", &["product"]),
            text("status", &["status"]),
            text("principal", &["terms", "principal"]),
            text("rate", &["terms", "rate"]),
            text("method", &["terms", "method"]),
            text("day_count", &["terms", "day_count"]),
            cell("every", &["terms", "every"], Cell::Every),
            text("disbursed_on", &["terms", "disbursed_on"]),
            text("cooling_off_ends_on", &["terms", "cooling_off_ends_on"]),
            cell("grace_days", &["terms", "grace_days"], Cell::Whole),
            text("upfront_fee", &["terms", "upfront_fee"]),
            cell("months_past_due", &["months_past_due"], Cell::Whole),
            cell("first_loan", &["first_loan"], Cell::Flag),
            cell("agreements", &["agreements"], Cell::List),
            cell("arrangements", &["arrangements"], Cell::List),
            cell("contains", &["contains"], Cell::List),
        ],
        empties: &[
            "status_history",
            "schedules",
            "payments",
            "charges",
            "parties",
            "credit_reports",
            "funders",
            "agreements",
            "arrangements",
        ],
    },
    Record {
        name: "status",
        home: Home::List("status_history"),
        fields: &[text("status", &["status"]), text("from", &["from"])],
        empties: &[],
    },
    Record {
        name: "schedule",
        home: Home::List("schedules"),
        fields: &[cell("version", &["version"], Cell::Whole), text("known_from", &["known_from"])],
        empties: &[],
    },
    Record {
        name: "instalment",
        home: Home::Within { list: "schedules", key: "version", column: "version", child: "rows" },
        fields: &[
            text("id", &["id"]),
            text("due_on", &["due_on"]),
            text("principal", &["principal"]),
            text("interest", &["interest"]),
            text("fees", &["fees"]),
            text("paid_principal", &["paid", "principal"]),
            text("paid_interest", &["paid", "interest"]),
            text("paid_fees", &["paid", "fees"]),
            text("paid_on", &["paid_on"]),
        ],
        empties: &["paid"],
    },
    Record {
        name: "payment",
        home: Home::List("payments"),
        fields: &[text("id", &["id"]), text("on", &["on"]), text("amount", &["amount"])],
        empties: &["to"],
    },
    Record {
        name: "allocation",
        home: Home::Within { list: "payments", key: "id", column: "payment", child: "to" },
        fields: &[text("instalment", &["instalment"]), text("charge", &["charge"]), text("amount", &["amount"])],
        empties: &[],
    },
    Record {
        name: "charge",
        home: Home::List("charges"),
        fields: &[
            text("id", &["id"]),
            text("kind", &["kind"]),
            text("amount", &["amount"]),
            text("paid", &["paid"]),
            text("waived", &["waived"]),
            text("assessed_on", &["assessed_on"]),
            text("accrual_from", &["accrual", "from"]),
            text("accrual_until", &["accrual", "until"]),
            text("accrual_basis", &["accrual", "basis"]),
            text("accrual_rate", &["accrual", "rate"]),
            text("accrual_day_count", &["accrual", "day_count"]),
            text("bearer", &["bearer"]),
            text("instalment", &["instalment"]),
            text("due_on", &["due_on"]),
        ],
        empties: &[],
    },
    Record {
        name: "party",
        home: Home::List("parties"),
        fields: &[
            text("party", &["party"]),
            text("role", &["role"]),
            cell("without_income", &["without_income"], Cell::Flag),
            cell("flags", &["flags"], Cell::List),
        ],
        empties: &["addresses", "flags"],
    },
    Record {
        name: "address",
        home: Home::Within { list: "parties", key: "party", column: "party", child: "addresses" },
        fields: &[
            text("role", &["role"]),
            text("region", &["region"]),
            text("valid_from", &["valid_from"]),
            text("valid_until", &["valid_until"]),
            text("source", &["source"]),
        ],
        empties: &[],
    },
    Record {
        name: "credit_report",
        home: Home::List("credit_reports"),
        fields: &[text("sent_on", &["sent_on"]), cell("overdue", &["overdue"], Cell::Flag)],
        empties: &[],
    },
    Record {
        name: "funder",
        home: Home::List("funders"),
        fields: &[text("party", &["party"]), text("share", &["share"])],
        empties: &[],
    },
    Record {
        name: "attribute",
        home: Home::Attribute,
        fields: &[text("name", &["name"]), cell("value", &["value"], Cell::Json)],
        empties: &[],
    },
];

/// Every column, each once, in the order in which they are written.
pub(super) fn columns() -> Vec<&'static str> {
    let mut all = vec!["record", "account"];
    for record in &RECORDS {
        let parent = match record.home {
            Home::Within { column, .. } => Some(column),
            _ => None,
        };
        for column in parent.into_iter().chain(record.fields.iter().map(|field| field.column)) {
            if !all.contains(&column) {
                all.push(column);
            }
        }
    }
    all.push("empty");
    all
}

impl Record {
    /// Whether the record uses a column.
    pub(super) fn has(&self, column: &str) -> bool {
        matches!(column, "record" | "account")
            || self.fields.iter().any(|field| field.column == column)
            || matches!(self.home, Home::Within { column: parent, .. } if parent == column)
            || (column == "empty" && !self.empties.is_empty())
    }

    /// What `empty` stands for: an empty object under `paid`, an empty list elsewhere.
    pub(super) fn nothing(key: &str) -> Value {
        if key == "paid" { json!({}) } else { json!([]) }
    }
}

impl Cell {
    /// The JSON value of a cell; the error says what would be right.
    pub(super) fn read(self, text: &str) -> Result<Value, String> {
        match self {
            Self::Text => Ok(Value::from(text)),
            Self::Whole => whole(text),
            Self::Flag => text.parse::<bool>().map(Value::from).map_err(|_| format!("`{text}`: write true or false")),
            Self::List if text.starts_with('[') => serde_json::from_str(text)
                .map_err(|_| format!("`{text}` is not a JSON array: write a;b or [\"a\",\"b\"]")),
            Self::List => Ok(text.split(';').map(str::trim).collect()),
            Self::Every => {
                let (unit, count) =
                    text.split_once(':').ok_or_else(|| format!("`{text}`: write months:1 or days:7"))?;
                Ok(Value::Object(Map::from_iter([(unit.to_owned(), whole(count)?)])))
            }
            Self::Json => Ok(serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))),
        }
    }

    /// The cell of a JSON value.
    pub(super) fn write(self, value: &Value) -> String {
        match (self, value) {
            (Self::Json, value) => value.to_string(),
            (Self::Every, Value::Object(map)) => {
                map.iter().map(|(unit, count)| format!("{unit}:{count}")).collect::<Vec<_>>().join(";")
            }
            (Self::List, Value::Array(list)) => {
                let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
                let plain = |word: &&str| {
                    !word.is_empty()
                        && word.trim() == *word
                        && !word.starts_with('[')
                        && !word.contains([';', '\n', '\r'])
                };
                if words.iter().all(plain) { words.join(";") } else { value.to_string() }
            }
            (_, Value::String(text)) => text.clone(),
            (_, value) => value.to_string(),
        }
    }
}

fn whole(text: &str) -> Result<Value, String> {
    text.parse::<u32>().map(Value::from).map_err(|_| format!("`{text}` is not a whole number: write 0, 1, 2, …"))
}
