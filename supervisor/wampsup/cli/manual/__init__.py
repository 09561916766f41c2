"""What `--help`, `wampsup help` and the man page say; nothing of it is imported before somebody asks."""
