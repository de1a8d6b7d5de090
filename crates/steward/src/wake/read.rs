use serde_json::Value;

use super::WakeError;
use super::envelope::{Envelope, parse};
use super::message::{Message, Sent};
use crate::{
    AccountId, AmiId, ArnKind, ArnVersion, ContainerImage, Given, ImageBuildArn, ImageBuilderArn, ImageBuilderOwner,
    ImagePipelineArn, OWN_SOURCE, Region, SnapshotId, Target, Timestamp, Words, WorkflowBuildArn,
};

/// Where to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wake {
    /// At a build of Image Builder's.
    Build {
        /// Which.
        build: ImageBuildArn,
        /// What the event claims.
        heard: Heard,
    },
    /// At what a scan of a build's image found.
    Scan {
        /// Of which.
        build: ImageBuildArn,
        /// What the event claims.
        heard: Heard,
    },
    /// At a pipeline that Image Builder disabled by itself.
    Pipeline {
        /// Which.
        pipeline: ImagePipelineArn,
        /// What the event claims.
        heard: Heard,
    },
    /// At an image of EC2's, in its owner's account and Region.
    Ami {
        /// Where.
        target: Target,
        /// Which.
        ami: AmiId,
        /// What the event claims.
        heard: Heard,
    },
    /// At a container image, in its registry.
    Container {
        /// Which.
        image: ContainerImage,
        /// What the event claims.
        heard: Heard,
    },
    /// At the images behind a snapshot that was copied.
    Snapshot {
        /// Where.
        target: Target,
        /// Which.
        snapshot: SnapshotId,
        /// What the event claims.
        heard: Heard,
    },
    /// At the whole organization: an account came, moved or went.
    Organization {
        /// Whose event it is: it should be the account that manages the organization.
        account: AccountId,
        /// What the event claims.
        heard: Heard,
    },
    /// At what pipelines build by: somebody made a component or a recipe, or changed a pipeline.
    Inputs {
        /// Where.
        target: Target,
        /// What the event claims.
        heard: Heard,
    },
    /// At the bases that a vendor makes.
    Vendor {
        /// What the message claims.
        heard: Heard,
    },
    /// At what a function of ours told on the hub's bus: a release that is new, or another manifest.
    Told,
    /// At everything.
    Sweep,
}

/// What an event claims: for the journal, never taken as fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The event's id. A duplicate may have another.
    pub event: String,
    /// When it says it happened.
    pub at: Timestamp,
    /// The state it names, as it names it, or what else it says.
    pub says: Words,
}

/// What Organizations does by itself and tells of, always.
const ORGANIZATION_RESULTS: [&str; 4] = [
    "AccountDepartedOrganization",
    "AccountJoinedOrganization",
    "CloseAccountResult",
    "CreateAccountResult",
];
/// What somebody called, told only where a trail logs it.
const ORGANIZATION_CALLS: [&str; 1] = ["MoveAccount"];
/// What makes pipelines build something else, told only where a trail logs it.
const BUILDER_CALLS: [&str; 4] = [
    "CreateComponent",
    "CreateImageRecipe",
    "ImportComponent",
    "UpdateImagePipeline",
];
/// Longer than any name of a step.
const LONGEST_NAME: usize = 128;
/// Longer than any state AWS has, and what is made of two names; what a forger writes behind it is not kept.
const LONGEST_STATE: usize = 320;
/// Longer than any event's id.
const LONGEST_ID: usize = 64;

impl Wake {
    /// Reads an event, a message of this topic, or a schedule's input `{"wake":"sweep", …}`.
    ///
    /// An event must agree with itself about its account, its Region and what it is about. That it does proves nothing.
    pub fn read(event: &Value, topic: &str) -> Result<Self, WakeError> {
        let Some(members) = event.as_object() else {
            return Err(WakeError::Shape(String::from("it is not a JSON object")));
        };
        if members.contains_key("Records") {
            return Self::read_message(&Message::read(event, topic)?);
        }
        match members.get("wake") {
            None => Self::read_event(&Envelope::read(event)?),
            Some(Value::String(wake)) if wake == "sweep" => Ok(Self::Sweep),
            Some(other) => {
                let given = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
                Err(WakeError::Shape(format!(
                    "its wake is {}, must be \"sweep\"",
                    Given::new(&given)
                )))
            }
        }
    }

