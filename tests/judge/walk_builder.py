"""An image built by Image Builder: from its component to the AMIs it leaves behind."""

from __future__ import annotations

from typing import Any

from diary import HUB, IRELAND, MEMBER, VIRGINIA, Answer, Caller, Diary

KEY = "alias/golden"
AMAZON = "arn:aws:imagebuilder:eu-west-1:aws"
ROLE = "arn:aws:iam::111122223333:role/lifecycle"
DOCUMENT = """name: nginx
schemaVersion: 1.0
parameters:
  - Version:
      type: string
      default: "1.27"
      description: which nginx
phases:
  - name: build
    steps:
      - name: install
        action: ExecuteBash
        inputs:
          commands:
            - dnf install -y nginx-{{ Version }}
"""


def image_by_builder(diary: Diary) -> str:
    hub = diary.builder(HUB)
    component = components(hub)
    recipe = recipes(hub, component)
    infrastructure = infrastructures(hub)
    distribution = distributions(hub)
    parts = {"imageRecipeArn": recipe, "infrastructureConfigurationArn": infrastructure}
    pipeline = pipelines(hub, parts | {"distributionConfigurationArn": distribution})
    build = builds(diary, pipeline)
    if diary.asides:
        failures(diary, parts | {"distributionConfigurationArn": distribution})
    ami = lifecycle(diary, build)
    if diary.asides:
        endings(diary, parts, component, pipeline)
    return ami


def components(hub: Caller) -> str:
    request = {
        "name": "nginx",
        "semanticVersion": "1.0.0",
        "platform": "Linux",
        "description": "a web server",
        "changeDescription": "the first",
        "supportedOsVersions": ["Amazon Linux 2023"],
        "data": DOCUMENT,
        "tags": {"team": "web"},
        "clientToken": "component-1",
    }
    made = hub("a component", "CreateComponent", **request)["componentBuildVersionArn"]
    hub("the same token is the same component", "CreateComponent", **request)
    hub.refused("the same token means something else", "CreateComponent", **request | {"description": "other"})
    hub.refused(
        "a dry run makes none",
        "CreateComponent",
        **request | {"name": "dry", "clientToken": "component-2", "dryRun": True},
    )
    hub.refused(
        "a document has phases",
        "CreateComponent",
        **request | {"data": "name: no", "semanticVersion": "1.0.1", "clientToken": "component-3"},
    )
    hub("the component", "GetComponent", componentBuildVersionArn=made)
    hub("Amazon's newest", "GetComponent", componentBuildVersionArn=f"{AMAZON}:component/update-linux/x.x.x")
    hub("components of one's own", "ListComponents", owner="Self")
    hub("Amazon's, by a filter", "ListComponents", owner="Amazon", filters=[{"name": "platform", "values": ["Linux"]}])
    hub("its builds", "ListComponentBuildVersions", componentVersionArn=made.rpartition("/")[0])
    return made


def recipes(hub: Caller, component: str) -> str:
    request = {
        "name": "web",
        "semanticVersion": "1.4.2",
        "description": "nginx on Amazon Linux 2023",
        "parentImage": f"{AMAZON}:image/amazon-linux-2023-x86/x.x.x",
        "components": [
            {"componentArn": f"{AMAZON}:component/update-linux/x.x.x"},
            {"componentArn": component, "parameters": [{"name": "Version", "value": ["1.28"]}]},
        ],
        "blockDeviceMappings": [
            {
                "deviceName": "/dev/xvda",
                "ebs": {
                    "encrypted": True,
                    "kmsKeyId": KEY,
                    "volumeSize": 10,
                    "volumeType": "gp3",
                    "iops": 3000,
                    "throughput": 125,
                    "deleteOnTermination": True,
                },
            },
            {"deviceName": "/dev/sdb", "ebs": {"volumeSize": 4, "volumeType": "gp2"}},
        ],
        "workingDirectory": "/tmp",
        "additionalInstanceConfiguration": {"systemsManagerAgent": {"uninstallAfterBuild": False}},
        "amiTags": {"image-steward:family": "web"},
        "tags": {"team": "web"},
        "clientToken": "recipe-1",
    }
    made = hub("a recipe", "CreateImageRecipe", **request)["imageRecipeArn"]
    hub.refused("a version never changes", "CreateImageRecipe", **request | {"clientToken": "recipe-2"})
    hub.refused(
        "a version has three numbers",
        "CreateImageRecipe",
        **request | {"semanticVersion": "1.4", "clientToken": "recipe-3"},
    )
    hub.refused(
        "a recipe's components exist",
        "CreateImageRecipe",
        **request
        | {
            "name": "none",
            "components": [{"componentArn": component.replace("/nginx/", "/none/")}],
            "clientToken": "recipe-4",
        },
    )
    hub("the recipe", "GetImageRecipe", imageRecipeArn=made)
    hub("recipes of one's own", "ListImageRecipes", owner="Self")
    return made


