"""Step 2. Every résumé is held against the must-haves of the description, in the order in which it came.

Nobody goes on with a must-have unmarked or not met, nobody is rejected without one that is not met or not shown, and
whoever is rejected is told. The same room takes applications in, from wherever they come.
"""
