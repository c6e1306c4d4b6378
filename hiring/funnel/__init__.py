"""The funnel: one definition of each figure, counts that add up, and the people behind every number."""
