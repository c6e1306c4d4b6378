"""The public pages: open positions, applying, and each candidate's own page.

Whoever types an address learns nothing about it: what is known of somebody goes to their mailbox, and their own page
opens only by the key that was mailed to them.
"""
