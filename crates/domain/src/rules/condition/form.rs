//! Conditions as people write them, in TOML and JSON: a table with one key.

use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Condition, Test};

/// The keys of a condition, groups first.
const KEYS: &[&str] = &[
    "all",
    "any",
    "not",
    "says",
    "images_at_least",
    "urgent",
    "priority_at_least",
    "channel_in",
    "area_in",
    "outlet_in",
    "device_model_in",
    "within_hours",
    "cel",
];

impl Condition {
    /// The keys that people write, groups first.
    pub const KEYS: &'static [&'static str] = KEYS;
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Is(test) => test.serialize(serializer),
            Self::All(parts) => serializer.serialize_newtype_variant("Condition", 0, "all", parts),
            Self::Any(parts) => serializer.serialize_newtype_variant("Condition", 1, "any", parts),
            Self::Not(parts) => serializer.serialize_newtype_variant("Condition", 2, "not", parts),
        }
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneKey;
        impl<'de> Visitor<'de> for OneKey {
            type Value = Condition;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a condition with one key, such as { images_at_least = 2 }")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Condition, A::Error> {
                let Some(key) = map.next_key::<String>()? else {
                    return Err(A::Error::custom("a condition has one key; write one"));
                };
                let condition = match key.as_str() {
                    "all" => Condition::All(map.next_value()?),
                    "any" => Condition::Any(map.next_value()?),
                    "not" => Condition::Not(map.next_value()?),
                    "says" => Condition::Is(Test::Says(map.next_value()?)),
                    "images_at_least" => Condition::Is(Test::ImagesAtLeast(map.next_value()?)),
                    "urgent" => Condition::Is(Test::Urgent(map.next_value()?)),
                    "priority_at_least" => Condition::Is(Test::PriorityAtLeast(map.next_value()?)),
                    "channel_in" => Condition::Is(Test::ChannelIn(map.next_value()?)),
                    "area_in" => Condition::Is(Test::AreaIn(map.next_value()?)),
                    "outlet_in" => Condition::Is(Test::OutletIn(map.next_value()?)),
                    "device_model_in" => Condition::Is(Test::DeviceModelIn(map.next_value()?)),
                    "within_hours" => Condition::Is(Test::WithinHours(map.next_value()?)),
                    "cel" => Condition::Is(Test::Cel(map.next_value()?)),
                    other => return Err(A::Error::unknown_variant(other, KEYS)),
                };
                if map.next_key::<String>()?.is_some() {
                    let problem = "a condition has one key; write several within `all` or `any`";
                    return Err(A::Error::custom(problem));
                }
                Ok(condition)
            }
        }
        deserializer.deserialize_map(OneKey)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Condition {
    fn schema() -> crate::schema::Described {
        use utoipa::openapi::schema::{ObjectBuilder, Schema};
        let about = format!(
            "When a rule holds: an object with one key of {}. `all`, `any` and `not` (none of) hold \
             lists of conditions, at most {} deep and {} in all.",
            KEYS.join(", "),
            Self::DEPTH_MAX,
            Self::NODES_MAX,
        );
        ObjectBuilder::new()
            .description(Some(about))
            .min_properties(Some(1))
            .max_properties(Some(1))
            .additional_properties(Some(Schema::from(
                ObjectBuilder::new().schema_type(utoipa::openapi::schema::SchemaType::AnyValue),
            )))
            .build()
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Condition {}
