package main

import (
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func tag(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }

// tags are compared by what they say.
func tags(list []types.Tag) map[string]string {
	found := map[string]string{}
	for _, one := range list {
		found[*one.Key] = *one.Value
	}
	return found
}

func like(pattern string, text *string) {
	check(regexp.MustCompile("^"+pattern+"$").MatchString(*text), *text+" is not like "+pattern)
}

func users() {
	name, renamed := aws.String("Uma"), aws.String("Una")
	asked := &iam.CreateUserInput{UserName: name, Path: aws.String("/team/"), Tags: []types.Tag{tag("team", "blue")}}
	made := must(admin.iam.CreateUser(background, asked)).User
	like("AIDA[A-Z0-9]{17}", made.UserId)
	like("arn:aws:iam::[0-9]{12}:user/team/Uma", made.Arn)
	got := must(admin.iam.GetUser(background, &iam.GetUserInput{UserName: name})).User
	equal(*got.UserId, *made.UserId)
	equal(*got.CreateDate, *made.CreateDate)
	equal(tags(got.Tags), map[string]string{"team": "blue"})
	refused[*types.EntityAlreadyExistsException](409, second(admin.iam.CreateUser(background, &iam.CreateUserInput{UserName: aws.String("uma")})))

	must(admin.iam.UpdateUser(background, &iam.UpdateUserInput{UserName: name, NewUserName: renamed, NewPath: aws.String("/crew/")}))
	moved := must(admin.iam.ListUsers(background, &iam.ListUsersInput{PathPrefix: aws.String("/crew/")}))
	equal(moved.IsTruncated, false)
	equal(*moved.Users[0].UserName, "Una")
	must(admin.iam.TagUser(background, &iam.TagUserInput{UserName: renamed, Tags: []types.Tag{tag("team", "red"), tag("cost", "7")}}))
	must(admin.iam.UntagUser(background, &iam.UntagUserInput{UserName: renamed, TagKeys: []string{"cost"}}))
	equal(tags(must(admin.iam.ListUserTags(background, &iam.ListUserTagsInput{UserName: renamed})).Tags), map[string]string{"team": "red"})
	must(admin.iam.DeleteUser(background, &iam.DeleteUserInput{UserName: renamed}))
	refused[*types.NoSuchEntityException](404, second(admin.iam.GetUser(background, &iam.GetUserInput{UserName: renamed})))
}

func groups() {
	name, renamed, user := aws.String("Guild"), aws.String("Gang"), aws.String("gil")
	must(admin.iam.CreateUser(background, &iam.CreateUserInput{UserName: user}))
	group := must(admin.iam.CreateGroup(background, &iam.CreateGroupInput{GroupName: name, Path: aws.String("/g/")})).Group
	like("AGPA[A-Z0-9]{17}", group.GroupId)
	must(admin.iam.AddUserToGroup(background, &iam.AddUserToGroupInput{GroupName: name, UserName: user}))
	got := must(admin.iam.GetGroup(background, &iam.GetGroupInput{GroupName: name}))
	equal(*got.Group.Arn, *group.Arn)
	equal(*got.Users[0].UserName, "gil")
	joined := must(admin.iam.ListGroupsForUser(background, &iam.ListGroupsForUserInput{UserName: user}))
	equal(*joined.Groups[0].GroupId, *group.GroupId)
	must(admin.iam.UpdateGroup(background, &iam.UpdateGroupInput{GroupName: name, NewGroupName: renamed}))
	listed := must(admin.iam.ListGroups(background, &iam.ListGroupsInput{PathPrefix: aws.String("/g/")}))
	equal(*listed.Groups[0].GroupName, "Gang")
	must(admin.iam.RemoveUserFromGroup(background, &iam.RemoveUserFromGroupInput{GroupName: renamed, UserName: user}))
	equal(len(must(admin.iam.GetGroup(background, &iam.GetGroupInput{GroupName: renamed})).Users), 0)
	must(admin.iam.DeleteGroup(background, &iam.DeleteGroupInput{GroupName: renamed}))
	refused[*types.NoSuchEntityException](404, second(admin.iam.GetGroup(background, &iam.GetGroupInput{GroupName: renamed})))
}

func roles() {
	name := aws.String("Rower")
	wide, narrow := trust("arn:aws:iam::"+accountID()+":root"), trust(*must(admin.iam.GetUser(background, &iam.GetUserInput{})).User.Arn)
	made := must(admin.iam.CreateRole(background, &iam.CreateRoleInput{
		RoleName: name, AssumeRolePolicyDocument: &wide, Description: aws.String("rows"), MaxSessionDuration: aws.Int32(7200),
		Tags: []types.Tag{tag("boat", "8")},
	})).Role
	like("AROA[A-Z0-9]{17}", made.RoleId)
	get := func() *types.Role { return must(admin.iam.GetRole(background, &iam.GetRoleInput{RoleName: name})).Role }
	got := get()
	equal(decoded(got.AssumeRolePolicyDocument), wide)
	equal(*got.Description, "rows")
	equal(*got.MaxSessionDuration, int32(7200))
	equal(tags(got.Tags), map[string]string{"boat": "8"})
	must(admin.iam.UpdateRole(background, &iam.UpdateRoleInput{RoleName: name, MaxSessionDuration: aws.Int32(3600)}))
	described := must(admin.iam.UpdateRoleDescription(background, &iam.UpdateRoleDescriptionInput{RoleName: name, Description: aws.String("rests")}))
	equal(*described.Role.Description, "rests")
	equal(*get().MaxSessionDuration, int32(3600))
	must(admin.iam.UpdateAssumeRolePolicy(background, &iam.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: &narrow}))
	equal(decoded(get().AssumeRolePolicyDocument), narrow)
	must(admin.iam.TagRole(background, &iam.TagRoleInput{RoleName: name, Tags: []types.Tag{tag("oar", "")}}))
	must(admin.iam.UntagRole(background, &iam.UntagRoleInput{RoleName: name, TagKeys: []string{"boat"}}))
	equal(tags(must(admin.iam.ListRoleTags(background, &iam.ListRoleTagsInput{RoleName: name})).Tags), map[string]string{"oar": ""})
	must(admin.iam.DeleteRole(background, &iam.DeleteRoleInput{RoleName: name}))
	refused[*types.NoSuchEntityException](404, second(admin.iam.GetRole(background, &iam.GetRoleInput{RoleName: name})))
}

