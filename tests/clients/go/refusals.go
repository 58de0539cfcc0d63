package main

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func errorTypes() {
	nobody := &iam.GetUserInput{UserName: aws.String("nobody")}
	missing := refused[*types.NoSuchEntityException](404, second(admin.iam.GetUser(background, nobody)))
	equal(missing.ErrorMessage(), "The user with name nobody cannot be found.")
	erin := aws.String("erin")
	must(admin.iam.CreateUser(background, &iam.CreateUserInput{UserName: erin}))
	twice := refused[*types.EntityAlreadyExistsException](409, second(admin.iam.CreateUser(background, &iam.CreateUserInput{UserName: erin})))
	equal(twice.ErrorMessage(), "User with name erin already exists.")
	must(admin.iam.CreateAccessKey(background, &iam.CreateAccessKeyInput{UserName: erin}))
	refused[*types.DeleteConflictException](409, second(admin.iam.DeleteUser(background, &iam.DeleteUserInput{UserName: erin})))
	broken := &iam.PutUserPolicyInput{UserName: erin, PolicyName: aws.String("p"), PolicyDocument: aws.String("{")}
	refused[*types.MalformedPolicyDocumentException](400, second(admin.iam.PutUserPolicy(background, broken)))
	double := &iam.TagUserInput{UserName: erin, Tags: []types.Tag{tag("a", "1"), tag("A", "2")}}
	refused[*types.InvalidInputException](400, second(admin.iam.TagUser(background, double)))
	said := refusedAs("ValidationError", 400, second(admin.iam.CreateUser(background, &iam.CreateUserInput{UserName: aws.String("a b")})))
	check(strings.Contains(said, "userName"), said)
}

func denials() {
	dan, eve := person("dan", allow("*", "iam:GetUser")), &iam.CreateUserInput{UserName: aws.String("eve")}
	equal(*must(dan.iam.GetUser(background, &iam.GetUserInput{})).User.Arn, dan.arn)
	said := refusedAs("AccessDenied", 403, second(dan.iam.CreateUser(background, eve)))
	resource := strings.Replace(dan.arn, "user/dan", "user/eve", 1)
	equal(said, "User: "+dan.arn+" is not authorized to perform: iam:CreateUser on resource: "+resource+
		" because no identity-based policy allows the iam:CreateUser action")
	all := &iam.AttachUserPolicyInput{UserName: aws.String("dan"), PolicyArn: aws.String("arn:aws:iam::aws:policy/IAMFullAccess")}
	must(admin.iam.AttachUserPolicy(background, all))
	must(dan.iam.CreateUser(background, eve))
	deny := document("Deny", []string{"iam:DeleteUser"}, "Resource", "*")
	must(admin.iam.PutUserPolicy(background, &iam.PutUserPolicyInput{UserName: aws.String("dan"), PolicyName: aws.String("no"), PolicyDocument: &deny}))
	said = refusedAs("AccessDenied", 403, second(dan.iam.DeleteUser(background, &iam.DeleteUserInput{UserName: eve.UserName})))
	check(strings.Contains(said, "with an explicit deny in an identity-based policy"), said)
}

func signatures() {
	sig, ask := person("sig", ""), &sts.GetCallerIdentityInput{}
	forged := withKey(sig.key.AccessKeyID, strings.Repeat("x", 40), "")
	refusedAs("SignatureDoesNotMatch", 403, second(forged.sts.GetCallerIdentity(background, ask)))
	refusedAs("SignatureDoesNotMatch", 403, second(forged.iam.GetUser(background, &iam.GetUserInput{})))
	unknown := withKey("AKIAIOSFODNN7EXAMPLE", sig.key.SecretAccessKey, "")
	refusedAs("InvalidClientTokenId", 403, second(unknown.sts.GetCallerIdentity(background, ask)))
	extra := withKey(sig.key.AccessKeyID, sig.key.SecretAccessKey, "made-up")
	refusedAs("InvalidClientTokenId", 403, second(extra.sts.GetCallerIdentity(background, ask)))
	must(sig.sts.GetCallerIdentity(background, ask))
}
