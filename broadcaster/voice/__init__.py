"""Spoken announcements: text to finished audio, before it airs.

A speech engine runs in a child process per text (:mod:`broadcaster.voice.child`), so that one that hangs or crashes
costs that text and nothing else. Finishing (loudness, peaks, pauses) happens in the media worker.
"""
