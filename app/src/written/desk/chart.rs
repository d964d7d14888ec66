//! Bars beside a table that says the same in figures.

use leptos::prelude::*;

/// Width of the longest bar, in units of the drawing.
const LONGEST: i64 = 150;
/// Where bars begin: names stand before them.
const BEGIN: i64 = 170;
const LINE: usize = 24;

/// One bar for each name, as long as its size; nothing where there is nothing to compare.
pub(super) fn bars(name: &'static str, rows: Vec<(String, i64)>) -> Option<impl IntoView + use<>> {
    let largest = rows.iter().map(|(_, size)| size.abs()).max();
    let largest = largest.filter(|most| *most > 0)?;
    let height = rows.len() * LINE;
    let bars: Vec<_> = rows
        .into_iter()
        .enumerate()
        .map(|(at, (name, size))| {
            let y = at * LINE;
            let width = i128::from(size.abs()) * i128::from(LONGEST) / i128::from(largest);
            let bar = (size != 0).then(|| {
                view! {
                    <rect
                        x=BEGIN.to_string()
                        y=y + 5
                        width=width.max(1).to_string()
                        height="14"
                    />
                }
            });
            view! {
                <g>
                    <text x="0" y=y + 16 font-size="11">{name}</text>
                    {bar}
                </g>
            }
        })
        .collect();
    Some(view! {
        <svg class="bars" viewBox=format!("0 0 {} {height}", BEGIN + LONGEST) role="img" aria-label=name>
            {bars}
        </svg>
    })
}
