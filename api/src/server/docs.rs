//! Swagger UI at `/docs`: its own files, compiled in, with a page of ours around them.

use super::pages::REVALIDATE;
use crate::{
    demo,
    problem::{Code, Problem},
    state::App,
    tags::fingerprint,
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, Bytes},
};
use std::{borrow::Cow, fmt::Write, sync::Arc};
use utoipa_swagger_ui::Config;

const PAGE: &str = include_str!("../../docs-page/index.html");

/// Our own files besides those of Swagger UI.
const OURS: [(&str, &str, &str); 2] = [
    ("page.css", "text/css; charset=utf-8", include_str!("../../docs-page/page.css")),
    ("page.js", "text/javascript; charset=utf-8", include_str!("../../docs-page/page.js")),
];

/// The files to which the page refers.
const REFERRED: [&str; 5] = ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png", "page.css", "page.js"];

/// A file to which the page refers by its fingerprint never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

pub(super) async fn without_slash() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

/// Who opens the address of the server wants to see what there is. That may be elsewhere one day, so nobody is to remember it.
pub(super) async fn from_the_root() -> HttpResponse {
    HttpResponse::TemporaryRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

/// The page. With the demo garage it shows the logins, and lets the browser store the token.
pub(super) async fn page(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    let mut page = PAGE.to_owned();
    for name in REFERRED {
        let (_, bytes) = find(name)?;
        page = page.replace(&format!("\"{name}\""), &format!("\"{name}?v={}\"", fingerprint(&bytes)));
    }
    let is_demo = app.settings.demo;
    page = page.replace("{demo}", if is_demo { "true" } else { "false" });
    let logins = if is_demo { app.database.read(demo::logins).await? } else { Vec::new() };
    page = page.replace("{logins}", &shown(&logins));
    let mut response = HttpResponse::Ok();
    response.content_type("text/html; charset=utf-8").insert_header((header::CACHE_CONTROL, REVALIDATE));
    Ok(response.body(page))
}

/// The logins of the demo garage, as the page shows them. Their texts have no character with a meaning in HTML.
fn shown(logins: &[(&str, &str)]) -> String {
    if logins.is_empty() {
        return String::new();
    }
    let mut shown = format!(
        "<p>Demo logins, each with the password <code>{}</code>, unless it was changed:</p>\n<ul>\n",
        demo::PASSWORD
    );
    for (who, email) in logins {
        // Writing to a text cannot fail.
        let _written = writeln!(shown, "<li><code>{email}</code> {who}</li>");
    }
    shown + "</ul>\n"
}

pub(super) async fn file(request: HttpRequest, name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let (kind, bytes) = find(&name)?;
    let is_named_by_fingerprint = request.query_string().strip_prefix("v=") == Some(fingerprint(&bytes).as_str());
    let keep = if is_named_by_fingerprint { FOR_EVER } else { REVALIDATE };
    let mut response = HttpResponse::Ok();
    Ok(response.content_type(kind).insert_header((header::CACHE_CONTROL, keep)).body(bytes))
}

/// A file by its name: its media type and its bytes.
fn find(name: &str) -> Result<(String, Bytes), Problem> {
    if let Some((_, kind, text)) = OURS.iter().find(|(ours, ..)| *ours == name) {
        return Ok(((*kind).to_owned(), Bytes::from_static(text.as_bytes())));
    }
    // Its own page and its settings are not ours.
    let is_theirs = !name.is_empty() && !["index.html", "swagger-initializer.js"].contains(&name);
    let found = is_theirs.then(|| utoipa_swagger_ui::serve(name, Arc::new(Config::default()))).transpose();
    let file = found.map_err(|error| Problem::internal(&error.to_string()))?.flatten().ok_or(Code::NotFound)?;
    let bytes = match file.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    Ok((file.content_type, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_refers_to_files_that_are_there() {
        for name in REFERRED {
            assert!(PAGE.contains(&format!("\"{name}\"")), "{name} is not referred to");
            assert!(!find(name).unwrap().1.is_empty());
        }
        assert_eq!(
            PAGE.matches("src=").count() + PAGE.matches("href=\"").count() - PAGE.matches("href=\"/").count(),
            REFERRED.len()
        );
        for name in ["", "index.html", "nothing.js", "../Cargo.toml"] {
            assert_eq!(find(name).unwrap_err().code, Code::NotFound, "{name}");
        }
    }

    #[test]
    fn logins_are_plain_text() {
        let texts = demo::LOGINS.iter().flat_map(|(who, email)| [*who, *email]).chain([demo::PASSWORD]);
        assert!(texts.into_iter().all(|text| !text.contains(['<', '>', '&', '"'])));
    }
}
