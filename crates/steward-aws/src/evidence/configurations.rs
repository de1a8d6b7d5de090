use steward::evidence::ConfigurationSeen;

use crate::pages::each_page;
use crate::{AtTarget, Problem};

impl AtTarget {
    /// Lists the launch configurations.
    pub async fn launch_configurations(&self) -> Result<Vec<ConfigurationSeen>, Problem> {
        let doing = "list the launch configurations";
        let list = self.scaling.describe_launch_configurations().max_records(100);
        let mut configurations = Vec::new();
        each_page!(self, scaling_reads, doing, list, |page| {
            let found = page.launch_configurations().iter();
            configurations.extend(found.map(|configuration| ConfigurationSeen {
                name: configuration.launch_configuration_name().unwrap_or_default().to_owned(),
                // One that names no image any more can start nothing.
                image: configuration.image_id().and_then(|id| id.parse().ok()),
            }));
        });
        Ok(configurations)
    }
}
