//! Where each feature registers its operations.

use actix_web::{dev::HttpServiceFactory, web};
use utoipa_actix_web::OpenApiFactory;

/// Where operations are registered: in a server, or in the OpenAPI document. The two are separate, since a server that
/// also built the document in each of its threads would need twice the memory.
pub trait Registry {
    /// Registers one operation.
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
