"""Pieces that tests of several rooms share."""
