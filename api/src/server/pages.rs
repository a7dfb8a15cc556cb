//! What is served beside the operations: the document, Swagger UI, the pages of problems, public keys; and what is said
//! where nothing is.

use super::Frame;
use crate::{
    openapi,
    problem::{Code, Problem, page},
    state::App,
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, Bytes},
};
use std::sync::Arc;

/// The OpenAPI document as it is served, and what follows from it. Made when first asked for: it takes more memory for a
/// moment than all else that the server does at rest.
pub(super) struct Published {
    json: Bytes,
    yaml: Bytes,
    /// Each path with its methods.
    routes: Vec<(String, Vec<String>)>,
}

impl Published {
    fn new() -> Self {
        let document = openapi::document();
        let yaml = openapi::yaml(&document);
        Self { json: document.to_string().into(), yaml: yaml.into(), routes: openapi::routes(&document) }
    }
}

impl Frame {
    pub(super) async fn published(self: &Arc<Self>) -> Result<&Published, Problem> {
        if self.published.get().is_none() {
            let made = web::block(Published::new).await.map_err(|error| Problem::internal(&error.to_string()))?;
            // Of two that were made at once, either will do.
            return Ok(self.published.get_or_init(|| made));
        }
        self.published.get().ok_or_else(|| Problem::internal("the OpenAPI document was not made"))
    }
}

pub(super) async fn openapi_json(frame: web::Data<Frame>) -> Result<HttpResponse, Problem> {
    Ok(open_to_all().content_type("application/json").body(frame.published().await?.json.clone()))
}

pub(super) async fn openapi_yaml(frame: web::Data<Frame>) -> Result<HttpResponse, Problem> {
    Ok(open_to_all().content_type("application/yaml").body(frame.published().await?.yaml.clone()))
}

pub(super) fn open_to_all() -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    response
}

pub(super) async fn jwks(app: web::Data<App>) -> HttpResponse {
    open_to_all().insert_header((header::CACHE_CONTROL, "public, max-age=300")).json(app.tokens.jwks())
}

pub(super) async fn problem_page(code: web::Path<String>) -> Result<HttpResponse, Problem> {
    let code = Code::from_code(&code).ok_or(Code::NotFound)?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page(code)))
}

pub(super) async fn docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

/// 404, or 405 with `Allow` where the path exists with other methods.
pub(super) async fn nothing_here(request: HttpRequest, frame: web::Data<Frame>) -> Result<HttpResponse, Problem> {
    let path = request.path().strip_prefix("/v1").unwrap_or_default();
    let routes = &frame.published().await?.routes;
    let methods = routes.iter().filter(|(pattern, _)| matches_pattern(pattern, path)).flat_map(|(_, methods)| methods);
    let mut methods: Vec<&str> = methods.map(String::as_str).collect();
    methods.sort_unstable();
    if methods.is_empty() {
        return Err(Code::NotFound.into());
    }
    let mut problem = Problem::new(Code::MethodNotAllowed);
    problem.allow = Some(methods.join(", "));
    Err(problem)
}

pub(super) fn matches_pattern(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(w), Some(g)) if w == g || (w.starts_with('{') && !g.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches_pattern;

    #[test]
    fn paths_match_their_patterns_alone() {
        assert!(matches_pattern("/passports/{id}", "/passports/1"));
        for other in ["/passports", "/passports/", "/passports/1/", "/passports/1/fleet", "/fleets/1"] {
            assert!(!matches_pattern("/passports/{id}", other), "{other}");
        }
    }
}
