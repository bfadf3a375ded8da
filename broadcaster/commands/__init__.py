"""The commands of ``broadcaster``, one module for each family of them."""
