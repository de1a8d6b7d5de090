//! GetEbsDefaultKmsKeyId and GetEbsEncryptionByDefault: what EBS does where a request says nothing of encryption.
//!
//! Changing either is not modelled: the default key is AWS's own, and nothing is encrypted unasked.

use super::Ctx;
use crate::kms;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::World;

pub(super) fn key(world: &mut World, ctx: &Ctx<'_>, params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    params.finish()?;
    ctx.commit()?;
    xml.text("kmsKeyId", kms::default_key(world, ctx.target()));
    Ok(())
}

pub(super) fn encryption(_: &mut World, ctx: &Ctx<'_>, params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    params.finish()?;
    ctx.commit()?;
    xml.text("ebsEncryptionByDefault", false);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::Bench;
    use crate::sts::tests::field;

    #[test]
    fn the_default_key_is_awss_own_and_nothing_is_encrypted_unasked() {
        let mut bench = Bench::new();
        let key = field(&bench.ok("GetEbsDefaultKmsKeyId", &[]), "kmsKeyId");
        assert_eq!(key, bench.world.default_key(bench.hub).to_string());
        assert_eq!(
            field(&bench.ok("GetEbsEncryptionByDefault", &[]), "ebsEncryptionByDefault"),
            "false"
        );
        for action in ["GetEbsDefaultKmsKeyId", "GetEbsEncryptionByDefault"] {
            assert_eq!(bench.refused(action, &[("DryRun", "true")]).0, "DryRunOperation");
            assert_eq!(bench.refused(action, &[("KmsKeyId", "x")]).0, "UnknownParameter");
        }
    }
}
