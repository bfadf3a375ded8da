"""The playout engine: a process of its own that keeps decks and a mixer, and does what the conductor says.

It runs as ``python -m broadcaster.engine`` and speaks :mod:`broadcaster.playout.protocol` over its pipes. Only
``vlc_deck`` knows the player library.
"""
