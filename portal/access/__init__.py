"""Who may do what: permissions and the one policy. Pure; knows no database, no request, no clock."""
