"""Step 7, Reference Check: with the candidate's consent the hiring manager calls those who worked with them.

Promise: clear references, or new facts that reconvene the debrief; never a call to a current employer unasked.
"""