    /// Reads a message of one of these topics of vendors. That there is one is all that is read of it.
    pub fn read_vendor(event: &Value, topics: &[&str]) -> Result<Self, WakeError> {
        let Sent { topic, id, at, body: _ } = Sent::read(event)?;
        if !topics.contains(&topic) {
            return Err(WakeError::OtherTopic(Given::new(topic)));
        }
        let says = Words::from(cut(topic, LONGEST_STATE));
        let event = cut(id, LONGEST_ID);
        Ok(Self::Vendor {
            heard: Heard { event, at, says },
        })
    }

    fn read_event(event: &Envelope<'_>) -> Result<Self, WakeError> {
        match (event.source, event.detail_type) {
            ("aws.imagebuilder", "EC2 Image Builder Image State Change") => Self::read_build(event),
            ("aws.imagebuilder", "EC2 Image Builder CVE Detected") => Self::read_scan(event),
            ("aws.imagebuilder", "EC2 Image Builder Workflow Step Waiting") => Self::read_waiting(event),
            ("aws.imagebuilder", "EC2 Image Builder Image Pipeline Automatically Disabled") => {
                Self::read_disabled(event)
            }
            ("aws.imagebuilder", "AWS API Call via CloudTrail") => Self::read_inputs(event),
            ("aws.ecr", "ECR Image Action") => Self::read_container(event),
            (OWN_SOURCE, "manifest applied" | "release recorded" | "channel moved") => Ok(Self::Told),
            ("aws.ec2", "EC2 AMI State Change") => Self::read_ami(event),
            ("aws.ec2", "EBS Snapshot Notification") => Self::read_snapshot(event),
            ("aws.organizations", "AWS Service Event via CloudTrail") => {
                Self::read_organization(event, &ORGANIZATION_RESULTS)
            }
            ("aws.organizations", "AWS API Call via CloudTrail") => Self::read_organization(event, &ORGANIZATION_CALLS),
            _ => Err(event.unknown()),
        }
    }

    fn read_build(event: &Envelope<'_>) -> Result<Self, WakeError> {
        let build = of_builder(event)?;
        let heard = Heard::of(event, event.detail("/detail/state/status", "detail.state.status")?);
        Ok(Self::Build { build, heard })
    }

    /// Its counts are left where they are: the scan itself is asked.
    fn read_scan(event: &Envelope<'_>) -> Result<Self, WakeError> {
        let build = of_builder(event)?;
        let heard = Heard::of(event, "a scan of it has ended");
        Ok(Self::Scan { build, heard })
    }

    fn read_waiting(event: &Envelope<'_>) -> Result<Self, WakeError> {
        let build = of_builder(event)?;
        let step = event.detail("/detail/workflow-step-name", "detail.workflow-step-name")?;
        let workflow: WorkflowBuildArn = parse("resources[1]", event.second_resource()?)?;
        // Whoever lets it go on needs both names.
        let step = cut(step, LONGEST_NAME);
        let says = format!("waits for somebody in the step {step} of {}", workflow.name());
        let heard = Heard::of(event, &says);
        Ok(Self::Build { build, heard })
    }

    fn read_disabled(event: &Envelope<'_>) -> Result<Self, WakeError> {
        let pipeline: ImagePipelineArn = of_builder(event)?;
        let heard = Heard::of(event, "disabled by Image Builder itself");
        Ok(Self::Pipeline { pipeline, heard })
    }

    /// A registry names nothing in `resources`: whose it is, is whose event it is.
    fn read_container(event: &Envelope<'_>) -> Result<Self, WakeError> {
        let repository = event.detail("/detail/repository-name", "detail.repository-name")?;
        let digest = event.detail("/detail/image-digest", "detail.image-digest")?;
        let action = event.detail("/detail/action-type", "detail.action-type")?;
        Ok(Self::Container {
            image: ContainerImage {
                target: Target::new(event.account, event.region),
                repository: parse("detail.repository-name", repository)?,
                digest: parse("detail.image-digest", digest)?,
            },
            heard: Heard::of(event, action),
        })
    }

    fn read_message(message: &Message<'_>) -> Result<Self, WakeError> {
        let build: ImageBuildArn = parse("arn", &message.arn)?;
        let topic = message.topic;
        if *build.owner() != ImageBuilderOwner::Account(topic.account()) {
            return Err(WakeError::OtherAccount {
                event: topic.account(),
                resource: build.owner().to_string(),
            });
        }
        if build.region() != topic.region() {
            return Err(WakeError::OtherRegion {
                event: topic.region(),
                resource: build.region(),
            });
        }
        let heard = Heard {
            event: cut(message.id, LONGEST_ID),
            at: message.at,
            says: Words::from(cut(&message.status, LONGEST_STATE)),
        };
        Ok(Self::Build { build, heard })
    }

