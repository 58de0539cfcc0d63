"""Which services have service-linked roles, what these are called, and which of AWS's policies they hold.

A row is the role's name without its beginning, and the name of its policy below `policy/aws-service-role/` where that is known. A service
whose roles may have a suffix of the caller's (P5.3-4) is named in `_SUFFIXED`.
"""

from __future__ import annotations

from dataclasses import dataclass

_BEGINNING = "AWSServiceRoleFor"
LONGEST_NAME = 64
"""Of any role (P5.4-19)."""


@dataclass(frozen=True, slots=True)
class LinkedService:
    """A service with service-linked roles. `policy_arn` is None where the policy is not known."""

    principal: str
    role: str
    policy_arn: str | None
    takes_suffix: bool

    def role_name(self, suffix: str | None) -> str:
        """The whole name of the role, with a custom suffix if one is given."""
        return self.role if suffix is None else f"{self.role}_{suffix}"


def linked_service(principal: str) -> LinkedService | None:
    """The service `ecs.amazonaws.com`, written exactly so; None for one that has no service-linked role."""
    host = principal.removesuffix(".amazonaws.com")
    if host == principal or host not in _ROWS:
        return None
    name, policy = _ROWS[host]
    arn = f"arn:aws:iam::aws:policy/aws-service-role/{policy}" if policy else None
    return LinkedService(principal, _BEGINNING + name, arn, host in _SUFFIXED)


_SUFFIXED = frozenset({"autoscaling", "connect", "lexv2", "profile", "s3.data-source.lustre.fsx"})

