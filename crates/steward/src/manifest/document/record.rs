use super::{Entries, Need, Part, Reading, Shapes, Tree, Value};

/// One field of a record, as it was declared: a type, and whether it must be there.
pub(in crate::manifest) trait FieldSpec {
    /// What the record holds.
    type Held;

    fn take(&self, key: &'static str, entries: &mut Entries<'_>, reading: &mut Reading) -> Option<Self::Held>;

    /// What is written of it; nothing where leaving it out says the same.
    fn tree(&self, held: &Self::Held) -> Option<Tree>;

    fn need(&self) -> Need;

    fn shape(&self, shapes: &mut Shapes) -> super::Shape;
}

/// It must be there.
pub(in crate::manifest) struct Required<T>(pub(in crate::manifest) std::marker::PhantomData<T>);

/// It may be left out.
pub(in crate::manifest) struct Optional<T>(pub(in crate::manifest) std::marker::PhantomData<T>);

/// Left out, it is this.
pub(in crate::manifest) struct Default<T>(pub(in crate::manifest) T);

/// What became of a field.
enum Taken<T> {
    Absent,
    Read(T),
    /// It is wrong, and that is said.
    Bad,
}

fn take<T: Value>(key: &'static str, entries: &mut Entries<'_>, reading: &mut Reading) -> Taken<T> {
    let Some(node) = entries.take(key) else {
        return Taken::Absent;
    };
    match reading.under(Part::Key(key.to_owned()), |reading| T::read(node, reading)) {
        Some(value) => Taken::Read(value),
        None => Taken::Bad,
    }
}

impl<T: Value> FieldSpec for Required<T> {
    type Held = T;

    fn take(&self, key: &'static str, entries: &mut Entries<'_>, reading: &mut Reading) -> Option<T> {
        match take(key, entries, reading) {
            Taken::Read(value) => Some(value),
            Taken::Absent => {
                let shape = T::shape(&mut Shapes::default());
                entries.lacks(key, shape.example().as_deref(), reading);
                None
            }
            Taken::Bad => None,
        }
    }

    fn tree(&self, held: &T) -> Option<Tree> {
        Some(held.tree())
    }

    fn need(&self) -> Need {
        Need::Required
    }

    fn shape(&self, shapes: &mut Shapes) -> super::Shape {
        T::shape(shapes)
    }
}

impl<T: Value> FieldSpec for Optional<T> {
    type Held = Option<T>;

    fn take(&self, key: &'static str, entries: &mut Entries<'_>, reading: &mut Reading) -> Option<Option<T>> {
        match take(key, entries, reading) {
            Taken::Read(value) => Some(Some(value)),
            Taken::Absent => Some(None),
            Taken::Bad => None,
        }
    }

    fn tree(&self, held: &Option<T>) -> Option<Tree> {
        held.as_ref().map(Value::tree)
    }

    fn need(&self) -> Need {
        Need::Optional
    }

    fn shape(&self, shapes: &mut Shapes) -> super::Shape {
        T::shape(shapes)
    }
}

impl<T: Value + Clone + PartialEq> FieldSpec for Default<T> {
    type Held = T;

    fn take(&self, key: &'static str, entries: &mut Entries<'_>, reading: &mut Reading) -> Option<T> {
        match take(key, entries, reading) {
            Taken::Read(value) => Some(value),
            Taken::Absent => Some(self.0.clone()),
            Taken::Bad => None,
        }
    }

    fn tree(&self, held: &T) -> Option<Tree> {
        (*held != self.0).then(|| held.tree())
    }

    fn need(&self) -> Need {
        Need::Default(self.0.tree())
    }

    fn shape(&self, shapes: &mut Shapes) -> super::Shape {
        T::shape(shapes)
    }
}