    fn read_snapshot(event: &Envelope<'_>) -> Result<Self, WakeError> {
        let kind = event.detail("/detail/event", "detail.event")?;
        if kind != "copySnapshot" {
            return Err(WakeError::Unknown {
                source_name: Given::new(event.source),
                detail_type: Given::new(kind),
            });
        }
        // EBS writes it without an account, and with two colons before its Region.
        let (partition, region) = (event.region.partition(), event.region);
        let id = event
            .resource()?
            .strip_prefix(&format!("arn:{partition}:ec2::{region}:snapshot/"));
        let id = id.ok_or_else(|| WakeError::Member {
            path: "resources[0]",
            problem: format!("is no snapshot of {region}"),
        })?;
        Ok(Self::Snapshot {
            target: Target::new(event.account, region),
            snapshot: parse("resources[0]", id)?,
            heard: Heard::of(event, kind),
        })
    }

    /// What was made is left where it is: pipelines are asked what they build by.
    fn read_inputs(event: &Envelope<'_>) -> Result<Self, WakeError> {
        let (target, heard) = read_trail(event, &BUILDER_CALLS)?;
        Ok(Self::Inputs { target, heard })
    }

    /// Which account it names is left where it is: units are read whole, or not at all.
    fn read_organization(event: &Envelope<'_>, known: &[&str]) -> Result<Self, WakeError> {
        let (target, heard) = read_trail(event, known)?;
        Ok(Self::Organization {
            account: target.account(),
            heard,
        })
    }

    fn read_ami(event: &Envelope<'_>) -> Result<Self, WakeError> {
        let named = event.detail("/detail/ImageId", "detail.ImageId")?;
        let ami: AmiId = parse("detail.ImageId", named)?;
        let (partition, region) = (event.region.partition(), event.region);
        // An image's ARN has no account.
        let resource = event.resource()?;
        if resource != format!("arn:{partition}:ec2:{region}::image/{ami}") {
            return Err(WakeError::OtherImage {
                detail: Given::new(named),
                resource: Given::new(resource),
            });
        }
        Ok(Self::Ami {
            target: Target::new(event.account, region),
            ami,
            heard: Heard::of(event, event.detail("/detail/State", "detail.State")?),
        })
    }
}

impl Heard {
    fn of(event: &Envelope<'_>, says: &str) -> Self {
        Self {
            event: cut(event.id, LONGEST_ID),
            at: event.time,
            says: Words::from(cut(says, LONGEST_STATE)),
        }
    }
}

/// What an event of Image Builder's is about: it must be of the account and the Region that the event is of.
fn of_builder<K: ArnKind, V: ArnVersion + Copy>(event: &Envelope<'_>) -> Result<ImageBuilderArn<K, V>, WakeError> {
    let about: ImageBuilderArn<K, V> = parse("resources[0]", event.resource()?)?;
    if *about.owner() != ImageBuilderOwner::Account(event.account) {
        return Err(WakeError::OtherAccount {
            event: event.account,
            resource: about.owner().to_string(),
        });
    }
    if about.region() != event.region {
        return Err(WakeError::OtherRegion {
            event: event.region,
            resource: about.region(),
        });
    }
    Ok(about)
}

/// What a trail logged of a call: it must be of the account and the Region that the event is of.
fn read_trail(event: &Envelope<'_>, known: &[&str]) -> Result<(Target, Heard), WakeError> {
    let name = event.detail("/detail/eventName", "detail.eventName")?;
    if !known.contains(&name) {
        return Err(WakeError::Unknown {
            source_name: Given::new(event.source),
            detail_type: Given::new(name),
        });
    }
    let of = event.detail("/detail/recipientAccountId", "detail.recipientAccountId")?;
    let of: AccountId = parse("detail.recipientAccountId", of)?;
    if of != event.account {
        return Err(WakeError::OtherAccount {
            event: event.account,
            resource: of.to_string(),
        });
    }
    let region = event.detail("/detail/awsRegion", "detail.awsRegion")?;
    let region: Region = parse("detail.awsRegion", region)?;
    if region != event.region {
        return Err(WakeError::OtherRegion {
            event: event.region,
            resource: region,
        });
    }
    Ok((Target::new(of, region), Heard::of(event, name)))
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

#[cfg(test)]
mod tests;
