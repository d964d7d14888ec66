//! A statement as a table for spreadsheets.

use domain::statement::Line;
use domain::{Money, Wallet};

use super::{Month, Paper};

const COLUMNS: [&str; 12] = [
    "number",
    "time",
    "entry",
    "about",
    "reference",
    "change",
    "amount",
    "promotional",
    "available_after",
    "held_after",
    "promotional_after",
    "debt_after",
];

/// One row for the opening, one for each entry, one for the closing. The opening's available and
/// every change add up to the closing's.
pub(super) fn write(paper: &Paper) -> Vec<u8> {
    let statement = paper.statement;
    let mut rows = Vec::with_capacity(statement.lines().len() + 3);
    rows.push(COLUMNS.map(str::to_owned));
    let (from, until) = (
        paper.month.clock.exact(statement.from()),
        paper.month.clock.exact(statement.until()),
    );
    rows.push(balances("opening", from, statement.opening()));
    rows.extend(statement.lines().iter().map(|line| row(line, paper.month)));
    rows.push(balances("closing", until, statement.closing()));
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(&row)
            .expect("memory takes every write, and rows are equally long");
    }
    writer.into_inner().expect("memory takes every write")
}

fn balances(name: &str, at: String, wallet: &Wallet) -> [String; 12] {
    [
        wallet.version.to_string(),
        at,
        name.to_owned(),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        wallet.available().to_string(),
        wallet.held.to_string(),
        wallet.promotional.to_string(),
        wallet.debt.to_string(),
    ]
}

fn row(line: &Line, month: &Month) -> [String; 12] {
    let entry = &line.entry;
    let number = |amount: Money| amount.to_string();
    [
        entry.seq.to_string(),
        month.clock.exact(entry.at),
        entry.kind.word().to_owned(),
        text(&line.about),
        text(&entry.subject_id),
        number(entry.effect_on_available()),
        number(entry.amount),
        number(entry.promotional),
        number(entry.available_after),
        number(entry.held_after),
        number(entry.promotional_after),
        number(entry.debt_after),
    ]
}

/// A cell that others may have written: a spreadsheet must read it as text, never as a formula.
/// Our own numbers are left alone: `-0.0217` is one.
fn text(cell: &str) -> String {
    let formula = |first: char| {
        matches!(
            first,
            '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'
        )
    };
    if cell.starts_with(formula) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_would_be_a_formula_is_text() {
        for cell in ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "＝1"] {
            assert_eq!(text(cell), format!("'{cell}"), "{cell:?}");
        }
        for cell in ["", "Mexico", "a=b", " =1", "0190-ab"] {
            assert_eq!(text(cell), cell);
        }
    }
}
