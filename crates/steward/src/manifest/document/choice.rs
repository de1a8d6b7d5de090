/// One of several records, told apart by the key that only it has.
macro_rules! choice {
    (
        $(#[doc = $doc:literal])+
        pub enum $choice:ident {
            $(
                $(#[doc = $of:literal])+
                $variant:ident($record:ident) by $key:literal,
            )+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $choice {
            $($(#[doc = $of])+ $variant($record),)+
        }

        impl $crate::manifest::document::Value for $choice {
            fn read(
                node: &$crate::manifest::document::Node,
                reading: &mut $crate::manifest::document::Reading,
            ) -> Option<Self> {
                let key = $crate::manifest::document::told_by(node, &[$($key),+], reading)?;
                match key {
                    $($key => $record::read(node, reading).map(Self::$variant),)+
                    _ => None,
                }
            }

            fn tree(&self) -> $crate::manifest::document::Tree {
                match self {
                    $(Self::$variant(record) => record.tree(),)+
                }
            }

            fn shape(shapes: &mut $crate::manifest::document::Shapes) -> $crate::manifest::document::Shape {
                let name = stringify!($choice);
                if shapes.meet(name) {
                    let variants = vec![$({
                        $record::shape(shapes);
                        ($key, $crate::manifest::document::prose(&[$($of),+]), stringify!($record))
                    }),+];
                    let doc = $crate::manifest::document::prose(&[$($doc),+]);
                    shapes.choices.insert(name, $crate::manifest::document::ChoiceShape { doc, variants });
                }
                $crate::manifest::document::Shape::Named(name)
            }
        }
    };
}
pub(in crate::manifest) use choice;

use super::{Entries, Node, Reading, read};

/// The one key that says which of them this is.
pub(in crate::manifest) fn told_by(node: &Node, keys: &[&'static str], reading: &mut Reading) -> Option<&'static str> {
    let entries = Entries::of(node, keys, reading)?;
    let found: Vec<&'static str> = keys.iter().copied().filter(|key| entries.has(key)).collect();
    match found.as_slice() {
        [one] => Some(one),
        [] => {
            let wanted = read::listed(keys).replace(" and ", " or ");
            reading.say(
                node.at,
                format_args!("the key that says what this is is missing: {wanted}"),
            );
            None
        }
        several => {
            let several = read::listed(several);
            reading.suggest(
                node.at,
                format_args!("{several} exclude each other"),
                "keep one of them",
            );
            None
        }
    }
}
