package main

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

func caller() {
	me := must(admin.sts.GetCallerIdentity(background, &sts.GetCallerIdentityInput{}))
	user := must(admin.iam.GetUser(background, &iam.GetUserInput{})).User
	equal(*me.Arn+" "+*me.UserId, *user.Arn+" "+*user.UserId)
	id := person("cal", "").key.AccessKeyID
	equal(*must(admin.sts.GetAccessKeyInfo(background, &sts.GetAccessKeyInfoInput{AccessKeyId: &id})).Account, *me.Account)
}

func sessionToken() {
	tom, ask := person("tom", allow("*", "iam:*")), &sts.GetCallerIdentityInput{}
	given := must(tom.sts.GetSessionToken(background, &sts.GetSessionTokenInput{DurationSeconds: aws.Int32(900)})).Credentials
	like("ASIA[A-Z0-9]{16}", given.AccessKeyId)
	left := time.Until(*given.Expiration).Seconds()
	check(left > 800 && left <= 905, "it lasts as long as asked for")
	session := withKey(*given.AccessKeyId, *given.SecretAccessKey, *given.SessionToken)
	equal(*must(session.sts.GetCallerIdentity(background, ask)).Arn, tom.arn)
	// such a session may not call IAM without MFA
	refusedAs("InvalidClientTokenId", 403, second(session.iam.ListUsers(background, &iam.ListUsersInput{})))
	bare := withKey(*given.AccessKeyId, *given.SecretAccessKey, "")
	refusedAs("InvalidClientTokenId", 403, second(bare.sts.GetCallerIdentity(background, ask)))
}

// taking is a session of a role, taken by somebody as soon as it is needed.
func taking(by who, role string, options func(*stscreds.AssumeRoleOptions)) who {
	return as(aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(by.sts, role, options)))
}

func attach(role, policy string) {
	must(admin.iam.AttachRolePolicy(background, &iam.AttachRolePolicyInput{RoleName: &role, PolicyArn: &policy}))
}

func assumedRole() {
	role := newRole("night").Role
	attach("night", readOnly)
	nat := person("nat", "")
	watch := taking(nat, *role.Arn, func(options *stscreds.AssumeRoleOptions) {
		options.RoleSessionName, options.Duration = "watch", 15*time.Minute
	})
	refusedAs("AccessDenied", 403, second(watch.sts.GetCallerIdentity(background, &sts.GetCallerIdentityInput{})))
	may := allow(*role.Arn, "sts:AssumeRole")
	must(admin.iam.PutUserPolicy(background, &iam.PutUserPolicyInput{UserName: aws.String("nat"), PolicyName: aws.String("may"), PolicyDocument: &may}))
	arn := "arn:aws:sts::" + accountID() + ":assumed-role/night/watch"
	me := must(watch.sts.GetCallerIdentity(background, &sts.GetCallerIdentityInput{}))
	equal(*me.Arn+" "+*me.UserId, arn+" "+*role.RoleId+":watch")
	equal(*must(watch.iam.GetRole(background, &iam.GetRoleInput{RoleName: role.RoleName})).Role.RoleId, *role.RoleId)
	said := refusedAs("AccessDenied", 403, second(watch.iam.CreateUser(background, &iam.CreateUserInput{UserName: aws.String("owl")})))
	check(strings.HasPrefix(said, "User: "+arn+" is not authorized to perform: iam:CreateUser on resource: "), said)
}

func sessionPolicies() {
	role := *newRole("narrow").Role.Arn
	attach("narrow", "arn:aws:iam::aws:policy/IAMFullAccess")
	ned := person("ned", allow(role, "sts:AssumeRole"))
	thin := taking(ned, role, func(options *stscreds.AssumeRoleOptions) { options.Policy = aws.String(allow("*", "iam:ListRoles")) })
	check(len(must(thin.iam.ListRoles(background, &iam.ListRolesInput{})).Roles) > 0, "there are roles")
	said := refusedAs("AccessDenied", 403, second(thin.iam.ListUsers(background, &iam.ListUsersInput{})))
	check(strings.HasSuffix(said, "because no session policy allows the iam:ListUsers action"), said)
	read := taking(ned, role, func(options *stscreds.AssumeRoleOptions) {
		options.PolicyARNs = []types.PolicyDescriptorType{{Arn: aws.String(readOnly)}}
	})
	must(read.iam.ListUsers(background, &iam.ListUsersInput{}))
	refusedAs("AccessDenied", 403, second(read.iam.DeleteUser(background, &iam.DeleteUserInput{UserName: aws.String("ned")})))
}
