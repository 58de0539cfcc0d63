"""The services that resource control policies apply to, by the prefix of their actions (P1.6-3). RCPs are silent about all others."""

from __future__ import annotations

RCP_SERVICES = frozenset(
    {
        "aoss", "appconfig", "appstream", "autoscaling", "cloudfront", "cloudsearch", "codebuild", "codecommit", "codepipeline",
        "cognito-identity", "cognito-idp", "comprehend", "comprehendmedical", "cost-optimization-hub", "dax", "dynamodb", "ecr", "events",
        "firehose", "fis", "health", "inspector-scan", "kendra", "kinesisvideo", "kms", "logs", "memorydb", "networkmonitor", "opensearch",
        "pca-connector-ad", "polly", "pricing", "s3", "secretsmanager", "signin", "sqs", "sts", "support", "textract",
        "timestream-influxdb", "transcribe", "transfer", "translate", "wafv2",
    }
)  # fmt: skip
