use super::{Content, Node, Plain, Reading, Shape};

/// A text of a certain form.
pub(in crate::manifest) trait Word: Sized {
    /// What it is called, as in "invalid account id".
    const NOUN: &'static str;
    const EXAMPLE: &'static str;

    fn parse_word(text: &str) -> Result<Self, String>;

    fn written(&self) -> String;

    fn form() -> Shape {
        Shape::Word {
            noun: Self::NOUN,
            example: Self::EXAMPLE,
        }
    }

    fn read_word(node: &Node, reading: &mut Reading) -> Option<Self> {
        let wanted = || format!("{}, such as {}", articled(Self::NOUN), Self::EXAMPLE);
        let (Content::Plain(text) | Content::Quoted(text)) = &node.content else {
            reading.mistaken(node, wanted());
            return None;
        };
        let plain = matches!(node.content, Content::Plain(_));
        match Plain::of(text) {
            Plain::Nothing if plain => {
                reading.mistaken(node, wanted());
                return None;
            }
            // YAML would take 012345678901 for a number, and 1.20 for 1.2.
            Plain::Number | Plain::Flag(_) if plain => {
                let what = format!(
                    "YAML takes {text} for {}, but {} is a text",
                    node.noun(),
                    articled(Self::NOUN)
                );
                reading.suggest(node.at, what, format_args!("put it in quotes: \"{text}\""));
                return None;
            }
            _ => {}
        }
        Self::parse_word(text)
            .map_err(|error| reading.say(node.at, format_args!("invalid {}: {error}", Self::NOUN)))
            .ok()
    }
}

/// Words that have a parser of their own.
macro_rules! words {
    ($($word:ty: $noun:literal, $example:literal;)+) => {$(
        impl $crate::manifest::document::Word for $word {
            const NOUN: &'static str = $noun;
            const EXAMPLE: &'static str = $example;

            fn parse_word(text: &str) -> Result<Self, String> {
                text.parse().map_err(|error: <$word as ::std::str::FromStr>::Err| error.to_string())
            }

            fn written(&self) -> String {
                self.to_string()
            }
        }
    )+};
}
pub(in crate::manifest) use words;

/// Words that manifests bring: a text that a rule lets through, kept as it was written; or one of a few.
macro_rules! word {
    ($(#[doc = $doc:literal])+ $word:ident: $noun:literal, $example:literal, $rule:expr) => {
        $(#[doc = $doc])+
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $word(Box<str>);

        $crate::text::boxed_form!($word, $noun);

        impl ::std::str::FromStr for $word {
            type Err = $crate::ParseError<String>;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let rule: fn(&str) -> Result<(), String> = $rule;
                rule(text).map_err(|problem| $crate::ParseError::new(text, problem))?;
                Ok(Self(text.into()))
            }
        }

        $crate::manifest::document::words! { $word: $noun, $example; }
    };
    ($(#[doc = $doc:literal])+ $vis:vis $word:ident: $noun:literal,
        one of { $($(#[doc = $of:literal])+ $variant:ident = $text:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $word {
            $($(#[doc = $of])+ $variant,)+
        }

        impl $word {
            /// As manifests write it.
            $vis const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl ::std::str::FromStr for $word {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::manifest::document::not_one_of(text, &[$($text),+])),
                }
            }
        }

        impl $crate::manifest::document::Word for $word {
            const NOUN: &'static str = $noun;
            const EXAMPLE: &'static str = [$($text),+][0];

            fn parse_word(text: &str) -> Result<Self, String> {
                text.parse()
            }

            fn written(&self) -> String {
                self.as_str().to_owned()
            }

            fn form() -> $crate::manifest::document::Shape {
                $crate::manifest::document::Shape::OneOf(vec![$($text),+])
            }
        }
    };
}
pub(in crate::manifest) use word;

fn articled(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'A']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {noun}")
}

pub(in crate::manifest) fn not_one_of(text: &str, all: &[&str]) -> String {
    let given = crate::Given::new(text);
    match super::nearest(text, all) {
        Some(near) => format!("{given} is not one of them, did you mean `{near}`?"),
        None => format!(
            "{given} is not one of them, must be {}",
            super::listed(all).replace(" and ", " or ")
        ),
    }
}
