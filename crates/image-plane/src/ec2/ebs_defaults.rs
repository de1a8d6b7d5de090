//! GetEbsDefaultKmsKeyId and GetEbsEncryptionByDefault: what EBS does where a request says nothing of encryption.
//!
//! Both are what the account says of itself in this world; changing them through EC2 is not modelled. Copies and images of machines
//! go by them, and the volumes that instances start with do not.

use super::Ctx;
use crate::kms::{self, KeyArn};
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

pub(super) fn key(world: &mut World, ctx: &Ctx<'_>, params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    params.finish()?;
    ctx.commit()?;
    xml.text("kmsKeyId", default_key(world, ctx.target()));
    Ok(())
}

pub(super) fn encryption(world: &mut World, ctx: &Ctx<'_>, params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    params.finish()?;
    ctx.commit()?;
    xml.text("ebsEncryptionByDefault", encrypts(world, ctx.target()));
    Ok(())
}

/// Whether EBS encrypts what nobody asks to be encrypted.
pub(super) fn encrypts(world: &World, target: Target) -> bool {
    let account = world.accounts.get(target.account);
    account.is_some_and(|account| account.encrypts_by_default.contains(&target.region))
}

/// The key by which EBS encrypts where nobody names one: AWS's own, if the account has not set another.
pub(super) fn default_key(world: &mut World, target: Target) -> KeyArn {
    let account = world.accounts.get(target.account);
    let set = account
        .and_then(|account| account.default_keys.get(&target.region))
        .cloned();
    set.unwrap_or_else(|| kms::default_key(world, target))
}

#[cfg(test)]
mod tests {
    use super::super::place::NewImage;
    use super::super::testing::Bench;
    use crate::sts::tests::field;

    fn key_and_encryption(bench: &mut Bench) -> (String, String) {
        let key = field(&bench.ok("GetEbsDefaultKmsKeyId", &[]), "kmsKeyId");
        let encryption = bench.ok("GetEbsEncryptionByDefault", &[]);
        (key, field(&encryption, "ebsEncryptionByDefault"))
    }

    #[test]
    fn the_default_key_is_awss_own_and_nothing_is_encrypted_unasked() {
        let mut bench = Bench::new();
        let own = bench.world.default_key(bench.hub).to_string();
        assert_eq!(key_and_encryption(&mut bench), (own, String::from("false")));
        for action in ["GetEbsDefaultKmsKeyId", "GetEbsEncryptionByDefault"] {
            assert_eq!(bench.refused(action, &[("DryRun", "true")]).0, "DryRunOperation");
            assert_eq!(bench.refused(action, &[("KmsKeyId", "x")]).0, "UnknownParameter");
        }
    }

    /// Of a copy for which nothing was asked: the key of its snapshot.
    fn key_of_copy(bench: &mut Bench, image: &str) -> String {
        let named = [
            ("Name", "copy"),
            ("SourceImageId", image),
            ("SourceRegion", "eu-west-1"),
        ];
        let copy = field(&bench.ok("CopyImage", &named), "imageId");
        let snapshot = bench.snapshot_of(&copy);
        let seen = field(
            &bench.ok("DescribeSnapshots", &[("SnapshotId.1", &snapshot)]),
            "kmsKeyId",
        );
        bench.pass(std::time::Duration::from_hours(1));
        bench.ok("DeregisterImage", &[("ImageId", &copy)]);
        seen
    }

    #[test]
    fn an_account_that_encrypts_by_default_encrypts_copies_by_awss_key_or_by_its_own() {
        let mut bench = Bench::new();
        let hub = bench.hub;
        let image = bench.image(NewImage::named("web"));
        assert_eq!(key_of_copy(&mut bench, &image), "");
        bench
            .world
            .account_mut(hub.account)
            .encrypts_by_default
            .insert(hub.region);
        let own = bench.world.default_key(hub).to_string();
        assert_eq!(key_of_copy(&mut bench, &image), own);
        let golden = bench.world.create_key(hub, None, []);
        let keys = &mut bench.world.account_mut(hub.account).default_keys;
        keys.insert(hub.region, golden.clone());
        assert_eq!(key_of_copy(&mut bench, &image), golden.to_string());
        assert_eq!(
            key_and_encryption(&mut bench),
            (golden.to_string(), String::from("true"))
        );
    }
}
