//! The claims of a profile as a struct: its own claims as fields, the others in `custom`.

use serde_json::{Map, Value};

use crate::claims::Audience;
use crate::numeric_date::NumericDate;

/// A type that a field of a profile's claims may have.
pub(super) trait Field: Sized {
    /// The value of an absent claim; `None` if the claim is required.
    fn absent() -> Option<Self>;

    /// Whether the claim is not written.
    fn is_absent(&self) -> bool;
}

macro_rules! required {
    ($($type:ty),*) => {
        $(impl Field for $type {
            fn absent() -> Option<Self> {
                None
            }

            fn is_absent(&self) -> bool {
                false
            }
        })*
    };
}

required!(String, Audience, NumericDate, Map<String, Value>);

impl<T> Field for Option<T> {
    fn absent() -> Option<Self> {
        Some(None)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Field for Vec<T> {
    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// Defines the claims of a profile with `Deserialize` and `Serialize`. A field is required by its
/// type; `as` names the type that it is read through.
macro_rules! profile_claims {
    (
        $(#[$doc:meta])*
        pub struct $Claims:ident in $module:ident {
            $($(#[$field_doc:meta])* $field:ident: $type:ty = $name:literal $(as $read:ty)?,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub struct $Claims<T = ()> {
            $($(#[$field_doc])* pub $field: $type,)*
            /// The custom claims: all other members of the payload.
            pub custom: T,
        }

        impl<T> $Claims<T> {
            /// Sets the custom claims: a struct or map whose members stand beside the claims of the
            /// profile.
            ///
            /// Signing fails with [`SignError::ShadowedClaim`](crate::SignError::ShadowedClaim) if
            /// it has a claim of the profile.
            #[must_use]
            pub fn custom<U>(self, custom: U) -> $Claims<U> {
                $Claims {
                    $($field: self.$field,)*
                    custom,
                }
            }
        }

        mod $module {
            use serde::de::{Deserialize, Deserializer, Error, MapAccess};
            use serde::ser::{Serialize, SerializeMap, Serializer};

            use super::*;
            use crate::claims::{Known, Others, read};
            use crate::oauth::profile::Field;

            #[derive(Default)]
            struct Fields {
                $($field: Option<$type>,)*
            }

            impl<'de> Known<'de> for Fields {
                type Name = &'static str;

                const NAMES: &'static [&'static str] = &[$($name),*];

                fn name(text: &str) -> Option<&'static str> {
                    Self::NAMES.iter().find(|name| **name == text).copied()
                }

                fn read<A: MapAccess<'de>>(
                    &mut self,
                    name: &'static str,
                    map: &mut A,
                ) -> Result<(), A::Error> {
                    match name {
                        $($name => {
                            let value = map.next_value::<profile_claims!(@read $type $(, $read)?)>()?;
                            self.$field = value.map(Into::into);
                        })*
                        _ => {}
                    }
                    Ok(())
                }
            }

            impl<'de, T: Deserialize<'de>> Deserialize<'de> for $Claims<T> {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let mut fields = Fields::default();
                    let custom = read(deserializer, &mut fields)?;
                    Ok(Self {
                        $($field: fields
                            .$field
                            .or_else(<$type as Field>::absent)
                            .ok_or_else(|| D::Error::missing_field($name))?,)*
                        custom,
                    })
                }
            }

            impl<T: Serialize> Serialize for $Claims<T> {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    let mut map = serializer.serialize_map(None)?;
                    $(if !self.$field.is_absent() {
                        map.serialize_entry($name, &self.$field)?;
                    })*
                    self.custom.serialize(Others {
                        map: &mut map,
                        is_known: |name| Fields::name(name).is_some(),
                    })?;
                    map.end()
                }
            }
        }
    };
    (@read $type:ty) => { Option<$type> };
    (@read $type:ty, $read:ty) => { Option<$read> };
}

pub(super) use profile_claims;
