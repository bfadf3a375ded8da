"""Recordings: brought once to the form that airs, measured, and kept.

What airs is 48 kHz 16-bit stereo WAV at -18 LUFS with a true peak of at most -1.5 dBTP. All decoding and measuring
happens in a child process (:mod:`broadcaster.media.worker`); the daemon itself never loads a decoder or numpy.
"""
