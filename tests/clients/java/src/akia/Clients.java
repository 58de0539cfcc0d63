package akia;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.iam.model.AccessKey;
import software.amazon.awssdk.services.iam.model.Role;
import software.amazon.awssdk.services.sts.StsClient;

/** Clients as whoever writes a program makes them: everything comes from the environment, unless somebody else is meant. */
record Clients(IamClient iam, StsClient sts, String arn, AwsCredentials key) {
    static final IamClient IAM = IamClient.builder().region(Region.AWS_GLOBAL).build();
    static final StsClient STS = StsClient.create();

    static Clients as(AwsCredentialsProvider provider) {
        return new Clients(
                IamClient.builder().region(Region.AWS_GLOBAL).credentialsProvider(provider).build(),
                StsClient.builder().credentialsProvider(provider).build(), null, null);
    }

    static Clients as(AwsCredentials key) {
        return as(StaticCredentialsProvider.create(key));
    }

    /** A new user with a key and, unless it is null, a policy. */
    static Clients person(String name, String policy) {
        String arn = IAM.createUser(user -> user.userName(name)).user().arn();
        AccessKey made = IAM.createAccessKey(key -> key.userName(name)).accessKey();
        if (policy != null) {
            IAM.putUserPolicy(put -> put.userName(name).policyName("own").policyDocument(policy));
        }
        AwsCredentials key = AwsBasicCredentials.create(made.accessKeyId(), made.secretAccessKey());
        Clients clients = as(key);
        return new Clients(clients.iam(), clients.sts(), arn, key);
    }

    static String account() {
        return STS.getCallerIdentity().account();
    }

    static Role newRole(String name) {
        String document = trust("arn:aws:iam::" + account() + ":root");
        return IAM.createRole(role -> role.roleName(name).assumeRolePolicyDocument(document)).role();
    }

    static String allow(String resource, String... actions) {
        return document("Allow", List.of(actions), "\"Resource\":\"" + resource + "\"");
    }

    static String deny(String... actions) {
        return document("Deny", List.of(actions), "\"Resource\":\"*\"");
    }

    static String trust(String principal) {
        return document("Allow", List.of("sts:AssumeRole"), "\"Principal\":{\"AWS\":\"" + principal + "\"}");
    }

    private static String document(String effect, List<String> actions, String rest) {
        String listed = actions.stream().map(action -> '"' + action + '"').collect(Collectors.joining(","));
        return Stream.of("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"", effect, "\",\"Action\":[", listed, "],", rest, "}]}")
                .collect(Collectors.joining());
    }

    /** A policy document as it was before it was encoded for its way through a URL (where a space is %20, and a plus %2B). */
    static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
