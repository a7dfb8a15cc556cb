//! The order of a list.

/// Declares how a list may be ordered by when its things were made: by the property that shows it, or with a `-` before it
/// the other way round.
#[macro_export]
macro_rules! sort {
    ($(#[$meta:meta])* pub struct $name:ident($property:literal);) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name {
            /// Whether the newest one comes first.
            pub newest_first: bool,
        }

        impl $crate::wire::Member for $name {
            fn read(value: serde_json::Value, reader: &mut $crate::wire::Reader<'_>) -> Option<Self> {
                match reader.text(value)?.as_str() {
                    $property => Some(Self { newest_first: false }),
                    concat!("-", $property) => Some(Self { newest_first: true }),
                    _ => reader.none_of([$property, concat!("-", $property)]),
                }
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let object = utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$property, concat!("-", $property)]));
                object.build().into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
