// clients steps STEP...   runs each step against AWS_ENDPOINT_URL, and prints one line of JSON for each: {"step", "error"}.
// clients rotate USER     replaces the key FIRST_ACCESS_KEY_ID of USER, and prints the new one: {"AccessKeyId", "SecretAccessKey"}.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
)

var steps = map[string]func(){
	"users":                  users,
	"groups":                 groups,
	"roles":                  roles,
	"access-keys":            accessKeys,
	"account":                account,
	"managed-policies":       managedPolicies,
	"policy-versions":        policyVersions,
	"inline-policies":        inlinePolicies,
	"permissions-boundaries": permissionsBoundaries,
	"simulation":             simulation,
	"last-accessed":          lastAccessed,
	"paginators":             paginators,
	"waiters":                waiters,
	"errors":                 errorTypes,
	"denials":                denials,
	"signatures":             signatures,
	"caller":                 caller,
	"session-token":          sessionToken,
	"assumed-role":           assumedRole,
	"session-policies":       sessionPolicies,
}

var background = context.Background()

func main() {
	admin = as(nil)
	if os.Args[1] == "rotate" {
		rotate(os.Args[2])
		return
	}
	for _, step := range os.Args[2:] {
		tell(map[string]any{"step": step, "error": outcome(step)})
	}
}

// outcome is nil, or what went wrong in a step and where.
func outcome(step string) (wrong any) {
	defer func() {
		if caught := recover(); caught != nil {
			wrong = fmt.Sprintf("%v\n%s", caught, debug.Stack())
		}
	}()
	run, known := steps[step]
	check(known, "there is no step "+step)
	run()
	return nil
}

func tell(value any) {
	must(0, json.NewEncoder(os.Stdout).Encode(value))
}
