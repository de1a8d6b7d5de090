//! What each operation needs, action by action.

use serde_json::{Value, json};

use crate::imagebuilder::testing::{component, container_recipe};

/// A call, and everything it needs: action and resource.
pub(super) struct Claim {
    pub(super) call: (&'static str, &'static str, Value),
    pub(super) needs: &'static [(&'static str, &'static str)],
}

fn claim(
    method: &'static str,
    path: &'static str,
    body: Value,
    needs: &'static [(&'static str, &'static str)],
) -> Claim {
    Claim {
        call: (method, path, body),
        needs,
    }
}

/// Every operation, on a family `web` that has been built once, as `image/web/1.0.0/1`.
pub(super) fn claims() -> Vec<Claim> {
    let document = component("nginx", "1.0.0")["data"].clone();
    let recipe = |parent: &str| {
        json!({ "name": "New One", "semanticVersion": "2.0.0", "parentImage": parent,
            "components": [{ "componentArn": "~component/nginx/x.x.x" }], "tags": { "team": "web" } })
    };
    vec![
        claim(
            "PUT",
            "/CreateComponent",
            json!({ "name": "New One", "semanticVersion": "1.2.3", "platform": "Linux", "data": document, "tags": { "a": "b" } }),
            &[
                ("imagebuilder:CreateComponent", "~component/new-one/1.2.3/*"),
                ("imagebuilder:TagResource", "~component/new-one/1.2.3/*"),
            ],
        ),
        claim(
            "GET",
            "/GetComponent?componentBuildVersionArn=~component/nginx/1.0.0/1",
            json!({}),
            &[("imagebuilder:GetComponent", "~component/nginx/1.0.0/1")],
        ),
        claim(
            "POST",
            "/ListComponents",
            json!({}),
            &[("imagebuilder:ListComponents", "*")],
        ),
        claim(
            "POST",
            "/ListComponentBuildVersions",
            json!({ "componentVersionArn": "~component/nginx/1.0.0" }),
            &[("imagebuilder:ListComponentBuildVersions", "~component/nginx/1.0.0/*")],
        ),
        claim(
            "DELETE",
            "/DeleteComponent?componentBuildVersionArn=~component/unused/1.0.0/1",
            json!({}),
            &[("imagebuilder:DeleteComponent", "~component/unused/1.0.0/1")],
        ),
        claim(
            "PUT",
            "/CreateImageRecipe",
            recipe("~image/web/x.x.x"),
            &[
                ("imagebuilder:CreateImageRecipe", "~image-recipe/new-one/2.0.0"),
                ("imagebuilder:TagResource", "~image-recipe/new-one/2.0.0"),
                ("imagebuilder:GetComponent", "~component/nginx/x.x.x"),
                ("imagebuilder:GetImage", "~image/web/x.x.x"),
            ],
        ),
        claim(
            "PUT",
            "/CreateImageRecipe",
            json!({ "name": "parameter", "semanticVersion": "2.0.0", "parentImage": "ssm:/golden/base",
                "components": [{ "componentArn": "~component/nginx/1.0.0/1" }] }),
            &[
                ("imagebuilder:CreateImageRecipe", "~image-recipe/parameter/2.0.0"),
                ("imagebuilder:GetComponent", "~component/nginx/1.0.0/1"),
                (
                    "ssm:GetParameter",
                    "arn:aws:ssm:eu-west-1:111122223333:parameter/golden/base",
                ),
                ("ec2:DescribeImages", "*"),
            ],
        ),
        claim(
            "GET",
            "/GetImageRecipe?imageRecipeArn=~image-recipe/web/1.0.0",
            json!({}),
            &[("imagebuilder:GetImageRecipe", "~image-recipe/web/1.0.0")],
        ),
        claim(
            "POST",
            "/ListImageRecipes",
            json!({}),
            &[("imagebuilder:ListImageRecipes", "*")],
        ),
        claim(
            "DELETE",
            "/DeleteImageRecipe?imageRecipeArn=~image-recipe/unused/1.0.0",
            json!({}),
            &[("imagebuilder:DeleteImageRecipe", "~image-recipe/unused/1.0.0")],
        ),
        claim(
            "PUT",
            "/CreateContainerRecipe",
            container_recipe("web"),
            &[
                ("imagebuilder:CreateContainerRecipe", "~container-recipe/web/1.0.0"),
                (
                    "imagebuilder:GetComponent",
                    "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x",
                ),
                (
                    "ecr:DescribeRepositories",
                    "arn:aws:ecr:eu-west-1:111122223333:repository/web",
                ),
            ],
        ),
        claim(
            "GET",
            "/GetContainerRecipe?containerRecipeArn=~container-recipe/tools/1.0.0",
            json!({}),
            &[("imagebuilder:GetContainerRecipe", "~container-recipe/tools/1.0.0")],
        ),
        claim(
            "POST",
            "/ListContainerRecipes",
            json!({}),
            &[("imagebuilder:ListContainerRecipes", "*")],
        ),
        claim(
            "DELETE",
            "/DeleteContainerRecipe?containerRecipeArn=~container-recipe/tools/1.0.0",
            json!({}),
            &[("imagebuilder:DeleteContainerRecipe", "~container-recipe/tools/1.0.0")],
        ),
        claim(
            "PUT",
            "/CreateInfrastructureConfiguration",
            json!({ "name": "new", "instanceProfileName": "Builder", "snsTopicArn": "arn:aws:sns:eu-west-1:111122223333:builds" }),
            &[
                (
                    "imagebuilder:CreateInfrastructureConfiguration",
                    "~infrastructure-configuration/new",
                ),
                (
                    "iam:GetInstanceProfile",
                    "arn:aws:iam::111122223333:instance-profile/Builder",
                ),
                ("iam:PassRole", "arn:aws:iam::111122223333:role/Builder"),
                ("sns:Publish", "arn:aws:sns:eu-west-1:111122223333:builds"),
            ],
        ),
        claim(
            "PUT",
            "/UpdateInfrastructureConfiguration",
            json!({ "infrastructureConfigurationArn": "~infrastructure-configuration/web", "instanceProfileName": "Builder" }),
            &[
                (
                    "imagebuilder:UpdateInfrastructureConfiguration",
                    "~infrastructure-configuration/web",
                ),
                (
                    "iam:GetInstanceProfile",
                    "arn:aws:iam::111122223333:instance-profile/Builder",
                ),
                ("iam:PassRole", "arn:aws:iam::111122223333:role/Builder"),
            ],
        ),
        claim(
            "GET",
            "/GetInfrastructureConfiguration?infrastructureConfigurationArn=~infrastructure-configuration/web",
            json!({}),
            &[(
                "imagebuilder:GetInfrastructureConfiguration",
                "~infrastructure-configuration/web",
            )],
        ),
        claim(
            "POST",
            "/ListInfrastructureConfigurations",
            json!({}),
            &[("imagebuilder:ListInfrastructureConfigurations", "*")],
        ),
        claim(
            "DELETE",
            "/DeleteInfrastructureConfiguration?infrastructureConfigurationArn=~infrastructure-configuration/unused",
            json!({}),
            &[(
                "imagebuilder:DeleteInfrastructureConfiguration",
                "~infrastructure-configuration/unused",
            )],
        ),
        claim(
            "PUT",
            "/CreateDistributionConfiguration",
            json!({ "name": "new", "distributions": [{ "region": "eu-west-1", "amiDistributionConfiguration": {} }] }),
            &[(
                "imagebuilder:CreateDistributionConfiguration",
                "~distribution-configuration/new",
            )],
        ),
        claim(
            "PUT",
            "/UpdateDistributionConfiguration",
            json!({ "distributionConfigurationArn": "~distribution-configuration/web",
                "distributions": [{ "region": "eu-west-1", "amiDistributionConfiguration": {} }] }),
            &[(
                "imagebuilder:UpdateDistributionConfiguration",
                "~distribution-configuration/web",
            )],
        ),
        claim(
            "GET",
            "/GetDistributionConfiguration?distributionConfigurationArn=~distribution-configuration/web",
            json!({}),
            &[(
                "imagebuilder:GetDistributionConfiguration",
                "~distribution-configuration/web",
            )],
        ),
        claim(
            "POST",
            "/ListDistributionConfigurations",
            json!({}),
            &[("imagebuilder:ListDistributionConfigurations", "*")],
        ),
        claim(
            "DELETE",
            "/DeleteDistributionConfiguration?distributionConfigurationArn=~distribution-configuration/unused",
            json!({}),
            &[(
                "imagebuilder:DeleteDistributionConfiguration",
                "~distribution-configuration/unused",
            )],
        ),
        claim(
            "PUT",
            "/CreateImagePipeline",
            json!({ "name": "new", "imageRecipeArn": "~image-recipe/web/1.0.0", "executionRole": "Execution",
                "infrastructureConfigurationArn": "~infrastructure-configuration/web",
                "distributionConfigurationArn": "~distribution-configuration/web" }),
            &[
                ("imagebuilder:CreateImagePipeline", "~image-pipeline/new"),
                ("imagebuilder:GetImageRecipe", "~image-recipe/web/1.0.0"),
                (
                    "imagebuilder:GetInfrastructureConfiguration",
                    "~infrastructure-configuration/web",
                ),
                (
                    "imagebuilder:GetDistributionConfiguration",
                    "~distribution-configuration/web",
                ),
                ("iam:PassRole", "arn:aws:iam::111122223333:role/Execution"),
            ],
        ),
        claim(
            "PUT",
            "/UpdateImagePipeline",
            json!({ "imagePipelineArn": "~image-pipeline/web", "imageRecipeArn": "~image-recipe/web/1.0.0",
                "infrastructureConfigurationArn": "~infrastructure-configuration/web" }),
            &[
                ("imagebuilder:UpdateImagePipeline", "~image-pipeline/web"),
                ("imagebuilder:GetImageRecipe", "~image-recipe/web/1.0.0"),
                (
                    "imagebuilder:GetInfrastructureConfiguration",
                    "~infrastructure-configuration/web",
                ),
            ],
        ),
        claim(
            "GET",
            "/GetImagePipeline?imagePipelineArn=~image-pipeline/web",
            json!({}),
            &[("imagebuilder:GetImagePipeline", "~image-pipeline/web")],
        ),
        claim(
            "GET",
            "/GetLifecyclePolicy?lifecyclePolicyArn=~lifecycle-policy/tidy",
            json!({}),
            &[("imagebuilder:GetLifecyclePolicy", "~lifecycle-policy/tidy")],
        ),
        claim(
            "POST",
            "/ListLifecyclePolicies",
            json!({}),
            &[("imagebuilder:ListLifecyclePolicies", "*")],
        ),
        claim(
            "POST",
            "/ListImagePipelines",
            json!({}),
            &[("imagebuilder:ListImagePipelines", "*")],
        ),
        claim(
            "DELETE",
            "/DeleteImagePipeline?imagePipelineArn=~image-pipeline/lonely",
            json!({}),
            &[("imagebuilder:DeleteImagePipeline", "~image-pipeline/lonely")],
        ),
        claim(
            "PUT",
            "/StartImagePipelineExecution",
            json!({ "imagePipelineArn": "~image-pipeline/web", "tags": { "why": "cve" } }),
            &[
                ("imagebuilder:StartImagePipelineExecution", "~image-pipeline/web"),
                ("imagebuilder:GetImagePipeline", "~image-pipeline/web"),
                ("imagebuilder:TagResource", "~image/web/1.0.0/*"),
            ],
        ),
        claim(
            "PUT",
            "/CancelImageCreation",
            json!({ "imageBuildVersionArn": "~image/web/1.0.0/2" }),
            &[("imagebuilder:CancelImageCreation", "~image/web/1.0.0/2")],
        ),
        claim(
            "PUT",
            "/CreateImage",
            json!({ "imageRecipeArn": "~image-recipe/web/1.0.0",
                "infrastructureConfigurationArn": "~infrastructure-configuration/web" }),
            &[
                ("imagebuilder:CreateImage", "~image/web/1.0.0/*"),
                ("imagebuilder:GetImageRecipe", "~image-recipe/web/1.0.0"),
                (
                    "imagebuilder:GetInfrastructureConfiguration",
                    "~infrastructure-configuration/web",
                ),
            ],
        ),
        claim(
            "GET",
            "/GetImage?imageBuildVersionArn=~image/web/1.0.0/1",
            json!({}),
            &[("imagebuilder:GetImage", "~image/web/1.0.0/1")],
        ),
        claim("POST", "/ListImages", json!({}), &[("imagebuilder:ListImages", "*")]),
        claim(
            "POST",
            "/ListImageBuildVersions",
            json!({ "imageVersionArn": "~image/web/1.0.0" }),
            &[("imagebuilder:ListImageBuildVersions", "~image/web/1.0.0/*")],
        ),
        claim(
            "POST",
            "/ListImagePipelineImages",
            json!({ "imagePipelineArn": "~image-pipeline/web" }),
            &[("imagebuilder:ListImagePipelineImages", "~image-pipeline/web")],
        ),
        claim(
            "POST",
            "/ListImagePackages",
            json!({ "imageBuildVersionArn": "~image/web/1.0.0/1" }),
            &[("imagebuilder:ListImagePackages", "~image/web/1.0.0/1")],
        ),
        claim(
            "POST",
            "/ListImageScanFindingAggregations",
            json!({ "filter": { "name": "imagePipelineArn", "values": ["~image-pipeline/web"] } }),
            &[("imagebuilder:ListImageScanFindingAggregations", "~image-pipeline/web")],
        ),
        claim(
            "POST",
            "/ListImageScanFindings",
            json!({ "filters": [{ "name": "imageBuildVersionArn", "values": ["~image/web/1.0.0/1"] }] }),
            &[
                ("imagebuilder:ListImageScanFindings", "~image/web/1.0.0/1"),
                ("inspector2:ListFindings", "*"),
            ],
        ),
        claim(
            "POST",
            "/ListImageScanFindings",
            json!({}),
            &[
                ("imagebuilder:ListImageScanFindings", "*"),
                ("inspector2:ListFindings", "*"),
            ],
        ),
        claim(
            "POST",
            "/ListWorkflowExecutions",
            json!({ "imageBuildVersionArn": "~image/web/1.0.0/1" }),
            &[("imagebuilder:ListWorkflowExecutions", "~image/web/1.0.0/1")],
        ),
        claim(
            "POST",
            "/ListWaitingWorkflowSteps",
            json!({}),
            &[("imagebuilder:ListWaitingWorkflowSteps", "*")],
        ),
        claim(
            "GET",
            "/tags/~image-pipeline/web",
            json!({}),
            &[("imagebuilder:ListTagsForResource", "~image-pipeline/web")],
        ),
        claim(
            "POST",
            "/tags/~image-pipeline/web",
            json!({ "tags": { "a": "b" } }),
            &[("imagebuilder:TagResource", "~image-pipeline/web")],
        ),
        claim(
            "DELETE",
            "/tags/~image-pipeline/web?tagKeys=a",
            json!({}),
            &[("imagebuilder:UntagResource", "~image-pipeline/web")],
        ),
        claim(
            "PUT",
            "/StartResourceStateUpdate",
            json!({ "resourceArn": "~image/web/1.0.0/1", "state": { "status": "DEPRECATED" },
                "executionRole": "arn:aws:iam::111122223333:role/Lifecycle", "includeResources": { "amis": true } }),
            &[
                ("imagebuilder:StartResourceStateUpdate", "~image/web/1.0.0/1"),
                ("iam:PassRole", "arn:aws:iam::111122223333:role/Lifecycle"),
            ],
        ),
        claim(
            "DELETE",
            "/DeleteImage?imageBuildVersionArn=~image/old/1.0.0/1",
            json!({}),
            &[("imagebuilder:DeleteImage", "~image/old/1.0.0/1")],
        ),
    ]
}
