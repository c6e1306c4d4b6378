"""Step 1, Job Description: a requisition opens only on a description that a Bar Raiser approved.

The description is complete, and the Bar Raiser independent of the hiring manager. Versions stay: an approved one is
superseded, never overwritten, and each live application keeps its version until the recruiter says otherwise.
"""
