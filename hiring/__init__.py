"""The Bar Raiser hiring loop, run by software that holds the line."""
