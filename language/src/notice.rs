//! Notices in words: on the page, in letters and in messages, the same.

use domain::notice::{DisputeStage, Notice, NoticeKind, RefundOutcome};
use time::OffsetDateTime;

use crate::said::refill_reason;
use crate::{Language, Sentence, balance, exact, tell};

/// What the settings call a kind.
pub fn kind_name(kind: NoticeKind, language: Language) -> String {
    match kind {
        NoticeKind::LowBalance => tell!(language, notice::KIND_LOW_BALANCE),
        NoticeKind::TopUpSettled => tell!(language, notice::KIND_TOP_UP_SETTLED),
        NoticeKind::RefillSucceeded => tell!(language, notice::KIND_REFILL_SUCCEEDED),
        NoticeKind::RefillFailed => tell!(language, notice::KIND_REFILL_FAILED),
        NoticeKind::RefillNeedsYou => tell!(language, notice::KIND_REFILL_NEEDS_YOU),
        NoticeKind::RefillCapNear => tell!(language, notice::KIND_REFILL_CAP_NEAR),
        NoticeKind::Refund => tell!(language, notice::KIND_REFUND),
        NoticeKind::CreditExpiring => tell!(language, notice::KIND_CREDIT_EXPIRING),
        NoticeKind::Dispute => tell!(language, notice::KIND_DISPUTE),
        NoticeKind::NewDevice => tell!(language, notice::KIND_NEW_DEVICE),
    }
}

/// What happened, in one sentence: the line on the page and the subject of the letter.
pub fn headline(notice: &Notice, language: Language) -> String {
    let told = |amount: &domain::Money| exact(*amount, language);
    match notice {
        Notice::LowBalance { available, .. } => {
            let available = balance(*available, language);
            tell!(language, notice::LOW_BALANCE, available = available)
        }
        Notice::TopUpSettled { amount, .. } => {
            tell!(language, notice::TOP_UP_SETTLED, amount = told(amount))
        }
        Notice::RefillSucceeded { amount, card, .. } => {
            let card = card_told(card, language);
            tell!(
                language,
                notice::REFILL_SUCCEEDED,
                amount = told(amount),
                card = card
            )
        }
        Notice::RefillFailed { amount, .. } => {
            tell!(language, notice::REFILL_FAILED, amount = told(amount))
        }
        Notice::RefillNeedsYou { amount, .. } => {
            tell!(language, notice::REFILL_NEEDS_YOU, amount = told(amount))
        }
        Notice::RefillCapNear { used, cap } => tell!(
            language,
            notice::REFILL_CAP_NEAR,
            used = told(used),
            cap = told(cap)
        ),
        Notice::Refund {
            amount, outcome, ..
        } => match outcome {
            RefundOutcome::Sent => tell!(language, notice::REFUND_SENT, amount = told(amount)),
            RefundOutcome::GivenBack => tell!(language, notice::REFUND_BACK, amount = told(amount)),
        },
        Notice::CreditExpiring { amount, days, .. } => tell!(
            language,
            notice::CREDIT_EXPIRING,
            amount = told(amount),
            count = *days
        ),
        Notice::Dispute { amount, stage, .. } => {
            let amount = told(amount);
            match stage {
                DisputeStage::Inquiry => tell!(language, notice::DISPUTE_INQUIRY, amount = amount),
                DisputeStage::Withdrawn => {
                    tell!(language, notice::DISPUTE_WITHDRAWN, amount = amount)
                }
                DisputeStage::Won => tell!(language, notice::DISPUTE_WON, amount = amount),
                DisputeStage::Lost => tell!(language, notice::DISPUTE_LOST, amount = amount),
            }
        }
        Notice::NewDevice { device, .. } => {
            let device = crate::device(device, language);
            tell!(language, notice::NEW_DEVICE, device = device)
        }
    }
}

