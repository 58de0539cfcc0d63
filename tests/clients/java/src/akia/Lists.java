package akia;

import static akia.Check.equal;
import static akia.Check.that;
import static akia.Clients.IAM;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.iam.model.GetUserResponse;
import software.amazon.awssdk.services.iam.model.Policy;
import software.amazon.awssdk.services.iam.model.PolicyScopeType;
import software.amazon.awssdk.services.iam.model.Role;
import software.amazon.awssdk.services.iam.model.User;
import software.amazon.awssdk.services.iam.paginators.GetGroupIterable;
import software.amazon.awssdk.services.iam.paginators.ListRolesIterable;
import software.amazon.awssdk.services.iam.paginators.ListUsersIterable;
import software.amazon.awssdk.services.iam.waiters.IamWaiter;

/** Lists that go over several pages, and waiters. */
final class Lists {
    static void paginators() {
        List<String> names = IntStream.rangeClosed(1, 7).mapToObj(number -> "page-" + number).toList();
        String document = Clients.trust("arn:aws:iam::" + Clients.account() + ":root");
        IAM.createGroup(group -> group.groupName("readers").path("/pages/"));
        IAM.createGroup(group -> group.groupName("writers").path("/pages/"));
        for (String name : names) {
            IAM.createUser(user -> user.userName(name).path("/pages/"));
            IAM.addUserToGroup(add -> add.userName(name).groupName("readers"));
            IAM.createRole(role -> role.roleName(name).path("/pages/").assumeRolePolicyDocument(document));
        }

        ListUsersIterable users = IAM.listUsersPaginator(list -> list.pathPrefix("/pages/").maxItems(3));
        equal(users.stream().map(page -> page.users().size()).toList(), List.of(3, 3, 1));
        equal(users.users().stream().map(User::userName).toList(), names);
        ListRolesIterable roles = IAM.listRolesPaginator(list -> list.pathPrefix("/pages/").maxItems(4));
        equal(roles.stream().map(page -> page.roles().size()).toList(), List.of(4, 3));
        equal(roles.roles().stream().map(Role::roleName).toList(), names);
        GetGroupIterable members = IAM.getGroupPaginator(group -> group.groupName("readers").maxItems(5));
        equal(members.users().stream().map(User::userName).toList(), names);
        equal(IAM.listGroupsPaginator(list -> list.pathPrefix("/pages/").maxItems(1)).stream().count(), 2L);
        equal(IAM.listAccessKeysPaginator(list -> list.userName(names.get(0)).maxItems(1)).accessKeyMetadata().stream().count(), 0L);
        List<String> policies = IAM.listPoliciesPaginator(list -> list.scope(PolicyScopeType.AWS).maxItems(10)).policies().stream()
                .map(Policy::arn).toList();
        that(policies.size() > 40 && new HashSet<>(policies).size() == policies.size(), "every managed policy of AWS is listed once");
    }

    static void waiters() throws Exception {
        try (IamWaiter waiter = waiter(20)) {
            CompletableFuture<GetUserResponse> waiting = CompletableFuture.supplyAsync(
                    () -> waiter.waitUntilUserExists(user -> user.userName("wanda")).matched().response().orElseThrow());
            Thread.sleep(300);
            IAM.createUser(user -> user.userName("wanda"));
            equal(waiting.get().user().userName(), "wanda");
            Clients.newRole("waited");
            that(waiter.waitUntilRoleExists(role -> role.roleName("waited")).matched().response().isPresent(), "the role is there");
            String arn = Policies.newPolicy("waited", Clients.allow("*", "iam:Get*"));
            that(waiter.waitUntilPolicyExists(policy -> policy.policyArn(arn)).matched().response().isPresent(), "the policy is there");
        }
        try (IamWaiter waiter = waiter(1)) {
            waiter.waitUntilUserExists(user -> user.userName("godot"));
            throw new AssertionError("he came");
        } catch (SdkClientException expected) {
            that(expected.getMessage().contains("wait time"), expected.getMessage());
        }
    }

    private static IamWaiter waiter(int seconds) {
        return IamWaiter.builder().client(IAM).overrideConfiguration(wait -> wait.waitTimeout(Duration.ofSeconds(seconds))
                .backoffStrategyV2(BackoffStrategy.fixedDelayWithoutJitter(Duration.ofMillis(200)))).build();
    }

    private Lists() {}
}
