"""Privacy: what may be erased, and when. For now the one rule that every erasure will ask."""
