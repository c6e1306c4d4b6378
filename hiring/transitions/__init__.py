"""Transitions: what touches several steps at once, and the Andon cord.

Withdraw, hold, send back, reopen, move, close, change owners, change level. Promise: from every state somebody can
still bring an application to an end, and every end is on record.
"""
