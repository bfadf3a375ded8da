"""Two PCs at one amplifier: which sounds, and what the second has from the first."""
