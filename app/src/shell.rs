//! The document around every page, and which page an address shows.

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, Title, provide_meta_context};
use leptos_router::SsrMode::Async;
use leptos_router::components::{Outlet, ParentRoute, Route, Router, Routes};
use leptos_router::path;

use crate::browser;
use crate::components::at_once::Boxed;
use crate::components::banner::SandboxBanner;
use crate::components::header::Header;
use crate::components::heading::Arrivals;
use crate::components::languages::Languages;
use crate::components::post_form::Refused;
use crate::head::Head;
use crate::live::Live;
use crate::pages::add_credit::AddCreditPage;
use crate::pages::sign_in::SignInPage;
use crate::pages::wallet::WalletPage;
use crate::pages::written::WrittenPage;
use crate::site::Site;
use crate::speech::{self, Spoken};
use crate::start::Start;

/// The HTML document that the server sends for every page.
pub fn shell(options: LeptosOptions, head: Head) -> impl IntoView {
    let robots = head
        .canonical
        .is_none()
        .then(|| view! { <meta name="robots" content="noindex" /> });
    let canonical = head
        .canonical
        .map(|address| view! { <link rel="canonical" href=address /> });
    let language = speech::language();
    view! {
        <!DOCTYPE html>
        <html lang=language.tag() dir=language.direction()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" content="#f9f8f5" media="(prefers-color-scheme: light)" />
                <meta name="theme-color" content="#0c1116" media="(prefers-color-scheme: dark)" />
                <meta name="description" content=head.description />
                {canonical}
                {robots}
                <link rel="manifest" href=format!("/manifest.webmanifest?language={}", language.tag()) />
                <link rel="icon" href="/icon.svg" type="image/svg+xml" />
                <link rel="apple-touch-icon" href="/apple-touch-icon.png" />
                <HashedStylesheet options=options.clone() />
                <Start options />
                <script type="module" src="/page.js" nonce=use_nonce()></script>
                <MetaTags />
            </head>
            <body data-said=head.said_by_script>
                <App />
                <Languages />
            </body>
        </html>
    }
}

/// Every page of the wallet.
///
/// Pages are rendered whole before they are sent (`SsrMode::Async`): streaming out of order would
/// need JavaScript to put the parts in their place, and a late refusal could no longer redirect.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let site = SharedValue::new_str(|| use_context::<Site>().unwrap_or_default()).into_inner();
    provide_context(site);
    SharedValue::new_str(Spoken::here).into_inner().heard();
    let refused = SharedValue::new_str(|| use_context::<Refused>().unwrap_or_default());
    provide_context(refused.into_inner());
    provide_context(Arrivals::default());
    view! {
        <Title formatter=|page: String| format!("{page} · Talkala Wallet") />
        <Router>
            // The browser follows it by itself: focus moves along, which the router would not do.
            <a class="skip-link" href="#main" rel="external">
                {say!(shell::SKIP)}
            </a>
            <SandboxBanner />
            // No address is without a page: what the server does not know it says on a written one.
            <Routes transition=true fallback=|| ()>
                <ParentRoute path=path!("") view=PublicLayout ssr=Async>
                    <Route path=path!("/") view=WrittenPage ssr=Async />
                    <Route path=path!("/sign-in") view=SignInPage ssr=Async />
                    <Route path=path!("/rates/*rates") view=WrittenPage ssr=Async />
                </ParentRoute>
                <ParentRoute path=path!("") view=PersonalLayout ssr=Async>
                    <Route path=path!("/wallet") view=WalletPage ssr=Async />
                    <Route path=path!("/call/*call") view=WrittenPage ssr=Async />
                    <Route path=path!("/add-credit") view=AddCreditPage ssr=Async />
                    <Route path=path!("/top-ups/:top_up_id") view=WrittenPage ssr=Async />
                    <Route path=path!("/account/*account") view=WrittenPage ssr=Async />
                    <Route path=path!("/auto-refill/*auto-refill") view=WrittenPage ssr=Async />
                    <Route path=path!("/messages/*messages") view=WrittenPage ssr=Async />
                    <Route path=path!("/referral/*referral") view=WrittenPage ssr=Async />
                    <Route path=path!("/statements/*statements") view=WrittenPage ssr=Async />
                    <Route path=path!("/refunds/*refunds") view=WrittenPage ssr=Async />
                    <Route path=path!("/desk/*desk") view=WrittenPage ssr=Async />
                </ParentRoute>
                <ParentRoute path=path!("") view=PublicLayout ssr=Async>
                    <Route path=path!("/*rest") view=WrittenPage ssr=Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}

/// Around pages that anyone may see.
#[component]
fn PublicLayout() -> impl IntoView {
    view! {
        <Header signed_in=false />
        <main class="page" id="main" tabindex="-1">
            <Outlet />
        </main>
    }
    .boxed()
}

/// Around pages of one person. It stays while one moves between them, and with it the one
/// connection over which the server says that something changed.
#[component]
fn PersonalLayout() -> impl IntoView {
    let live = Live::default();
    provide_context(live);
    Effect::new(move |_| {
        if browser::remember_time_zone() {
            live.refresh();
        }
        live.listen();
        browser::keep_counting();
    });
    view! {
        <Header signed_in=true />
        <main class="page" id="main" tabindex="-1">
            <Outlet />
        </main>
    }
    .boxed()
}
