"""Signing in and out, and the sessions of one's own account. Decides nothing about patients."""
