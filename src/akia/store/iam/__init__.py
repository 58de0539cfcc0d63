"""What IAM's operations need remembered: users, groups, roles, access keys and policies."""
