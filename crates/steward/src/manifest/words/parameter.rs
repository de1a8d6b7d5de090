use super::text::length;
use crate::manifest::document::word;
use crate::{Architecture, ChannelName, FamilyName};

fn parameter(text: &str) -> Result<(), String> {
    length(text, 1, 1011)?;
    if !text.starts_with('/') {
        return Err(String::from("must start with /"));
    }
    if text.ends_with('/') || text.contains("//") {
        return Err(String::from("has an empty part, must have a name after each /"));
    }
    if let Some(found) = text
        .chars()
        .find(|&c| !(c.is_ascii_alphanumeric() || "/_.-".contains(c)))
    {
        return Err(format!("contains {found:?}, must be letters, digits and / _ . -"));
    }
    if text.matches('/').count() > 15 {
        return Err(String::from("has more than 15 levels"));
    }
    Ok(())
}

word! {
    /// A parameter of Systems Manager; `{architecture}` stands for each one's own.
    ParameterName: "parameter name", "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}", |text| {
        let filled = text.replace("{architecture}", "x");
        if filled.contains(['{', '}']) {
            return Err(String::from("must have no other braces than {architecture}"));
        }
        parameter(&filled)
    }
}

impl ParameterName {
    /// The parameter for an architecture.
    pub fn name(&self, architecture: Architecture) -> String {
        self.as_str().replace("{architecture}", architecture.as_str())
    }
}

const PLACEHOLDERS: [&str; 3] = ["{family}", "{architecture}", "{channel}"];

word! {
    /// A parameter's name with the places of family, architecture and channel.
    ParameterTemplate: "parameter name", "/golden/{family}/{architecture}/{channel}", |text| {
        let mut filled = text.to_owned();
        for placeholder in PLACEHOLDERS {
            filled = filled.replace(placeholder, "x");
        }
        if let Some(start) = filled.find(['{', '}']) {
            let rest: String = filled[start..].chars().take_while(|c| *c != '/').collect();
            return Err(format!("has {rest}, must have no other braces than {}", PLACEHOLDERS.join(", ")));
        }
        parameter(&filled)?;
        if filled.starts_with("/aws/") || filled.starts_with("/ssm/") {
            return Err(String::from("starts with /aws/ or /ssm/, must not: such parameters are AWS's own"));
        }
        Ok(())
    }
}

impl ParameterTemplate {
    /// The parameter of this channel.
    pub fn name(&self, family: &FamilyName, architecture: Architecture, channel: &ChannelName) -> String {
        self.as_str()
            .replace("{family}", family.as_str())
            .replace("{architecture}", architecture.as_str())
            .replace("{channel}", channel.as_str())
    }

    /// Whether two architectures would have one parameter.
    pub fn tells_architectures_apart(&self) -> bool {
        self.as_str().contains("{architecture}")
    }

    /// Whether two channels would have one parameter.
    pub fn tells_channels_apart(&self) -> bool {
        self.as_str().contains("{channel}")
    }
}
