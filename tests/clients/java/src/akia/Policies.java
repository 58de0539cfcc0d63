package akia;

import static akia.Check.equal;
import static akia.Check.like;
import static akia.Check.refused;
import static akia.Check.that;
import static akia.Clients.IAM;
import static akia.Clients.allow;
import static akia.Clients.decoded;

import java.util.List;
import software.amazon.awssdk.services.iam.model.AttachedPermissionsBoundary;
import software.amazon.awssdk.services.iam.model.AttachedPolicy;
import software.amazon.awssdk.services.iam.model.DeleteConflictException;
import software.amazon.awssdk.services.iam.model.EvaluationResult;
import software.amazon.awssdk.services.iam.model.GetServiceLastAccessedDetailsResponse;
import software.amazon.awssdk.services.iam.model.IamException;
import software.amazon.awssdk.services.iam.model.JobStatusType;
import software.amazon.awssdk.services.iam.model.ListEntitiesForPolicyResponse;
import software.amazon.awssdk.services.iam.model.NoSuchEntityException;
import software.amazon.awssdk.services.iam.model.Policy;
import software.amazon.awssdk.services.iam.model.PolicyEvaluationDecisionType;
import software.amazon.awssdk.services.iam.model.PolicyScopeType;
import software.amazon.awssdk.services.iam.model.PolicyVersion;
import software.amazon.awssdk.services.iam.model.ServiceLastAccessed;

/** Policies of both kinds, boundaries, and what is told of a policy's effect. */
final class Policies {
    static final String READ_ONLY = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";

    private static void oneOfEach(String name) {
        IAM.createUser(user -> user.userName(name));
        IAM.createGroup(group -> group.groupName(name));
        Clients.newRole(name);
    }

    static String newPolicy(String name, String document) {
        return IAM.createPolicy(policy -> policy.policyName(name).policyDocument(document)).policy().arn();
    }

    static void managed() throws Exception {
        oneOfEach("holder");
        Policy made = IAM.createPolicy(policy -> policy.policyName("Getters").path("/p/").policyDocument(allow("*", "iam:Get*"))
                .description("get all").tags(Identities.tag("a", "b"))).policy();
        String arn = made.arn();
        like("ANPA[A-Z0-9]{17}", made.policyId());
        IAM.attachUserPolicy(attach -> attach.userName("holder").policyArn(arn));
        IAM.attachGroupPolicy(attach -> attach.groupName("holder").policyArn(arn));
        IAM.attachRolePolicy(attach -> attach.roleName("holder").policyArn(arn));
        List<AttachedPolicy> attached = List.of(AttachedPolicy.builder().policyArn(arn).policyName("Getters").build());
        equal(IAM.listAttachedUserPolicies(list -> list.userName("holder")).attachedPolicies(), attached);
        equal(IAM.listAttachedGroupPolicies(list -> list.groupName("holder")).attachedPolicies(), attached);
        equal(IAM.listAttachedRolePolicies(list -> list.roleName("holder")).attachedPolicies(), attached);
        Policy got = IAM.getPolicy(policy -> policy.policyArn(arn)).policy();
        equal(List.of(got.attachmentCount(), got.isAttachable(), got.description(), got.defaultVersionId()), List.of(3, true, "get all", "v1"));
        ListEntitiesForPolicyResponse all = IAM.listEntitiesForPolicy(list -> list.policyArn(arn));
        equal(List.of(all.policyUsers().size(), all.policyGroups().size(), all.policyRoles().size()), List.of(1, 1, 1));
        refused(DeleteConflictException.class, 409, () -> IAM.deletePolicy(policy -> policy.policyArn(arn)));
        List<Policy> local = IAM.listPolicies(list -> list.scope(PolicyScopeType.LOCAL).pathPrefix("/p/")).policies();
        equal(local.stream().map(Policy::arn).toList(), List.of(arn));
        IAM.tagPolicy(policy -> policy.policyArn(arn).tags(Identities.tag("c", "d")));
        IAM.untagPolicy(policy -> policy.policyArn(arn).tagKeys("a"));
        equal(IAM.listPolicyTags(policy -> policy.policyArn(arn)).tags(), List.of(Identities.tag("c", "d")));
        IAM.detachUserPolicy(detach -> detach.userName("holder").policyArn(arn));
        IAM.detachGroupPolicy(detach -> detach.groupName("holder").policyArn(arn));
        IAM.detachRolePolicy(detach -> detach.roleName("holder").policyArn(arn));
        IAM.deletePolicy(policy -> policy.policyArn(arn));
        refused(NoSuchEntityException.class, 404, () -> IAM.getPolicy(policy -> policy.policyArn(arn)));
    }

