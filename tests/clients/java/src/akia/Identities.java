package akia;

import static akia.Check.equal;
import static akia.Check.like;
import static akia.Check.refused;
import static akia.Check.that;
import static akia.Clients.IAM;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.services.iam.model.AccessKeyLastUsed;
import software.amazon.awssdk.services.iam.model.EntityAlreadyExistsException;
import software.amazon.awssdk.services.iam.model.GetAccessKeyLastUsedResponse;
import software.amazon.awssdk.services.iam.model.GetGroupResponse;
import software.amazon.awssdk.services.iam.model.Group;
import software.amazon.awssdk.services.iam.model.LimitExceededException;
import software.amazon.awssdk.services.iam.model.ListUsersResponse;
import software.amazon.awssdk.services.iam.model.NoSuchEntityException;
import software.amazon.awssdk.services.iam.model.Role;
import software.amazon.awssdk.services.iam.model.StatusType;
import software.amazon.awssdk.services.iam.model.SummaryKeyType;
import software.amazon.awssdk.services.iam.model.Tag;
import software.amazon.awssdk.services.iam.model.User;
import software.amazon.awssdk.services.sts.model.StsException;

/** Users, groups, roles, their keys, and the account. */
final class Identities {
    static Tag tag(String key, String value) {
        return Tag.builder().key(key).value(value).build();
    }

    static void users() throws Exception {
        User made = IAM.createUser(user -> user.userName("Uma").path("/team/").tags(tag("team", "blue"))).user();
        like("AIDA[A-Z0-9]{17}", made.userId());
        like("arn:aws:iam::[0-9]{12}:user/team/Uma", made.arn());
        User got = IAM.getUser(user -> user.userName("Uma")).user();
        equal(List.of(got.userId(), got.path(), got.tags()), List.of(made.userId(), "/team/", List.of(tag("team", "blue"))));
        equal(got.createDate(), made.createDate());
        refused(EntityAlreadyExistsException.class, 409, () -> IAM.createUser(user -> user.userName("uma")));

        IAM.updateUser(user -> user.userName("Uma").newUserName("Una").newPath("/crew/"));
        ListUsersResponse moved = IAM.listUsers(list -> list.pathPrefix("/crew/"));
        equal(moved.isTruncated(), false);
        equal(moved.users().stream().map(User::userName).toList(), List.of("Una"));
        IAM.tagUser(user -> user.userName("Una").tags(tag("team", "red"), tag("cost", "7")));
        IAM.untagUser(user -> user.userName("Una").tagKeys("cost"));
        equal(IAM.listUserTags(user -> user.userName("Una")).tags(), List.of(tag("team", "red")));
        IAM.deleteUser(user -> user.userName("Una"));
        refused(NoSuchEntityException.class, 404, () -> IAM.getUser(user -> user.userName("Una")));
    }

    static void groups() throws Exception {
        IAM.createUser(user -> user.userName("gil"));
        Group group = IAM.createGroup(made -> made.groupName("Guild").path("/g/")).group();
        like("AGPA[A-Z0-9]{17}", group.groupId());
        IAM.addUserToGroup(add -> add.groupName("Guild").userName("gil"));
        GetGroupResponse got = IAM.getGroup(ask -> ask.groupName("Guild"));
        equal(got.group().arn(), group.arn());
        equal(got.users().stream().map(User::userName).toList(), List.of("gil"));
        equal(IAM.listGroupsForUser(ask -> ask.userName("gil")).groups().get(0).groupId(), group.groupId());
        IAM.updateGroup(change -> change.groupName("Guild").newGroupName("Gang"));
        equal(IAM.listGroups(list -> list.pathPrefix("/g/")).groups().get(0).groupName(), "Gang");
        IAM.removeUserFromGroup(remove -> remove.groupName("Gang").userName("gil"));
        equal(IAM.getGroup(ask -> ask.groupName("Gang")).users(), List.of());
        IAM.deleteGroup(gone -> gone.groupName("Gang"));
        refused(NoSuchEntityException.class, 404, () -> IAM.getGroup(ask -> ask.groupName("Gang")));
    }

