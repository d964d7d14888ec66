//! Running calls in words.

use domain::Money;
use ledger::{LiveCall, Stage};

use super::history::duration;
use super::number::masked;
use crate::components::live_calls::{LiveCallCard, Talk};
use crate::words;

/// The cards of the calls, with what is available beside them now.
pub(crate) fn live_cards(calls: Vec<LiveCall>, available: Money) -> Vec<LiveCallCard> {
    calls
        .into_iter()
        .map(|call| card(call, available))
        .collect()
}

fn card(call: LiveCall, available: Money) -> LiveCallCard {
    let number = call.callee.as_deref().map(masked);
    let place = [call.destination, number].into_iter().flatten();
    let place = place.collect::<Vec<_>>().join(" · ");
    let (state, meaning, talk, is_over) = stage(call.stage, available);
    LiveCallCard {
        call_id: call.call_id,
        said: format!("{state} · {place}"),
        meaning,
        talk,
        is_over,
    }
}

/// The state, what it means, the running figures, and whether it is over.
fn stage(stage: Stage, available: Money) -> (&'static str, String, Option<Talk>, bool) {
    match stage {
        Stage::Dialing { is_late: false } => (
            "Calling",
            "We asked the telephone switch to place the call.".into(),
            None,
            false,
        ),
        Stage::Dialing { is_late: true } => (
            "Not placed",
            "The telephone switch did not place this call. Nothing was charged.".into(),
            None,
            true,
        ),
        Stage::Refused(refusal) => ("Not placed", words::declined(&refusal.into()), None, true),
        Stage::Ringing { held } => (
            "Ringing",
            format!(
                "{} is set aside; what the call does not cost comes back.",
                held.exact_text()
            ),
            None,
            false,
        ),
        Stage::Talking {
            elapsed_milliseconds,
            held,
            meter,
        } => {
            let beyond = if meter.is_final {
                "Nothing more can be added: the call ends when the time left is used up."
            } else {
                "More follows from your balance as the call goes on."
            };
            let meaning = format!("{} is set aside. {beyond}", held.exact_text());
            let talk = Talk {
                elapsed_milliseconds,
                meter,
            };
            ("In a call", meaning, Some(talk), false)
        }
        Stage::Over {
            charge,
            released,
            talked_seconds,
            is_estimated,
        } => {
            let estimated = if is_estimated {
                " Its end was not reported: the confirmed time was charged."
            } else {
                ""
            };
            let meaning = format!(
                "{} talked. Charged {}, given back {}, available {}.{estimated}",
                duration(talked_seconds),
                charge.exact_text(),
                released.exact_text(),
                available.balance_text()
            );
            ("Call ended", meaning, None, true)
        }
    }
}
