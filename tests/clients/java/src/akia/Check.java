package akia;

import java.util.Objects;
import java.util.regex.Pattern;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/** What a step asserts. */
final class Check {
    interface Call {
        void run() throws Exception;
    }

    static void that(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    static void equal(Object found, Object expected) {
        that(Objects.equals(found, expected), found + " is not " + expected);
    }

    static void like(String pattern, String text) {
        that(Pattern.matches(pattern, text), text + " is not like " + pattern);
    }

    /** The exception of this class, and no other, with which a call ends. It must have the HTTP status, and tell a request's id. */
    static <E extends AwsServiceException> E refused(Class<E> kind, int status, Call call) throws Exception {
        try {
            call.run();
        } catch (AwsServiceException caught) {
            if (caught.getClass() != kind) {
                throw caught;
            }
            equal(caught.statusCode(), status);
            equal(caught.requestId().length(), 36);
            return kind.cast(caught);
        }
        throw new AssertionError("nothing was refused");
    }

    /** The message of an error that has no class of its own, but a code. */
    static String refused(Class<? extends AwsServiceException> kind, String code, int status, Call call) throws Exception {
        AwsServiceException caught = refused(kind, status, call);
        equal(caught.awsErrorDetails().errorCode(), code);
        return caught.awsErrorDetails().errorMessage();
    }

    private Check() {}
}