    static void versions() throws Exception {
        List<String> documents = List.of(allow("*", "iam:Get*"), allow("*", "iam:List*"));
        String arn = newPolicy("Versioned", documents.get(0));
        PolicyVersion made = IAM.createPolicyVersion(
                version -> version.policyArn(arn).policyDocument(documents.get(1)).setAsDefault(true)).policyVersion();
        equal(List.of(made.versionId(), made.isDefaultVersion()), List.of("v2", true));
        for (int number = 1; number <= 2; number++) {
            String id = "v" + number;
            String document = IAM.getPolicyVersion(version -> version.policyArn(arn).versionId(id)).policyVersion().document();
            equal(decoded(document), documents.get(number - 1));
        }
        Check.Call remove = () -> IAM.deletePolicyVersion(version -> version.policyArn(arn).versionId("v2"));
        refused(DeleteConflictException.class, 409, remove);
        IAM.setDefaultPolicyVersion(version -> version.policyArn(arn).versionId("v1"));
        remove.run();
        List<PolicyVersion> left = IAM.listPolicyVersions(policy -> policy.policyArn(arn)).versions();
        equal(left.stream().map(PolicyVersion::versionId).toList(), List.of("v1"));
        IAM.deletePolicy(policy -> policy.policyArn(arn));
    }

    static void inline() throws Exception {
        String text = allow("arn:aws:iam::*:user/ä+b c/*", "iam:ListUsers");
        oneOfEach("inliner");
        IAM.putUserPolicy(put -> put.userName("inliner").policyName("in").policyDocument(text));
        IAM.putGroupPolicy(put -> put.groupName("inliner").policyName("in").policyDocument(text));
        IAM.putRolePolicy(put -> put.roleName("inliner").policyName("in").policyDocument(text));
        equal(IAM.listUserPolicies(list -> list.userName("inliner")).policyNames(), List.of("in"));
        equal(IAM.listGroupPolicies(list -> list.groupName("inliner")).policyNames(), List.of("in"));
        equal(IAM.listRolePolicies(list -> list.roleName("inliner")).policyNames(), List.of("in"));
        equal(decoded(IAM.getUserPolicy(get -> get.userName("inliner").policyName("in")).policyDocument()), text);
        equal(decoded(IAM.getGroupPolicy(get -> get.groupName("inliner").policyName("in")).policyDocument()), text);
        equal(decoded(IAM.getRolePolicy(get -> get.roleName("inliner").policyName("in")).policyDocument()), text);
        refused(DeleteConflictException.class, 409, () -> IAM.deleteRole(role -> role.roleName("inliner")));
        IAM.deleteUserPolicy(gone -> gone.userName("inliner").policyName("in"));
        IAM.deleteGroupPolicy(gone -> gone.groupName("inliner").policyName("in"));
        IAM.deleteRolePolicy(gone -> gone.roleName("inliner").policyName("in"));
        refused(NoSuchEntityException.class, 404, () -> IAM.getRolePolicy(get -> get.roleName("inliner").policyName("in")));
        IAM.deleteRole(role -> role.roleName("inliner"));
    }

    static void boundaries() throws Exception {
        Clients bo = Clients.person("bo", allow("*", "iam:*"));
        IAM.putUserPermissionsBoundary(put -> put.userName("bo").permissionsBoundary(READ_ONLY));
        AttachedPermissionsBoundary bounded = IAM.getUser(user -> user.userName("bo")).user().permissionsBoundary();
        equal(bounded.permissionsBoundaryArn(), READ_ONLY);
        equal(bounded.permissionsBoundaryTypeAsString(), "Policy"); // what AWS answers, whatever the model says
        bo.iam().listUsers();
        Check.Call beyond = () -> bo.iam().createGroup(group -> group.groupName("beyond"));
        String said = refused(IamException.class, "AccessDenied", 403, beyond);
        that(said.endsWith("because no permissions boundary allows the iam:CreateGroup action"), said);
        IAM.deleteUserPermissionsBoundary(user -> user.userName("bo"));
        beyond.run();
    }

    static void simulation() {
        Clients sim = Clients.person("sim", allow("*", "iam:ListUsers"));
        List<EvaluationResult> results = IAM.simulatePrincipalPolicyPaginator(
                ask -> ask.policySourceArn(sim.arn()).actionNames("iam:ListUsers", "iam:CreateUser")).evaluationResults().stream().toList();
        equal(
                results.stream().map(EvaluationResult::evalDecision).toList(),
                List.of(PolicyEvaluationDecisionType.ALLOWED, PolicyEvaluationDecisionType.IMPLICIT_DENY));
        List<EvaluationResult> drafted = IAM.simulateCustomPolicy(
                ask -> ask.policyInputList(allow("*", "iam:CreateUser")).actionNames("iam:CreateUser")).evaluationResults();
        equal(drafted.get(0).evalDecision(), PolicyEvaluationDecisionType.ALLOWED);
    }

    static void lastAccessed() throws Exception {
        Clients las = Clients.person("las", allow("*", "iam:*"));
        las.iam().listUsers();
        String job = IAM.generateServiceLastAccessedDetails(ask -> ask.arn(las.arn())).jobId();
        GetServiceLastAccessedDetailsResponse told = IAM.getServiceLastAccessedDetails(ask -> ask.jobId(job));
        while (told.jobStatus() == JobStatusType.IN_PROGRESS) {
            Thread.sleep(100);
            told = IAM.getServiceLastAccessedDetails(ask -> ask.jobId(job));
        }
        List<String> used = told.servicesLastAccessed().stream().filter(service -> service.lastAuthenticated() != null)
                .map(ServiceLastAccessed::serviceNamespace).toList();
        equal(used, List.of("iam"));
    }

    private Policies() {}
}
