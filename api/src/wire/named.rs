//! What is shown of something that is referred to.

use super::Id;
use serde::Serialize;
use utoipa::ToSchema;

/// Something with a name that a passport refers to.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Named {
    /// Its id.
    pub id: Id,
    /// Its name.
    #[schema(max_length = 100)]
    pub name: String,
}
