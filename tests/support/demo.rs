//! The demo garage, as `serve --demo` makes it, and the requests that the examples of the document are.

use super::{Actor, Backend, Contract, Server, database::Database, maintained};
use api::{config::Settings, register_client::RegisterAt};
use serde_json::Value;

/// A prepared demo garage, which is copied for each request that changes it, and who can sign in to each copy.
pub(crate) struct Demo {
    backend: Backend,
    database: Database,
    people: Vec<Person>,
}

struct Person {
    token: Option<String>,
    refresh_token: String,
    email: String,
}

/// An operation with the parameters and the body that Swagger UI fills in.
pub(crate) struct Example {
    pub(crate) operation: String,
    pub(crate) method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Value>,
    media: Option<String>,
}

fn settings(settings: &mut Settings) {
    settings.demo = true;
    settings.vehicle_register.at = RegisterAt::Demo;
}

impl Demo {
    /// Makes it, and signs in with each of its logins.
    pub(crate) async fn prepare(backend: Backend) -> Self {
        let server = Server::start_with(backend, settings).await;
        assert!(server.seed_demo().await, "the database was not empty");
        let mut people = vec![Person { token: None, refresh_token: String::new(), email: String::new() }];
        // The others come with the history, which the examples go without.
        for (_, email) in &api::demo::LOGINS[..6] {
            let Actor { token, refresh_token, email, .. } = server.sign_in(email, api::demo::PASSWORD).await;
            people.push(Person { token, refresh_token, email });
        }
        Self { backend, database: server.leave().await, people }
    }

    /// A server with a copy of it.
    pub(crate) async fn open(&self) -> Server {
        Server::start_at(self.backend, self.database.copy(), settings).await
    }

    pub(crate) fn close(self) {
        self.database.drop_now();
    }

    /// Those who can send requests: first someone who has not signed in, then each of the demo's logins.
    pub(crate) fn actors<'s>(&self, server: &'s Server) -> Vec<Actor<'s>> {
        let actor = |Person { token, refresh_token, email }: &Person| Actor {
            server,
            token: token.clone(),
            refresh_token: refresh_token.clone(),
            email: email.clone(),
        };
        self.people.iter().map(actor).collect()
    }
}

impl Server {
    /// Fills the database with the demo garage, if it is empty.
    pub(crate) async fn seed_demo(&self) -> bool {
        api::demo::seed(&self.app).await.unwrap()
    }
}

impl Example {
    /// One of each operation of the document.
    pub(crate) fn all() -> Vec<Self> {
        let contract = Contract::shared();
        let mut found = Vec::new();
        for (pattern, item) in contract.document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                found.push(Self::of(&contract, pattern, method, operation));
            }
        }
        found
    }

    fn of(contract: &Contract, pattern: &str, method: &str, operation: &Value) -> Self {
        let name = operation["operationId"].as_str().unwrap();
        let (mut path, mut headers) = (format!("/v1{pattern}"), Vec::new());
        for parameter in contract.parameters(operation) {
            let (parameter_name, example) = (parameter["name"].as_str().unwrap(), parameter["example"].as_str());
            match parameter["in"].as_str().unwrap() {
                "path" => {
                    let example = example.unwrap_or_else(|| panic!("{name}: {parameter_name} has no example"));
                    path = path.replace(&format!("{{{parameter_name}}}"), example);
                }
                "header" => headers.extend(example.map(|example| (parameter_name.to_owned(), example.to_owned()))),
                _ => assert!(example.is_none(), "{name}: nobody tries the example of {parameter_name}"),
            }
        }
        let content = contract.resolve(&operation["requestBody"])["content"].as_object();
        let body = content.and_then(|kinds| kinds.iter().next());
        let media = body.map(|(media, _)| media.clone());
        headers.extend(media.clone().map(|media| ("content-type".to_owned(), media)));
        let body = body.map(|(_, media)| contract.example(media));
        let is_file = contract
            .resolve(&content.and_then(|kinds| kinds.values().next()).unwrap_or(&Value::Null)["schema"])["format"]
            == "binary";
        assert!(is_file || body.as_ref().is_none_or(Value::is_object), "{name}: the body has no example");
        Self { operation: name.to_owned(), method: method.to_ascii_uppercase(), path, headers, body, media }
    }

    /// Sends it, as Swagger UI does.
    pub(crate) async fn send(&self, actor: &Actor<'_>) -> super::Answer {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let media = self.media.as_deref().unwrap_or_default();
        let bytes =
            |body: &Value| if body.is_null() { maintained::sample(media) } else { body.to_string().into_bytes() };
        let body = self.body.as_ref().map(bytes);
        actor.send(&self.method, &self.path, &headers, body).await
    }
}
