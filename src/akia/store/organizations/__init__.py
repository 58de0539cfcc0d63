"""Repositories of organizations: the tree of accounts, the policies on it, and who may administer what."""
