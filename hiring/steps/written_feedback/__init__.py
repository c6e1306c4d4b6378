"""Step 5: every interviewer writes down what they heard and how they vote, before they hear anybody else.

Feedback is the author's alone until it is submitted, blind to the others' until then, frozen from then on, and due
fifteen minutes after the interview. Only this room's queries read it, and they always ask who reads.
"""
