//! Schemas of what people read as a text or a number, for the document of the API.
//!
//! The macros leave nothing behind without the feature `openapi`.

/// Describes a type that is written as a text: what it is, its `pattern` or its `format`, and an
/// example.
macro_rules! text_schema {
    ($name:ty, $about:expr, $form:ident $text:expr, $example:expr) => {
        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> crate::schema::Described {
                crate::schema::$form($about, $text, &$example)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    };
}

/// Describes a counter over `u64`.
macro_rules! counter_schema {
    ($name:ty, $about:expr) => {
        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> crate::schema::Described {
                crate::schema::counter($about)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    };
}

/// Describes a type by the one that it is written as.
macro_rules! written_as {
    ($name:ty => $written:ty) => {
        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> crate::schema::Described {
                <$written as utoipa::PartialSchema>::schema()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {
            fn schemas(schemas: &mut Vec<(String, crate::schema::Described)>) {
                <$written as utoipa::ToSchema>::schemas(schemas);
            }
        }
    };
}

pub(crate) use {counter_schema, text_schema, written_as};

#[cfg(feature = "openapi")]
mod described {
    use utoipa::openapi::RefOr;
    use utoipa::openapi::schema::{
        ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, SchemaType, Type,
    };

    pub(crate) type Described = RefOr<Schema>;

    /// A schema and its name.
    pub type Named = (String, Described);

    /// Adds a type's schema, and those that it refers to.
    pub(crate) fn add<T: utoipa::ToSchema>(named: &mut Vec<Named>) {
        named.push((T::name().into_owned(), T::schema()));
        T::schemas(named);
    }

    /// Adds the schemas of ids and other words that headers, addresses and refusals use.
    pub fn add_schemas(named: &mut Vec<Named>) {
        use crate::id::{
            AreaId, AttachmentId, CustomerId, DeviceId, EngineerId, OutletId, StaffId, TicketId,
        };
        add::<TicketId>(named);
        add::<EngineerId>(named);
        add::<CustomerId>(named);
        add::<DeviceId>(named);
        add::<OutletId>(named);
        add::<AreaId>(named);
        add::<StaffId>(named);
        add::<AttachmentId>(named);
        add::<crate::attachment::ContentHash>(named);
        add::<crate::number::TicketNumber>(named);
        add::<crate::time::Timestamp>(named);
        add::<crate::ticket::Verb>(named);
        add::<crate::ticket::PhaseName>(named);
    }

    fn of_type(of: Type, about: &str) -> ObjectBuilder {
        ObjectBuilder::new().schema_type(SchemaType::Type(of)).description(Some(about))
    }

    pub(crate) fn pattern(about: &str, pattern: &str, example: &str) -> Described {
        of_type(Type::String, about).pattern(Some(pattern)).examples([example]).into()
    }

    pub(crate) fn format(about: &str, format: &str, example: &str) -> Described {
        let format = SchemaFormat::Custom(format.to_owned());
        of_type(Type::String, about).format(Some(format)).examples([example]).into()
    }

    pub(crate) fn counter(about: &str) -> Described {
        of_type(Type::Integer, about)
            .format(Some(SchemaFormat::Custom("uint64".to_owned())))
            .minimum(Some(0_u64))
            .maximum(Some(u64::MAX))
            .examples([7])
            .into()
    }

    pub(crate) fn or_null(content: Described) -> Described {
        let null = ObjectBuilder::new().schema_type(Type::Null);
        OneOfBuilder::new().item(null).item(content).into()
    }
}

#[cfg(feature = "openapi")]
pub(crate) use described::{Described, add, counter, format, or_null, pattern};
#[cfg(feature = "openapi")]
pub use described::{Named, add_schemas};
