"""Screens across the steps: my desk, the recruiter's dashboard, the candidate file, rulebook, settings and audit."""
