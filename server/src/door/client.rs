//! The network address of the client, as far as it can be believed.

use std::net::{IpAddr, SocketAddr};

use app::ClientAddress;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;

/// Adds the client's address to the request.
pub(crate) async fn find_address(
    State(trusted_proxies): State<usize>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|peer| peer.0.ip());
    if let Some(address) = address(peer, request.headers(), trusted_proxies) {
        request.extensions_mut().insert(ClientAddress(address));
    }
    next.run(request).await
}

/// Each proxy appends the address it saw: with n of them ours, the n-th from the right is the
/// client's. Everything left of it was sent by the client and may be made up.
fn address(peer: Option<IpAddr>, headers: &HeaderMap, trusted_proxies: usize) -> Option<IpAddr> {
    if trusted_proxies == 0 {
        return peer;
    }
    let forwarded: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .collect();
    let index = forwarded.len().checked_sub(trusted_proxies)?;
    forwarded[index].trim().parse().ok().or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_our_proxies_added_is_believed() {
        let peer = Some("10.0.0.1".parse().unwrap());
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "6.6.6.6, 203.0.113.9".parse().unwrap());
        let found = |proxies| address(peer, &headers, proxies).map(|ip| ip.to_string());
        assert_eq!(found(0).as_deref(), Some("10.0.0.1"));
        assert_eq!(found(1).as_deref(), Some("203.0.113.9"));
        assert_eq!(found(3), None);
    }
}
