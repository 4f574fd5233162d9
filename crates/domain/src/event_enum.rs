//! The enum of an aggregate's events: each variant is named as its payload.

macro_rules! event_enum {
    ($(#[$doc:meta])* $enum:ident { $($(#[$about:meta])* $payload:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        pub enum $enum { $($(#[$about])* $payload($payload),)* }

        impl $enum {
            /// The schemas of all payloads, as [`Event::schemas`](crate::Event::schemas).
            #[cfg(feature = "openapi")]
            pub fn schemas(named: &mut Vec<crate::Named>) -> Vec<&'static str> {
                $(crate::schema::add::<$payload>(named);)*
                vec![$(stringify!($payload),)*]
            }

            /// The event's name; the API gives it as the event's `type`.
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$payload(_) => stringify!($payload),)* }
            }

            /// Reads an event of this name from its own fields; nothing where the name is none of
            /// these.
            ///
            /// # Errors
            /// Whatever the format says of wrong fields.
            pub fn read<'de, D: serde::Deserializer<'de>>(
                name: &str,
                fields: D,
            ) -> Option<Result<Self, D::Error>> {
                match name {
                    $(stringify!($payload) => {
                        let payload = <$payload as serde::Deserialize>::deserialize(fields);
                        Some(payload.map(Self::$payload))
                    })*
                    _ => None,
                }
            }
        }

        $(impl From<$payload> for $enum {
            fn from(payload: $payload) -> Self { Self::$payload(payload) }
        })*
    };
}

pub(crate) use event_enum;
