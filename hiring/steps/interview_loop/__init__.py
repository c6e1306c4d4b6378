"""Step 4, In-House Interview: who interviews, when, and what became of each interview.

Promise: no loop is confirmed that breaks a rule, nobody picks the Bar Raiser, an interview that began never vanishes,
and no calendar, neither a person's nor the candidate's, holds two things at once.
"""
