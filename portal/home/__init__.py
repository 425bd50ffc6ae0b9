"""Home: what needs a person now, and the ways on. Knows other features only by what bootstrap hands it."""
