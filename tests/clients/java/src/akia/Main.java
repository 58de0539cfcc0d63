package akia;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * {@code Main steps STEP...} runs each step against AWS_ENDPOINT_URL and prints one line of JSON for each: {"step", "error"}.
 * {@code Main list-keys USER} prints the access keys of a user as one line of JSON: {"id": "status"}.
 */
public final class Main {
    private interface Step {
        void run() throws Exception;
    }

    private static final Map<String, Step> STEPS = Map.ofEntries(
            Map.entry("users", Identities::users),
            Map.entry("groups", Identities::groups),
            Map.entry("roles", Identities::roles),
            Map.entry("access-keys", Identities::accessKeys),
            Map.entry("account", Identities::account),
            Map.entry("managed-policies", Policies::managed),
            Map.entry("policy-versions", Policies::versions),
            Map.entry("inline-policies", Policies::inline),
            Map.entry("permissions-boundaries", Policies::boundaries),
            Map.entry("simulation", Policies::simulation),
            Map.entry("last-accessed", Policies::lastAccessed),
            Map.entry("paginators", Lists::paginators),
            Map.entry("waiters", Lists::waiters),
            Map.entry("errors", Refusals::errors),
            Map.entry("denials", Refusals::denials),
            Map.entry("signatures", Refusals::signatures),
            Map.entry("caller", Sessions::caller),
            Map.entry("session-token", Sessions::sessionToken),
            Map.entry("assumed-role", Sessions::assumedRole),
            Map.entry("session-policies", Sessions::sessionPolicies));

    public static void main(String[] words) {
        if (words[0].equals("list-keys")) {
            System.out.println(Identities.statuses(words[1]).entrySet().stream()
                    .map(key -> quoted(key.getKey()) + ": " + quoted(key.getValue()))
                    .collect(Collectors.joining(", ", "{", "}")));
            return;
        }
        for (int number = 1; number < words.length; number++) {
            System.out.println("{\"step\": " + quoted(words[number]) + ", \"error\": " + outcome(words[number]) + "}");
        }
    }

    /** JSON: null, or what went wrong and where. */
    private static String outcome(String name) {
        try {
            Step step = STEPS.get(name);
            Check.that(step != null, "there is no step " + name);
            step.run();
            return "null";
        } catch (Throwable caught) {
            StringWriter trace = new StringWriter();
            caught.printStackTrace(new PrintWriter(trace, true));
            return quoted(trace.toString());
        }
    }

    private static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        text.chars().forEach(one -> json.append(one < ' ' || one == '"' || one == '\\' || one > '~'
                ? String.format("\\u%04x", one) : Character.toString(one)));
        return json.append('"').toString();
    }
}
