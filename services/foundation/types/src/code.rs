//! Closed code lists: an enum whose values have a fixed wire number and a fixed name.

use std::fmt;
use std::marker::PhantomData;

/// A number or name that is not in a code list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {list} code")]
pub struct UnknownCode {
    /// The code list's name.
    pub list: &'static str,
}

/// What the `code_list!` macro gives every code list.
pub trait Code: Copy + Eq + 'static {
    /// Every value, in order of its number.
    const ALL: &'static [Self];
    /// The number on the wire, from 1 up to and including 31; 0 is never a value.
    fn number(self) -> u8;
}

/// A set of values of one code list, as a bit field of fixed length: bit *n* stands for number *n*.
pub struct CodeSet<C>(u32, PhantomData<C>);

impl<C: Code> CodeSet<C> {
    /// The set without values.
    pub const EMPTY: Self = Self(0, PhantomData);

    /// The set of all values of the code list.
    pub fn all() -> Self {
        C::ALL.iter().copied().collect()
    }

    /// The bit field, as it stands in sealed formats.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The set that a bit field stands for; an unknown bit is refused.
    ///
    /// # Errors
    /// [`UnknownCode`] when a bit is set that stands for no value.
    pub fn from_bits(bits: u32) -> Result<Self, UnknownCode> {
        if bits & !Self::all().0 == 0 {
            Ok(Self(bits, PhantomData))
        } else {
            Err(UnknownCode { list: "set" })
        }
    }

    /// Whether `value` is in the set.
    pub fn contains(self, value: C) -> bool {
        self.0 & (1 << value.number()) != 0
    }

    /// Whether every value of this set is in `other`.
    pub fn is_subset_of(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether the set has no values.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// This set with `value` in it.
    #[must_use]
    pub fn with(self, value: C) -> Self {
        Self(self.0 | 1 << value.number(), PhantomData)
    }

    /// This set without `value`.
    #[must_use]
    pub fn without(self, value: C) -> Self {
        Self(self.0 & !(1 << value.number()), PhantomData)
    }

    /// The values, in order of their number.
    pub fn iter(self) -> impl Iterator<Item = C> {
        C::ALL.iter().copied().filter(move |value| self.contains(*value))
    }
}

impl<C> Clone for CodeSet<C> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<C> Copy for CodeSet<C> {}
impl<C> PartialEq for CodeSet<C> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<C> Eq for CodeSet<C> {}
impl<C> Default for CodeSet<C> {
    fn default() -> Self {
        Self(0, PhantomData)
    }
}
impl<C: Code + fmt::Debug> fmt::Debug for CodeSet<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
impl<C: Code> FromIterator<C> for CodeSet<C> {
    fn from_iter<I: IntoIterator<Item = C>>(values: I) -> Self {
        values.into_iter().fold(Self::EMPTY, Self::with)
    }
}

/// Declares a code list: the enum, its wire numbers and its names (UPPER_SNAKE, as in the proto files).
macro_rules! code_list {
    ($(#[$meta:meta])* $name:ident { $($(#[$value_meta:meta])* $value:ident = $number:literal $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$value_meta])* $value = $number,)+ }

        impl $crate::code::Code for $name {
            const ALL: &'static [Self] = &[$(Self::$value,)+];
            fn number(self) -> u8 { self as u8 }
        }

        impl $name {
            /// Every value, in order of its number.
            pub const ALL: &'static [Self] = &[$(Self::$value,)+];

            /// The number on the wire and in sealed formats; 0 is never a value.
            pub const fn number(self) -> u8 { self as u8 }

            /// The name as it stands in JSON and in the database.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$value => $text,)+ }
            }

            /// The value of a wire number.
            ///
            /// # Errors
            /// [`UnknownCode`](crate::UnknownCode) for 0 and every number outside the list.
            pub const fn from_number(number: u8) -> Result<Self, $crate::UnknownCode> {
                match number {
                    $($number => Ok(Self::$value),)+
                    _ => Err($crate::UnknownCode { list: stringify!($name) }),
                }
            }

            /// The value of a name.
            ///
            /// # Errors
            /// [`UnknownCode`](crate::UnknownCode) for every name outside the list.
            pub fn from_name(name: &str) -> Result<Self, $crate::UnknownCode> {
                match name {
                    $($text => Ok(Self::$value),)+
                    _ => Err($crate::UnknownCode { list: stringify!($name) }),
                }
            }
        }
    };
}
pub(crate) use code_list;