    static void roles() throws Exception {
        String wide = Clients.trust("arn:aws:iam::" + Clients.account() + ":root");
        String narrow = Clients.trust(IAM.getUser().user().arn());
        Role made = IAM.createRole(role -> role.roleName("Rower").assumeRolePolicyDocument(wide).description("rows")
                .maxSessionDuration(7200).tags(tag("boat", "8"))).role();
        like("AROA[A-Z0-9]{17}", made.roleId());
        Role got = rower();
        equal(Clients.decoded(got.assumeRolePolicyDocument()), wide);
        equal(List.of(got.description(), got.maxSessionDuration(), got.tags()), List.of("rows", 7200, List.of(tag("boat", "8"))));
        IAM.updateRole(role -> role.roleName("Rower").description("steers").maxSessionDuration(3600));
        equal(IAM.updateRoleDescription(role -> role.roleName("Rower").description("rests")).role().description(), "rests");
        equal(rower().maxSessionDuration(), 3600);
        IAM.updateAssumeRolePolicy(role -> role.roleName("Rower").policyDocument(narrow));
        equal(Clients.decoded(rower().assumeRolePolicyDocument()), narrow);
        IAM.tagRole(role -> role.roleName("Rower").tags(tag("oar", "")));
        IAM.untagRole(role -> role.roleName("Rower").tagKeys("boat"));
        equal(IAM.listRoleTags(role -> role.roleName("Rower")).tags(), List.of(tag("oar", "")));
        that(IAM.listRoles().roles().stream().anyMatch(role -> role.arn().equals(made.arn())), "the role is listed");
        IAM.deleteRole(role -> role.roleName("Rower"));
        refused(NoSuchEntityException.class, 404, Identities::rower);
    }

    private static Role rower() {
        return IAM.getRole(role -> role.roleName("Rower")).role();
    }

    /** The access keys of a user, each with its status. */
    static Map<String, String> statuses(String user) {
        Map<String, String> found = new TreeMap<>();
        IAM.listAccessKeysPaginator(list -> list.userName(user)).accessKeyMetadata()
                .forEach(key -> found.put(key.accessKeyId(), key.statusAsString()));
        return found;
    }

    static void accessKeys() throws Exception {
        Clients kim = Clients.person("kim", null);
        String first = kim.key().accessKeyId();
        like("AKIA[A-Z0-9]{16}", first);
        kim.sts().getCallerIdentity();
        String other = IAM.createAccessKey(key -> key.userName("kim")).accessKey().accessKeyId();
        refused(LimitExceededException.class, 409, () -> IAM.createAccessKey(key -> key.userName("kim")));
        GetAccessKeyLastUsedResponse used = IAM.getAccessKeyLastUsed(key -> key.accessKeyId(first));
        equal(List.of(used.userName(), used.accessKeyLastUsed().serviceName()), List.of("kim", "sts"));
        that(used.accessKeyLastUsed().lastUsedDate() != null, "the key was used");
        AccessKeyLastUsed never = IAM.getAccessKeyLastUsed(key -> key.accessKeyId(other)).accessKeyLastUsed();
        equal(List.of(never.serviceName(), never.region(), never.lastUsedDate() == null), List.of("N/A", "N/A", true));
        IAM.updateAccessKey(key -> key.userName("kim").accessKeyId(first).status(StatusType.INACTIVE));
        equal(statuses("kim"), Map.of(first, "Inactive", other, "Active"));
        refused(StsException.class, "InvalidClientTokenId", 403, () -> kim.sts().getCallerIdentity());
        IAM.deleteAccessKey(key -> key.userName("kim").accessKeyId(first));
        equal(statuses("kim").size(), 1);
    }

    static void account() {
        IAM.createAccountAlias(made -> made.accountAlias("coffee-shop"));
        equal(IAM.listAccountAliases().accountAliases(), List.of("coffee-shop"));
        IAM.deleteAccountAlias(gone -> gone.accountAlias("coffee-shop"));
        equal(IAM.listAccountAliases().accountAliases(), List.of());
        Map<SummaryKeyType, Integer> summary = IAM.getAccountSummary().summaryMap();
        equal(summary.get(SummaryKeyType.ACCESS_KEYS_PER_USER_QUOTA), 2);
        that(summary.get(SummaryKeyType.USERS) > 0, "there are users");
    }

    private Identities() {}
}
