//! Reading the Query protocol: `Filter.1.Value.2=x` becomes a tree, and every parameter must be asked for by name.

use std::collections::BTreeMap;

use super::error::ApiError;

/// Deeper than any request AWS knows; a request nested deeper is refused, so that no reader recurses without bound.
const DEEPEST: usize = 12;

/// The parameters of a request, or of one structure in it. Reading takes them out, so that [`Params::finish`] can
/// refuse what nobody asked for: a parameter the model would silently ignore is a test that proves nothing.
#[derive(Debug, Default)]
pub(crate) struct Params {
    path: String,
    value: Option<String>,
    children: BTreeMap<String, Params>,
}

impl Params {
    /// Reads `application/x-www-form-urlencoded`.
    pub(crate) fn parse(body: &str) -> Result<Self, ApiError> {
        let mut root = Self::default();
        for pair in body.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            let mut node = &mut root;
            for (depth, part) in name.split('.').enumerate() {
                if depth == DEEPEST {
                    return Err(ApiError::client(
                        "MalformedQueryString",
                        format!("The parameter {name} is nested too deep"),
                    ));
                }
                let path = if node.path.is_empty() {
                    part.to_owned()
                } else {
                    format!("{}.{part}", node.path)
                };
                node = node.children.entry(part.to_owned()).or_insert_with(|| Self {
                    path,
                    ..Self::default()
                });
            }
            if node.value.replace(value).is_some() {
                return Err(ApiError::client(
                    "InvalidParameterValue",
                    format!("The parameter {name} may only be specified once"),
                ));
            }
        }
        Ok(root)
    }

    /// Reads a request's body, and which operation it asks for.
    pub(crate) fn of_action(body: &[u8]) -> Result<(Self, String), ApiError> {
        let body = std::str::from_utf8(body)
            .map_err(|_| ApiError::client("MalformedQueryString", "The request body is not UTF-8"))?;
        let mut params = Self::parse(body)?;
        let action = params
            .text("Action")?
            .ok_or_else(|| ApiError::client("MissingAction", "The request is missing an action"))?;
        Ok((params, action))
    }

    /// A value that may be missing.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        let Some(child) = self.children.remove(name) else {
            return Ok(None);
        };
        let Self { path, value, children } = child;
        if !children.is_empty() {
            return Err(unexpected(&path));
        }
        Ok(value)
    }

    /// A value that must be there.
    pub(crate) fn required(&mut self, name: &str) -> Result<String, ApiError> {
        let path = self.path_of(name);
        self.text(name)?.filter(|text| !text.is_empty()).ok_or_else(|| {
            ApiError::client(
                "MissingParameter",
                format!("The request must contain the parameter {path}"),
            )
        })
    }

    /// A value of another type, parsed with its own error.
    pub(crate) fn parsed<T: std::str::FromStr>(&mut self, name: &str) -> Result<Option<T>, ApiError> {
        let path = self.path_of(name);
        self.text(name)?
            .map(|text| {
                text.parse().map_err(|_| {
                    ApiError::client(
                        "InvalidParameterValue",
                        format!("Value ({text}) for parameter {path} is invalid."),
                    )
                })
            })
            .transpose()
    }

    /// `true` or `false`; missing is `None`.
    pub(crate) fn boolean(&mut self, name: &str) -> Result<Option<bool>, ApiError> {
        self.parsed(name)
    }

    /// A flag whose default is off.
    pub(crate) fn flag(&mut self, name: &str) -> Result<bool, ApiError> {
        Ok(self.boolean(name)?.unwrap_or(false))
    }

    /// A nested structure; `None` where nothing of it was sent.
    pub(crate) fn structure(&mut self, name: &str) -> Option<Self> {
        self.children.remove(name)
    }

    /// The members `Name.1`, `Name.2`, … in their order.
    pub(crate) fn list(&mut self, name: &str) -> Result<Vec<Self>, ApiError> {
        let Some(list) = self.children.remove(name) else {
            return Ok(Vec::new());
        };
        let Self { path, value, children } = list;
        if value.is_some() {
            return Err(unexpected(&path));
        }
        let mut members = Vec::with_capacity(children.len());
        for (index, member) in children {
            let place: u32 = index.parse().map_err(|_| unexpected(&member.path))?;
            members.push((place, member));
        }
        members.sort_by_key(|(place, _)| *place);
        Ok(members.into_iter().map(|(_, member)| member).collect())
    }

    /// The values `Name.1`, `Name.2`, … in their order.
    pub(crate) fn texts(&mut self, name: &str) -> Result<Vec<String>, ApiError> {
        self.list(name)?.into_iter().map(Self::leaf).collect()
    }

    /// The value of a list member that has no structure.
    pub(crate) fn leaf(self) -> Result<String, ApiError> {
        let Self { path, value, children } = self;
        match value {
            Some(value) if children.is_empty() => Ok(value),
            _ => Err(unexpected(&path)),
        }
    }

    /// Whether anything was sent under this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.children.contains_key(name)
    }

    /// A value without taking it, for whoever judges the call before it is carried out.
    pub(crate) fn peek(&self, name: &str) -> Option<&str> {
        self.children.get(name).and_then(|child| child.value.as_deref())
    }

    /// A nested structure without taking it.
    pub(crate) fn peek_structure(&self, name: &str) -> Option<&Self> {
        self.children.get(name)
    }

    /// The members of a list without taking them.
    pub(crate) fn peek_members(&self, name: &str) -> impl Iterator<Item = &Self> {
        let list = self.children.get(name).into_iter();
        list.flat_map(|list| list.children.values())
    }

    /// The values of a list without taking them.
    pub(crate) fn peek_list(&self, name: &str) -> impl Iterator<Item = &str> {
        let members = self
            .children
            .get(name)
            .into_iter()
            .flat_map(|list| list.children.values());
        members.filter_map(|member| member.value.as_deref())
    }

    /// The `Key` and `Value` of each member of a list without taking them.
    pub(crate) fn peek_pairs(&self, name: &str) -> Vec<(&str, Option<&str>)> {
        let members = self
            .children
            .get(name)
            .into_iter()
            .flat_map(|list| list.children.values());
        members
            .filter_map(|member| Some((member.peek("Key")?, member.peek("Value"))))
            .collect()
    }

    /// The tags of every `TagSpecification` without taking them.
    pub(crate) fn peek_specified_tags(&self) -> Vec<(&str, Option<&str>)> {
        let specifications = self
            .children
            .get("TagSpecification")
            .into_iter()
            .flat_map(|list| list.children.values());
        specifications
            .flat_map(|specification| specification.peek_pairs("Tag"))
            .collect()
    }

    /// Refuses whatever was sent and not read.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        if self.value.is_some() && self.path.is_empty() {
            return Err(unexpected(&self.path));
        }
        match self.children.into_values().next() {
            None => Ok(()),
            Some(mut left) => {
                while let Some((_, deeper)) = left.children.pop_first() {
                    left = deeper;
                }
                Err(unexpected(&left.path))
            }
        }
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }
}

