//! What is shown of something that is referred to.

use super::Id;
use serde::Serialize;
use utoipa::ToSchema;

/// Something with a name, to which another thing refers.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Named {
    /// The id of the thing.
    pub id: Id,
    /// The name of the thing.
    #[schema(max_length = 100)]
    pub name: String,
}