/// What it means and what to do.
pub fn detail(notice: &Notice, language: Language) -> String {
    let told = |amount: &domain::Money| exact(*amount, language);
    match notice {
        Notice::LowBalance { level, .. } => {
            tell!(language, notice::LOW_BALANCE_SAID, level = told(level))
        }
        Notice::TopUpSettled {
            bonus, debt_paid, ..
        } => {
            let bonus = bonus
                .is_positive()
                .then(|| tell!(language, notice::CAME_WITH_BONUS, bonus = told(bonus)));
            let debt = debt_paid
                .is_positive()
                .then(|| tell!(language, notice::PAID_DEBT, debt = told(debt_paid)));
            let parts: Vec<String> = [bonus, debt].into_iter().flatten().collect();
            if parts.is_empty() {
                tell!(language, notice::READY)
            } else {
                parts.join(" ")
            }
        }
        Notice::RefillSucceeded { .. } => tell!(language, notice::REFILL_SUCCEEDED_SAID),
        Notice::RefillFailed {
            card,
            reason,
            again_at,
            ..
        } => {
            let next = again_at.map_or_else(
                || tell!(language, notice::REFILL_OFF),
                |at| {
                    tell!(
                        language,
                        notice::REFILL_AGAIN,
                        moment = moment(at, language)
                    )
                },
            );
            let (card, reason) = (card_told(card, language), reason_told(reason, language));
            tell!(
                language,
                notice::REFILL_FAILED_SAID,
                card = card,
                reason = reason,
                next = next
            )
        }
        Notice::RefillNeedsYou { card, .. } => {
            let card = card_told(card, language);
            tell!(language, notice::REFILL_NEEDS_YOU_SAID, card = card)
        }
        Notice::RefillCapNear { .. } => tell!(language, notice::REFILL_CAP_NEAR_SAID),
        Notice::Refund { outcome, .. } => match outcome {
            RefundOutcome::Sent => tell!(language, notice::REFUND_SENT_SAID),
            RefundOutcome::GivenBack => tell!(language, notice::REFUND_BACK_SAID),
        },
        Notice::CreditExpiring { on, .. } => tell!(
            language,
            notice::CREDIT_EXPIRING_SAID,
            day = day(*on, language)
        ),
        Notice::Dispute { stage, debt, .. } => match stage {
            DisputeStage::Inquiry => tell!(language, notice::DISPUTE_INQUIRY_SAID),
            DisputeStage::Withdrawn if debt.is_positive() => {
                tell!(language, notice::DISPUTE_WITHDRAWN_OWED, debt = told(debt))
            }
            DisputeStage::Withdrawn => tell!(language, notice::DISPUTE_WITHDRAWN_SAID),
            DisputeStage::Won => tell!(language, notice::DISPUTE_WON_SAID),
            DisputeStage::Lost if debt.is_positive() => {
                tell!(language, notice::DISPUTE_LOST_OWED, debt = told(debt))
            }
            DisputeStage::Lost => tell!(language, notice::DISPUTE_LOST_SAID),
        },
        Notice::NewDevice { at, .. } => tell!(
            language,
            notice::NEW_DEVICE_SAID,
            moment = moment(*at, language)
        ),
    }
}

/// The page where it can be acted on, and the words that lead there.
pub fn way_on(notice: &Notice, language: Language) -> (String, String) {
    match notice {
        Notice::LowBalance { .. } => ("/add-credit".into(), tell!(language, notice::ADD_CREDIT)),
        Notice::TopUpSettled { top_up_id, .. } | Notice::RefillSucceeded { top_up_id, .. } => (
            format!("/top-ups/{top_up_id}"),
            tell!(language, notice::SEE_TOP_UP),
        ),
        Notice::RefillFailed { .. }
        | Notice::RefillNeedsYou { .. }
        | Notice::RefillCapNear { .. } => {
            ("/auto-refill".into(), tell!(language, notice::OPEN_REFILL))
        }
        Notice::Refund { top_up_id, .. } => (
            format!("/refunds/{top_up_id}"),
            tell!(language, notice::SEE_REFUND),
        ),
        Notice::CreditExpiring { .. } => ("/call".into(), tell!(language, notice::CALL)),
        Notice::Dispute { debt, .. } if debt.is_positive() => {
            ("/add-credit".into(), tell!(language, notice::ADD_CREDIT))
        }
        Notice::Dispute { .. } => (
            "/wallet#history".into(),
            tell!(language, notice::SEE_HISTORY),
        ),
        Notice::NewDevice { .. } => ("/account".into(), tell!(language, notice::SEE_SESSIONS)),
    }
}

