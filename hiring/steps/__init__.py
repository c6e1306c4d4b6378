"""The eight steps of the hiring loop, each a room; a step imports only earlier ones."""
