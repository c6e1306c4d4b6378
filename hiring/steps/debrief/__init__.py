"""Step 6, the Debrief / Hiring Meeting: one room that all share, led by the Bar Raiser.

Promise: nobody re-votes before reading, no re-vote is seen before the last is in, no hire stands without the hiring
manager's decision and the Bar Raiser's concurrence, and a veto is final. The software never adds votes up.
"""
