"""Step 3. One prepared call, or more, by the hiring manager or somebody trained whom they name.

The questions are chosen before the call, the notes follow Situation, Task, Action, Result, and the screener says yes or
no: unsure is no. Only a yes goes on to the loop.
"""
