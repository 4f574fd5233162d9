//! How a value is written: as its text where people read it, as its number in stored bytes.

/// Implements serde for a type with `Display` and `FromStr` over a number.
macro_rules! text_over_number {
    ($name:ty, $number:ty, |$value:ident| $to_number:expr, $from_number:expr) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    let $value = self;
                    let number: $number = $to_number;
                    serde::Serialize::serialize(&number, serializer)
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?
                        .parse()
                        .map_err(serde::de::Error::custom)
                } else {
                    <$number as serde::Deserialize>::deserialize(deserializer).map($from_number)
                }
            }
        }
    };
}

pub(crate) use text_over_number;
