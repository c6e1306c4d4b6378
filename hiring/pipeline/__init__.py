"""The spine: requisitions, openings, candidates, applications, step visits, cords and maintained counts.

Promise: an application is in exactly one step or ended; only ``actions`` here writes visits; state, visits and counts
agree at every commit.
"""
