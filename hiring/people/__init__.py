"""People: the org chart, what everybody is qualified for, their standing roles, and how they sign in.

Promise: who may interview, and who is independent of whom, is computed from dated records, never asserted.
"""
