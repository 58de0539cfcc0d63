package akia;

import static akia.Check.equal;
import static akia.Check.like;
import static akia.Check.refused;
import static akia.Check.that;
import static akia.Clients.IAM;
import static akia.Clients.STS;
import static akia.Clients.allow;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.services.iam.model.IamException;
import software.amazon.awssdk.services.iam.model.Role;
import software.amazon.awssdk.services.iam.model.User;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;
import software.amazon.awssdk.services.sts.model.AssumeRoleRequest;
import software.amazon.awssdk.services.sts.model.Credentials;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityResponse;
import software.amazon.awssdk.services.sts.model.PolicyDescriptorType;
import software.amazon.awssdk.services.sts.model.StsException;

/** Who calls, and temporary credentials. */
final class Sessions {
    static void caller() {
        GetCallerIdentityResponse me = STS.getCallerIdentity();
        User user = IAM.getUser().user();
        equal(me.arn() + me.userId(), user.arn() + user.userId());
        String id = Clients.person("cal", null).key().accessKeyId();
        equal(STS.getAccessKeyInfo(key -> key.accessKeyId(id)).account(), me.account());
    }

    static void sessionToken() throws Exception {
        Clients tom = Clients.person("tom", allow("*", "iam:*"));
        Credentials given = tom.sts().getSessionToken(ask -> ask.durationSeconds(900)).credentials();
        like("ASIA[A-Z0-9]{16}", given.accessKeyId());
        long left = Duration.between(Instant.now(), given.expiration()).toSeconds();
        that(left > 800 && left <= 905, left + " s");
        Clients session = Clients.as(AwsSessionCredentials.create(given.accessKeyId(), given.secretAccessKey(), given.sessionToken()));
        equal(session.sts().getCallerIdentity().arn(), tom.arn());
        // such a session may not call IAM without MFA
        refused(IamException.class, "InvalidClientTokenId", 403, () -> session.iam().listUsers());
        Clients bare = Clients.as(AwsBasicCredentials.create(given.accessKeyId(), given.secretAccessKey()));
        refused(StsException.class, "InvalidClientTokenId", 403, () -> bare.sts().getCallerIdentity());
    }

    /** A session of a role, taken by somebody as soon as it is needed. */
    private static Clients taking(Clients by, Role role, String name, Consumer<AssumeRoleRequest.Builder> more) {
        AssumeRoleRequest.Builder request = AssumeRoleRequest.builder().roleArn(role.arn()).roleSessionName(name);
        more.accept(request);
        return Clients.as(StsAssumeRoleCredentialsProvider.builder().stsClient(by.sts()).refreshRequest(request.build()).build());
    }

    static void assumedRole() throws Exception {
        Role role = Clients.newRole("night");
        IAM.attachRolePolicy(attach -> attach.roleName("night").policyArn(Policies.READ_ONLY));
        Clients nat = Clients.person("nat", null);
        Clients watch = taking(nat, role, "watch", request -> request.durationSeconds(900));
        refused(StsException.class, "AccessDenied", 403, () -> watch.sts().getCallerIdentity());
        IAM.putUserPolicy(put -> put.userName("nat").policyName("may").policyDocument(allow(role.arn(), "sts:AssumeRole")));
        GetCallerIdentityResponse me = watch.sts().getCallerIdentity();
        String arn = "arn:aws:sts::" + Clients.account() + ":assumed-role/night/watch";
        equal(me.arn() + " " + me.userId(), arn + " " + role.roleId() + ":watch");
        equal(watch.iam().getRole(ask -> ask.roleName("night")).role().roleId(), role.roleId());
        String said = refused(IamException.class, "AccessDenied", 403, () -> watch.iam().createUser(user -> user.userName("owl")));
        that(said.startsWith("User: " + arn + " is not authorized to perform: iam:CreateUser on resource: "), said);
    }

    static void sessionPolicies() throws Exception {
        Role role = Clients.newRole("narrow");
        IAM.attachRolePolicy(attach -> attach.roleName("narrow").policyArn("arn:aws:iam::aws:policy/IAMFullAccess"));
        Clients ned = Clients.person("ned", allow(role.arn(), "sts:AssumeRole"));
        Clients thin = taking(ned, role, "thin", request -> request.policy(allow("*", "iam:ListRoles")));
        that(!thin.iam().listRoles().roles().isEmpty(), "there are roles");
        String said = refused(IamException.class, "AccessDenied", 403, () -> thin.iam().listUsers());
        that(said.endsWith("because no session policy allows the iam:ListUsers action"), said);
        PolicyDescriptorType readOnly = PolicyDescriptorType.builder().arn(Policies.READ_ONLY).build();
        Clients read = taking(ned, role, "read", request -> request.policyArns(readOnly));
        read.iam().listUsers();
        refused(IamException.class, "AccessDenied", 403, () -> read.iam().deleteUser(user -> user.userName("ned")));
    }

    private Sessions() {}
}
