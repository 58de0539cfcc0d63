"""The domain: accounts, users, groups, roles, access keys, policies and principals, as frozen values with their rules. No I/O."""
