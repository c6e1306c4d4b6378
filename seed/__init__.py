"""Principles, question bank and the demo company."""
