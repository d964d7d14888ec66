//! Notices as the wallet page shows them.

use ledger::UnreadNotice;

use crate::pages::wallet::notices::NoticeLine;

pub(crate) fn notice_lines(unread: Vec<UnreadNotice>) -> Vec<NoticeLine> {
    unread.into_iter().map(line).collect()
}

fn line(unread: UnreadNotice) -> NoticeLine {
    let (link, link_text) = unread.notice.link();
    NoticeLine {
        notice_id: unread.notice_id,
        headline: unread.notice.headline(),
        detail: unread.notice.detail(),
        link,
        link_text: link_text.into(),
    }
}
