"""Exchange: past histories come in. All or nothing, errors by row, and a second run changes nothing."""
