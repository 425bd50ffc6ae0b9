"""What the portal needs of the outside, as Protocols.

One module a port. No code, no adapter, no framework.
"""
