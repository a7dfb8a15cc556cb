//! Where the features list their operations.

use actix_web::{dev::HttpServiceFactory, web};
use utoipa_actix_web::OpenApiFactory;

/// Where operations are listed: in a server, or in the document that describes them. A server that collected the
/// document too, as each of its threads starts, would need twice the memory.
pub trait Registry {
    /// Lists one.
    fn service(&mut self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self;
}

impl Registry for web::ServiceConfig {
    fn service(&mut self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        self.service(operation)
    }
}

impl Registry for utoipa_actix_web::service_config::ServiceConfig<'_> {
    fn service(&mut self, operation: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        self.service(operation)
    }
}
