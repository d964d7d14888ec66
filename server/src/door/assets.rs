//! Built files: found by name, sent compressed as they were built, kept by browsers for good when
//! their name holds their hash.

use std::path::{Path, PathBuf};

use axum::Router;
use axum::http::{HeaderValue, header};
use tower::ServiceBuilder;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

pub(crate) fn routes(site_root: &Path) -> Router {
    let forever = cache("public, max-age=31536000, immutable");
    let pkg = ServeDir::new(site_root.join("pkg"))
        .precompressed_br()
        .precompressed_gzip();
    let mut router =
        Router::new().nest_service("/pkg", ServiceBuilder::new().layer(forever).service(pkg));
    for (path, file) in files_at_the_root(site_root) {
        let service = ServiceBuilder::new()
            .layer(cache("no-cache"))
            .service(ServeFile::new(file));
        router = router.route_service(&path, service);
    }
    router
}

/// What was copied from `public/`: icons, the manifest. Browsers ask each time whether it changed.
fn files_at_the_root(site_root: &Path) -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(site_root).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.path().is_file());
    files
        .map(|entry| {
            (
                format!("/{}", entry.file_name().to_string_lossy()),
                entry.path(),
            )
        })
        .collect()
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