def infrastructures(hub: Caller) -> str:
    made = hub(
        "where it is built",
        "CreateInfrastructureConfiguration",
        name="web",
        description="small machines",
        instanceTypes=["t3.medium", "t3.large"],
        instanceProfileName="ImageBuilder",
        subnetId="subnet-0abc",
        securityGroupIds=["sg-0abc"],
        logging={"s3Logs": {"s3BucketName": "logs", "s3KeyPrefix": "images"}},
        terminateInstanceOnFailure=False,
        snsTopicArn="arn:aws:sns:eu-west-1:111122223333:images",
        resourceTags={"cost": "images"},
        instanceMetadataOptions={"httpTokens": "required", "httpPutResponseHopLimit": 2},
        placement={"availabilityZone": "eu-west-1a", "tenancy": "default"},
        tags={"team": "web"},
        clientToken="infrastructure-1",
    )["infrastructureConfigurationArn"]
    hub("as it is kept", "GetInfrastructureConfiguration", infrastructureConfigurationArn=made)
    hub("all of them", "ListInfrastructureConfigurations")
    return made


def distributions(hub: Caller) -> str:
    name = "web-{{ imagebuilder:buildDate }}"
    made = hub(
        "where it goes",
        "CreateDistributionConfiguration",
        name="web",
        description="two Regions and a member",
        distributions=[
            {
                "region": IRELAND,
                "amiDistributionConfiguration": {
                    "name": name,
                    "description": "at home",
                    "amiTags": {"team": "web"},
                    "launchPermission": {"userIds": ["444455556666"]},
                },
            },
            {
                "region": VIRGINIA,
                "amiDistributionConfiguration": {"name": name, "kmsKeyId": KEY},
            },
        ],
        tags={"team": "web"},
        clientToken="distribution-1",
    )["distributionConfigurationArn"]
    hub("as that is kept", "GetDistributionConfiguration", distributionConfigurationArn=made)
    hub("all of those", "ListDistributionConfigurations")
    return made


def pipelines(hub: Caller, parts: Answer) -> str:
    made = hub(
        "a pipeline",
        "CreateImagePipeline",
        name="web",
        description="every Monday",
        schedule={
            "scheduleExpression": "cron(0 4 ? * MON *)",
            "timezone": "Europe/Berlin",
            "pipelineExecutionStartCondition": "EXPRESSION_MATCH_ONLY",
            "autoDisablePolicy": {"failureCount": 3},
        },
        imageTestsConfiguration={"imageTestsEnabled": True, "timeoutMinutes": 60},
        imageScanningConfiguration={
            "imageScanningEnabled": True,
            "ecrConfiguration": {"repositoryName": "scans", "containerTags": ["web"]},
        },
        enhancedImageMetadataEnabled=True,
        loggingConfiguration={"imageLogGroupName": "/aws/imagebuilder/web"},
        imageTags={"built-by": "web"},
        status="ENABLED",
        tags={"team": "web"},
        clientToken="pipeline-1",
        **parts,
    )["imagePipelineArn"]
    hub.refused("one of this name is enough", "CreateImagePipeline", name="web", clientToken="pipeline-2", **parts)
    hub("the pipeline", "GetImagePipeline", imagePipelineArn=made)
    hub("pipelines by a filter", "ListImagePipelines", filters=[{"name": "status", "values": ["ENABLED"]}])
    return made


def builds(diary: Diary, pipeline: str) -> str:
    hub = diary.builder(HUB)
    start = {"imagePipelineArn": pipeline, "clientToken": "build-1", "tags": {"reason": "manual"}}
    build = hub("a build", "StartImagePipelineExecution", **start)["imageBuildVersionArn"]
    hub("the same token is the same build", "StartImagePipelineExecution", **start)
    hub("the build waits", "GetImage", imageBuildVersionArn=build)
    # Past each of its states: created, built, tested, distributed.
    for place, seconds in enumerate([20, 20, 700, 300, 60]):
        diary.wait(seconds)
        hub(f"the build walks, {place}", "GetImage", imageBuildVersionArn=build)
    hub.refused("it stays while it is built", "DeleteImage", imageBuildVersionArn=build)
    second = hub("a second build", "StartImagePipelineExecution", imagePipelineArn=pipeline, clientToken="build-2")[
        "imageBuildVersionArn"
    ]
    diary.wait(60)
    hub("is called off", "CancelImageCreation", imageBuildVersionArn=second, clientToken="cancel-1")
    diary.wait(3600)
    hub("and is cancelled", "GetImage", imageBuildVersionArn=second)
    hub("the first is available", "GetImage", imageBuildVersionArn=build)
    hub("as the newest", "GetImage", imageBuildVersionArn=build.replace("/1.4.2/1", "/x.x.x"))

    hub("versions", "ListImages", owner="Self")
    hub("Amazon's versions", "ListImages", owner="Amazon", byName=True)
    version = build.rpartition("/")[0]
    first = hub("builds of a version, one by one", "ListImageBuildVersions", imageVersionArn=version, maxResults=1)
    hub("the next", "ListImageBuildVersions", imageVersionArn=version, maxResults=1, nextToken=first["nextToken"])
    hub(
        "builds of the pipeline",
        "ListImagePipelineImages",
        imagePipelineArn=pipeline,
        filters=[{"name": "version", "values": ["1.4.2"]}],
    )
    hub("the build is tagged", "TagResource", resourceArn=build, tags={"seen": "yes", "gone": "soon"})
    hub("a tag goes", "UntagResource", resourceArn=build, tagKeys=["gone"])
    hub("its tags", "ListTagsForResource", resourceArn=build)
    return build


