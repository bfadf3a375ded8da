"""What a user would run instead of this program, and this program, all behind :class:`bench.peers.player.Player`."""
