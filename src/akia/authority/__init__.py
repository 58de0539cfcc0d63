"""Which policies are in force for a principal and a resource, and what is known about a request: what the engines need to decide.

Used by the pipeline and, through the operation's Context, by trust, PassRole, simulation and everything else that must ask.
"""
