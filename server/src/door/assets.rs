//! Built files: found by name, sent compressed as they were built, kept by browsers for good when
//! their name holds their hash.

use std::path::{Path, PathBuf};

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::routing::get;
use tower::ServiceBuilder;
use tower_http::services::{ServeDir, ServeFile};
use tower_http::set_header::SetResponseHeaderLayer;

use super::manifest;

pub(crate) fn routes(site_root: &Path) -> Router {
    let forever = cache("public, max-age=31536000, immutable");
    let pkg = ServeDir::new(site_root.join("pkg"))
        .precompressed_br()
        .precompressed_gzip();
    let mut router =
        Router::new().nest_service("/pkg", ServiceBuilder::new().layer(forever).service(pkg));
    for (path, file) in files_at_the_root(site_root) {
        if path == WORKER {
            let script = worker(site_root, &file);
            router = router.route(WORKER, get(move || async move { script }));
            continue;
        }
        if path == MANIFEST {
            router = router.route(MANIFEST, manifest::route(&file));
            continue;
        }
        let service = ServiceBuilder::new()
            .layer(cache("no-cache"))
            .option_layer(path.ends_with(".html").then(|| policy(DOCUMENT_POLICY)))
            .service(ServeFile::new(file));
        router = router.route_service(&path, service);
    }
    router
}

/// What is said of the installed app.
const MANIFEST: &str = "/manifest.webmanifest";
/// The service worker.
const WORKER: &str = "/sw.js";
/// It asks for files of ours, and nothing else.
const WORKER_POLICY: &str = "default-src 'none'; connect-src 'self'";
/// Of the one document that is a file: the page for being offline, with its own script and style.
const DOCUMENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The worker's script with the names of the built files behind it: browsers take it for a new one
/// whenever the pages are, and can say so.
fn worker(site_root: &Path, file: &Path) -> ([(HeaderName, &'static str); 3], String) {
    let script = std::fs::read_to_string(file).unwrap_or_default();
    let built = std::fs::read_dir(site_root.join("pkg"));
    let mut names: Vec<String> = built
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".wasm") || name.ends_with(".css"))
        .collect();
    names.sort();
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, WORKER_POLICY),
    ];
    (headers, format!("{script}\n// {}\n", names.join(" ")))
}

fn policy(value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(value),
    )
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

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, Response};
    use tower::ServiceExt;

    use super::*;

    async fn ask(site: &Path, path: &str, encodings: &str) -> Response<Body> {
        let request = Request::get(path)
            .header("accept-encoding", encodings)
            .body(Body::empty())
            .unwrap();
        routes(site).oneshot(request).await.unwrap()
    }

    #[tokio::test]
    async fn files_are_sent_as_they_were_built() {
        let site = std::env::temp_dir().join(format!("wallet-assets-{}", std::process::id()));
        std::fs::create_dir_all(site.join("pkg")).unwrap();
        for (name, content) in [
            ("pkg/a.1.js", "plain"),
            ("pkg/a.1.js.br", "brotli"),
            ("pkg/a.1.js.gz", "gzip"),
            ("icon.svg", "<svg/>"),
        ] {
            std::fs::write(site.join(name), content).unwrap();
        }
        let brotli = ask(&site, "/pkg/a.1.js", "gzip, br").await;
        assert_eq!(brotli.headers()["content-encoding"], "br");
        assert_eq!(brotli.headers()["content-type"], "text/javascript");
        assert_eq!(
            brotli.headers()["cache-control"],
            "public, max-age=31536000, immutable"
        );
        assert_eq!(
            ask(&site, "/pkg/a.1.js", "gzip").await.headers()["content-encoding"],
            "gzip"
        );
        assert!(
            !ask(&site, "/pkg/a.1.js", "identity")
                .await
                .headers()
                .contains_key("content-encoding")
        );
        let icon = ask(&site, "/icon.svg", "br").await;
        assert_eq!(
            (icon.status().as_u16(), &icon.headers()["cache-control"]),
            (200, &HeaderValue::from_static("no-cache"))
        );
        let missing = ask(&site, "/pkg/a.2.js", "br").await;
        assert_eq!(missing.status().as_u16(), 404);
        assert!(
            !missing.headers().contains_key("cache-control"),
            "what is missing is not remembered"
        );
        std::fs::remove_dir_all(&site).unwrap();
    }
}
