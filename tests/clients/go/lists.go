package main

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// paginator is what all paginators of the SDK have.
type paginator[P any, O any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*O)) (P, error)
}

// pages are the sizes of the pages that a paginator goes through, and the names of what is on them.
func pages[P any](from paginator[P, iam.Options], names func(P) []string) (sizes []int, all []string) {
	for from.HasMorePages() {
		page := names(must(from.NextPage(background)))
		sizes, all = append(sizes, len(page)), append(all, page...)
	}
	return sizes, all
}

func names[T any](list []T, name func(T) *string) []string {
	found := []string{}
	for _, one := range list {
		found = append(found, *name(one))
	}
	return found
}

func userName(user types.User) *string { return user.UserName }

func paginators() {
	below, readers := aws.String("/pages/"), aws.String("readers")
	document := trust("arn:aws:iam::" + accountID() + ":root")
	expected := []string{}
	must(admin.iam.CreateGroup(background, &iam.CreateGroupInput{GroupName: readers, Path: below}))
	must(admin.iam.CreateGroup(background, &iam.CreateGroupInput{GroupName: aws.String("writers"), Path: below}))
	for number := 1; number <= 7; number++ {
		name := fmt.Sprintf("page-%d", number)
		expected = append(expected, name)
		must(admin.iam.CreateUser(background, &iam.CreateUserInput{UserName: &name, Path: below}))
		must(admin.iam.AddUserToGroup(background, &iam.AddUserToGroupInput{UserName: &name, GroupName: readers}))
		must(admin.iam.CreateRole(background, &iam.CreateRoleInput{RoleName: &name, Path: below, AssumeRolePolicyDocument: &document}))
	}

	users := iam.NewListUsersPaginator(admin.iam, &iam.ListUsersInput{PathPrefix: below, MaxItems: aws.Int32(3)})
	sizes, all := pages(users, func(page *iam.ListUsersOutput) []string { return names(page.Users, userName) })
	equal(sizes, []int{3, 3, 1})
	equal(all, expected)
	roles := iam.NewListRolesPaginator(admin.iam, &iam.ListRolesInput{PathPrefix: below, MaxItems: aws.Int32(4)})
	sizes, all = pages(roles, func(page *iam.ListRolesOutput) []string {
		return names(page.Roles, func(role types.Role) *string { return role.RoleName })
	})
	equal(sizes, []int{4, 3})
	equal(all, expected)
	members := iam.NewGetGroupPaginator(admin.iam, &iam.GetGroupInput{GroupName: readers, MaxItems: aws.Int32(5)})
	sizes, all = pages(members, func(page *iam.GetGroupOutput) []string { return names(page.Users, userName) })
	equal(sizes, []int{5, 2})
	equal(all, expected)
	keys := iam.NewListAccessKeysPaginator(admin.iam, &iam.ListAccessKeysInput{UserName: &expected[0], MaxItems: aws.Int32(1)})
	equal(len(must(keys.NextPage(background)).AccessKeyMetadata), 0)
	equal(keys.HasMorePages(), false)
	policies := iam.NewListPoliciesPaginator(admin.iam, &iam.ListPoliciesInput{Scope: types.PolicyScopeTypeAws, MaxItems: aws.Int32(10)})
	_, all = pages(policies, func(page *iam.ListPoliciesOutput) []string {
		return names(page.Policies, func(policy types.Policy) *string { return policy.Arn })
	})
	distinct := map[string]bool{}
	for _, arn := range all {
		distinct[arn] = true
	}
	check(len(all) > 40 && len(distinct) == len(all), "every managed policy of AWS is listed once")
}

func waiters() {
	wanda, waited := aws.String("wanda"), aws.String("waited")
	patience := 20 * time.Second
	soon := func(options *iam.UserExistsWaiterOptions) {
		options.MinDelay, options.MaxDelay = 200*time.Millisecond, 200*time.Millisecond
	}
	done := make(chan error)
	users := iam.NewUserExistsWaiter(admin.iam, soon)
	go func() { done <- users.Wait(background, &iam.GetUserInput{UserName: wanda}, patience) }()
	time.Sleep(300 * time.Millisecond)
	must(admin.iam.CreateUser(background, &iam.CreateUserInput{UserName: wanda}))
	must(0, <-done)
	newRole("waited")
	must(0, iam.NewRoleExistsWaiter(admin.iam).Wait(background, &iam.GetRoleInput{RoleName: waited}, patience))
	arn := newPolicy("waited", allow("*", "iam:Get*"))
	must(0, iam.NewPolicyExistsWaiter(admin.iam).Wait(background, &iam.GetPolicyInput{PolicyArn: arn}, patience))
	err := users.Wait(background, &iam.GetUserInput{UserName: aws.String("godot")}, time.Second)
	check(err != nil, "nobody of this name ever came")
}
