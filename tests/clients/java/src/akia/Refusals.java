package akia;

import static akia.Check.equal;
import static akia.Check.refused;
import static akia.Check.that;
import static akia.Clients.IAM;
import static akia.Clients.allow;

import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.services.iam.model.DeleteConflictException;
import software.amazon.awssdk.services.iam.model.EntityAlreadyExistsException;
import software.amazon.awssdk.services.iam.model.IamException;
import software.amazon.awssdk.services.iam.model.InvalidInputException;
import software.amazon.awssdk.services.iam.model.MalformedPolicyDocumentException;
import software.amazon.awssdk.services.iam.model.NoSuchEntityException;
import software.amazon.awssdk.services.sts.model.StsException;

/** What is refused, and as which exception the SDK throws it. */
final class Refusals {
    static void errors() throws Exception {
        NoSuchEntityException missing = refused(NoSuchEntityException.class, 404, () -> IAM.getUser(user -> user.userName("nobody")));
        equal(missing.awsErrorDetails().errorMessage(), "The user with name nobody cannot be found.");
        IAM.createUser(user -> user.userName("erin"));
        EntityAlreadyExistsException twice =
                refused(EntityAlreadyExistsException.class, 409, () -> IAM.createUser(user -> user.userName("erin")));
        equal(twice.awsErrorDetails().errorMessage(), "User with name erin already exists.");
        IAM.createAccessKey(key -> key.userName("erin"));
        refused(DeleteConflictException.class, 409, () -> IAM.deleteUser(user -> user.userName("erin")));
        refused(MalformedPolicyDocumentException.class, 400,
                () -> IAM.putUserPolicy(put -> put.userName("erin").policyName("p").policyDocument("{")));
        refused(InvalidInputException.class, 400,
                () -> IAM.tagUser(user -> user.userName("erin").tags(Identities.tag("a", "1"), Identities.tag("A", "2"))));
        String said = refused(IamException.class, "ValidationError", 400, () -> IAM.createUser(user -> user.userName("a b")));
        that(said.contains("userName"), said);
    }

    static void denials() throws Exception {
        Clients dan = Clients.person("dan", allow("*", "iam:GetUser"));
        equal(dan.iam().getUser().user().arn(), dan.arn());
        Check.Call create = () -> dan.iam().createUser(user -> user.userName("eve"));
        String resource = dan.arn().replace("user/dan", "user/eve");
        equal(
                refused(IamException.class, "AccessDenied", 403, create),
                "User: " + dan.arn() + " is not authorized to perform: iam:CreateUser on resource: " + resource
                        + " because no identity-based policy allows the iam:CreateUser action");
        IAM.attachUserPolicy(attach -> attach.userName("dan").policyArn("arn:aws:iam::aws:policy/IAMFullAccess"));
        create.run();
        IAM.putUserPolicy(put -> put.userName("dan").policyName("no").policyDocument(Clients.deny("iam:DeleteUser")));
        String said = refused(IamException.class, "AccessDenied", 403, () -> dan.iam().deleteUser(user -> user.userName("eve")));
        that(said.contains("with an explicit deny in an identity-based policy"), said);
    }

    static void signatures() throws Exception {
        Clients sig = Clients.person("sig", null);
        String id = sig.key().accessKeyId();
        String secret = sig.key().secretAccessKey();
        Clients forged = Clients.as(AwsBasicCredentials.create(id, "x".repeat(40)));
        refused(StsException.class, "SignatureDoesNotMatch", 403, () -> forged.sts().getCallerIdentity());
        refused(IamException.class, "SignatureDoesNotMatch", 403, () -> forged.iam().getUser());
        Clients unknown = Clients.as(AwsBasicCredentials.create("AKIAIOSFODNN7EXAMPLE", secret));
        refused(StsException.class, "InvalidClientTokenId", 403, () -> unknown.sts().getCallerIdentity());
        Clients extra = Clients.as(AwsSessionCredentials.create(id, secret, "made-up"));
        refused(StsException.class, "InvalidClientTokenId", 403, () -> extra.sts().getCallerIdentity());
        sig.sts().getCallerIdentity();
    }

    private Refusals() {}
}
