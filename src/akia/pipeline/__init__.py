"""The request: one file per step. A Caller comes only from `authenticate`, a Grant only from `authorize`, and `execute` will not start
without a Grant."""
