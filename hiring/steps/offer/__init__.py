"""Step 8, Offer through Onboarding: the hiring manager makes the offer in person and stays in touch until the answer.

Promise: no offer without a standing decision and clear references, none outside the pay range unless excepted in
writing, none beside a veto, never more than there are openings; and each hire is held against what was promised.
"""
