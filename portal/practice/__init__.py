"""Practice side.

Publish slots, see the day with needs, take a slot out of use and tell the people it affects.
"""
