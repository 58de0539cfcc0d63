package main

import (
	"os"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// rotate goes the way that AWS recommends: a second key, which is used; the first is switched off, is refused, and is deleted.
// The environment names the first key, so that no process list shows its secret.
func rotate(user string) {
	firstID, firstSecret := os.Getenv("FIRST_ACCESS_KEY_ID"), os.Getenv("FIRST_SECRET_ACCESS_KEY")
	ask := &sts.GetCallerIdentityInput{}
	old := withKey(firstID, firstSecret, "")
	before := *must(old.sts.GetCallerIdentity(background, ask)).Arn

	key := must(admin.iam.CreateAccessKey(background, &iam.CreateAccessKeyInput{UserName: &user})).AccessKey
	fresh := withKey(*key.AccessKeyId, *key.SecretAccessKey, "")
	equal(*must(fresh.sts.GetCallerIdentity(background, ask)).Arn, before)
	equal(*must(old.sts.GetCallerIdentity(background, ask)).Arn, before)

	off := &iam.UpdateAccessKeyInput{UserName: &user, AccessKeyId: &firstID, Status: types.StatusTypeInactive}
	must(admin.iam.UpdateAccessKey(background, off))
	refusedAs("InvalidClientTokenId", 403, second(old.sts.GetCallerIdentity(background, ask)))
	must(admin.iam.DeleteAccessKey(background, &iam.DeleteAccessKeyInput{UserName: &user, AccessKeyId: &firstID}))
	equal(statuses(&user), map[string]types.StatusType{*key.AccessKeyId: types.StatusTypeActive})
	tell(map[string]string{"AccessKeyId": *key.AccessKeyId, "SecretAccessKey": *key.SecretAccessKey})
}
