package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// who is somebody's pair of clients.
type who struct {
	iam *iam.Client
	sts *sts.Client
	arn string
	key aws.Credentials
}

// admin is who the environment says.
var admin who

// as gives the clients of whoever a provider speaks for; nil is whoever the environment says.
func as(provider aws.CredentialsProvider) who {
	options := []func(*config.LoadOptions) error{}
	if provider != nil {
		options = append(options, config.WithCredentialsProvider(provider))
	}
	loaded := must(config.LoadDefaultConfig(background, options...))
	return who{iam: iam.NewFromConfig(loaded), sts: sts.NewFromConfig(loaded)}
}

func withKey(id, secret, token string) who {
	return as(credentials.NewStaticCredentialsProvider(id, secret, token))
}

// person is a new user with a key and, if given, a policy.
func person(name, policy string) who {
	made := must(admin.iam.CreateUser(background, &iam.CreateUserInput{UserName: &name}))
	key := must(admin.iam.CreateAccessKey(background, &iam.CreateAccessKeyInput{UserName: &name})).AccessKey
	if policy != "" {
		must(admin.iam.PutUserPolicy(background, &iam.PutUserPolicyInput{UserName: &name, PolicyName: aws.String("own"), PolicyDocument: &policy}))
	}
	her := withKey(*key.AccessKeyId, *key.SecretAccessKey, "")
	her.arn = *made.User.Arn
	her.key = aws.Credentials{AccessKeyID: *key.AccessKeyId, SecretAccessKey: *key.SecretAccessKey}
	return her
}

func accountID() string {
	return *must(admin.sts.GetCallerIdentity(background, &sts.GetCallerIdentityInput{})).Account
}

func newRole(name string) *iam.CreateRoleOutput {
	document := trust("arn:aws:iam::" + accountID() + ":root")
	return must(admin.iam.CreateRole(background, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &document}))
}

func document(effect string, actions []string, element string, value any) string {
	statement := map[string]any{"Effect": effect, "Action": actions, element: value}
	return string(must(json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statement})))
}

func allow(resource string, actions ...string) string {
	return document("Allow", actions, "Resource", resource)
}

func trust(principal string) string {
	return document("Allow", []string{"sts:AssumeRole"}, "Principal", map[string]string{"AWS": principal})
}

// decoded is a policy document as it was before it was encoded for its way through a URL.
func decoded(text *string) string {
	return must(url.PathUnescape(*text))
}

// must is a value that came without an error.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func check(holds bool, otherwise string) {
	if !holds {
		panic(otherwise)
	}
}

func equal[T any](found, expected T) {
	check(reflect.DeepEqual(found, expected), fmt.Sprintf("%#v is not %#v", found, expected))
}

// refused finds the error of type E in what a call ended with, and checks its HTTP status and that it tells a request's id.
func refused[E error](status int, err error) E {
	var found E
	check(errors.As(err, &found), fmt.Sprintf("not that error, but %v", err))
	var response *http.ResponseError
	check(errors.As(err, &response), "no response")
	equal(response.HTTPStatusCode(), status)
	equal(len(response.ServiceRequestID()), 36)
	return found
}

// refusedAs is the message of an error that has no type of its own, but a code.
func refusedAs(code string, status int, err error) string {
	found := refused[smithy.APIError](status, err)
	equal(found.ErrorCode(), code)
	return found.ErrorMessage()
}

func second[T any](_ T, err error) error { return err }
