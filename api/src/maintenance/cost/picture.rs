//! The picture of a backtest, as SVG: on the left how many costs lay between low and high, on the right the losses.

use domain::cost::{Backtest, Score, Scores};

const ROW: f64 = 18.0;
const TOP: f64 = 62.0;
const NAMES: f64 = 170.0;
const PANEL: f64 = 250.0;
const GAP: f64 = 40.0;

/// What each model looks like: its name, its colour, how its score is found.
type Look = (&'static str, &'static str, fn(&Scores) -> &Score);
const LOOKS: [Look; 4] = [
    ("catalogue", "#b9bec6", |scores| &scores.catalogue),
    ("country's median", "#e0a458", |scores| &scores.median),
    ("model", "#1f6feb", |scores| &scores.model),
    ("truth", "#2a2a2a", |scores| &scores.truth),
];

/// Draws what a backtest found.
pub(super) fn draw(found: &Backtest) -> String {
    let mut rows: Vec<(&str, Scores)> = found.tasks.iter().map(|(task, scores)| (task.as_str(), *scores)).collect();
    rows.push(("all", found.all()));
    let looks: Vec<&Look> = LOOKS.iter().filter(|(.., score)| score(&found.all()).records > 0).collect();
    let greatest = rows
        .iter()
        .flat_map(|(_, scores)| looks.iter().map(|(.., score)| score(scores)))
        .map(|score| score.mean(score.loss))
        .fold(0.01, f64::max);
    let (mut y, width) = (TOP, NAMES + PANEL + GAP + PANEL + 20.0);
    let mut body = String::new();
    let at_half = NAMES + PANEL / 2.0;
    for (name, scores) in &rows {
        let model = &scores.model;
        let cover = |part: f64| NAMES + PANEL * ((part - 0.3) / 0.4).clamp(0.0, 1.0);
        let colour = if model.is_calibrated() { "#1f6feb" } else { "#c0392b" };
        let (low, high) = (cover(0.5 - model.tolerance()), cover(0.5 + model.tolerance()));
        put(&mut body, &format!("<text x='{}' y='{}' text-anchor='end'>{name}</text>", r(NAMES - 8.0), r(y + 4.0)));
        put(
            &mut body,
            &format!("<rect x='{}' y='{}' width='{}' height='8' fill='#dbe7fb'/>", r(low), r(y - 4.0), r(high - low)),
        );
        put(&mut body, &format!("<circle cx='{}' cy='{}' r='3.5' fill='{colour}'/>", r(cover(model.coverage())), r(y)));
        for (_, colour, score) in &looks {
            let score = score(scores);
            let x = NAMES + PANEL + GAP + PANEL * score.mean(score.loss) / greatest;
            put(&mut body, &format!("<circle cx='{}' cy='{}' r='3.5' fill='{colour}'/>", r(x), r(y)));
        }
        y += ROW;
    }
    let mut head = String::new();
    put(&mut head, &format!("<text x='{}' y='20' font-weight='bold'>Within low and high: 30 to 70 %</text>", r(NAMES)));
    put(&mut head, &format!("<text x='{}' y='36'>band: a half, but for chance</text>", r(NAMES)));
    let right = NAMES + PANEL + GAP;
    let scale = format!("Mean pinball loss: 0 to {:.1} %", 100.0 * greatest);
    put(&mut head, &format!("<text x='{}' y='20' font-weight='bold'>{scale}</text>", r(right)));
    let mut x = right;
    for (name, colour, _) in &looks {
        put(
            &mut head,
            &format!(
                "<circle cx='{}' cy='32' r='3.5' fill='{colour}'/><text x='{}' y='36'>{name}</text>",
                r(x + 4.0),
                r(x + 11.0)
            ),
        );
        x += 24.0 + 5.6 * f64::from(u16::try_from(name.len()).unwrap_or(0));
    }
    let bottom = y - ROW / 2.0;
    for x in [at_half, right] {
        put(
            &mut head,
            &format!("<line x1='{0}' y1='{1}' x2='{0}' y2='{2}' stroke='#999'/>", r(x), r(TOP - 12.0), r(bottom)),
        );
    }
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {} {}' font-family='sans-serif' font-size='11'>\n\
         <rect width='100%' height='100%' fill='white'/>\n{head}{body}</svg>\n",
        r(width),
        r(y),
    )
}

fn put(picture: &mut String, element: &str) {
    picture.push_str(element);
    picture.push('\n');
}

/// A place in the picture, with one decimal.
fn r(place: f64) -> String {
    format!("{place:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{cost::Leaning, service_task::TaskKey};

    #[test]
    fn ec4_the_picture_has_a_row_for_each_task() {
        let score = Score { records: 100, covered: 52, loss: 5.0, distance: 1.0 };
        let scores = Scores { model: score, median: score, catalogue: score, truth: Score::default(), untold: 0 };
        let tasks = ["tyres", "wipers"].map(|key| (TaskKey::find(key).unwrap(), scores)).into();
        let picture = draw(&Backtest { tried: vec![(Leaning::Nearest, 0.1)], tasks });
        assert!(picture.starts_with("<svg") && picture.trim_end().ends_with("</svg>"));
        for name in [">tyres<", ">wipers<", ">all<"] {
            assert!(picture.contains(name), "{picture}");
        }
        assert!(!picture.contains("truth") && !picture.contains("NaN"), "{picture}");
    }
}
