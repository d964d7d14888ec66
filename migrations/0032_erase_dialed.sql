-- Who closes an account leaves no number behind: calls asked for on a page carry one.
grant delete on dialed_call to wallet_web;
