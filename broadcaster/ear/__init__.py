"""The ear: listens to the output itself, in a process of its own, and says what is heard."""
