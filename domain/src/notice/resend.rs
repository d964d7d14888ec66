//! Whether the letter of a notice is sent once more, when support asks for it.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::transfer::words;

/// A letter this young may still be on its way through the mail servers.
pub const RESEND_AFTER: Duration = Duration::minutes(10);

words!(
    /// Where a letter stands.
    LetterState {
        Due = "due",
        Sent = "sent",
        /// Given up: no mail server took it in time.
        Dead = "dead",
    }
);

/// The last letter about a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastLetter {
    pub state: LetterState,
    /// When it was sent, or else written.
    pub at: OffsetDateTime,
}

/// Why no letter is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResendRefusal {
    /// The account is closed: there is nobody to write to.
    Closed,
    /// The customer refused letters of this kind.
    NotWanted,
    OnItsWay,
    /// Within [`RESEND_AFTER`].
    JustSent,
    /// A newer version of this program wrote the notice.
    Unreadable,
}

/// Whether a letter is written again; `last` is the newest about the same notice.
pub fn resend(
    is_wanted: bool,
    last: Option<LastLetter>,
    now: OffsetDateTime,
) -> Result<(), ResendRefusal> {
    if !is_wanted {
        return Err(ResendRefusal::NotWanted);
    }
    match last {
        Some(letter) if letter.state == LetterState::Due => Err(ResendRefusal::OnItsWay),
        Some(letter) if letter.state == LetterState::Sent && now < letter.at + RESEND_AFTER => {
            Err(ResendRefusal::JustSent)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_letter_is_sent_again_when_none_is_on_its_way_and_the_last_was_a_while_ago() {
        let now = datetime!(2026-11-22 14:00 UTC);
        let last = |state, minutes| {
            Some(LastLetter {
                state,
                at: now - Duration::minutes(minutes),
            })
        };
        for (is_wanted, letter, refusal) in [
            (true, None, None),
            (false, None, Some(ResendRefusal::NotWanted)),
            (
                true,
                last(LetterState::Due, 60),
                Some(ResendRefusal::OnItsWay),
            ),
            (
                true,
                last(LetterState::Sent, 9),
                Some(ResendRefusal::JustSent),
            ),
            (true, last(LetterState::Sent, 10), None),
            (true, last(LetterState::Dead, 1), None),
            (
                false,
                last(LetterState::Sent, 60),
                Some(ResendRefusal::NotWanted),
            ),
        ] {
            assert_eq!(resend(is_wanted, letter, now).err(), refusal, "{letter:?}");
        }
    }
}
