"""Pages as people get them, in process, over fakes. `visit` checks every page it fetches."""
