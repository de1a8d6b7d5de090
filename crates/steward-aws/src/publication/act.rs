use aws_sdk_ec2::types::RequestLaunchTemplateData;
use aws_sdk_ssm::types::ParameterType;
use steward::publication::PublicationStep;

use super::deleted::all_deleted;
use super::parameters::IMAGE;
use crate::{AtTarget, Problem};

impl AtTarget {
    /// Takes a step, and says which version of a template it made. Where a call takes a token, the same one makes it once.
    pub async fn publish(&self, step: &PublicationStep, token: &str) -> Result<Option<u64>, Problem> {
        let doing = step.to_string();
        self.writes.wait().await;
        match step {
            PublicationStep::Put {
                name,
                ami,
                over,
                channel: _,
                architecture: _,
                release: _,
            } => {
                let request = self.parameters.put_parameter().name(name.as_str());
                let request = request.value(ami.to_string()).data_type(IMAGE);
                let request = request.r#type(ParameterType::String).overwrite(over.is_some());
                self.answered(&doing, request.send()).await.map(|_| None)
            }
            PublicationStep::MakeVersion {
                template,
                from,
                after: _,
                ami,
                release: _,
                description,
            } => {
                let only_the_image = RequestLaunchTemplateData::builder().image_id(ami.to_string());
                let request = self.ec2.create_launch_template_version();
                let request = request
                    .launch_template_id(template.as_str())
                    .source_version(from.to_string())
                    .launch_template_data(only_the_image.build())
                    .version_description(description)
                    .client_token(token);
                let made = self.answered(&doing, request.send()).await?;
                let number = made
                    .launch_template_version()
                    .and_then(aws_sdk_ec2::types::LaunchTemplateVersion::version_number);
                let number = number.and_then(|number| u64::try_from(number).ok());
                let none = || Problem::not_understood(&doing, self.target, "the version has no number");
                number.ok_or_else(none).map(Some)
            }
            PublicationStep::SetDefault {
                template,
                version,
                instead_of: _,
                release: _,
            } => {
                let request = self.ec2.modify_launch_template().launch_template_id(template.as_str());
                // Without a token: a default that somebody moves twice is set right twice.
                let request = request.default_version(version.to_string());
                self.answered(&doing, request.send()).await.map(|_| None)
            }
            PublicationStep::Trim {
                template,
                versions,
                default: _,
                latest: _,
                release: _,
            } => {
                let request = self.ec2.delete_launch_template_versions();
                let request = request
                    .launch_template_id(template.as_str())
                    .set_versions(Some(versions.iter().map(ToString::to_string).collect()));
                let answer = self.answered(&doing, request.send()).await?;
                let target = self.target;
                let left = |cause| Problem { doing, target, cause };
                all_deleted(versions, &answer).map_err(left).map(|()| None)
            }
        }
    }
}
