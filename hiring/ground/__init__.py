"""Ground: database, clock, rulebook, policy, audit, outbox, scheduler, files, forms and web frame.

Knows nothing about hiring; every room above stands on it.
"""
