"""The running station as others see it."""
