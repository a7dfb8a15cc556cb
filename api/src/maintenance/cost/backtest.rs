//! What a backtest found, as a table for people (rule EC4).

use domain::{
    cost::{Backtest, Leaning, Score, Scores},
    value::Language,
};

/// A strategy in words.
pub fn words(strategy: Leaning) -> String {
    match strategy {
        Leaning::Nearest => "nearest group that has enough".into(),
        Leaning::Pooled { kappa, spread_kappa } => format!("pooled, kappa {kappa} (spread {spread_kappa})"),
    }
}

fn percent(part: f64) -> String {
    format!("{:.1}", 100.0 * part)
}

/// The loss in hundredths of a logarithm, which is about per cent of the amount.
fn loss(score: &Score) -> String {
    format!("{:.2}", 100.0 * score.mean(score.loss))
}

fn distance(score: &Score) -> String {
    format!("{:.2}", 100.0 * score.mean(score.distance))
}

/// The table as Markdown: for each task the loss of each model, and how many costs lay between low and high.
pub fn table(found: &Backtest) -> String {
    let has_truth = found.all().truth.records > 0;
    let mut table = String::new();
    let mut line = |text: &str| {
        table.push_str(text);
        table.push('\n');
    };
    line(
        "Losses are hundredths of a natural logarithm: about per cent of the amount. Less is better. 'Within' is how many of the",
    );
    line(
        "costs lay between low and high; half is expected, and '±' is how far chance alone may move it. 'Half?' says whether it is so.",
    );
    if has_truth {
        line(
            "'Truth' is the loss of who knows the true prices; a distance is how far a median lies from the true one.",
        );
    }
    line("");
    line("| strategy | loss on the part to choose by |");
    line("|---|---|");
    for (strategy, mean) in &found.tried {
        line(&format!("| {} | {:.3} |", words(*strategy), 100.0 * mean));
    }
    line("");
    let truth_head =
        if has_truth { " loss: truth | distance: model | distance: median | distance: catalogue |" } else { "" };
    line(&format!(
        "| task | records | loss: model | loss: median | loss: catalogue | within, % | ± % | half? |{truth_head}"
    ));
    line(&format!("|---|--:|--:|--:|--:|--:|--:|---|{}", if has_truth { "--:|--:|--:|--:|" } else { "" }));
    let rows = found.tasks.iter().map(|(task, scores)| {
        let name = task.task().map_or(task.as_str(), |task| task.names.of(Language::English));
        (name.to_owned(), *scores)
    });
    for (name, scores) in rows.chain([("**all**".to_owned(), found.all())]) {
        line(&row(&name, &scores, has_truth));
    }
    table
}

fn row(name: &str, scores: &Scores, has_truth: bool) -> String {
    let Scores { model, median, catalogue, truth, .. } = scores;
    let mut row = format!(
        "| {name} | {} | {} | {} | {} | {} | {} | {} |",
        model.records,
        loss(model),
        loss(median),
        loss(catalogue),
        percent(model.coverage()),
        percent(model.tolerance()),
        if model.is_calibrated() { "yes" } else { "no" },
    );
    if has_truth {
        let distances = [truth_loss(truth), distance(model), distance(median), distance(catalogue)];
        row.extend([" ", &distances.join(" | "), " |"]);
    }
    row
}

fn truth_loss(truth: &Score) -> String {
    loss(truth)
}

/// What the table means, in a few sentences.
pub fn summary(found: &Backtest) -> String {
    let all = found.all();
    let calibrated = found.tasks.values().filter(|scores| scores.model.is_calibrated()).count();
    let won = found.tasks.values().filter(|scores| scores.wins()).count();
    format!(
        "Best: {}. On {} records that it had not seen, {} % lay between low and high (50 ± {} expected). The mean pinball \
         loss is {}; that of the country's median {}, that of the catalogue {}. The model is better than both for {won} of \
         {} tasks, and calibrated for {calibrated}. {} records had no group that may tell anything.",
        words(found.best()),
        all.model.records,
        percent(all.model.coverage()),
        percent(all.model.tolerance()),
        loss(&all.model),
        loss(&all.median),
        loss(&all.catalogue),
        found.tasks.len(),
        all.untold,
    )
}