def failures(diary: Diary, parts: Answer) -> None:
    """What the world was told before: builds of this pipeline fail, each in its own way."""
    hub = diary.builder(HUB)
    pipeline = hub("an unlucky pipeline", "CreateImagePipeline", name="unlucky", clientToken="pipeline-3", **parts)[
        "imagePipelineArn"
    ]
    for way in ("by a component", "in a Region", "for want of machines"):
        build = hub(
            f"it fails {way}", "StartImagePipelineExecution", imagePipelineArn=pipeline, clientToken=f"fails {way}"
        )["imageBuildVersionArn"]
        diary.wait(2 * 3600)
        hub(f"it has failed {way}", "GetImage", imageBuildVersionArn=build)
    hub("all of its builds", "ListImagePipelineImages", imagePipelineArn=pipeline)
    hub("the pipeline knows", "GetImagePipeline", imagePipelineArn=pipeline)
    hub("the last failed build goes", "DeleteImage", imageBuildVersionArn=build)
    hub.refused("and is gone", "GetImage", imageBuildVersionArn=build)


def lifecycle(diary: Diary, build: str) -> str:
    hub = diary.builder(HUB)
    update = {"resourceArn": build, "executionRole": ROLE, "includeResources": {"amis": True}}
    begun = hub(
        "the image is deprecated, with its AMIs",
        "StartResourceStateUpdate",
        state={"status": "DEPRECATED"},
        clientToken="state-1",
        **update,
    )
    execution = begun["lifecycleExecutionId"]
    hub("that takes a while", "GetLifecycleExecution", lifecycleExecutionId=execution)
    hub.refused(
        "one at a time", "StartResourceStateUpdate", state={"status": "DISABLED"}, clientToken="state-2", **update
    )
    diary.wait(60)
    hub("it is done", "GetLifecycleExecution", lifecycleExecutionId=execution)
    hub("it is deprecated", "GetImage", imageBuildVersionArn=build)
    hub("and comes back", "StartResourceStateUpdate", state={"status": "AVAILABLE"}, clientToken="state-3", **update)
    diary.wait(60)
    hub.refused(
        "deletion says of what",
        "StartResourceStateUpdate",
        resourceArn=build,
        state={"status": "DELETED"},
        clientToken="state-4",
    )
    image = hub("it is what it was", "GetImage", imageBuildVersionArn=build)["image"]
    ami = next(ami["image"] for ami in image["outputResources"]["amis"] if ami["region"] == IRELAND)
    diary.ec2(HUB)("its AMI", "DescribeImages", ImageIds=[ami])
    return ami


def endings(diary: Diary, parts: Answer, component: str, pipeline: str) -> None:
    hub = diary.builder(HUB)
    hub(
        "the pipeline changes",
        "UpdateImagePipeline",
        imagePipelineArn=pipeline,
        status="DISABLED",
        clientToken="pipeline-4",
        **parts,
    )
    hub("as it is now", "GetImagePipeline", imagePipelineArn=pipeline)
    hub(
        "an image without a pipeline",
        "CreateImage",
        clientToken="image-1",
        imageTestsConfiguration={"imageTestsEnabled": False},
        **parts,
    )
    hub.refused("a component in use stays", "DeleteComponent", componentBuildVersionArn=component)
    hub.refused("a recipe in use stays", "DeleteImageRecipe", imageRecipeArn=parts["imageRecipeArn"])
    hub("the pipeline goes", "DeleteImagePipeline", imagePipelineArn=pipeline)
    hub.refused("an operation of the builder nobody modelled", "ListWorkflows")
    hub.refused("no ARN", "GetImage", imageBuildVersionArn="web")
    hub.refused(
        "another account's image",
        "GetImage",
        imageBuildVersionArn=f"arn:aws:imagebuilder:{IRELAND}:{MEMBER.account}:image/web/1.0.0/1",
    )
    diary.wait(3600)