/// A mapping with known keys: `required`, `optional`, or with a `default`.
macro_rules! record {
    // With nothing in it that must be there.
    (
        $(#[doc = $doc:literal])+
        $vis:vis struct $record:ident: Default {
            $(
                $(#[doc = $of:literal])+
                $need:ident $field:ident $(as $key:literal)?: $type:ty $(= $default:expr)?,
            )+
        }
    ) => {
        $crate::manifest::document::record! {
            $(#[doc = $doc])+
            $vis struct $record {
                $(
                    $(#[doc = $of])+
                    $need $field $(as $key)?: $type $(= $default)?,
                )+
            }
        }

        impl ::std::default::Default for $record {
            fn default() -> Self {
                Self {
                    $($field: $crate::manifest::document::absent!($need $type $(, $default)?),)+
                }
            }
        }
    };
    (
        $(#[doc = $doc:literal])+
        $vis:vis struct $record:ident {
            $(
                $(#[doc = $of:literal])+
                $need:ident $field:ident $(as $key:literal)?: $type:ty $(= $default:expr)?,
            )+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq)]
        $vis struct $record {
            $(
                $(#[doc = $of])+
                $vis $field: $crate::manifest::document::held!($need $type),
            )+
        }

        impl $crate::manifest::document::Value for $record {
            fn read(
                node: &$crate::manifest::document::Node,
                reading: &mut $crate::manifest::document::Reading,
            ) -> Option<Self> {
                use $crate::manifest::document::FieldSpec as _;
                let keys = [$($crate::manifest::document::key!($field $($key)?)),+];
                let mut entries = $crate::manifest::document::Entries::of(node, &keys, reading)?;
                $(
                    let $field = $crate::manifest::document::spec!($need $type $(, $default)?).take(
                        $crate::manifest::document::key!($field $($key)?),
                        &mut entries,
                        reading,
                    );
                )+
                entries.finish(reading);
                Some(Self { $($field: $field?),+ })
            }

            fn tree(&self) -> $crate::manifest::document::Tree {
                use $crate::manifest::document::FieldSpec as _;
                let mut entries = Vec::new();
                $(
                    if let Some(tree) = $crate::manifest::document::spec!($need $type $(, $default)?).tree(&self.$field) {
                        let key = $crate::manifest::document::key!($field $($key)?);
                        entries.push((key.to_owned(), tree));
                    }
                )+
                $crate::manifest::document::Tree::Map(entries)
            }

            fn shape(shapes: &mut $crate::manifest::document::Shapes) -> $crate::manifest::document::Shape {
                use $crate::manifest::document::FieldSpec as _;
                let name = stringify!($record);
                if shapes.meet(name) {
                    let fields = vec![$({
                        let spec = $crate::manifest::document::spec!($need $type $(, $default)?);
                        $crate::manifest::document::FieldShape {
                            key: $crate::manifest::document::key!($field $($key)?),
                            doc: $crate::manifest::document::prose(&[$($of),+]),
                            shape: spec.shape(shapes),
                            need: spec.need(),
                        }
                    }),+];
                    let doc = $crate::manifest::document::prose(&[$($doc),+]);
                    shapes.records.insert(name, $crate::manifest::document::RecordShape { doc, fields });
                }
                $crate::manifest::document::Shape::Named(name)
            }
        }
    };
}
pub(in crate::manifest) use record;

macro_rules! absent {
    (optional $type:ty) => {
        None
    };
    (default $type:ty) => {
        <$type as ::std::default::Default>::default()
    };
    (default $type:ty, $default:expr) => {
        $default
    };
}
pub(in crate::manifest) use absent;

macro_rules! held {
    (optional $type:ty) => { Option<$type> };
    ($need:ident $type:ty) => { $type };
}
pub(in crate::manifest) use held;

macro_rules! spec {
    (required $type:ty) => {
        $crate::manifest::document::Required::<$type>(::std::marker::PhantomData)
    };
    (optional $type:ty) => {
        $crate::manifest::document::Optional::<$type>(::std::marker::PhantomData)
    };
    (default $type:ty) => {
        $crate::manifest::document::Default::<$type>(<$type as ::std::default::Default>::default())
    };
    (default $type:ty, $default:expr) => {
        $crate::manifest::document::Default::<$type>($default)
    };
}
pub(in crate::manifest) use spec;

macro_rules! key {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $key:literal) => {
        $key
    };
}
pub(in crate::manifest) use key;

/// A doc comment as one line of prose.
pub(in crate::manifest) fn prose(lines: &[&str]) -> String {
    let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    let mut prose = String::new();
    for line in lines {
        if line.is_empty() {
            prose.push_str("\n\n");
        } else {
            if !prose.is_empty() && !prose.ends_with('\n') {
                prose.push(' ');
            }
            prose.push_str(line);
        }
    }
    prose
}
