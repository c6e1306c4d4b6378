"""``make bench``: what every main page costs in a company of 10,000 and of 1,000,000 applications, on both engines.

Both servers of an engine run at the same time, as ``hiring serve`` starts them, and are asked in turn, so that whatever
else the machine does meets both alike. Each page stands beside two floors of the same server: a signed-in page with the
common layout and one indexed query, and a write that commits one row. ``--help`` says the rest.
"""