/// A card by its name, or as it is called where nothing is known of it.
pub fn card_told(card: &str, language: Language) -> String {
    if card == tell!(Language::English, notice::YOUR_CARD) {
        return tell!(language, notice::YOUR_CARD);
    }
    card.to_owned()
}

/// Why a refill did not work. A notice keeps the reason as a sentence in English; it is one of these,
/// or of an older version and stays as it is.
pub fn reason_told(reason: &str, language: Language) -> String {
    const REASONS: [Sentence; 10] = [
        refill_reason::INSUFFICIENT_FUNDS,
        refill_reason::EXPIRED,
        refill_reason::NOT_ACCEPTED,
        refill_reason::AUTHENTICATION,
        refill_reason::PROCESSING,
        refill_reason::DECLINED,
        refill_reason::NOT_CHARGEABLE,
        refill_reason::NOT_ANSWERED,
        refill_reason::TWICE,
        refill_reason::REMOVED,
    ];
    let known = REASONS
        .iter()
        .find(|known| known.tell(Language::English, &[]) == reason);
    known.map_or_else(|| reason.to_owned(), |known| known.tell(language, &[]))
}

/// `December 12, 2026`, in UTC: a letter does not know where it is read.
fn day(at: OffsetDateTime, language: Language) -> String {
    tell!(
        language,
        clock::DATE,
        day = at.day().to_string(),
        month = crate::month(at.month().into(), language),
        year = at.year().to_string()
    )
}

/// `December 12, 2026, 14:05 UTC`
fn moment(at: OffsetDateTime, language: Language) -> String {
    tell!(
        language,
        notice::MOMENT_UTC,
        day = day(at, language),
        time = format!("{:02}:{:02}", at.hour(), at.minute())
    )
}

#[cfg(test)]
#[path = "../../domain/src/notice/every.rs"]
mod every;
#[cfg(test)]
mod tests {
    use super::every::every_notice;
    use super::*;

    #[test]
    fn every_notice_says_something_in_every_language() {
        for notice in every_notice() {
            for language in Language::ALL {
                let subject = headline(&notice, language);
                assert!(subject.chars().count() < 90, "one line: {subject}");
                let said = detail(&notice, language);
                let plain = said.trim_end_matches('\u{2069}');
                assert!(plain.ends_with(['.', '।']), "{said}");
                assert!(way_on(&notice, language).0.starts_with('/'));
                assert!(!kind_name(notice.kind(), language).is_empty());
            }
        }
    }

    #[test]
    fn a_moment_in_a_letter_names_its_zone() {
        let at = OffsetDateTime::from_unix_timestamp(1_797_084_300).unwrap();
        assert_eq!(
            moment(at, Language::English),
            "December 12, 2026, 14:05 UTC"
        );
        assert_eq!(moment(at, Language::French), "12 décembre 2026, 14:05 UTC");
    }

    #[test]
    fn a_reason_that_the_bank_gave_is_told_in_the_language() {
        for code in ["insufficient_funds", "expired_card", "lost_card", "other"] {
            let reason = domain::refill::decline_reason(code);
            assert_ne!(reason_told(reason, Language::Spanish), reason, "{code}");
        }
        assert_eq!(reason_told("Of old.", Language::Spanish), "Of old.");
    }
}
