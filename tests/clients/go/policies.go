package main

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

const readOnly = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"

// one of each that a policy can be given to, all of this name.
func oneOfEach(name *string) {
	must(admin.iam.CreateUser(background, &iam.CreateUserInput{UserName: name}))
	must(admin.iam.CreateGroup(background, &iam.CreateGroupInput{GroupName: name}))
	newRole(*name)
}

func newPolicy(name, document string) *string {
	return must(admin.iam.CreatePolicy(background, &iam.CreatePolicyInput{PolicyName: &name, PolicyDocument: &document})).Policy.Arn
}

func managedPolicies() {
	holder, document := aws.String("holder"), allow("*", "iam:Get*")
	oneOfEach(holder)
	made := must(admin.iam.CreatePolicy(background, &iam.CreatePolicyInput{
		PolicyName: aws.String("Getters"), Path: aws.String("/p/"), PolicyDocument: &document, Description: aws.String("get all"),
		Tags: []types.Tag{tag("a", "b")},
	})).Policy
	like("ANPA[A-Z0-9]{17}", made.PolicyId)
	must(admin.iam.AttachUserPolicy(background, &iam.AttachUserPolicyInput{UserName: holder, PolicyArn: made.Arn}))
	must(admin.iam.AttachGroupPolicy(background, &iam.AttachGroupPolicyInput{GroupName: holder, PolicyArn: made.Arn}))
	must(admin.iam.AttachRolePolicy(background, &iam.AttachRolePolicyInput{RoleName: holder, PolicyArn: made.Arn}))
	expected := []types.AttachedPolicy{{PolicyArn: made.Arn, PolicyName: made.PolicyName}}
	equal(must(admin.iam.ListAttachedUserPolicies(background, &iam.ListAttachedUserPoliciesInput{UserName: holder})).AttachedPolicies, expected)
	equal(must(admin.iam.ListAttachedGroupPolicies(background, &iam.ListAttachedGroupPoliciesInput{GroupName: holder})).AttachedPolicies, expected)
	equal(must(admin.iam.ListAttachedRolePolicies(background, &iam.ListAttachedRolePoliciesInput{RoleName: holder})).AttachedPolicies, expected)
	got := must(admin.iam.GetPolicy(background, &iam.GetPolicyInput{PolicyArn: made.Arn})).Policy
	equal(*got.AttachmentCount, int32(3))
	equal(*got.Description+" "+*got.DefaultVersionId, "get all v1")
	all := must(admin.iam.ListEntitiesForPolicy(background, &iam.ListEntitiesForPolicyInput{PolicyArn: made.Arn}))
	equal([]int{len(all.PolicyUsers), len(all.PolicyGroups), len(all.PolicyRoles)}, []int{1, 1, 1})
	remove := &iam.DeletePolicyInput{PolicyArn: made.Arn}
	refused[*types.DeleteConflictException](409, second(admin.iam.DeletePolicy(background, remove)))
	local := must(admin.iam.ListPolicies(background, &iam.ListPoliciesInput{Scope: types.PolicyScopeTypeLocal, PathPrefix: aws.String("/p/")}))
	equal(*local.Policies[0].Arn, *made.Arn)
	must(admin.iam.TagPolicy(background, &iam.TagPolicyInput{PolicyArn: made.Arn, Tags: []types.Tag{tag("c", "d")}}))
	must(admin.iam.UntagPolicy(background, &iam.UntagPolicyInput{PolicyArn: made.Arn, TagKeys: []string{"a"}}))
	equal(tags(must(admin.iam.ListPolicyTags(background, &iam.ListPolicyTagsInput{PolicyArn: made.Arn})).Tags), map[string]string{"c": "d"})
	must(admin.iam.DetachUserPolicy(background, &iam.DetachUserPolicyInput{UserName: holder, PolicyArn: made.Arn}))
	must(admin.iam.DetachGroupPolicy(background, &iam.DetachGroupPolicyInput{GroupName: holder, PolicyArn: made.Arn}))
	must(admin.iam.DetachRolePolicy(background, &iam.DetachRolePolicyInput{RoleName: holder, PolicyArn: made.Arn}))
	must(admin.iam.DeletePolicy(background, remove))
	refused[*types.NoSuchEntityException](404, second(admin.iam.GetPolicy(background, &iam.GetPolicyInput{PolicyArn: made.Arn})))
}

func policyVersions() {
	documents := []string{allow("*", "iam:Get*"), allow("*", "iam:List*")}
	ids := []string{"v1", "v2"}
	arn := newPolicy("Versioned", documents[0])
	asked := &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: &documents[1], SetAsDefault: true}
	made := must(admin.iam.CreatePolicyVersion(background, asked)).PolicyVersion
	check(*made.VersionId == "v2" && made.IsDefaultVersion, "the second version is the default")
	for index := range ids {
		got := must(admin.iam.GetPolicyVersion(background, &iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: &ids[index]})).PolicyVersion
		equal(decoded(got.Document), documents[index])
	}
	remove := &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: &ids[1]}
	refused[*types.DeleteConflictException](409, second(admin.iam.DeletePolicyVersion(background, remove)))
	must(admin.iam.SetDefaultPolicyVersion(background, &iam.SetDefaultPolicyVersionInput{PolicyArn: arn, VersionId: &ids[0]}))
	must(admin.iam.DeletePolicyVersion(background, remove))
	left := must(admin.iam.ListPolicyVersions(background, &iam.ListPolicyVersionsInput{PolicyArn: arn})).Versions
	check(len(left) == 1 && *left[0].VersionId == "v1", "the first version is left")
	must(admin.iam.DeletePolicy(background, &iam.DeletePolicyInput{PolicyArn: arn}))
}