fn unexpected(path: &str) -> ApiError {
    ApiError::client(
        "UnknownParameter",
        format!("The parameter {path} is not recognized, or image-plane does not model it"),
    )
}

fn decode(text: &str) -> Result<String, ApiError> {
    let bad = || ApiError::client("MalformedQueryString", "The query string contains a syntax error");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let hex = [rest.next().ok_or_else(bad)?, rest.next().ok_or_else(bad)?];
                let hex = std::str::from_utf8(&hex).map_err(|_| bad())?;
                bytes.push(u8::from_str_radix(hex, 16).map_err(|_| bad())?);
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| bad())
}

/// Percent-decodes a path segment or a query string of a REST request.
pub(crate) fn decode_component(text: &str) -> Result<String, ApiError> {
    decode(&text.replace('+', "%2B"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn members_come_in_numeric_order_and_may_have_gaps() {
        let mut params = Params::parse("Owner.10=c&Owner.2=b&Owner.1=a").unwrap();
        assert_eq!(params.texts("Owner").unwrap(), ["a", "b", "c"]);
    }

    #[test]
    fn a_parameter_nobody_reads_is_refused_by_its_whole_path() {
        let mut params = Params::parse("ImageId=ami-1&Filter.1.Nmae=x").unwrap();
        params.required("ImageId").unwrap();
        let error = params.finish().unwrap_err();
        assert_eq!(error.code, "UnknownParameter");
        assert!(error.message.contains("Filter.1.Nmae"), "{}", error.message);
    }

    #[test]
    fn a_missing_or_empty_parameter_is_named() {
        for body in ["", "ImageId="] {
            let error = Params::parse(body).unwrap().required("ImageId").unwrap_err();
            assert_eq!(
                (error.code.as_ref(), error.message.as_str()),
                ("MissingParameter", "The request must contain the parameter ImageId")
            );
        }
    }

    #[test]
    fn a_parameter_given_twice_is_refused() {
        assert_eq!(Params::parse("A=1&A=2").unwrap_err().code, "InvalidParameterValue");
    }

    #[test]
    fn escapes_are_decoded_and_broken_ones_refused() {
        let mut params = Params::parse("Name=a%20b%2Bc+d&X=%E2%82%AC").unwrap();
        assert_eq!(params.required("Name").unwrap(), "a b+c d");
        assert_eq!(params.required("X").unwrap(), "€");
        for body in ["A=%", "A=%4", "A=%zz", "A=%ff"] {
            assert_eq!(Params::parse(body).unwrap_err().code, "MalformedQueryString", "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_body_makes_the_parser_panic(body in "[A-Za-z0-9.&=%+]{0,200}") {
            if let Ok(mut params) = Params::parse(&body) {
                let _ = params.list("A");
                let _ = params.text("B");
                let _ = params.finish();
            }
        }

        #[test]
        fn nesting_without_bound_is_refused(depth in 13_usize..2000) {
            let body = format!("{}=x", vec!["A"; depth].join("."));
            prop_assert!(Params::parse(&body).is_err());
        }
    }
}
