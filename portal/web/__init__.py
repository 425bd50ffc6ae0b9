"""Flask glue that every feature shares. Knows no feature and no adapter."""
