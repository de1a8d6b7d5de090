use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::Deserializer;
use serde::de::{Error, Visitor};

/// Reads a string through the word's own parser, so that a bad one is refused with the parser's message.
pub(crate) fn deserialize<'de, T, D>(noun: impl fmt::Display, deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: fmt::Display>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_str(WordVisitor {
        noun,
        word: PhantomData,
    })
}

struct WordVisitor<N, T> {
    noun: N,
    word: PhantomData<T>,
}

impl<N: fmt::Display, T: FromStr<Err: fmt::Display>> Visitor<'_> for WordVisitor<N, T> {
    type Value = T;

    // "quoted": YAML reads a bare 012345678901 as a number, and its leading zero would be lost.
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a quoted {}", self.noun)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse()
            .map_err(|error| E::custom(format_args!("invalid {}: {error}", self.noun)))
    }
}

/// What every word has besides `Display` and `FromStr`: serde as that string, and a `Debug` that shows it.
macro_rules! string_form {
    ($word:ident, $noun:literal) => {
        impl ::std::fmt::Debug for $word {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, concat!(stringify!($word), "({})"), self)
            }
        }

        impl ::serde::Serialize for $word {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $word {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::text::deserialize($noun, deserializer)
            }
        }
    };
}
pub(crate) use string_form;

/// The same for a word that is one checked `Box<str>`, with its `Display`.
macro_rules! boxed_form {
    ($word:ident, $noun:literal) => {
        impl $word {
            /// The text as it was written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::std::fmt::Display for $word {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(&self.0)
            }
        }

        $crate::text::string_form!($word, $noun);
    };
}
pub(crate) use boxed_form;
