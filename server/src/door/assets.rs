//! Built files: found by name, sent compressed as they were built, kept by browsers for good when
//! their name holds their hash.

use std::path::Path;

use axum::Router;
use axum::http::{HeaderValue, header};
use tower::ServiceBuilder;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

/// Files of `public/` that lie at the root of the site.
const ROOT_FILES: [&str; 4] = [
    "favicon.ico",
    "favicon.svg",
    "manifest.webmanifest",
    "robots.txt",
];

pub(crate) fn routes(site_root: &Path) -> Router {
    let forever = cache("public, max-age=31536000, immutable");
    let pkg = ServeDir::new(site_root.join("pkg"))
        .precompressed_br()
        .precompressed_gzip();
    let icons = ServeDir::new(site_root.join("icons"));
    let mut router = Router::new()
        .nest_service("/pkg", ServiceBuilder::new().layer(forever).service(pkg))
        .nest_service(
            "/icons",
            ServiceBuilder::new()
                .layer(cache("public, max-age=86400"))
                .service(icons),
        );
    for name in ROOT_FILES {
        let file = ServeFile::new(site_root.join(name));
        let path = format!("/{name}");
        router = router.route_service(
            &path,
            ServiceBuilder::new().layer(cache("no-cache")).service(file),
        );
    }
    router
}

/// Only on success: a missing file must not be remembered for a year.
fn cache(
    value: &'static str,
) -> SetResponseHeaderLayer<
    impl Fn(
        &axum::http::Response<tower_http::services::fs::ServeFileSystemResponseBody>,
    ) -> Option<HeaderValue>
    + Clone,
> {
    SetResponseHeaderLayer::overriding(
        header::CACHE_CONTROL,
        move |response: &axum::http::Response<_>| {
            response
                .status()
                .is_success()
                .then(|| HeaderValue::from_static(value))
        },
    )
}
