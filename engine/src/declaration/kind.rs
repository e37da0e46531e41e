//! What happened, how grave it is, and how an area is marked.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Language;

macro_rules! kinds {
    ($($variant:ident $name:literal $zh:literal $en:literal;)+) => {
        /// Kinds of disaster.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum Kind {
            $(#[doc = $en] #[serde(rename = $name)] $variant,)+
        }

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];
            /// Their names in documents.
            pub const NAMES: &'static [&'static str] = &[$($name,)+];

            /// The name in documents.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What people call it.
            #[must_use]
            pub const fn title(self, language: Language) -> &'static str {
                language.of(match self { $(Self::$variant => [$zh, $en],)+ })
            }
        }
    };
}

kinds! {
    Flood "flood" "洪涝" "flood";
    Typhoon "typhoon" "台风" "typhoon";
    Hurricane "hurricane" "飓风" "hurricane";
    Storm "storm" "强风暴" "severe storm";
    Tornado "tornado" "龙卷风" "tornado";
    WinterStorm "winter_storm" "低温雨雪冰冻" "winter storm";
    Earthquake "earthquake" "地震" "earthquake";
    Tsunami "tsunami" "海啸" "tsunami";
    Volcano "volcano" "火山喷发" "volcanic eruption";
    Landslide "landslide" "滑坡泥石流" "landslide";
    Wildfire "wildfire" "森林草原火灾" "wildfire";
    Drought "drought" "干旱" "drought";
    Epidemic "epidemic" "疫情" "epidemic";
    Accident "accident" "事故灾难" "accident";
    Other "other" "其他" "other";
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How grave a disaster is; I is the gravest (国家自然灾害救助应急预案).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs)]
pub enum Severity {
    I,
    II,
    III,
    IV,
}

impl Severity {
    /// All of them, the gravest first.
    pub const ALL: [Self; 4] = [Self::I, Self::II, Self::III, Self::IV];

    /// This grave or graver.
    #[must_use]
    pub fn at_least(self, bound: Self) -> bool {
        self <= bound
    }

    /// The graver, the more: I is 4, IV is 1.
    #[must_use]
    pub const fn gravity(self) -> u8 {
        match self {
            Self::I => 4,
            Self::II => 3,
            Self::III => 2,
            Self::IV => 1,
        }
    }

    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::I => "I",
            Self::II => "II",
            Self::III => "III",
            Self::IV => "IV",
        }
    }
}

/// How an area is marked; ordered by gravity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Designation {
    /// Next to the disaster area.
    Adjacent,
    /// Hit.
    Affected,
    /// Hit hard.
    Severe,
}

impl Designation {
    /// All of them, the lightest first.
    pub const ALL: [Self; 3] = [Self::Adjacent, Self::Affected, Self::Severe];

    /// The name in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Adjacent => "adjacent",
            Self::Affected => "affected",
            Self::Severe => "severe",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn title(self, language: Language) -> &'static str {
        language.of(match self {
            Self::Adjacent => ["毗邻灾区", "adjacent area"],
            Self::Affected => ["受灾地区", "affected area"],
            Self::Severe => ["严重受灾地区", "severely affected area"],
        })
    }
}
