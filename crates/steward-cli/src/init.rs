//! A manifest to start from, by question and answer or by flags.

use std::fs::{self, OpenOptions};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::str::FromStr;

use steward::manifest::{AmiOwner, InstanceProfile, ManifestFile, Origin, Platform, Starter, Text};
use steward::{Architecture, FamilyName};

use crate::failure::Failure;
use crate::given::Init;
use crate::terminal;
use crate::word::parse;

/// What AWS keeps up to date for everybody.
const AMAZON_LINUX: &str = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}";

/// Writes the manifest, and says what to do next. It never writes over a file.
pub(crate) fn init(given: &Init) -> Result<String, Failure> {
    let family: FamilyName = parse(&given.name, "family name")?;
    let file = given.dir.join(format!("{family}.yaml"));
    if file.exists() {
        return Err(Failure::Mistake(format!(
            "{} exists already: edit it, or choose another name.",
            file.display()
        )));
    }
    let starter = starter(given, family)?;
    let text = starter.to_yaml();
    let read = ManifestFile::read(&format!("{}.yaml", starter.family), text.as_bytes());
    if read.file.is_none() {
        let said: Vec<String> = read.diagnostics.iter().map(ToString::to_string).collect();
        return Err(Failure::Mistake(format!(
            "these answers do not go together:\n\n{}",
            said.join("\n")
        )));
    }
    let mut written = Vec::new();
    for (name, content) in starter.named_files() {
        let path = given.dir.join(name);
        if !path.exists() {
            write(&path, &content)?;
            written.push(path.display().to_string());
        }
    }
    write(&file, &text)?;
    written.insert(0, file.display().to_string());
    Ok(format!(
        "Wrote {}. Look it through, then type `steward check {}`.",
        written.join(" and "),
        given.dir.display()
    ))
}

/// Writes a file that is not there yet.
pub(crate) fn write(path: &Path, content: &str) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::Mistake(format!("{} cannot be written: {error}.", path.display()));
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(failed)?;
    file.write_all(content.as_bytes()).map_err(failed)
}

fn starter(given: &Init, family: FamilyName) -> Result<Starter, Failure> {
    let asker = Asker::new(given);
    let description = asker.ask(given.description.as_deref(), "What is it, in a few words?", "")?;
    let description = if description.is_empty() {
        None
    } else {
        Some(parse::<Text<1024>>(&description, "description")?)
    };
    let platform: Platform = parse(given.platform.as_deref().unwrap_or("linux"), "platform")?;
    let origin = origin(given, &asker)?;
    let architectures = asker.ask(
        given.architectures.as_deref(),
        "Which architectures, with a comma between?",
        "x86_64",
    )?;
    let architectures: Vec<Architecture> = several(&architectures, "architecture")?;
    let profile = asker.ask(
        given.instance_profile.as_deref(),
        "Which instance profile do builds run with?",
        "ImageBuilder",
    )?;
    Ok(Starter {
        family,
        description,
        platform,
        architectures,
        origin,
        instance_types: given
            .instance_types
            .as_deref()
            .map_or(Ok(Vec::new()), |types| several(types, "instance type"))?,
        instance_profile: parse::<InstanceProfile>(&profile, "instance profile name")?,
    })
}

fn origin(given: &Init, asker: &Asker) -> Result<Origin, Failure> {
    if let Some(parent) = &given.parent {
        return Ok(Origin::Family(parse(parent, "family name")?));
    }
    if let Some(image) = &given.image {
        return Ok(Origin::Image(parse(image, "image ARN")?));
    }
    if let Some(base) = &given.container {
        return Ok(Origin::Container(parse(base, "base image")?));
    }
    if given.parameter.is_none() && given.platform.as_deref().is_some_and(|platform| platform != "linux") {
        return Err(Failure::Mistake(String::from(
            "nothing says what it is built on: add --image, --parameter or --parent; only for linux there is a default.",
        )));
    }
    let default = given.parameter.as_deref().unwrap_or(AMAZON_LINUX);
    let parameter = asker.ask(
        given.parameter.as_deref(),
        "What is it built on: a family's name, an Image Builder ARN, or a parameter?",
        default,
    )?;
    if parameter.starts_with("arn:") {
        return Ok(Origin::Image(parse(&parameter, "image ARN")?));
    }
    if !parameter.starts_with('/') {
        return Ok(Origin::Family(parse(&parameter, "family name")?));
    }
    let amazons = if parameter.starts_with("/aws/service/") {
        "amazon"
    } else {
        "self"
    };
    let owner = asker.ask(
        given.owner.as_deref(),
        "Whose images does the parameter name: amazon, self, or which account?",
        amazons,
    )?;
    Ok(Origin::Parameter(
        parse(&parameter, "parameter name")?,
        parse::<AmiOwner>(&owner, "owner")?,
    ))
}

/// Asks at a terminal what no flag said; elsewhere the default is the answer.
struct Asker {
    asks: bool,
}

impl Asker {
    fn new(given: &Init) -> Self {
        Self {
            asks: !given.yes && io::stdin().is_terminal() && io::stdout().is_terminal(),
        }
    }

    fn ask(&self, given: Option<&str>, question: &str, default: &str) -> Result<String, Failure> {
        if let Some(given) = given {
            return Ok(given.to_owned());
        }
        if !self.asks {
            return Ok(default.to_owned());
        }
        let shown = if default.is_empty() {
            String::new()
        } else {
            format!(" [{default}]")
        };
        let line = terminal::ask(&format!("{question}{shown}"))?;
        if line.is_empty() {
            // The end of input is no answer.
            return Err(Failure::Mistake(String::from(
                "nothing was answered, and nothing is written.",
            )));
        }
        let answer = line.trim();
        Ok(if answer.is_empty() { default } else { answer }.to_owned())
    }
}

fn several<T: FromStr<Err: std::fmt::Display>>(text: &str, noun: &str) -> Result<Vec<T>, Failure> {
    text.split(',').map(|one| parse(one.trim(), noun)).collect()
}
