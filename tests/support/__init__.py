"""What tests share: a reactor in a thread, Crossbar.io, a proxy that misbehaves, the real command, and files."""
