//! Notices as the wallet page shows them.

use language::notice;
use ledger::UnreadNotice;

use crate::pages::wallet::notices::NoticeLine;
use crate::speech;

pub(crate) fn notice_lines(unread: &[UnreadNotice]) -> Vec<NoticeLine> {
    unread.iter().map(line).collect()
}

fn line(unread: &UnreadNotice) -> NoticeLine {
    let language = speech::language();
    let (link, link_text) = notice::way_on(&unread.notice, language);
    NoticeLine {
        notice_id: unread.notice_id,
        headline: notice::headline(&unread.notice, language),
        detail: notice::detail(&unread.notice, language),
        link,
        link_text,
    }
}