func statuses(user *string) map[string]types.StatusType {
	found := map[string]types.StatusType{}
	for _, key := range must(admin.iam.ListAccessKeys(background, &iam.ListAccessKeysInput{UserName: user})).AccessKeyMetadata {
		found[*key.AccessKeyId] = key.Status
	}
	return found
}

func accessKeys() {
	kim, name := person("kim", ""), aws.String("kim")
	first := kim.key.AccessKeyID
	check(strings.HasPrefix(first, "AKIA") && len(first) == 20, first)
	must(kim.sts.GetCallerIdentity(background, &sts.GetCallerIdentityInput{}))
	other := *must(admin.iam.CreateAccessKey(background, &iam.CreateAccessKeyInput{UserName: name})).AccessKey.AccessKeyId
	refused[*types.LimitExceededException](409, second(admin.iam.CreateAccessKey(background, &iam.CreateAccessKeyInput{UserName: name})))
	used := must(admin.iam.GetAccessKeyLastUsed(background, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &first}))
	equal(*used.UserName+" "+*used.AccessKeyLastUsed.ServiceName, "kim sts")
	check(used.AccessKeyLastUsed.LastUsedDate != nil, "the key was used")
	never := must(admin.iam.GetAccessKeyLastUsed(background, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &other})).AccessKeyLastUsed
	check(never.LastUsedDate == nil && *never.ServiceName == "N/A" && *never.Region == "N/A", "the key was never used")
	off := &iam.UpdateAccessKeyInput{UserName: name, AccessKeyId: &first, Status: types.StatusTypeInactive}
	must(admin.iam.UpdateAccessKey(background, off))
	equal(statuses(name), map[string]types.StatusType{first: types.StatusTypeInactive, other: types.StatusTypeActive})
	refusedAs("InvalidClientTokenId", 403, second(kim.sts.GetCallerIdentity(background, &sts.GetCallerIdentityInput{})))
	must(admin.iam.DeleteAccessKey(background, &iam.DeleteAccessKeyInput{UserName: name, AccessKeyId: &first}))
	equal(len(statuses(name)), 1)
}

func account() {
	alias := aws.String("gopher-shop")
	must(admin.iam.CreateAccountAlias(background, &iam.CreateAccountAliasInput{AccountAlias: alias}))
	equal(must(admin.iam.ListAccountAliases(background, &iam.ListAccountAliasesInput{})).AccountAliases, []string{*alias})
	must(admin.iam.DeleteAccountAlias(background, &iam.DeleteAccountAliasInput{AccountAlias: alias}))
	equal(len(must(admin.iam.ListAccountAliases(background, &iam.ListAccountAliasesInput{})).AccountAliases), 0)
	summary := must(admin.iam.GetAccountSummary(background, &iam.GetAccountSummaryInput{})).SummaryMap
	equal(summary["AccessKeysPerUserQuota"], int32(2))
	check(summary["Users"] > 0, "there are users")
}
