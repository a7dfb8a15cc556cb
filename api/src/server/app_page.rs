//! The page at `/app`, to which mailed links lead: static files, compiled in, that use the API as any client does. An own app
//! takes its place with `--app-url`.
//!
//! What stands behind the `#` of a link never reaches the server. Every path below `/app` gets the same page, which finds out
//! by itself what to show.

use super::pages::REVALIDATE;
use crate::{config::Stores, state::App};
use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::{self, Bytes},
};

const PAGE: &str = include_str!("../../app/index.html");
const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The files of the page: name, media type, content.
const FILES: [(&str, &str, &str); 11] = [
    ("app.css", "text/css; charset=utf-8", include_str!("../../app/app.css")),
    ("icon.svg", "image/svg+xml", include_str!("../../app/icon.svg")),
    ("app.js", SCRIPT, include_str!("../../app/app.js")),
    ("account.js", SCRIPT, include_str!("../../app/account.js")),
    ("api.js", SCRIPT, include_str!("../../app/api.js")),
    ("decision.js", SCRIPT, include_str!("../../app/decision.js")),
    ("invitation.js", SCRIPT, include_str!("../../app/invitation.js")),
    ("language.js", SCRIPT, include_str!("../../app/language.js")),
    ("texts.js", SCRIPT, include_str!("../../app/texts.js")),
    ("token.js", SCRIPT, include_str!("../../app/token.js")),
    ("view.js", SCRIPT, include_str!("../../app/view.js")),
];

/// Below `/app`, the places where the page has something to show; and those where it shows something with an id.
const PLACES: [&str; 5] = ["", "invitation", "forgot-password", "transfers", "notifications"];
const PLACES_WITH_ID: [&str; 5] = ["transfers", "link-changes", "garage-changes", "passports", "customers"];

/// Nothing but the page's own files, and no script that is made of a text.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const PERMISSIONS: &str =
    "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()";

/// The page at `/app` itself.
pub(super) async fn page(app: web::Data<App>) -> HttpResponse {
    serve(StatusCode::OK, HTML, with_stores(&app.settings.stores))
}

/// A file of the page, or the page: with a status that says whether there is something at this place.
pub(super) async fn below(path: web::Path<String>, app: web::Data<App>) -> HttpResponse {
    if let Some((_, kind, text)) = FILES.iter().find(|(name, ..)| *name == path.as_str()) {
        return serve(StatusCode::OK, kind, Bytes::from_static(text.as_bytes()));
    }
    let status = if is_place(&path) { StatusCode::OK } else { StatusCode::NOT_FOUND };
    serve(status, HTML, with_stores(&app.settings.stores))
}

/// The page, which says where people get the apps.
fn with_stores(stores: &Stores) -> Bytes {
    let named = |name: &str, url: Option<&String>| {
        let url = url.map(|url| url.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;"));
        url.map(|url| format!("  <meta name=\"{name}\" content=\"{url}\">\n")).unwrap_or_default()
    };
    let all = named("android-app", stores.android.as_ref()) + &named("ios-app", stores.ios.as_ref());
    if all.is_empty() {
        return Bytes::from_static(PAGE.as_bytes());
    }
    Bytes::from(PAGE.replacen("</head>", &format!("{all}</head>"), 1))
}

fn is_place(path: &str) -> bool {
    match path.split_once('/') {
        None => PLACES.contains(&path),
        Some((place, id)) => PLACES_WITH_ID.contains(&place) && crate::wire::read_id(id).is_some(),
    }
}

fn serve(status: StatusCode, kind: &'static str, content: Bytes) -> HttpResponse {
    HttpResponse::build(status)
        .content_type(kind)
        .insert_header((header::CACHE_CONTROL, REVALIDATE))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::PERMISSIONS_POLICY, PERMISSIONS))
        .insert_header((header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"))
        .insert_header((header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"))
        .body(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_and_its_scripts_refer_to_files_that_are_there() {
        let is_there = |name: &str| FILES.iter().any(|(known, ..)| *known == name);
        let mut referred = 0;
        for (ending, text) in FILES.iter().map(|(_, _, text)| ("from \"./", *text)).chain([("\"/app/", PAGE)]) {
            for name in text.split(ending).skip(1).map(|rest| rest.split('"').next().unwrap_or_default()) {
                assert!(name.is_empty() || is_there(name), "{name} is not served");
                referred += 1;
            }
        }
        assert!(referred > 20, "{referred}");
        assert!(
            !PAGE.contains("style=")
                && PAGE.matches("<script").count() == PAGE.matches("<script type=\"module\" src=").count()
        );
    }

    #[test]
    fn the_page_says_where_people_get_the_apps() {
        let page = |android: Option<&str>, ios: Option<&str>| {
            let stores = Stores { android: android.map(str::to_owned), ios: ios.map(str::to_owned) };
            String::from_utf8(with_stores(&stores).to_vec()).unwrap()
        };
        assert_eq!(page(None, None), PAGE);
        let both = page(Some("https://store.example/a?b=1&c=\"><script>"), Some("https://store.example/i"));
        let android = "<meta name=\"android-app\" content=\"https://store.example/a?b=1&amp;c=&quot;>&lt;script>\">";
        assert!(both.contains(android) && both.contains("<meta name=\"ios-app\" content=\"https://store.example/i\">"));
        assert_eq!(both.matches("</head>").count(), 1);
        assert!(!page(None, Some("https://store.example/i")).contains("android-app"));
    }

    #[test]
    fn a_place_that_is_not_there_is_not_found() {
        let id = "0199c5f2-7d1e-7c3a-9b1f-2f6d1c1e8a10";
        for place in ["", "invitation", "transfers", &format!("transfers/{id}"), &format!("garage-changes/{id}")] {
            assert!(is_place(place), "{place}");
        }
        for other in ["nothing", "transfers/1", "transfers/", &format!("invitation/{id}"), &format!("transfers/{id}/x")]
        {
            assert!(!is_place(other), "{other}");
        }
    }
}
