"""All keys of an account, on any endpoint that speaks AWS's IAM: gathered, judged, shown, switched off and rotated.

    where ─ connection ─ gathering ─ inventory ─┬─ findings (with the commands that mend them) ─┬─ tables, records, page
                                                └─ rotation_by_hand                             └─ the commands

On an akia its own service tells and does more. docs/keys-anywhere.md says what, and what AWS lacks.
"""
