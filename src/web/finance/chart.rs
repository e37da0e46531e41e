//! Charts: bars as SVG, made here. Sizes and colours are attributes and classes of the one style, as the policy of content
//! demands; every figure stands beside its bar, and in the table below.

use askama::Template;

use crate::web::frame::Frame;

/// The width of a chart; it is drawn as wide as its card, so that its letters are about as large as those of the page.
const WIDTH: i64 = 320;

/// From one bar to the next.
const STEP: i64 = 40;

/// A bar with its label and figure.
struct Bar {
    label: String,
    figure: String,
    /// Where its words stand.
    words_at: i64,
    x: i64,
    y: i64,
    width: i64,
    below_zero: bool,
}

/// Bars of one measure in one currency.
#[derive(Template)]
#[template(path = "finance/chart.html")]
pub struct Chart {
    title: String,
    currency: String,
    bars: Vec<Bar>,
    width: i64,
    height: i64,
    zero: i64,
}

impl Chart {
    /// Of figures in minor units, by what each is called; none where all are zero.
    pub fn of(f: &Frame, title: &str, currency: &str, rows: &[(String, i64)]) -> Option<Self> {
        let most = rows.iter().map(|(_, figure)| *figure).max()?.max(0);
        let least = rows.iter().map(|(_, figure)| *figure).min()?.min(0);
        if most == 0 && least == 0 {
            return None;
        }
        let span = i128::from(most) - i128::from(least);
        let long = |figure: i64| -> i64 {
            let scaled = i128::from(figure).abs().saturating_mul(i128::from(WIDTH)).checked_div(span);
            scaled.and_then(|scaled| i64::try_from(scaled).ok()).unwrap_or_default()
        };
        let zero = long(least);
        let bar = |(at, (label, figure)): (i64, &(String, i64))| {
            let top = at.saturating_mul(STEP);
            let width = long(*figure);
            Bar {
                label: label.clone(),
                figure: f.minor(figure, currency),
                words_at: top.saturating_add(16),
                x: if *figure < 0 { zero.saturating_sub(width) } else { zero },
                y: top.saturating_add(22),
                width,
                below_zero: *figure < 0,
            }
        };
        let bars: Vec<Bar> = (0_i64..).zip(rows).map(bar).collect();
        let height = i64::try_from(rows.len()).ok()?.saturating_mul(STEP);
        Some(Self { title: title.to_owned(), currency: currency.to_owned(), bars, width: WIDTH, height, zero })
    }

    /// The chart, in what the page is made of.
    pub fn svg(&self) -> String {
        self.render().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;
    use forbear_engine::text::Language;

    use super::*;

    fn frame() -> Frame {
        Frame {
            language: Language::English,
            who: None,
            path: "/finance/reports".to_owned(),
            demo: false,
            zone: Tz::UTC,
            today: chrono::NaiveDate::default(),
            cookie: None,
        }
    }

    #[test]
    fn bars_are_as_long_as_their_figures() {
        let rows = [("a".to_owned(), 300), ("b".to_owned(), -100), ("c".to_owned(), 0)];
        let chart = Chart::of(&frame(), "loss", "CNY", &rows).unwrap();
        // From -100 to 300 on 320: a hundred is 80 wide, so that zero stands at 80.
        let drawn: Vec<_> = chart.bars.iter().map(|bar| (bar.x, bar.width, bar.y)).collect();
        assert_eq!(drawn, [(80, 240, 22), (0, 80, 62), (80, 0, 102)]);
        assert!(Chart::of(&frame(), "loss", "CNY", &[("a".to_owned(), 0)]).is_none());
        let most = [("a".to_owned(), i64::MAX), ("b".to_owned(), i64::MIN)];
        let widths: i64 = Chart::of(&frame(), "loss", "CNY", &most).unwrap().bars.iter().map(|bar| bar.width).sum();
        assert!((319..=320).contains(&widths), "{widths}");
    }

    #[test]
    fn a_chart_holds_no_style_of_its_own_and_escapes_what_it_names() {
        let svg = Chart::of(&frame(), "by <area>", "CNY", &[("<b>".to_owned(), 1)]).unwrap().svg();
        assert!(svg.contains("&#60;b&#62;") && !svg.contains("<b>") && !svg.contains("style"), "{svg}");
    }
}
