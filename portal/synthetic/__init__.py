"""Made-up people, practices and times: a pure function of (seed, n, anchor day). Does no I/O."""
