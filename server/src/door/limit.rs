//! How fast one network address may send forms: enough for people, too little for programs that
//! guess. Limits that money depends on are rows in the database, not this.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use app::ClientAddress;
use axum::body::Body;
use axum::http::{Method, Request};
use governor::middleware::NoOpMiddleware;
use tower_governor::governor::GovernorConfigBuilder;
use tower_governor::key_extractor::KeyExtractor;
use tower_governor::{GovernorError, GovernorLayer};

/// Forms an address may send at once, after a pause.
const BURST: u32 = 200;
/// One more is allowed after each of these.
const REFILL: Duration = Duration::from_millis(50);
/// How often addresses that were quiet are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60);

/// Answers 429 with `Retry-After` to an address that sends too many forms.
pub(crate) fn layer() -> GovernorLayer<Client, NoOpMiddleware, Body> {
    let config = GovernorConfigBuilder::default()
        .methods(vec![Method::POST])
        .period(REFILL)
        .burst_size(BURST)
        .key_extractor(Client)
        .finish()
        .expect("the limits are not zero");
    let limiter = config.limiter().clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(FORGET_EVERY).await;
            limiter.retain_recent();
        }
    });
    GovernorLayer::new(config)
}

/// Tells clients apart by the address that was worked out behind our proxies; never by what they
/// say of themselves.
#[derive(Clone, Debug)]
pub(crate) struct Client;

impl KeyExtractor for Client {
    type Key = IpAddr;

    fn extract<T>(&self, request: &Request<T>) -> Result<IpAddr, GovernorError> {
        let address = request.extensions().get::<ClientAddress>();
        address
            .map(|address| network(address.0))
            .ok_or(GovernorError::UnableToExtractKey)
    }
}

/// One household has a whole /64 of IPv6 addresses.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_household_count_together() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
