//! Someone who sends requests, and the answers they get.

use super::Server;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[derive(Clone)]
pub(crate) struct Actor<'s> {
    pub(crate) server: &'s Server,
    pub(crate) token: Option<String>,
    pub(crate) refresh_token: String,
    pub(crate) email: String,
}

/// An answer, already held against the document.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
    /// What the body is, if it is no JSON.
    pub(crate) bytes: Vec<u8>,
    what: String,
}

impl<'s> Actor<'s> {
    pub(crate) fn new(server: &'s Server, tokens: Option<&Value>) -> Self {
        let text = |name: &str| tokens.map(|tokens| tokens[name].as_str().unwrap().to_owned());
        Self {
            server,
            token: text("accessToken"),
            refresh_token: text("refreshToken").unwrap_or_default(),
            email: tokens.map(|tokens| tokens["account"]["email"].as_str().unwrap().to_owned()).unwrap_or_default(),
        }
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.server.client.request(method.clone(), format!("{}{path}", self.server.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let is_stream = headers.get("content-type").is_some_and(|value| value == "text/event-stream");
        // A stream of events has no end; tests that read one do it themselves.
        let bytes = if is_stream { vec![] } else { response.bytes().await.unwrap().to_vec() };
        let content_type = headers.get("content-type").map_or("", |value| value.to_str().unwrap()).to_owned();
        let body = if bytes.is_empty() || !content_type.contains("json") {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).unwrap()
        };
        if status != 405 {
            self.server.contract.check(method.as_str(), path, status, &headers, &body);
        }
        let bytes = if body.is_null() { bytes } else { vec![] };
        Answer { status, headers, body, bytes, what: format!("{method} {path}") }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, &[("content-type", "application/json")], Some(body.to_string().into_bytes())).await
    }

    /// A POST without a body.
    pub(crate) async fn act(&self, path: &str) -> Answer {
        self.send("POST", path, &[], None).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, &[("content-type", "application/json")], Some(body.to_string().into_bytes())).await
    }

    /// Loads the resource first, so that `If-Match` is right.
    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        let etag = self.get(path).await.etag();
        self.change("PATCH", path, &etag, body).await
    }

    pub(crate) async fn change(&self, method: &str, path: &str, etag: &str, body: Value) -> Answer {
        let headers = [("content-type", "application/json"), ("if-match", etag)];
        self.send(method, path, &headers, (!body.is_null()).then(|| body.to_string().into_bytes())).await
    }

    pub(crate) async fn link(&self, passport: &str, fleet: &str) -> Answer {
        let etag = self.get(&format!("/v1/passports/{passport}")).await.etag();
        self.change("PUT", &format!("/v1/passports/{passport}/fleet"), &etag, json!({ "fleetId": fleet })).await
    }

    pub(crate) async fn unlink(&self, passport: &str) -> Answer {
        let etag = self.get(&format!("/v1/passports/{passport}")).await.etag();
        self.change("DELETE", &format!("/v1/passports/{passport}/fleet"), &etag, Value::Null).await
    }

    /// Ends the access of a passport's driver.
    pub(crate) async fn end_driver(&self, passport: &str) -> Answer {
        let etag = self.get(&format!("/v1/passports/{passport}")).await.etag();
        self.change("DELETE", &format!("/v1/passports/{passport}/driver"), &etag, Value::Null).await
    }

    /// The id of the change of a passport's link that is open.
    pub(crate) async fn open_link_change(&self, passport: &str) -> String {
        let open = self.get(&format!("/v1/link-changes?status=open&passportId={passport}")).await.items();
        assert_eq!(open.len(), 1, "{open:?}");
        open[0]["id"].as_str().unwrap().to_owned()
    }

    /// Agrees to the change of a passport's link.
    pub(crate) async fn agree(&self, passport: &str) {
        let change = self.open_link_change(passport).await;
        assert_eq!(self.act(&format!("/v1/link-changes/{change}/agree")).await.ok()["status"], "agreed");
    }

    pub(crate) async fn offer(&self, passport: &str, kind: &str, recipient: &str) -> Answer {
        let body = json!({ "kind": kind, "recipientEmail": recipient });
        self.post(&format!("/v1/passports/{passport}/transfers"), body).await
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn expect(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status.as_u16(), "{} answered {:#}", self.what, self.body);
        self
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        self.expect(StatusCode::OK).body
    }

    #[track_caller]
    pub(crate) fn created(self) -> Value {
        let answer = self.expect(StatusCode::CREATED);
        assert!(answer.headers.contains_key("location"));
        answer.body
    }

    /// The answer is this problem.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> &Self {
        assert_eq!(
            (self.status, self.body["code"].as_str().unwrap_or_default()),
            (status, code),
            "{} answered {:#}",
            self.what,
            self.body
        );
        self
    }

    /// The answer is a 400 that names exactly these, as `pointer code`.
    #[track_caller]
    pub(crate) fn wrong(&self, expected: &[&str]) {
        self.problem(400, "invalid_request");
        let place = |error: &Value| error["pointer"].as_str().or(error["parameter"].as_str()).unwrap().to_owned();
        let found: Vec<String> = self.body["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| format!("{} {}", place(error), error["code"].as_str().unwrap()))
            .collect();
        assert_eq!(found, expected, "{}", self.what);
    }

    #[track_caller]
    pub(crate) fn etag(&self) -> String {
        self.headers
            .get("etag")
            .unwrap_or_else(|| panic!("{} has no ETag: {:#}", self.what, self.body))
            .to_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn id(&self) -> String {
        self.body["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn items(&self) -> Vec<Value> {
        self.body["items"].as_array().unwrap_or_else(|| panic!("{} is no list: {:#}", self.what, self.body)).clone()
    }
}
