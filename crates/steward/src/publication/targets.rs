//! Where a family's channels are published.

use std::collections::BTreeSet;

use crate::distribution::distribution_targets;
use crate::manifest::{Manifest, Publish, PublishTo};
use crate::{AccountId, Target};

/// Who reads a family's channels beside the hub.
#[derive(Clone, Copy, Debug)]
pub struct Readers<'a> {
    /// The accounts of its audience, in each distributed Region.
    pub audience: &'a BTreeSet<AccountId>,
    /// Those that own copies, in each Region where they do.
    pub owners: &'a BTreeSet<AccountId>,
}

/// Where a family built at home is published, whom these read.
pub fn publication_targets(manifest: &Manifest, home: Target, readers: Readers<'_>) -> BTreeSet<Target> {
    let Some(publish) = &manifest.distribute.publish else {
        return BTreeSet::new();
    };
    let templates = publish.launch_templates.iter();
    let templates = templates.map(|template| Target::new(template.account, template.region));
    parameter_targets(manifest, publish, home, readers)
        .chain(templates)
        .collect()
}

/// Whether nothing of a family is to be published in a target, where something was. Of a member that cannot be said while nobody knows
/// who reads the family.
pub fn is_left(manifest: &Manifest, home: Target, readers: Option<Readers<'_>>, target: Target) -> bool {
    let publish = manifest.distribute.publish.as_ref();
    let has_readers = publish.is_some_and(|publish| publish.to.contains(&PublishTo::Audience));
    if readers.is_none() && has_readers && target.account() != home.account() {
        return false;
    }
    let nobody = BTreeSet::new();
    let readers = readers.unwrap_or(Readers {
        audience: &nobody,
        owners: &nobody,
    });
    !publication_targets(manifest, home, readers).contains(&target)
}

/// Whether the family's parameters are wanted in a target.
pub fn has_parameters(manifest: &Manifest, home: Target, readers: Readers<'_>, target: Target) -> bool {
    let publish = manifest.distribute.publish.as_ref();
    publish.is_some_and(|publish| parameter_targets(manifest, publish, home, readers).any(|wanted| wanted == target))
}

fn parameter_targets<'a>(
    manifest: &'a Manifest,
    publish: &'a Publish,
    home: Target,
    readers: Readers<'a>,
) -> impl Iterator<Item = Target> + 'a {
    let to = |whom| publish.parameter.is_some() && publish.to.contains(&whom);
    let hub = to(PublishTo::Hub).then_some(home.account());
    let Readers { audience, owners } = readers;
    let audience = audience.iter().copied().filter(move |_| to(PublishTo::Audience));
    let accounts = hub.into_iter().chain(audience);
    let nobody = BTreeSet::new();
    let everywhere = accounts.flat_map(move |account| {
        let regions = distribution_targets(&manifest.distribute, home, &nobody).into_iter();
        regions.map(move |owned| Target::new(account, owned.region()))
    });
    let owners = owners.iter().copied().filter(move |_| to(PublishTo::Audience));
    let regions = || manifest.distribute.regions.keys().copied();
    everywhere.chain(owners.flat_map(move |account| regions().map(move |region| Target::new(account, region))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::ManifestFile;

    const PARAMETER: &str = "parameter: \"/golden/{family}/{channel}\"";

    fn manifest(publish: &str) -> Manifest {
        let text = format!(
            "family: web\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ instance_types: \
             [t3.medium], instance_profile: P }}\ndistribute: {{ regions: {{ us-east-1: {{}} }}, share_with: {{ accounts: \
             [\"222233334444\"] }}, publish: {{ {publish} }} }}\nchannels: {{ stable: {{ from: release }} }}\n"
        );
        let read = ManifestFile::read("web.yaml", text.as_bytes());
        read.file.expect("a good manifest").manifest().clone()
    }

    fn targets(publish: &str) -> Vec<String> {
        let audience = BTreeSet::from(["222233334444".parse().unwrap()]);
        let owners = BTreeSet::from(["444455556666".parse().unwrap()]);
        let readers = Readers {
            audience: &audience,
            owners: &owners,
        };
        let home = "111122223333/eu-west-1".parse().unwrap();
        let manifest = manifest(publish);
        let targets = publication_targets(&manifest, home, readers);
        for target in &targets {
            let by_parameter = publish.contains("parameter");
            assert_eq!(has_parameters(&manifest, home, readers, *target), by_parameter);
        }
        let elsewhere = "222233334444/us-west-2".parse().unwrap();
        assert!(!has_parameters(&manifest, home, readers, elsewhere));
        targets.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn parameters_are_in_each_distributed_region_of_those_whom_the_manifest_names() {
        let hub = ["111122223333/eu-west-1", "111122223333/us-east-1"];
        let audience = [
            "222233334444/eu-west-1",
            "222233334444/us-east-1",
            // Who owns copies has none where the manifest names no Region.
            "444455556666/us-east-1",
        ];
        assert_eq!(targets(&format!("{PARAMETER}, to: [hub]")), hub);
        assert_eq!(targets(&format!("{PARAMETER}, to: [audience]")), audience);
        let both = targets(&format!("{PARAMETER}, to: [hub, audience]"));
        assert_eq!(both, hub.into_iter().chain(audience).collect::<Vec<_>>());
    }

    #[test]
    fn a_target_is_left_once_nothing_is_published_there_and_a_member_once_it_is_known_who_reads_the_family() {
        let home: Target = "111122223333/eu-west-1".parse().unwrap();
        let reader = BTreeSet::from(["222233334444".parse().unwrap()]);
        let nobody = BTreeSet::new();
        let known = |audience| {
            Some(Readers {
                audience,
                owners: &nobody,
            })
        };
        let left = |to: &str, readers, target: &str| {
            let manifest = manifest(&format!("{PARAMETER}, to: {to}"));
            is_left(&manifest, home, readers, target.parse().unwrap())
        };
        let (both, hub) = ("[hub, audience]", "[hub]");
        for (readers, of_member) in [(known(&reader), false), (known(&nobody), true), (None, false)] {
            assert_eq!(left(both, readers, "222233334444/eu-west-1"), of_member);
            assert!(left(hub, readers, "222233334444/eu-west-1"));
            assert!(!left(both, readers, "111122223333/eu-west-1"));
            assert!(left(both, readers, "111122223333/us-west-2"));
        }
        assert!(left(both, known(&reader), "222233334444/us-west-2"));
    }

    #[test]
    fn a_template_is_where_it_is_and_asks_for_no_parameter_there() {
        let template = "launch_templates: [{ id: lt-0abc1234, account: \"333344445555\", region: eu-west-2 }]";
        assert_eq!(targets(template), ["333344445555/eu-west-2"]);
    }
}
