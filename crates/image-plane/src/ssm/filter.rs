//! The filters of the two listings, which know different keys.

use serde::Deserialize;

use super::errors::validation;
use super::name::tail;
use super::request;
use super::store::{Parameter, Version};
use crate::wire::error::ApiError;

const MOST_VALUES: usize = 50;

/// As a request has it.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct StringFilter {
    key: String,
    option: Option<String>,
    values: Option<Vec<String>>,
}

/// What a filter looks at.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Key {
    Name,
    Type,
    EncryptedBy,
    Path,
    DataType,
    Tier,
    Label,
    Tag(String),
}

/// How a value is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum How {
    Equals,
    BeginsWith,
    Contains,
    OneLevel,
    Recursive,
}

/// A filter that has been read. Its values are alternatives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Filter {
    key: Key,
    how: How,
    values: Vec<String>,
}

/// Reads the filters of DescribeParameters.
pub(super) fn of_description(filters: Option<Vec<StringFilter>>) -> Result<Vec<Filter>, ApiError> {
    read(filters, |key| match key {
        "Name" => Some(Key::Name),
        "Type" => Some(Key::Type),
        "KeyId" => Some(Key::EncryptedBy),
        "Path" => Some(Key::Path),
        "DataType" => Some(Key::DataType),
        "Tier" => Some(Key::Tier),
        _ => key.strip_prefix("tag:").map(|tag| Key::Tag(tag.to_owned())),
    })
}

/// Reads the filters of GetParametersByPath.
pub(super) fn of_path(filters: Option<Vec<StringFilter>>) -> Result<Vec<Filter>, ApiError> {
    read(filters, |key| match key {
        "Type" => Some(Key::Type),
        "KeyId" => Some(Key::EncryptedBy),
        "Label" => Some(Key::Label),
        _ => None,
    })
}

fn read(filters: Option<Vec<StringFilter>>, known: impl Fn(&str) -> Option<Key>) -> Result<Vec<Filter>, ApiError> {
    let mut found: Vec<Filter> = Vec::new();
    for StringFilter {
        key: name,
        option,
        values,
    } in filters.unwrap_or_default()
    {
        let key = known(&name)
            .ok_or_else(|| ApiError::client("InvalidFilterKey", format!("The filter key {name} is not valid here.")))?;
        if found.iter().any(|filter| filter.key == key) {
            return Err(validation(format!(
                "The following filters are duplicated in the request: {name}."
            )));
        }
        let how = how(&key, option.as_deref()).ok_or_else(|| {
            let option = option.unwrap_or_default();
            ApiError::client(
                "InvalidFilterOption",
                format!("The filter option {option} is not valid for the key {name}."),
            )
        })?;
        let values = values.unwrap_or_default();
        let least = usize::from(!matches!(key, Key::Tag(_)));
        request::count("parameterFilters.values", values.len(), least..=MOST_VALUES)?;
        if let Some(value) = values.iter().find(|value| !key.takes(value)) {
            return Err(ApiError::client(
                "InvalidFilterValue",
                format!("The filter value {value} is not valid for the key {name}."),
            ));
        }
        found.push(Filter { key, how, values });
    }
    Ok(found)
}

/// AWS documents no default for paths but in examples, which show one level.
fn how(key: &Key, option: Option<&str>) -> Option<How> {
    match (key, option) {
        (Key::Path, None | Some("OneLevel")) => Some(How::OneLevel),
        (Key::Path, Some("Recursive")) => Some(How::Recursive),
        (Key::Path, _) => None,
        (_, None | Some("Equals")) => Some(How::Equals),
        (Key::Label, _) => None,
        (_, Some("BeginsWith")) => Some(How::BeginsWith),
        (Key::Name, Some("Contains")) => Some(How::Contains),
        _ => None,
    }
}

impl Key {
    fn takes(&self, value: &str) -> bool {
        match self {
            Self::Type => matches!(value, "String" | "StringList" | "SecureString"),
            Self::Tier => matches!(value, "Standard" | "Advanced" | "Intelligent-Tiering"),
            Self::Path => value.starts_with('/'),
            _ => true,
        }
    }
}

impl Filter {
    /// The label that picks a version, where this filter asks for one.
    pub(super) fn labels(&self) -> Option<&[String]> {
        (self.key == Key::Label).then_some(&self.values)
    }

    /// Where it looks for parameters by name or path.
    pub(super) fn places(&self) -> &[String] {
        match self.key {
            Key::Name | Key::Path if self.how != How::Contains => &self.values,
            _ => &[],
        }
    }

    pub(super) fn holds(&self, parameter: &Parameter, version: &Version) -> bool {
        match &self.key {
            Key::Name => self.any(&parameter.name),
            Key::Type => self.any(version.kind.as_str()),
            Key::EncryptedBy => version.key.as_ref().is_some_and(|(key, _)| self.any(key)),
            Key::DataType => self.any(version.data_type.as_str()),
            Key::Tier => self.any(version.tier.as_str()),
            Key::Path => {
                let recursive = self.how == How::Recursive;
                self.values
                    .iter()
                    .any(|path| lies_under(&parameter.name, path, recursive))
            }
            Key::Label => version.labels.iter().any(|label| self.any(label)),
            Key::Tag(tag) => parameter
                .tags
                .get(tag)
                .is_some_and(|value| self.values.is_empty() || self.any(value)),
        }
    }

    fn any(&self, text: &str) -> bool {
        self.values.iter().any(|value| match self.how {
            How::BeginsWith => text.starts_with(value),
            How::Contains => text.contains(value),
            How::Equals | How::OneLevel | How::Recursive => text == value,
        })
    }
}

/// What names without their slash begin with below a path: `golden/` for `/golden`, nothing for `/`.
pub(super) fn prefix(path: &str) -> String {
    let inner = path.trim_matches('/');
    if inner.is_empty() {
        String::new()
    } else {
        format!("{inner}/")
    }
}

/// Whether a name lies below a path, right below it unless recursive.
pub(super) fn lies_under(name: &str, path: &str, recursive: bool) -> bool {
    let rest = tail(name).strip_prefix(&prefix(path));
    rest.is_some_and(|rest| recursive || !rest.contains('/'))
}