func inlinePolicies() {
	holder, name, text := aws.String("inliner"), aws.String("inline"), aws.String(allow("arn:aws:iam::*:user/ä+b c/*", "iam:ListUsers"))
	oneOfEach(holder)
	must(admin.iam.PutUserPolicy(background, &iam.PutUserPolicyInput{UserName: holder, PolicyName: name, PolicyDocument: text}))
	must(admin.iam.PutGroupPolicy(background, &iam.PutGroupPolicyInput{GroupName: holder, PolicyName: name, PolicyDocument: text}))
	must(admin.iam.PutRolePolicy(background, &iam.PutRolePolicyInput{RoleName: holder, PolicyName: name, PolicyDocument: text}))
	equal(must(admin.iam.ListUserPolicies(background, &iam.ListUserPoliciesInput{UserName: holder})).PolicyNames, []string{*name})
	equal(must(admin.iam.ListGroupPolicies(background, &iam.ListGroupPoliciesInput{GroupName: holder})).PolicyNames, []string{*name})
	equal(must(admin.iam.ListRolePolicies(background, &iam.ListRolePoliciesInput{RoleName: holder})).PolicyNames, []string{*name})
	ofUser := &iam.GetUserPolicyInput{UserName: holder, PolicyName: name}
	equal(decoded(must(admin.iam.GetUserPolicy(background, ofUser)).PolicyDocument), *text)
	ofGroup := &iam.GetGroupPolicyInput{GroupName: holder, PolicyName: name}
	equal(decoded(must(admin.iam.GetGroupPolicy(background, ofGroup)).PolicyDocument), *text)
	ofRole := &iam.GetRolePolicyInput{RoleName: holder, PolicyName: name}
	equal(decoded(must(admin.iam.GetRolePolicy(background, ofRole)).PolicyDocument), *text)
	refused[*types.DeleteConflictException](409, second(admin.iam.DeleteRole(background, &iam.DeleteRoleInput{RoleName: holder})))
	must(admin.iam.DeleteUserPolicy(background, &iam.DeleteUserPolicyInput{UserName: holder, PolicyName: name}))
	must(admin.iam.DeleteGroupPolicy(background, &iam.DeleteGroupPolicyInput{GroupName: holder, PolicyName: name}))
	must(admin.iam.DeleteRolePolicy(background, &iam.DeleteRolePolicyInput{RoleName: holder, PolicyName: name}))
	refused[*types.NoSuchEntityException](404, second(admin.iam.GetRolePolicy(background, ofRole)))
	must(admin.iam.DeleteRole(background, &iam.DeleteRoleInput{RoleName: holder}))
}

func permissionsBoundaries() {
	bo, name := person("bo", allow("*", "iam:*")), aws.String("bo")
	beyond := &iam.CreateGroupInput{GroupName: aws.String("beyond")}
	bound := &iam.PutUserPermissionsBoundaryInput{UserName: name, PermissionsBoundary: aws.String(readOnly)}
	must(admin.iam.PutUserPermissionsBoundary(background, bound))
	boundary := must(admin.iam.GetUser(background, &iam.GetUserInput{UserName: name})).User.PermissionsBoundary
	equal(*boundary.PermissionsBoundaryArn, readOnly)
	equal(boundary.PermissionsBoundaryType, "Policy") // what AWS answers, whatever the model says
	must(bo.iam.ListUsers(background, &iam.ListUsersInput{}))
	said := refusedAs("AccessDenied", 403, second(bo.iam.CreateGroup(background, beyond)))
	check(strings.HasSuffix(said, "because no permissions boundary allows the iam:CreateGroup action"), said)
	must(admin.iam.DeleteUserPermissionsBoundary(background, &iam.DeleteUserPermissionsBoundaryInput{UserName: name}))
	must(bo.iam.CreateGroup(background, beyond))
}

func simulation() {
	sim := person("sim", allow("*", "iam:ListUsers"))
	asked := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: &sim.arn, ActionNames: []string{"iam:ListUsers", "iam:CreateUser"}}
	results := must(admin.iam.SimulatePrincipalPolicy(background, asked)).EvaluationResults
	equal(results[0].EvalDecision, types.PolicyEvaluationDecisionTypeAllowed)
	equal(results[1].EvalDecision, types.PolicyEvaluationDecisionTypeImplicitDeny)
	draft := &iam.SimulateCustomPolicyInput{PolicyInputList: []string{allow("*", "iam:CreateUser")}, ActionNames: []string{"iam:CreateUser"}}
	equal(must(admin.iam.SimulateCustomPolicy(background, draft)).EvaluationResults[0].EvalDecision, types.PolicyEvaluationDecisionTypeAllowed)
}

func lastAccessed() {
	las := person("las", allow("*", "iam:*"))
	must(las.iam.ListUsers(background, &iam.ListUsersInput{}))
	job := must(admin.iam.GenerateServiceLastAccessedDetails(background, &iam.GenerateServiceLastAccessedDetailsInput{Arn: &las.arn})).JobId
	ask := &iam.GetServiceLastAccessedDetailsInput{JobId: job}
	told := must(admin.iam.GetServiceLastAccessedDetails(background, ask))
	for ; told.JobStatus == types.JobStatusTypeInProgress; told = must(admin.iam.GetServiceLastAccessedDetails(background, ask)) {
		time.Sleep(100 * time.Millisecond)
	}
	used := []string{}
	for _, service := range told.ServicesLastAccessed {
		if service.LastAuthenticated != nil {
			used = append(used, *service.ServiceNamespace)
		}
	}
	equal(used, []string{"iam"})
}
