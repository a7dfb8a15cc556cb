//! Conditions on a request, declared beside its handler. The answers to them follow in the document.

use utoipa::{
    IntoParams,
    openapi::{
        Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
    },
};

/// A change of what the client has loaded: `If-Match` is needed, else 428, and another version is 412.
pub struct IfMatch;

/// A command with rules of its own: `If-Match` may be sent, and another version is 412 then.
pub struct IfMatchOptional;

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![if_match(Required::True)]
    }
}

impl IntoParams for IfMatchOptional {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![if_match(Required::False)]
    }
}

fn if_match(required: Required) -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(200))
        .pattern(Some("^[ -~]+$"));
    ParameterBuilder::new()
        .name("If-Match")
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(
            "The `ETag` that was loaded, or the `version` in quotes; several with commas between them, or `*` for any version. \
             If someone else has changed the thing since then, the request is refused with a 412, so that no change is \
             overwritten. Weak tags (`W/`) never match.",
        ))
        .schema(Some(schema))
        .example(Some("*".into()))
        .build()
}
