"""Information: the start page and the pages in the footer. Knows no person, except in what feedback says."""