_ROWS = {
    "access-analyzer": ("AccessAnalyzer", "AccessAnalyzerServiceRolePolicy"),
    "accountdiscovery.ssm": ("AmazonSSM_AccountDiscovery", "AWSSystemsManagerAccountDiscoveryServicePolicy"),
    "agentless.inspector2": ("AmazonInspector2Agentless", "AmazonInspector2AgentlessServiceRolePolicy"),
    "airflow": ("AmazonMWAA", "AmazonMWAAServiceRolePolicy"),
    "apidestinations.events": ("AmazonEventBridgeApiDestinations", "AmazonEventBridgeApiDestinationsServiceRolePolicy"),
    "application-insights": ("ApplicationInsights", "CloudwatchApplicationInsightsServiceLinkedRolePolicy"),
    "application-signals.cloudwatch": ("CloudWatchApplicationSignals", "CloudWatchApplicationSignalsServiceRolePolicy"),
    "appmesh": ("AppMesh", "AWSAppMeshServiceRolePolicy"),
    "appstream.application-autoscaling": ("ApplicationAutoScaling_AppStreamFleet", "AWSApplicationAutoscalingAppStreamFleetPolicy"),
    "auditmanager": ("AuditManager", "AWSAuditManagerServiceRolePolicy"),
    "autoscaling": ("AutoScaling", "AutoScalingServiceRolePolicy"),
    "autoscaling-plans": ("AutoScalingPlans_EC2AutoScaling", "AWSAutoScalingPlansEC2AutoScalingPolicy"),
    "backup": ("Backup", "AWSBackupServiceLinkedRolePolicyForBackup"),
    "batch": ("Batch", "BatchServiceRolePolicy"),
    "capacity-reservation-fleet.ec2": ("EC2CapacityReservationFleet", None),
    "cassandra.application-autoscaling": ("ApplicationAutoScaling_CassandraTable", "AWSApplicationAutoscalingCassandraTablePolicy"),
    "cks.kms": ("KeyManagementServiceCustomKeyStores", "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy"),
    "cloud9": ("AWSCloud9", "AWSCloud9ServiceRolePolicy"),
    "cloudhsm": ("CloudHSM", "CloudHSMServiceRolePolicy"),
    "cloudtrail": ("CloudTrail", "CloudTrailServiceRolePolicy"),
    "cloudwatch-crossaccount": ("CloudWatchCrossAccount", "CloudWatch-CrossAccountAccess"),
    "codestar-notifications": ("CodeStarNotifications", "AWSCodeStarNotificationsServiceRolePolicy"),
    "cognito-idp": ("AmazonCognitoIdp", "AmazonCognitoIdpServiceRolePolicy"),
    "comprehend.application-autoscaling": (
        "ApplicationAutoScaling_ComprehendEndpoint",
        "AWSApplicationAutoscalingComprehendEndpointPolicy",
    ),
    "compute-optimizer": ("ComputeOptimizer", "ComputeOptimizerServiceRolePolicy"),
    "config": ("Config", "AWSConfigServiceRolePolicy"),
    "config-conforms": ("ConfigConforms", "ConfigConformsServiceRolePolicy"),
    "config-multiaccountsetup": ("ConfigMultiAccountSetup", "AWSConfigMultiAccountSetupPolicy"),
    "connect": ("AmazonConnect", "AmazonConnectServiceLinkedRolePolicy"),
    "continuousexport.discovery": (
        "ApplicationDiscoveryServiceContinuousExport",
        "ApplicationDiscoveryServiceContinuousExportServiceRolePolicy",
    ),
    "controltower": ("AWSControlTower", None),
    "cost-optimization-hub.bcm": ("CostOptimizationHub", "CostOptimizationHubServiceRolePolicy"),
    "custom-resource.application-autoscaling": (
        "ApplicationAutoScaling_CustomResource",
        "AWSApplicationAutoScalingCustomResourcePolicy",
    ),
    "custom.rds": ("RDSCustom", "AmazonRDSCustomServiceRolePolicy"),
    "dax": ("DAX", "DAXServiceRolePolicy"),
    "detective": ("Detective", "AmazonDetectiveServiceLinkedRolePolicy"),
    "devops-guru": ("DevOpsGuru", "AmazonDevOpsGuruServiceRolePolicy"),
    "drs": ("ElasticDisasterRecovery", "AWSElasticDisasterRecoveryServiceRolePolicy"),
    "dynamodb.application-autoscaling": ("ApplicationAutoScaling_DynamoDBTable", "AWSApplicationAutoscalingDynamoDBTablePolicy"),
    "ec2-instance-connect": ("EC2InstanceConnect", "Ec2InstanceConnectEndpoint"),
    "ec2.application-autoscaling": (
        "ApplicationAutoScaling_EC2SpotFleetRequest",
        "AWSApplicationAutoscalingEC2SpotFleetRequestPolicy",
    ),
    "ec2fleet": ("EC2Fleet", "AWSEC2FleetServiceRolePolicy"),
    "ecs": ("ECS", "AmazonECSServiceRolePolicy"),
    "ecs.application-autoscaling": ("ApplicationAutoScaling_ECSService", "AWSApplicationAutoscalingECSServicePolicy"),
    "eks": ("AmazonEKS", "AmazonEKSServiceRolePolicy"),
    "eks-connector": ("AmazonEKSConnector", "AmazonEKSConnectorServiceRolePolicy"),
    "eks-fargate": ("AmazonEKSForFargate", "AmazonEKSForFargateServiceRolePolicy"),
    "eks-nodegroup": ("AmazonEKSNodegroup", "AWSServiceRoleForAmazonEKSNodegroup"),
    "elasticache": ("ElastiCache", "ElastiCacheServiceRolePolicy"),
    "elasticache.application-autoscaling": ("ApplicationAutoScaling_ElastiCacheRG", "AWSApplicationAutoscalingElastiCacheRGPolicy"),
    "elasticbeanstalk": ("ElasticBeanstalk", "AWSElasticBeanstalkServiceRolePolicy"),
    "elasticfilesystem": ("AmazonElasticFileSystem", "AmazonElasticFileSystemServiceRolePolicy"),
    "elasticloadbalancing": ("ElasticLoadBalancing", "AWSElasticLoadBalancingServiceRolePolicy"),
    "elasticmapreduce": ("EMRCleanup", "AmazonEMRCleanupPolicy"),
    "email.cognito-idp": ("AmazonCognitoIdpEmailService", "AmazonCognitoIdpEmailServiceRolePolicy"),
    "emr-containers": ("AmazonEMRContainers", "AmazonEMRContainersServiceRolePolicy"),
    "es": ("AmazonElasticsearchService", "AmazonElasticsearchServiceRolePolicy"),
    "event-processor.health": ("Health_EventProcessor", "AWSHealth_EventProcessorServiceRolePolicy"),
    "events": ("CloudWatchEvents", "CloudWatchEventsServiceRolePolicy"),
    "fms": ("FMS", "FMSServiceRolePolicy"),
    "fsx": ("AmazonFSx", "AmazonFSxServiceRolePolicy"),
    "globalaccelerator": ("GlobalAccelerator", "AWSGlobalAcceleratorSLRPolicy"),
    "grafana": ("AmazonGrafana", "AmazonGrafanaServiceLinkedRolePolicy"),
    "guardduty": ("AmazonGuardDuty", "AmazonGuardDutyServiceRolePolicy"),
    "imagebuilder": ("ImageBuilder", "AWSServiceRoleForImageBuilder"),
    "inspector": ("AmazonInspector", "AmazonInspectorServiceRolePolicy"),
    "inspector2": ("AmazonInspector2", "AmazonInspector2ServiceRolePolicy"),
    "ipam": ("IPAM", "AWSIPAMServiceRolePolicy"),
    "ivs": ("IVSRecordToS3", "IVSRecordToS3"),
    "kafka": ("Kafka", "KafkaServiceRolePolicy"),
    "kafka.application-autoscaling": ("ApplicationAutoScaling_KafkaCluster", "AWSApplicationAutoscalingKafkaClusterPolicy"),
    "kafkaconnect": ("KafkaConnect", "KafkaConnectServiceRolePolicy"),
    "lakeformation": ("LakeFormationDataAccess", "LakeFormationDataAccessServiceRolePolicy"),
    "lambda.application-autoscaling": (
        "ApplicationAutoScaling_LambdaConcurrency",
        "AWSApplicationAutoscalingLambdaConcurrencyPolicy",
    ),
    "lex": ("LexBots", "AmazonLexBotPolicy"),
    "lexv2": ("LexV2Bots", "AmazonLexV2BotPolicy"),
    "license-manager": ("AWSLicenseManagerRole", "AWSLicenseManagerServiceRolePolicy"),
    "logger.cloudfront": ("CloudFrontLogger", "AWSCloudFrontLogger"),
    "macie": ("AmazonMacie", "AmazonMacieServiceRolePolicy"),
    "maintenance.elasticbeanstalk": ("ElasticBeanstalkMaintenance", "AWSElasticBeanstalkMaintenance"),
    "malware-protection.guardduty": ("AmazonGuardDutyMalwareProtection", "AmazonGuardDutyMalwareProtectionServiceRolePolicy"),
    "managedupdates.elasticbeanstalk": ("ElasticBeanstalkManagedUpdates", "AWSElasticBeanstalkManagedUpdatesServiceRolePolicy"),
    "management.chatbot": ("AWSChatbot", "AWSChatbotServiceLinkedRolePolicy"),
    "member.org.stacksets.cloudformation": (
        "CloudFormationStackSetsOrgMember",
        "CloudFormationStackSetsOrgMemberServiceRolePolicy",
    ),
    "memorydb": ("MemoryDB", "MemoryDBServiceRolePolicy"),
    "mgn": ("ApplicationMigrationService", None),
    "migrationhub": ("MigrationHub", "MigrationHubServiceRolePolicy"),
    "mq": ("AmazonMQ", "AmazonMQServiceRolePolicy"),
    "mrk.kms": ("KeyManagementServiceMultiRegionKeys", "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy"),
    "neptune.application-autoscaling": ("ApplicationAutoScaling_NeptuneCluster", "AWSApplicationAutoscalingNeptuneClusterPolicy"),
    "network-firewall": ("NetworkFirewall", "AWSNetworkFirewallServiceRolePolicy"),
    "networkmanager": ("NetworkManager", "AWSNetworkManagerServiceRolePolicy"),
    "opensearchservice": ("AmazonOpenSearchService", "AmazonOpenSearchServiceRolePolicy"),
    "ops.apigateway": ("APIGateway", "APIGatewayServiceRolePolicy"),
    "opsdatasync.ssm": ("SystemsManagerOpsDataSync", "AWSSystemsManagerOpsDataSyncServiceRolePolicy"),
    "organizations": ("Organizations", "AWSOrganizationsServiceTrustPolicy"),
    "orgsdatasync.servicecatalog": ("ServiceCatalogOrgsDataSync", "AWSServiceCatalogOrgsDataSyncServiceRolePolicy"),
    "profile": ("ProfileService", None),
    "pullthroughcache.ecr": ("ECRPullThroughCache", "AWSECRPullThroughCache_ServiceRolePolicy"),
    "ram": ("ResourceAccessManager", "AWSResourceAccessManagerServiceRolePolicy"),
    "rds": ("RDS", "AmazonRDSServiceRolePolicy"),
    "rds.application-autoscaling": ("ApplicationAutoScaling_RDSCluster", "AWSApplicationAutoscalingRDSClusterPolicy"),
    "redshift": ("Redshift", "AmazonRedshiftServiceLinkedRolePolicy"),
    "replication.dynamodb": ("DynamoDBReplication", "DynamoDBReplicationServiceRolePolicy"),
    "replication.ecr": ("ECRReplication", "ECRReplicationServiceRolePolicy"),
    "replicator.lambda": ("LambdaReplicator", "AWSLambdaReplicator"),
    "resource-explorer-2": ("ResourceExplorer", "AWSResourceExplorerServiceRolePolicy"),
    "rolesanywhere": ("RolesAnywhere", "AWSRolesAnywhereServicePolicy"),
    "route53resolver": ("Route53Resolver", "Route53ResolverServiceRolePolicy"),
    "s3.data-source.lustre.fsx": ("FSxS3Access", None),
    "sagemaker.application-autoscaling": (
        "ApplicationAutoScaling_SageMakerEndpoint",
        "AWSApplicationAutoscalingSageMakerEndpointPolicy",
    ),
    "securityhub": ("SecurityHub", "AWSSecurityHubServiceRolePolicy"),
    "securitylake": ("SecurityLake", "SecurityLakeServiceLinkedRole"),
    "servicecatalog-appregistry": ("AWSServiceCatalogAppRegistry", "AWSServiceCatalogAppRegistryServiceRolePolicy"),
    "servicequotas": ("ServiceQuotas", "ServiceQuotasServiceRolePolicy"),
    "spot": ("EC2Spot", "AWSEC2SpotServiceRolePolicy"),
    "spotfleet": ("EC2SpotFleet", "AWSEC2SpotFleetServiceRolePolicy"),
    "ssm": ("AmazonSSM", "AmazonSSMServiceRolePolicy"),
    "ssm-incidents": ("IncidentManager", "AWSIncidentManagerServiceRolePolicy"),
    "sso": ("SSO", "AWSSSOServiceRolePolicy"),
    "stacksets.cloudformation": ("CloudFormationStackSetsOrgAdmin", "CloudFormationStackSetsOrgAdminServiceRolePolicy"),
    "storage-lens.s3": ("S3StorageLens", "S3StorageLensServiceRolePolicy"),
    "support": ("Support", "AWSSupportServiceRolePolicy"),
    "transitgateway": ("VPCTransitGateway", "AWSVPCTransitGatewayServiceRolePolicy"),
    "trustedadvisor": ("TrustedAdvisor", "AWSTrustedAdvisorServiceRolePolicy"),
    "vpc-lattice": ("VpcLattice", None),
    "waf": ("WAFLogging", "WAFLoggingServiceRolePolicy"),
    "waf-regional": ("WAFRegionalLogging", "WAFRegionalLoggingServiceRolePolicy"),
    "wafv2": ("WAFV2Logging", "WAFV2LoggingServiceRolePolicy"),
    "workspaces-web": ("AmazonWorkSpacesWeb", "AmazonWorkSpacesWebServiceRolePolicy"),
}  # fmt: skip
"""By the service's principal without `.amazonaws.com`."""
